def positions(graph):
    nodes = list(graph)
    for node in nodes:
        print(nodes.index(node))  # bad: linear-search-in-loop


def counted(rows):
    names = [row.name for row in rows]
    return {name: names.count(name) for name in names}  # bad: linear-search-in-loop


def removed(rows, gone):
    left = sorted(rows)
    for row in gone:
        left.remove(row)  # bad: linear-search-in-loop
    return left


def removed_from_a_set(rows, gone):
    left = set(rows)
    for row in gone:
        left.remove(row)  # ok: linear-search-in-loop
    return left


def unknown(left, gone):
    for row in gone:
        left.remove(row)  # ok: linear-search-in-loop


def once(rows, name):
    names = [row.name for row in rows]
    return names.index(name)  # ok: linear-search-in-loop


def first_only(rows, gone):
    left = sorted(rows)
    for row in gone:
        if row.old:
            left.remove(row)  # ok: linear-search-in-loop
            break
    return left


def in_text(lines):
    line = "a,b"
    for sign in lines:
        print(line.index(sign))  # ok: linear-search-in-loop


def sorted_anyway(rows):
    left = list(rows)
    while left:
        left.sort()
        left.remove(left[0])  # ok: linear-search-in-loop


def words(lines):
    for line in lines:
        parts = [part for part in line]
        print(parts.index("x"))  # ok: linear-search-in-loop


def of_a_dictionary(graph):
    neighbours = {node: list(graph[node]) for node in graph}
    for node in graph:
        for other in graph[node]:
            neighbours[other].remove(node)  # bad: linear-search-in-loop


def from_a_copy(items):
    for item in items[:]:
        if item.old:
            items.remove(item)  # bad: linear-search-in-loop


def own_position(items):
    for item in items:
        print(items.index(item))  # bad: linear-search-in-loop


def of_tuples(pairs, wanted):
    names, ages = zip(*pairs)
    for name in wanted:
        print(ages[names.index(name)])  # bad: linear-search-in-loop


def in_a_handler(rows, names):
    left = sorted(names)
    for row in rows:
        try:
            row.run()
        except ValueError:
            left.remove(row.name)  # ok: linear-search-in-loop


def found_once(rows, names):
    left = sorted(names)
    for row in rows:
        if row.wanted:
            return left.index(row.name)  # ok: linear-search-in-loop


def images_of(group, table):
    gens = group.generators
    return [[table[i][2 * gens.index(g)] for i in range(len(table))] for g in gens]  # bad: linear-search-in-loop


def taken_out_where_it_is(groups, everything, wanted):
    everything.sort()
    for group in groups:
        if wanted not in group:
            continue
        everything.remove(wanted)  # ok: linear-search-in-loop


def parallel(names, sizes, rows):
    found = {}
    for row in rows:
        place = names.index(row.name)  # bad: linear-search-in-loop
        found[row] = sizes[place]
    return found


def renumbered(labels, rows):
    for row in rows:
        row.kind = labels.index(row.kind)  # bad: linear-search-in-loop
    return [labels.index(each) for each in rows]  # bad: linear-search-in-loop


def split_at(text, marks):
    for mark in marks:
        place = text.index(mark)  # ok: linear-search-in-loop
        print(text[:place], text[place])


def one_hot(labels, rows):
    for row in rows:
        vector = [0] * len(labels)
        vector[labels.index(row.kind)] = 1  # ok: linear-search-in-loop
        yield vector


def joined(nodes, distance):
    nodes = list(nodes)
    while len(nodes) > 1:
        near = None
        for one in nodes:
            for other in nodes:
                if near is None or distance(one, other) < distance(*near):
                    near = (one, other)
        for each in near:
            nodes.remove(each)  # ok: linear-search-in-loop
        nodes.append(near)


class FilledByAnotherMethod:
    def read(self, rows):
        self.columns_of = dict.fromkeys(rows)
        self.names = []
        self.parse(rows)
        for row in rows:
            print(self.names.index(row))  # bad: linear-search-in-loop
            print(self.columns_of.index(row))  # ok: linear-search-in-loop

    def parse(self, rows):
        self.names.append(rows[0].name)


def letters_of_an_alphabet(word: str, alphabet, shifted):
    return "".join(shifted[alphabet.index(letter)] for letter in word)  # ok: linear-search-in-loop
