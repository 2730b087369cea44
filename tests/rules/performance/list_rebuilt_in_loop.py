def names(items):
    result = []
    for item in items:
        result = result + [item.name]  # bad: list-rebuilt-in-loop
    return result


def grown_tuple(items):
    result = ()
    for item in items:
        result += (item,)  # bad: list-rebuilt-in-loop
    return result


def in_front(items):
    result = []
    for item in items:
        result = [item] + result  # bad: list-rebuilt-in-loop
    return result


def extended(items):
    result = []
    for item in items:
        result += [item]  # ok: list-rebuilt-in-loop
    return result


def new_each_time(items):
    for item in items:
        row = [item]
        row = row + [1]  # ok: list-rebuilt-in-loop
        print(row)


def number(items):
    total = 0
    for item in items:
        total = total + item  # ok: list-rebuilt-in-loop
    return total


def once(items):
    result = [0]
    result = result + items  # ok: list-rebuilt-in-loop
    return result


def filled_up(parts):
    version = tuple(parts)
    while len(version) < 3:
        version = version + (0,)  # ok: list-rebuilt-in-loop
    return version


def spread(rows):
    found = []
    for row in rows:
        found = [*found, row.name]  # bad: list-rebuilt-in-loop
    return found


def spread_of_another(rows, head):
    found = []
    for row in rows:
        found = [*head, row.name]  # ok: list-rebuilt-in-loop
        print(found)


def branches(rows):
    path = []
    while rows.before is not None:
        if rows.named:
            path = [(rows.name, rows)] + path  # bad: list-rebuilt-in-loop
        else:
            path = [rows] + path  # bad: list-rebuilt-in-loop
        rows = rows.before
    return path


def walks(tree):
    if tree.ordered:
        found = []
        for child in tree.children:
            found = found + walks(child)  # bad: list-rebuilt-in-loop
        return found
    found = [tree]
    for child in tree.children:
        found.append(child)
    return found


def begun_anew(rows):
    part = []
    for row in rows:
        part = part + [row]  # ok: list-rebuilt-in-loop
        if row.last:
            print(part)
            part = []


def every_state_is_kept(rows):
    states = []
    state = []
    for row in rows:
        state = state + [row]  # ok: list-rebuilt-in-loop
        states.append(state)
    return states


def every_state_is_given(rows):
    state = []
    for row in rows:
        state = [*state, row]  # ok: list-rebuilt-in-loop
        yield row, state


def every_state_has_a_name(rows, table):
    state = ()
    for row in rows:
        state += (row,)  # ok: list-rebuilt-in-loop
        table[row] = state
    return table


def only_elements_are_kept(rows, table):
    state = []
    for row in rows:
        state = state + [row]  # bad: list-rebuilt-in-loop
        table[row] = state[0]
    return state


def first_that_fits(rows):
    state = []
    for row in rows:
        state = state + [row]  # ok: list-rebuilt-in-loop
        break
    return state


def rows_of_tables(tables):
    import pandas as pd

    whole = pd.DataFrame()
    for table in tables:
        whole = pd.concat([whole, table])  # bad: list-rebuilt-in-loop
    return whole


def rows_of_each_table(tables):
    import pandas as pd

    for table, more in tables:
        whole = pd.concat([table, more])  # ok: list-rebuilt-in-loop
        print(whole)


def points(rows, net):
    import numpy as np

    for row in rows:
        net.points = np.append(net.points, row.point)  # bad: list-rebuilt-in-loop


def points_of_each(nets):
    import numpy as np

    for net in nets:
        net.points = np.append(net.points, net.last)  # ok: list-rebuilt-in-loop
