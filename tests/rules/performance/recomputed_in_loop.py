import collections
import difflib


def shares(rows):
    sizes = [row.size for row in rows]
    for row in rows:
        row.share = row.size / sum(sizes)  # bad: recomputed-in-loop


def highest_so_far(numbers):
    out = []
    for i in range(len(numbers)):
        out.append(max(numbers[: i + 1]))  # bad: recomputed-in-loop
    return out


def what_is_left(numbers):
    for i, _ in enumerate(numbers):
        print(sum(numbers[i:]))  # bad: recomputed-in-loop


def known_words(words, table):
    wanted = [entry.word for entry in table]
    for word in words:
        if word in set(wanted):  # bad: recomputed-in-loop
            print(word)


def suggestions(words, entries):
    candidates = [entry.name for entry in entries]
    for word in words:
        print(difflib.get_close_matches(word, candidates))  # bad: recomputed-in-loop


def before_the_loop(rows):
    sizes = [row.size for row in rows]
    total = sum(sizes)  # ok: recomputed-in-loop
    for row in rows:
        row.share = row.size / total


def of_each(rows):
    for row in rows:
        print(sum(row.sizes), max(row.sizes))  # ok: recomputed-in-loop


def it_changes(rows):
    loads = [0 for _ in rows]
    for row in rows:
        lightest = min(loads)  # ok: recomputed-in-loop
        loads[row.place] = lightest + row.size


def window(numbers, size):
    for i in range(len(numbers)):
        print(sum(numbers[i : i + size]))  # ok: recomputed-in-loop


def handed_on(rows, fill):
    sizes = [0 for _ in rows]
    for row in rows:
        fill(sizes, row)
        print(max(sizes))  # ok: recomputed-in-loop


def walked_anyway(rows):
    sizes = [row.size for row in rows]
    for row in rows:
        for size in sizes:
            print(row, size)
        print(sum(sizes))  # ok: recomputed-in-loop


def short(rows):
    sizes = [1, 2, 3]
    for row in rows:
        print(row, sum(sizes))  # ok: recomputed-in-loop


def of_two(rows, limit):
    for row in rows:
        print(max(row.size, limit))  # ok: recomputed-in-loop


def highest_before(ranks):
    total = 0
    for i in range(1, len(ranks)):
        total += max(ranks[0:i])  # bad: recomputed-in-loop
    return total


def ends(sizes):
    return [sum(sizes[: i + 1]) for i in range(len(sizes))]  # bad: recomputed-in-loop


def shares_of_the_first(counts):
    names = [name for name, _ in counts.most_common(50)]
    values = [counts[name] for name in names]
    return [sum(values[: i + 1]) for i in range(len(values))]  # ok: recomputed-in-loop


def shifted(groups, ranks):
    moved = []
    for i, group in enumerate(groups):
        moved.append([place + sum(ranks[:i]) for place in group])  # bad: recomputed-in-loop
    return moved


def compared(groups, text, size):
    for group in groups:
        counts = collections.Counter(words_of(text, size))  # bad: recomputed-in-loop
        print(counts & collections.Counter(group), sum(counts.values()))


def names_again(rows, items):
    for row in rows:
        names = {each.name for each in items}  # bad: recomputed-in-loop
        if row.name in names:
            print(row)


def of_each_row(rows, items):
    for row in rows:
        names = {each.name for each in row.parts}  # ok: recomputed-in-loop
        if row.name in names:
            print(row)


def filled(rows, items):
    for row in rows:
        names = {each.name for each in items}  # ok: recomputed-in-loop
        names.add(row.name)
        print(names)


def kept(rows, items, result):
    for row in rows:
        line = [0 for each in items]  # ok: recomputed-in-loop
        result.append((row, line))


def read_again(rows, stream):
    for row in rows:
        lines = {line.strip() for line in stream.read()}  # ok: recomputed-in-loop
        if row in lines:
            print(row)


def shrinking(rows, items):
    for row in rows:
        names = {each.name for each in items}  # ok: recomputed-in-loop
        if row.name in names:
            items.pop()


def least_of_all(rows):
    times = [row.time for row in rows]
    for row in rows:
        if row.time == min(times):  # bad: recomputed-in-loop
            print("first", row)
        if row.time == heapq.nsmallest(2, times)[-1]:  # bad: recomputed-in-loop
            print("second", row)


def least_of_what_is_left(rows):
    times = [row.time for row in rows]
    for row in rows:
        if row.time == min(times):  # ok: recomputed-in-loop
            heapq.heappop(times)


def last_of_what_is_walked(net):
    for line in net.line.index:
        if line == max(net.line.index):  # bad: recomputed-in-loop
            break
        print(line)


def last_of_what_is_changed(net):
    for line in net.line.index:
        net.line = drop(net.line, line)
        if line == max(net.line.index):  # ok: recomputed-in-loop
            continue
        print(line)


def parts_of(groups, active):
    for group in groups:
        print(set(active) & group)  # bad: recomputed-in-loop


def parts_of_parts(groups):
    for group, active in groups:
        print(set(active) & group)  # ok: recomputed-in-loop


def largest_of_another_table(net):
    for line in net.line.index:
        print(line, net.bus.at[max(net.bus.index)])  # bad: recomputed-in-loop


def open_ones(net, sections):
    for section in sections:
        if section & set(net.bus.number[net.bus.is_open]).union(net.others):  # bad: recomputed-in-loop
            print(section)


def open_ones_of_each(nets, section):
    for net in nets:
        if section & set(net.bus.number[net.bus.is_open]):  # ok: recomputed-in-loop
            print(net)


def kept_for_each(rows, names):
    for row in rows:
        row.names = set(names).union(row.names)  # bad: recomputed-in-loop
        row.own = set(names)  # ok: recomputed-in-loop


def pairs(table):
    for one in table.index:
        for other in table.index:
            start = table.loc[one].start  # bad: recomputed-in-loop
            end = table.loc[other].end  # ok: recomputed-in-loop
            if start == end:
                print(one, other)


def all_but_one(names):
    for name in names:
        print(set(names) - {name})  # ok: recomputed-in-loop


def ends(net, lines):
    for bus in net.first, net.last:
        print(set(lines) & bus.lines)  # ok: recomputed-in-loop


def weights(matrix, number):
    made = []
    for row in range(number):
        made.append([0] * number)
        for col in range(number):
            if row != col:
                made[row][col] = matrix[row][col] / sum(matrix[row])  # bad: recomputed-in-loop
            else:
                made[row][col] = 1 / sum(made[row])  # ok: recomputed-in-loop
    return made


def changed_rows(matrix, number):
    for row in range(number):
        for place in range(number):
            matrix[row][place] /= sum(matrix[row])  # ok: recomputed-in-loop


def each_once(matrix, number, wanted):
    for row in range(number):
        for place in range(number):
            if place == wanted:
                print(sum(matrix[row]))  # ok: recomputed-in-loop
