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
