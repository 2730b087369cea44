def unique(items):
    out = []
    for item in items:
        if item not in out:  # bad: membership-in-list
            out.append(item)
    return out


def unique_with_set(items):
    seen = set()
    for item in items:
        if item not in seen:  # ok: membership-in-list
            seen.add(item)


def lookup(rows, table):
    wanted = [row.name for row in table]
    for row in rows:
        if row.name in wanted:  # bad: membership-in-list
            print(row)


def comprehension(rows, table):
    wanted = sorted(table)
    return [row for row in rows if row in wanted]  # bad: membership-in-list


def built_each_time(rows, graph):
    for row in rows:
        if row in list(graph.keys()):  # bad: membership-in-list
            print(row)


def values(rows):
    prices = {}
    for row in rows:
        prices[row.key] = row.price
    for row in rows:
        if row.price in prices.values():  # bad: membership-in-list
            print(row)


def annotated(rows, wanted: list[str]):
    for row in rows:
        if row in wanted:  # bad: membership-in-list
            print(row)


def unknown(rows, wanted):
    for row in rows:
        if row in wanted:  # ok: membership-in-list
            print(row)


def short(rows):
    kinds = ["a", "b", "c"]
    for row in rows:
        if row.kind in kinds or row.kind in ("d", "e"):  # ok: membership-in-list
            print(row)


def made_in_this_iteration(rows):
    for row in rows:
        words = [word for word in row]
        if "x" in words:  # ok: membership-in-list
            print(row)


def text(rows):
    line = "abc"
    for row in rows:
        if row in line:  # ok: membership-in-list
            print(row)


def few(table):
    wanted = [row.name for row in table]
    for kind in ("a", "b"):
        if kind in wanted:  # ok: membership-in-list
            print(kind)


def walked_anyway(edges):
    sizes = [edge.size for edge in edges]
    while None in sizes:  # ok: membership-in-list
        sizes = [size or 1 for size in sizes]


def once(table, name):
    wanted = [row.name for row in table]
    return name in wanted  # ok: membership-in-list


def dictionary_keys(rows):
    prices = {row.key: row for row in rows}
    return [row for row in rows if row.key in prices.keys()]  # ok: membership-in-list


class Collector:
    def collect(self, rows):
        self.names = []
        for row in rows:
            if row.name not in self.names:  # bad: membership-in-list
                self.names.append(row.name)

    def known(self, rows):
        for row in rows:
            if row.name in self.table:  # ok: membership-in-list
                print(row)


def order_counts(rows, wanted):
    wanted = set(wanted)
    names = [row.name for row in rows]
    names = frozenset(names)
    return [row for row in rows if row in wanted or row.name in names]  # ok: membership-in-list


def letters(text):
    out = []
    for letter in "".join(text):
        if letter not in out:  # ok: membership-in-list
            out.append(letter)


def files_anyway(paths):
    seen = []
    for path in paths:
        with open(path) as stream:
            text = stream.read()
        if text not in seen:  # ok: membership-in-list
            seen.append(text)


def once_only(rows, table):
    wanted = [row.name for row in table]
    for row in rows:
        if row.last:
            return row.name in wanted  # ok: membership-in-list
    return False


def options_only(options, table):
    wanted = [row.name for row in table]
    for option in options:
        if option in wanted:  # ok: membership-in-list
            print(option)


def of_a_default(rows, seen=None):
    if seen is None:
        seen = []
    for row in rows:
        if row not in seen:  # bad: membership-in-list
            seen.append(row)


def free_name(rows, name):
    names = [row.name for row in rows]
    while name in names:  # ok: membership-in-list
        name += "_"
    return name


def collected(rows):
    kept = rows[0].members()
    for row in rows:
        if row not in kept:  # bad: membership-in-list
            kept.append(row)
    return kept


def set_for_each_test(names, wanted):
    for name in names:
        if name in set(wanted):  # bad: membership-in-list
            print(name)


def set_of_each_row(rows, name):
    for row in rows:
        if name in set(row):  # ok: membership-in-list
            print(row)


def shortened(rows, table):
    table = table[1:]
    gone = []
    for row in table:
        if row.old:
            gone.append(row)
    return [row for row in table if row not in gone]  # bad: membership-in-list


def told_sphinx(words, reference):
    """Count.

    :type reference: list(str)
    """
    return sum(1 for word in words if word in reference)  # bad: membership-in-list


def told_numpy(words, reference):
    """Count.

    Parameters
    ----------
    words : list of str
    reference : list of str
    """
    return sum(1 for word in words if word in reference)  # bad: membership-in-list


