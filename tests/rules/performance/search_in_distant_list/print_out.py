from .tables import Table


def places(table, asked):
    titles = table.titles()
    for each in asked:
        print(titles.index(each))  # bad: search-in-distant-list


def counted(table: Table, asked):
    known = table.count_of()
    for each in asked:
        print(known.index(each))  # ok: search-in-distant-list


class Report(Table):
    def positions(self, asked):
        for each in asked:
            print(self.rows.index(each))  # bad: search-in-distant-list
