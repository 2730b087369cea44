class Table:
    def __init__(self, columns):
        self.by_name = dict.fromkeys(columns)
        self.rows = list(columns)

    def titles(self):
        return [each.title() for each in self.by_name]

    def count_of(self):
        return {each: 1 for each in self.by_name}
