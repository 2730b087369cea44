def total(items):
    result = 0
    while items:
        result += items[0]
        items = items[1:]  # bad: slice-consumed-in-loop
    return result


def pairs(rows):
    left = list(rows)
    while len(left) > 1:
        print(left[0], left[1])
        left = left[2:]  # bad: slice-consumed-in-loop


def forever(rows):
    left = [row for row in rows]
    while True:
        if not left:
            break
        print(left[0])
        left = left[1:]  # bad: slice-consumed-in-loop


def sent(connection, data):
    while data:
        count = connection.send(data)
        data = data[count:]  # ok: slice-consumed-in-loop


def once(items):
    items = items[1:]  # ok: slice-consumed-in-loop
    return items


def words(line):
    parts = line.split()
    while parts:
        print(parts[0])
        parts = parts[1:]  # ok: slice-consumed-in-loop


def each(rows):
    for row in rows:
        row = row[1:]  # ok: slice-consumed-in-loop
        print(row)


def read_anew(stream):
    line = stream.readline()
    while line:
        line = line[1:]  # ok: slice-consumed-in-loop
        print(line)
        line = stream.readline()


def options(argv):
    while argv:
        print(argv[0])
        argv = argv[1:]  # ok: slice-consumed-in-loop