def told_otherwise(words, reference):
    """Count.

    Args:
        reference (list or set): what to look in
    """
    return sum(1 for word in words if word in reference)  # ok: membership-in-list


def rows_of(text):
    rows = []
    for line in text.splitlines():
        rows.append(line.split())
    return rows


def same_rows(first, second):
    known = rows_of(first)
    return [row for row in rows_of(second) if row in known]  # bad: membership-in-list


def numbers_of(text) -> set[int]:
    return {int(each) for each in text}


def same_numbers(first, second):
    known = numbers_of(first)
    return [each for each in second if each in known]  # ok: membership-in-list


class Catalogue:
    def __init__(self, names):
        self._entries = {name: [] for name in names}

    def names(self):
        return sorted(self._entries)

    def read(self, lines):
        for line in lines:
            if line not in self.names():  # bad: membership-in-list
                raise ValueError(line)

    def known(self, lines):
        names = self.names()
        return [line for line in lines if line in names]  # bad: membership-in-list


def set_of_what_a_graph_says(graph, wanted):
    for name in wanted:
        if name not in set(graph.nodes()):  # bad: membership-in-list
            raise ValueError(name)


def set_of_what_changes(graph, wanted):
    for name in wanted:
        if name not in set(graph.nodes()):  # ok: membership-in-list
            graph.add_node(name)


class Rules:
    def of_both(self, left, right):
        return [
            each
            for each in self.by_left.get(left, [])
            if each in self.by_right.get(right, [])  # bad: membership-in-list
        ]

    def of_each(self, lefts):
        return [each for each in lefts if each in self.by_left.get(each, [])]  # ok: membership-in-list

    def listed(self, names):
        return [each for each in names if each in self.settings.get("hidden", [])]  # ok: membership-in-list

    def sets(self, names, kind):
        return [each for each in names if each in self.by_kind.get(kind, set())]  # ok: membership-in-list


def unnamed(arguments_known, argument_sequence):
    argument_sequence = [each.name for each in argument_sequence]
    return [each for each in arguments_known if each.name not in argument_sequence]  # ok: membership-in-list


def _unknown(words, listed):
    return [word for word in words if word not in listed]  # bad: membership-in-list


def _unknown_by_name(words, listed=None):
    return [word for word in words if word not in listed]  # bad: membership-in-list


def _in_set(words, listed):
    return [word for word in words if word not in listed]  # ok: membership-in-list


def _in_few(words, listed):
    return [word for word in words if word not in listed]  # ok: membership-in-list


def of_files(files, words):
    listed = [file.name for file in files]
    few = ["a", "b"]
    _unknown(
        sorted(words, key=lambda word: (len(word), word)),
        listed,
    )
    _unknown_by_name(words, listed=listed)
    _in_set(words, {file.name for file in files})
    _in_few(words, few)
    few_of(words, *files, listed)


def few_of(words, first, listed):
    return [word for word in words if word not in listed]  # ok: membership-in-list


class Files:
    def review(self, files, words):
        listed = []
        for file in files:
            listed.append(file.name)
        self.without(words, listed)

    def without(self, words, listed):
        return [word for word in words if word not in listed]  # bad: membership-in-list

    def beside(self, words, listed):
        return [word for word in words if word not in listed]  # ok: membership-in-list


def names_of(files):
    if not files:
        return []
    found = [file.name for file in files]
    return found


def in_names(words, files):
    names = names_of(files)
    return [word for word in words if word in names]  # bad: membership-in-list


def renumbered(wanted, rows):
    rows = [row for row in rows if row.kind in wanted]  # bad: membership-in-list
    for row in rows:
        row.kind = wanted.index(row.kind)


def cut_off(text, marks):
    for mark in marks:
        if mark in text:  # ok: membership-in-list
            text = text[: text.index(mark)]
    return text


def followers_of_each(events):
    followers = {}
    for event, follower in events:
        if event not in followers:
            followers[event] = []
        if follower not in followers[event]:  # bad: membership-in-list
            followers[event].append(follower)
    return followers


def two_keys(rows):
    found = {}
    for row in rows:
        lists = found.setdefault(row.first, {})
        if row.third not in lists[row.second]:  # ok: membership-in-list
            lists[row.second].append(row.third)
    return found


def counted_for_each(events):
    counts = {}
    for event, follower in events:
        if follower not in counts[event]:  # ok: membership-in-list
            counts[event][follower] = 0


class FilledByAnotherMethod:
    def read(self, rows):
        self.kinds_seen = []
        self.types_seen = []
        for row in rows:
            self.note(row)
        for row in rows:
            if row.type not in self.types_seen:  # bad: membership-in-list
                print(row)

    def note(self, row):
        self.types_seen.append(row.type)


