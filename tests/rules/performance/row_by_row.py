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
