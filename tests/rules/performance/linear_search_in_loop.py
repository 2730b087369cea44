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


def if_it_is_there(rows, table):
    names = sorted(table)
    for row in rows:
        if row in names:
            names.remove(row)  # bad: linear-search-in-loop


def if_something_else_is_there(rows, table, wanted):
    names = sorted(table)
    for row in rows:
        if row in wanted:
            names.remove(row)  # ok: linear-search-in-loop


def backwards(rows):
    pieces = [row.pieces for row in rows]
    for piece in pieces[::-1]:
        if not piece:
            pieces.remove(piece)  # bad: linear-search-in-loop


def picked_by_the_list(table, index):
    names = list(index)
    for name, row in table.loc[names].iterrows():
        if row.is_old:
            names.remove(name)  # bad: linear-search-in-loop


def made_to_look(table, names):
    return [table.index.tolist().index(name) for name in names]  # bad: linear-search-in-loop


def made_of_each(tables, name):
    return [table.index.tolist().index(name) for table in tables]  # ok: linear-search-in-loop


def children(pool, limit):
    running = [each.pid for each in pool]
    while pool:
        running.remove(os.wait()[0])  # ok: linear-search-in-loop
        running.append(pool.start())


def of_each_group(rows):
    members = collections.defaultdict(list)
    for row in rows:
        members[row.group].append(row.name)
    for row in rows:
        others = [each for each in members[row.group] if each != row.name]
        if others:
            members[row.group].remove(row.name)  # ok: linear-search-in-loop


def told_what_is_missing(wanted, found):
    missing = list(wanted)
    if len(found) < len(missing):
        for name in found:
            missing.remove(name)  # ok: linear-search-in-loop
        raise ValueError(missing)
    for name in found:
        missing.remove(name)  # bad: linear-search-in-loop
    return missing


def guides_of(self, found):
    files = list(found)
    for name in self.config.guides:
        files.remove(name)  # ok: linear-search-in-loop
    for name in self.guides:
        files.remove(name)  # bad: linear-search-in-loop


def places_of_reached(graph, nodes, wanted):
    listed = sorted(nodes)
    for name in wanted:
        if networkx.has_path(graph, name, "end"):
            print(listed.index(name))  # ok: linear-search-in-loop
        print(name)


def places_of_all(graph, nodes, wanted):
    listed = sorted(nodes)
    for name in wanted:
        if networkx.has_node(graph, name, "end"):
            print(listed.index(name))  # bad: linear-search-in-loop
        print(name)


def gone_from_disk(folder, found, old):
    files = sorted(found)
    for name in old:
        remove_file(folder, name)
        files.remove(name)  # ok: linear-search-in-loop
    return files


def gone_from_a_profile(folder, found, old):
    files = sorted(found)
    for name in old:
        remove_profile(folder, name)
        files.remove(name)  # bad: linear-search-in-loop
    return files


def in_the_order_of(rows, table):
    names = [each.name for each in table]
    return sorted(rows, key=names.index)  # bad: linear-search-in-loop


def places_of(rows, table):
    names = [each.name for each in table]
    return list(map(names.index, rows))  # bad: linear-search-in-loop


def in_a_fixed_order(rows):
    names = ["first", "second", "third"]
    return sorted(rows, key=names.index)  # ok: linear-search-in-loop


def letters(rows):
    return sorted(rows, key="abcde".index)  # ok: linear-search-in-loop


def by_number(rows):
    return sorted(rows, key=operator.index)  # ok: linear-search-in-loop


def place_of_each(table, wanted):
    places = {}
    for name in wanted:
        places[name] = table.names[0].index(name)  # ok: linear-search-in-loop
    for name in wanted:
        places[name] = table.index(name)  # bad: linear-search-in-loop
    return places


def place_of_another(table, wanted):
    places = {}
    for name in wanted:
        places[name.key] = table.index(name)  # ok: linear-search-in-loop
    return places


def near_ones(rows, names):
    listed = sorted(names)
    for row in rows:
        if not numpy.isclose(row.start, row.end):
            print(listed.index(row.name))  # bad: linear-search-in-loop
        print(row)


def after_whole_arrays(rows, names):
    listed = sorted(names)
    for row in rows:
        print(numpy.cumsum(row.values))
        print(listed.index(row.name))  # ok: linear-search-in-loop
