from itertools import pairwise

from tqdm import tqdm


def total(frame):
    result = 0
    for _, row in frame.iterrows():  # bad: row-by-row
        result += row["price"]
    return result


def names(frame):
    return [row.name for _, row in frame.iterrows()]  # bad: row-by-row


def numbered(frame):
    for number, (_, row) in enumerate(frame.iterrows()):  # bad: row-by-row
        print(number, row)


def preview(frame):
    for _, row in frame.head(5).iterrows():  # ok: row-by-row
        print(row)


def tuples(frame):
    for row in frame.itertuples():  # ok: row-by-row
        print(row)


def steps(frame):
    for before, after in pairwise(map(lambda found: found[1], frame.iterrows())):  # bad: row-by-row
        print(before, after)


def inferred(model, frame):
    for _, row in tqdm(frame.iterrows()):  # ok: row-by-row
        model.infer(row)


async def rows_of_a_cursor(cursor):
    async for row in cursor.iterrows():  # ok: row-by-row
        print(row)
    return [row async for row in cursor.iterrows()]  # ok: row-by-row


def as_many_as_wanted(frame, count):
    for _, row in frame.sort_values("size").iloc[:count].iterrows():  # ok: row-by-row
        print(row)


def all_but_the_first(frame, count):
    for _, row in frame.iloc[count:].iterrows():  # bad: row-by-row
        print(row)


def put_into_a_net(frame, net):
    for _, row in frame.iterrows():  # ok: row-by-row
        start = row["start"]
        add_line(net, start, row["end"])


def each_side_of_it(frame, net):
    for number, row in frame.iterrows():  # ok: row-by-row
        for side in ("from", "to"):
            if row[side]:
                add_line(net.lines, number, kind=side)


def solved_again(frame, net):
    for number, _ in frame.iterrows():  # ok: row-by-row
        net.gen.loc[number, "slack"] = True
        try:
            solve(net)
        except ValueError:
            print(number)


def solved_sometimes(frame, net):
    for _, row in frame.iterrows():  # bad: row-by-row
        if row["late"]:
            solve(net)
        net.total += row["price"]


def found_in_the_row(frame, cols):
    for _, row in frame.iterrows():  # bad: row-by-row
        found = {}
        fill(found, row, cols)
        check(row, cols)
        print(cols, row["name"])


def collected(frame, found):
    for _, row in frame.iterrows():  # bad: row-by-row
        found.append(row["name"])
