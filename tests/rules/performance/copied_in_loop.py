import copy


def by_number(table: dict[str, int]):
    for i in range(len(table)):
        print(list(table.keys())[i])  # bad: copied-in-loop


def last_each_time(items):
    total = 0
    for _ in items:
        total += copy.copy(items)[-1]  # bad: copied-in-loop
    return total


def measured(rows, table):
    for row in rows:
        print(row, len(list(table)))  # bad: copied-in-loop


def first_of_each(groups):
    for group in groups:
        print(list(group.values())[0])  # ok: copied-in-loop


def needed(rows, settings):
    for row in rows:
        own = copy.deepcopy(settings)  # ok: copied-in-loop
        own.update(row)
        print(own)


def removed_while_walked(rounds, items):
    for _ in rounds:
        for item in list(items):  # ok: copied-in-loop
            items.discard(item)


def drained(table):
    while table:
        key = list(table)[0]  # ok: copied-in-loop
        table.pop(key)


def once(table):
    return list(table)[0]  # ok: copied-in-loop


def short(rows):
    kinds = {"a": 1, "b": 2}
    for row in rows:
        print(row, list(kinds)[0])  # ok: copied-in-loop


def shuffled(items, choose):
    for i in range(len(items) - 1, 0, -1):
        chosen = choose(items[: i + 1])  # bad: copied-in-loop
        j = items.index(chosen)
        items[i], items[j] = items[j], items[i]


def how_many_follow(ranks):
    total = 0
    for i in range(1, len(ranks)):
        total += len(ranks[(i + 1) :])  # bad: copied-in-loop
    return total


def prefixes(rows, judge):
    kept = [row.size for row in rows]
    return [judge(kept[:i]) for i in range(len(kept))]  # bad: copied-in-loop


def windows(rows, judge, width):
    kept = [row.size for row in rows]
    return [judge(kept[i : i + width]) for i in range(len(kept))]  # ok: copied-in-loop


def words_of(text, known):
    for i in range(len(text)):
        known(text[i:])  # ok: copied-in-loop


def orders(items):
    for i in range(len(items)):
        items[i] = items[0]
        orders(items[i:])  # ok: copied-in-loop


def first_rows(pages, show, count):
    rows = [row for page in pages for row in page]
    for page in pages:
        show(rows[:count], page)  # ok: copied-in-loop


def compared_in_pairs(nodes):
    ordered = sorted(nodes)
    for i, one in enumerate(ordered[:-1]):
        for j, other in enumerate(ordered[i + 1 :]):  # ok: copied-in-loop
            print(i, j, one, other)


def first_of_each_part(rules):
    for rule in rules:
        print([list(part)[0] for part in rule.prefixes])  # ok: copied-in-loop


def part_of_another(rules, rows):
    for rule in rules:
        print([rows for rows in rule.names], list(rows)[0])  # bad: copied-in-loop
