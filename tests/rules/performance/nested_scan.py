def joined(orders, customers):
    for order in orders:
        for customer in customers:
            if customer.number == order.customer_number:  # bad: nested-scan
                order.customer = customer


def joined_and_left(orders, customers):
    for order in orders:
        for customer in customers:
            if customer.number == order.customer_number:  # bad: nested-scan
                order.customer = customer
                break


def first_match(orders, customers):
    for order in orders:
        order.customer = next((each for each in customers if each.number == order.number), None)  # bad: nested-scan


def grouped(teams, people):
    return {team.name: [each for each in people if each.team == team.name] for team in teams}  # bad: nested-scan


def known(names, users):
    return [name for name in names if any(user.name == name for user in users)]  # bad: nested-scan


def by_key(wanted, table):
    for each in wanted:
        for key, value in table.items():
            if key == each:  # bad: nested-scan
                print(value)


def own_parts(orders):
    for order in orders:
        for line in order.lines:
            if line.number == order.first:  # ok: nested-scan
                print(line)


def all_pairs(points, distance):
    for one in points:
        for other in points:
            if distance(one, other) < 1:  # ok: nested-scan
                print(one, other)


def does_more(orders, customers):
    for order in orders:
        for customer in customers:
            customer.seen = True
            if customer.number == order.customer_number:  # ok: nested-scan
                print(order)


def once(customers, number):
    for customer in customers:
        if customer.number == number:  # ok: nested-scan
            return customer
    return None


def the_same_for_all(orders, customers, number):
    for order in orders:
        for customer in customers:
            if customer.number == number:  # ok: nested-scan
                print(order, customer)


def short(rows):
    kinds = ["a", "b"]
    for row in rows:
        for kind in kinds:
            if kind == row.kind:  # ok: nested-scan
                print(row)


def given_options(rows, options):
    for row in rows:
        for option in options:
            if option.name == row.name:  # ok: nested-scan
                print(row)


def by_kind(kinds_of, items):
    return {kind: [each for each in items if each.kind == kind] for kind in kinds_of}  # ok: nested-scan


def smallest_leaf(code, degree, n):
    edges = []
    for each in code:
        for j in range(n):  # bad: nested-scan
            if degree[j] == 1:
                break
        degree[each] -= 1
        degree[j] -= 1
        edges.append((each, j))
    return edges


def first_digit(rows, n):
    for row in rows:
        for j in range(n):
            if row[j] == 1:  # ok: nested-scan
                break
        print(row, j)


def always_the_same(rows, marks, n):
    for row in rows:
        for j in range(n):
            if marks[j] == 1:  # ok: nested-scan
                break
        print(row)


def few_places(rows, marks):
    for row in rows:
        for j in range(8):
            if marks[j] == 1:  # ok: nested-scan
                break
        marks[row] = 2


def all_different(numbers):
    numbers.append(1)
    while len(numbers) != len(set(numbers)):
        numbers.sort()
        for i in range(len(numbers) - 1):
            if numbers[i] == numbers[i + 1]:  # ok: nested-scan
                break
        numbers[i] += 1


def alike(rows, patterns):
    groups = [[0]]
    for number in range(1, len(rows)):
        own = patterns[number]
        for group in groups:
            other = patterns[group[0]]
            if own == other:  # bad: nested-scan
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def rebuilt(rows):
    for row in rows:
        waiting = [row]
        for each in waiting:
            if each == row.name:  # ok: nested-scan
                break
        waiting.append(row)


def worked_on(rows, patterns, groups):
    for row in rows:
        own = patterns[row]
        for group in groups:
            other = patterns.get(group[0])
            print(other)
            if own == other:  # ok: nested-scan
                break


def left(rows, others):
    for row in rows:
        for other in others:
            if other == row.key:  # ok: nested-scan
                break
        others.remove(row.key)


def renamed(block):
    for each in block.wires(Output):
        print([other for other in block.wires(Input) if other.name == each.name])  # bad: nested-scan


def asked(block, names):
    for each in block.names:
        print([other for other in block.wires(each) if other.name == each.name])  # ok: nested-scan


class Memories:
    def show(self):
        for block in self.blocks:
            for write in self.graph.writes:
                if write.memory is block:  # bad: nested-scan
                    print(write)

    def read(self):
        for block in self.blocks:
            self.writes = block.writes
            for write in self.writes:
                if write.memory is block:  # ok: nested-scan
                    print(write)
