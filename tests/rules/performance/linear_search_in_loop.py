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
