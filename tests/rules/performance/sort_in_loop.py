def ordered(items):
    out = []
    for item in items:
        out.append(-item)
        out = sorted(out)  # bad: sort-in-loop
    return out


def by_priority(tasks, priority):
    waiting = list(tasks)
    while waiting:
        waiting.sort(key=priority)  # bad: sort-in-loop
        waiting.pop(0).run()


def layers(graph):
    degrees = dict(graph.degree())
    while degrees:
        nodes = sorted(degrees, key=degrees.get)  # bad: sort-in-loop
        degrees.pop(nodes[0])


def unchanged(rows, names):
    known = [name.lower() for name in names]
    for row in rows:
        print(row, sorted(known))  # bad: sort-in-loop


def once(items):
    out = [item for item in items if item]
    out.sort()  # ok: sort-in-loop
    return out


def of_each(groups):
    for group in groups:
        group.sort()  # ok: sort-in-loop
        print(sorted(group.names))  # ok: sort-in-loop


def made_anew(rows):
    for row in rows:
        cells = [cell.text for cell in row]
        cells.sort()  # ok: sort-in-loop


def in_the_head(groups, names):
    known = list(names)
    for name in sorted(known):  # ok: sort-in-loop
        print(name)


def nearest(points, queries):
    known = list(points)
    for query in queries:
        print(sorted(known, key=lambda point: abs(point - query))[:3])  # ok: sort-in-loop


def changed_as_a_whole(rounds, grow):
    population = list(rounds)
    for _ in rounds:
        population = grow(population)
        population.sort()  # ok: sort-in-loop


def only_sometimes(items):
    out = []
    for item in items:
        out.append(item)
        if item.last:
            out.sort()  # ok: sort-in-loop


def short(rows):
    kinds = ["b", "a"]
    for row in rows:
        print(row, sorted(kinds))  # ok: sort-in-loop


def split_until_enough(root, wanted):
    queue = [root]
    while len(queue) < wanted:
        node = queue.pop()
        if not node.children:
            queue.extend(node.rest)
            break
        for child in node.children:
            queue.append(child)
        queue.sort()  # bad: sort-in-loop
    return queue


def all_pairs(groups):
    table = {}
    for i in range(len(groups)):
        for j in range(len(groups)):
            table[tuple(sorted(groups[i])), j] = 1  # bad: sort-in-loop
            table[j, tuple(sorted(groups[j]))] = 1  # ok: sort-in-loop
    return table


def changed_meanwhile(groups):
    for i in range(len(groups)):
        for j in range(len(groups)):
            groups[i].append(j)
            print(sorted(groups[i]))  # ok: sort-in-loop


def part_under_another_name(groups, count):
    for i in range(count):
        group = groups[i]
        for j in range(count):
            group.append(j)
            print(sorted(groups[i]))  # ok: sort-in-loop


def part_under_a_name_that_is_read(groups, count):
    for i in range(count):
        group = groups[i]
        for j in range(count):
            print(len(group), sorted(groups[i]), j)  # bad: sort-in-loop


def part_that_is_sorted_once(groups, count):
    for i in range(count):
        for _ in range(count):
            print(sorted(groups[i]))  # ok: sort-in-loop
            break
