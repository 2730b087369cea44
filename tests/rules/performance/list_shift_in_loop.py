import random


def breadth_first(root):
    queue = [root]
    while queue:
        node = queue.pop(0)  # bad: list-shift-in-loop
        queue.extend(node.children)


def backwards(items):
    out = []
    for item in items:
        out.insert(0, item)  # bad: list-shift-in-loop
    return out


def delete_first(rows):
    left = [row for row in rows]
    while left:
        del left[0]  # bad: list-shift-in-loop


def drained_copy(sequence):
    rest = sequence[:]
    while rest:
        print(rest.pop(0))  # bad: list-shift-in-loop


class Walker:
    def run(self):
        while self.waiting:
            node = self.waiting.pop(0)  # bad: list-shift-in-loop
            self.waiting.append(node.next)


def once(items):
    first = items.pop(0)  # ok: list-shift-in-loop
    return first


def words(lines):
    for line in lines:
        tokens = line.split()
        source = tokens.pop(0)  # ok: list-shift-in-loop
        target = tokens.pop(0)  # ok: list-shift-in-loop
        print(source, target)


def last(items):
    while items:
        items.pop()  # ok: list-shift-in-loop


def walked_anyway(items):
    queue = list(items)
    while queue:
        queue.sort()
        print(queue.pop(0))  # ok: list-shift-in-loop


def deque_is_fine(root):
    from collections import deque

    queue = deque([root])
    while queue:
        node = queue.popleft()  # ok: list-shift-in-loop
        queue.extend(node.children)


def strip_leading(lines):
    while lines and lines[0] == "":
        del lines[0]  # ok: list-shift-in-loop


def few_messages(self):
    while self.messages:
        print(self.messages.pop(0))  # ok: list-shift-in-loop


def mapping(counts):
    for key in range(100):
        counts.pop(0, None)  # ok: list-shift-in-loop


def window(numbers, size):
    last = []
    for number in numbers:
        last.append(number)
        if len(last) > size:
            del last[0]  # ok: list-shift-in-loop
        print(last[-1])


def trimmed(text):
    lines = text.split("\n")
    while lines and not lines[0]:
        lines.pop(0)  # ok: list-shift-in-loop
    return lines


def digits(number):
    out = []
    while number:
        out.insert(0, number % 10)  # ok: list-shift-in-loop
        number //= 10
    return out


def way_up(node):
    out = []
    while node is not None:
        out.insert(0, node.name)  # ok: list-shift-in-loop
        node = node.parent
    return out


def left_before_it_is_made_anew(degrees):
    left = sorted(degrees)
    while left:
        if left[0] == 0:
            left.pop(0)  # bad: list-shift-in-loop
            continue
        left = [degree - 1 for degree in left]


def lines_of(text):
    lines = text.split("\n")
    while lines:
        print(lines.pop(0))  # bad: list-shift-in-loop


def filled_elsewhere(table, first, second):
    queue = []
    table.merge(first, second, queue)
    while len(queue) > 0:
        merged = queue.pop(0)  # bad: list-shift-in-loop
        for each in table.of(merged):
            table.merge(each, merged, queue)


def neighbours_of_each(graph, start):
    queue = [start]
    while queue:
        node = queue.pop(0)  # bad: list-shift-in-loop
        for other in graph.edges[node]:
            queue.append(other)


def shuffled(parts, merge):
    left = list(parts)
    while len(left) > 1:
        random.shuffle(left)
        left[0] = merge(left.pop(0))  # ok: list-shift-in-loop
        left.append(1)


def limits_of(conf_limits):
    conf_limits = list(conf_limits)
    while conf_limits:
        print(conf_limits.pop(0))  # ok: list-shift-in-loop


def asked_for(rows, database):
    left = sorted(rows)
    while left:
        found = yield database.fetch(left.pop(0))  # ok: list-shift-in-loop
        left.extend(found)


def handed_out(rows):
    left = sorted(rows)
    while left:
        row = left.pop(0)  # bad: list-shift-in-loop
        yield row.parts()
        left.extend(row.parts())


def repeated_is_told(names):
    listed = sorted(names)
    if len(listed) != len(set(listed)):
        for name in names:
            listed.insert(0, name)  # ok: list-shift-in-loop
        error(f"what is repeated: {listed}")
    for name in names:
        listed.insert(0, name)  # bad: list-shift-in-loop
    return listed