def of_one_kind(rows, wanted):
    names = []
    for row in rows:
        if row.kind == wanted:
            if row.name not in names:  # ok: membership-in-list
                names.append(row.name)
        elif row.kind == "other" and row.name:
            if row.name not in names:  # ok: membership-in-list
                names.append(row.name)
        elif row.name not in names:  # bad: membership-in-list
            names.append(row.name)
    return names


def of_one_kind_and_more(rows):
    names = []
    for row in rows:
        if row.kind == "wanted" and row.name and row.name not in names:  # ok: membership-in-list
            names.append(row.name)
    return names


def of_one_length(rows, size):
    found = []
    for row in rows:
        if len(row) == size:
            if row not in found:  # bad: membership-in-list
                found.append(row)
    return found


def of_even_numbers(rows):
    found = []
    for number, row in enumerate(rows):
        if number % 2 == 0:
            if row not in found:  # bad: membership-in-list
                found.append(row)
    return found


def that_follow(pairs):
    found = []
    for first, second in pairs:
        if first == second:
            if first not in found:  # bad: membership-in-list
                found.append(first)
    return found


def of_an_outer_kind(groups, wanted):
    found = []
    for group in groups:
        if group.kind == wanted:
            for row in group.rows:
                if row not in found:  # bad: membership-in-list
                    found.append(row)
    return found


def named_like_an_attribute(rows, names):
    found = []
    for row in rows:
        kind = row.name
        if names.kind == "all":
            if kind not in found:  # bad: membership-in-list
                found.append(kind)
    return found


def of_an_outer_kind_in_few_columns(groups, wanted):
    found = []
    for group in groups:
        if group.kind == wanted:
            for column in ("a", "b"):
                if group[column] not in found:  # bad: membership-in-list
                    found.append(group[column])
    return found


def kept_by_group(rows, edges):
    members = {}
    for row in rows:
        if row.group in members:
            members[row.group].append(row.name)
        else:
            members[row.group] = [row.name]
    for edge in edges:
        if edge.name in members[edge.group]:  # bad: membership-in-list
            print(edge)


def made_sets_of_afterwards(rows, edges):
    members = {}
    for row in rows:
        members[row.group] = [row.name]
        members[row.group].append(row.label)
    for group in members:
        members[group] = set(members[group])
    for edge in edges:
        if edge.name in members[edge.group]:  # ok: membership-in-list
            print(edge)


def pairs_by_group(rows, edges):
    members = {}
    for row in rows:
        members[row.group] = [row.name, row.label]
    for edge in edges:
        if edge.name in members[edge.group]:  # ok: membership-in-list
            print(edge)


def unpacked_in_a_loop(windows, count):
    overlapping = []
    for window in windows:
        numbers = [each.number for each in window]
        overlapping.append((window, numbers))
    for window, numbers in overlapping:
        for place in range(count):
            if place in numbers:  # bad: membership-in-list
                print(window)


def unpacked_sets(windows, count):
    overlapping = []
    for window in windows:
        overlapping.append((window, {each.number for each in window}))
    for window, numbers in overlapping:
        for place in range(count):
            if place in numbers:  # ok: membership-in-list
                print(window)


def deep_copy(rows, table):
    names = copy.deepcopy([each.name for each in table])
    for row in rows:
        if row.name in names:  # bad: membership-in-list
            print(row)


def array_of_a_table(rows, table):
    for row in rows:
        if row.name in table.index.values:  # bad: membership-in-list
            print(row)


def headings_of_a_table(rows, table):
    for row in rows:
        if row.name in table.columns.values:  # ok: membership-in-list
            print(row)


def array_of_each_pass(rows):
    for row in rows:
        if "total" in row.table.index.values:  # ok: membership-in-list
            print(row)


def kept_under_a_word(branches, groups):
    found = dict(groups)
    for branch in branches:
        if branch.start in found["outer"]:  # bad: membership-in-list
            found["outer"].append(branch.end)


def only_read_under_a_word(branches, groups):
    found = dict(groups)
    for branch in branches:
        if branch.start in found["outer"]:  # ok: membership-in-list
            print(branch)


def of_another_object(rows, store):
    for row in rows:
        if row.name not in store.names:  # bad: membership-in-list
            store.names.append(row.name)


class Register:
    def __init__(self, names=None):
        self.names = names or []

    def known(self, rows):
        return [row for row in rows if row in self.names]  # bad: membership-in-list


class Filled:
    def __init__(self, names):
        self.names = names

    def put(self, name):
        self.names.append(name)

    def known(self, rows):
        return [row for row in rows if row in self.names]  # bad: membership-in-list


