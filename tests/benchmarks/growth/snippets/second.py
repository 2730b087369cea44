"""A second set, written after the first had been measured and before this one was."""

import collections
import heapq
import itertools
import json
import re


def longest_word(text: str) -> str:
    words = text.split()
    best = ""
    for word in words:
        if len(word) > len(max(words, key=len)) - 1:  # slow: recompute
            best = word
    return best


def anagrams(words: list[str]) -> list[list[str]]:
    groups: list[list[str]] = []
    for word in words:
        for group in groups:  # slow: nested_loop
            if sorted(group[0]) == sorted(word):
                group.append(word)
                break
        else:
            groups.append([word])
    return groups


def anagrams_by_key(words: list[str]) -> dict[str, list[str]]:
    groups = collections.defaultdict(list)
    for word in words:
        groups["".join(sorted(word))].append(word)  # fast: nested_loop
    return groups


def smallest(numbers: list[int], count: int) -> list[int]:
    left = list(numbers)
    found = []
    while left and len(found) < count:
        found.append(min(left))  # fast: recompute
        left.remove(found[-1])  # fast: linear_search
    return found


def sorted_by_selection(numbers: list[int]) -> list[int]:
    left = list(numbers)
    found = []
    while left:
        lowest = min(left)  # slow: recompute
        left.remove(lowest)
        found.append(lowest)
    return found


def sorted_by_heap(numbers: list[int]) -> list[int]:
    heap = list(numbers)
    heapq.heapify(heap)
    found = []
    while heap:
        found.append(heapq.heappop(heap))  # fast: recompute
    return found


def bubble(numbers: list[int]) -> list[int]:
    numbers = list(numbers)
    for last in range(len(numbers) - 1, 0, -1):
        for place in range(last):  # slow: nested_loop
            if numbers[place] > numbers[place + 1]:
                numbers[place], numbers[place + 1] = numbers[place + 1], numbers[place]
    return numbers


def is_palindrome(text: str) -> bool:
    return text == text[::-1]  # fast: slice_consume


def all_palindrome(text: str) -> bool:
    if len(text) < 2:
        return True
    return text[0] == text[-1] and all_palindrome(text[1:-1])  # slow: slice_consume


def grouped(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {}
    for key, value in pairs:
        table[key] = table.get(key, []) + [value]  # slow: list_concat
    return table


def grouped_in_place(pairs: list[tuple[str, int]]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {}
    for key, value in pairs:
        table.setdefault(key, []).append(value)  # fast: list_concat
    return table


def running_totals(numbers: list[int]) -> list[int]:
    return [sum(numbers[: place + 1]) for place in range(len(numbers))]  # slow: recompute


def running_totals_accumulated(numbers: list[int]) -> list[int]:
    return list(itertools.accumulate(numbers))  # fast: recompute


def log_of(events: list[dict[str, str]]) -> str:
    state = {"log": ""}
    for event in events:
        state["log"] += json.dumps(event)  # slow: str_concat
    return state["log"]


def common_prefix(first: str, second: str) -> str:
    place = 0
    while place < min(len(first), len(second)) and first[place] == second[place]:
        place += 1  # fast: nested_loop
    return first[:place]


def numbers_of(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text)]  # fast: regex_loop


def ancestors(parents: dict[int, int], node: int) -> list[int]:
    found = []
    while node in parents and node not in found:  # slow: membership
        found.append(node)
        node = parents[node]
    return found


def depths(children: dict[int, list[int]], root: int) -> dict[int, int]:
    found = {root: 0}
    waiting = collections.deque([root])
    while waiting:
        node = waiting.popleft()  # fast: list_shift
        for child in children.get(node, ()):
            if child not in found:
                found[child] = found[node] + 1
                waiting.append(child)
    return found


def snapshots(changes: list[int]) -> int:
    state: list[int] = []
    size = 0
    for change in changes:
        state.append(change)
        backup = state.copy()  # slow: copy
        size = len(backup)
    return size


class Inventory:
    def __init__(self, names: list[str]) -> None:
        self.names = names

    def missing(self, wanted: list[str]) -> list[str]:
        return [each for each in wanted if each not in self.names]  # slow: membership

    def total_length(self) -> int:
        return sum(len(each) for each in self.names)  # fast: recompute


def binary_search(numbers: list[int], wanted: int) -> int:
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle  # fast: nested_loop
    return low


def distances(points: list[tuple[int, int]]) -> int:
    best = 0
    for a, b in itertools.combinations(points, 2):  # slow: nested_loop
        best = max(best, abs(a[0] - b[0]) + abs(a[1] - b[1]))
    return best


def matrix_sum(rows: list[list[int]]) -> int:
    total = 0
    for row in rows:
        for value in row:  # fast: nested_loop
            total += value
    return total


def partitions(total: int, largest: int) -> int:
    if total == 0:
        return 1
    if total < 0 or largest == 0:
        return 0
    return partitions(total - largest, largest) + partitions(total, largest - 1)  # slow: caching
