"""Taking from the front, putting to the front, deleting in the middle."""

from collections import deque


def breadth_first(graph: dict[int, list[int]], start: int) -> list[int]:
    queue = [start]
    seen = {start}
    order = []
    while queue:
        node = queue.pop(0)  # slow: list_shift
        order.append(node)
        for other in graph.get(node, []):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return order


def breadth_first_of_deque(graph: dict[int, list[int]], start: int) -> list[int]:
    queue = deque([start])
    seen = {start}
    order = []
    while queue:
        node = queue.popleft()  # fast: list_shift
        order.append(node)
        for other in graph.get(node, []):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return order


def drain(items: list[int]) -> int:
    items = list(items)
    total = 0
    while items:
        total += items.pop(0)  # slow: list_shift
    return total


def drain_from_the_end(items: list[int]) -> int:
    items = list(items)
    total = 0
    while items:
        total += items.pop()  # fast: list_shift
    return total


def digits(number: int) -> list[int]:
    found = []
    while number:
        found.insert(0, number % 10)  # fast: list_shift
        number //= 10
    return found


def newest_first(events: list[str]) -> list[str]:
    shown = []
    for event in events:
        shown.insert(0, event.strip())  # slow: list_shift
    return shown


def without_negatives(numbers: list[int]) -> list[int]:
    left = list(numbers)
    for number in numbers:
        if number < 0:
            left.remove(number)  # slow: linear_search
    return left


def drop_even_places(items: list[str]) -> list[str]:
    kept = list(items)
    for place in range(len(items) - 1, -1, -1):
        if place % 2 == 0:
            del kept[place]  # slow: list_shift
    return kept


def header(lines: list[str]) -> tuple[str, list[str]]:
    lines = list(lines)
    first = lines.pop(0) if lines else ""  # fast: list_shift
    return first, [line.strip() for line in lines]