class OnlyGiven:
    def __init__(self, names):
        self.names = names

    def known(self, rows):
        return [row for row in rows if row in self.names]  # ok: membership-in-list


class Long:
    def __init__(self, entries):
        # self.names = dict(entries)
        self.names = [each.name for each in entries]

    def known(self, rows):
        return [row for row in rows if row in self.names]  # bad: membership-in-list


ORDER = ("head", "body", "tail")


def in_the_usual_order(tags, order=None):
    present = sorted(tags)
    if order is None:
        order = ORDER
    for tag in order:
        if tag in present:  # ok: membership-in-list
            print(tag)


def in_a_given_order(tags, order=None):
    present = sorted(tags)
    if order is None:
        order = tags
    for tag in order:
        if tag in present:  # bad: membership-in-list
            print(tag)


def last_ones(rows, table):
    names = table[-4:]
    for row in rows:
        if row in names:  # ok: membership-in-list
            print(row)


def two_lists(rows):
    names = []
    labels = []
    for row in rows:
        names.append(row.name)
        labels.append(row.label)
    return names, set(labels)


def of_two(rows, others):
    names, labels = two_lists(rows)
    for other in others:
        if other.name in names:  # bad: membership-in-list
            print(other)
        if other.label in labels:  # ok: membership-in-list
            print(other)


class Groups:
    def __init__(self):
        self.members = {}
        self.kinds = {}

    def fill(self, rows):
        for row in rows:
            self.members[row.group] = []
            self.kinds[row.group] = set()

    def two(self, rows):
        return [row.name for row in rows], len(rows)

    def read(self, rows, edges):
        for row in rows:
            self.members[row.group].append(row.name)
        for edge in edges:
            if edge.name in self.members[edge.group]:  # bad: membership-in-list
                print(edge)
            if edge.name in self.kinds[edge.group]:  # ok: membership-in-list
                print(edge)

    def again(self, rows, edges):
        names, count = self.two(rows)
        return [edge for edge in edges if edge.name in names]  # bad: membership-in-list


def left_out(tables, exclude_tables=None):
    exclude_tables = [] if exclude_tables is None else list(exclude_tables)
    return [name for name in tables if name not in exclude_tables]  # ok: membership-in-list


def of_ancestors(rows, found):
    ancestor_names = [each.name for each in found]
    return [row for row in rows if row.name not in ancestor_names]  # ok: membership-in-list


def of_people(rows, found):
    people_names = [each.name for each in found]
    return [row for row in rows if row.name not in people_names]  # bad: membership-in-list


def as_often_as_tried(ring, tries):
    served = []
    while len(served) < tries:
        server = next(ring)
        if server not in served:  # ok: membership-in-list
            served.append(server)
    return served


def as_many_as_wanted(ring, count):
    served = []
    while len(served) < count:
        server = next(ring)
        if server not in served:  # bad: membership-in-list
            served.append(server)
    return served


def in_an_array(net, numbers):
    buses = net.switch.bus.values[net.picked]
    return [each for each in numbers if each in buses]  # bad: membership-in-list


def in_an_index(net, numbers):
    buses = net.bus.index
    return [each for each in numbers if each in buses]  # ok: membership-in-list


def in_an_array_or_a_set(net, numbers, buses=None):
    buses = set(buses) if buses else net.bus.number.values
    return [each for each in numbers if each in buses]  # ok: membership-in-list


def free_names(rows):
    used = []
    for row in rows:
        name = row.name
        while name in used:  # bad: membership-in-list
            name += "_"
        used.append(name)


def one_free_name(rows, name):
    used = [row.name for row in rows]
    while name in used:  # ok: membership-in-list
        name += "_"
    return name


def drawn(draw, count):
    used = []
    while sum(used) < count:
        number = draw()
        while number in used:  # ok: membership-in-list
            number = draw()
        used.append(number)


def given_in_pairs(rows, others):
    names, count = sorted(rows), len(rows)
    for other in others:
        if other in names:  # bad: membership-in-list
            print(other, count)


def reached(search, start):
    found = search(start)
    for each in found:
        found += [other for other in search(each) if other not in found]  # bad: membership-in-list
    return found


def added_up(search, start):
    found = search(start)
    for each in range(len(start)):
        found += search(each)
        print(each in found)  # ok: membership-in-list


def of_segments(rows):
    segments = []
    for row in rows:
        segments.append(row.segment)
    return [row for row in rows if row.last in segments]  # bad: membership-in-list


def of_given_segments(rows, segments):
    segments = list(segments)
    return [row for row in rows if row.last in segments]  # ok: membership-in-list
