class Store:
    def names(self):
        raise NotImplementedError

    def keys_of(self):
        return []

    def labels(self):
        return self._labels


class ListStore(Store):
    def __init__(self, rows: list[str]):
        self.rows = rows
        self._labels = [each.strip() for each in rows]
        self.tags = None
        self.marks = set(rows)

    def names(self):
        return [each.lower() for each in self.rows]

    def keys_of(self):
        return [each for each in self.rows if each]

    def all_names(self):
        return self.names() + ["none"]

    def words(self):
        for each in self.rows:
            yield each

    def sorted_marks(self):
        if not self.marks:
            return None
        return sorted(self.marks)


class SetStore(Store):
    def __init__(self, rows):
        self.rows = rows

    def names(self):
        return [each.upper() for each in self.rows]

    def keys_of(self):
        return set(self.rows)

    def index(self):
        return list(self.rows)


def read(path):
    lines = []
    with open(path) as file:
        for line in file:
            lines.append(line)
    return lines


def read_set(path):
    return {*read(path)}
