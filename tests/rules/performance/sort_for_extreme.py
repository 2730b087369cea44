def latest(releases):
    return sorted(releases, key=lambda release: release.date)[-1]  # bad: sort-for-extreme


def least(numbers):
    return sorted(numbers)[0]  # bad: sort-for-extreme


def greatest(numbers):
    return sorted(numbers, reverse=True)[0]  # bad: sort-for-extreme


def three(numbers):
    return sorted(numbers)[:3]  # ok: sort-for-extreme


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]  # ok: sort-for-extreme


def second(numbers):
    return sorted(numbers)[1]  # ok: sort-for-extreme


def of_two(left, right):
    return sorted([left, right])[0]  # ok: sort-for-extreme


def either_way(numbers, descending):
    return sorted(numbers, reverse=descending)[0]  # ok: sort-for-extreme
