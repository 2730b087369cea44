import numpy


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


def lines(text):
    out = []
    while text:
        out.append(text[:76])
        text = text[76:]  # bad: slice-consumed-in-loop
    return out


def chunks(write, chunk, size):
    while chunk:
        write(chunk[: size - 2])
        chunk = chunk[size - 2 :]  # bad: slice-consumed-in-loop


def records(unpack, data, count, size):
    found = []
    for _ in range(count):
        found.append(unpack(data[:size]))
        data = data[size:]  # bad: slice-consumed-in-loop
    return found


def sized(unpack, data, count):
    found = []
    for _ in range(count):
        size = data[0]
        found.append(unpack(data[:size]))
        data = data[size:]  # ok: slice-consumed-in-loop
    return found


def stripped(data, prefixes, size):
    for prefix in prefixes:
        if data[:size] == prefix:
            data = data[size:]  # ok: slice-consumed-in-loop
    return data


def batches(send, rows, size):
    while rows:
        for row in rows[:size]:
            send(row)
        rows = rows[size:]  # ok: slice-consumed-in-loop


def listed(rows, size):
    left = list(rows)
    while left:
        print(left[:size])
        left = left[size:]  # ok: slice-consumed-in-loop


def kept_of_the_end(data, size):
    while len(data) > size:
        print(data)
        data = data[-size:]  # ok: slice-consumed-in-loop


def view_of(source):
    view = memoryview(source)
    while view:
        print(view[:4])
        view = view[4:]  # ok: slice-consumed-in-loop


def view_given(view: memoryview):
    while view:
        print(view[:4])
        view = view[4:]  # ok: slice-consumed-in-loop


def array_of(source):
    values = numpy.array(source)
    while len(values):
        print(values[:4])
        values = values[4:]  # ok: slice-consumed-in-loop


def left_at_once(data):
    while data:
        print(data[0])
        data = data[1:]  # ok: slice-consumed-in-loop
        break


def left_unless_empty(data):
    while data:
        first = data[0]
        data = data[1:]  # bad: slice-consumed-in-loop
        if not first:
            continue
        print(first)
        break


def in_chunks(routes, size):
    while routes:
        part, routes = routes[:size], routes[size:]  # bad: slice-consumed-in-loop
        print(part)


def halves(routes):
    while len(routes) > 1:
        part, routes = routes[:1], routes.others()  # ok: slice-consumed-in-loop
        print(part)


HEADER_SIZE = 6


def records(data):
    found = []
    while data:
        found.append(struct.unpack("!HL", data[:HEADER_SIZE])[0])
        data = data[HEADER_SIZE:]  # ok: slice-consumed-in-loop
    return found


def labels(data):
    found = []
    while len(data):
        found.append(int.from_bytes(b"\0" + data[:3], "big"))
        data = data[3:]  # ok: slice-consumed-in-loop
    return found


def something_else_unpacked(data, head):
    found = []
    while data:
        found.append((struct.unpack("!L", head[:4]), data[:4]))
        data = data[4:]  # bad: slice-consumed-in-loop
    return found


def as_large_as_said(data, size):
    while data:
        print(struct.unpack("!4s", data[:size]))
        data = data[size:]  # bad: slice-consumed-in-loop
