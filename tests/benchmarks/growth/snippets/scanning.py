"""Everything with everything, sorting again and again, cutting the front off."""

import re


def has_pair(numbers: list[int], target: int) -> bool:
    for i in range(len(numbers)):
        for j in range(i + 1, len(numbers)):  # slow: nested_loop
            if numbers[i] + numbers[j] == target:
                return True
    return False


def has_pair_of_set(numbers: list[int], target: int) -> bool:
    seen = set()
    for number in numbers:  # fast: nested_loop
        if target - number in seen:
            return True
        seen.add(number)
    return False


def matched(orders: list[tuple[int, str]], customers: list[tuple[int, str]]) -> list[str]:
    names = []
    for customer_id, _ in orders:
        for known_id, name in customers:  # slow: nested_loop
            if known_id == customer_id:
                names.append(name)
                break
    return names


def week_totals(days: list[int]) -> list[int]:
    totals = []
    for start in range(len(days)):
        total = 0
        for offset in range(7):  # fast: nested_loop
            if start + offset < len(days):
                total += days[start + offset]
        totals.append(total)
    return totals


def widest_gap(numbers: list[int]) -> int:
    left = 0
    best = 0
    for right in range(len(numbers)):
        while numbers[right] - numbers[left] > 100 and left < right:  # fast: nested_loop
            left += 1
        best = max(best, right - left)
    return best


def medians(numbers: list[int]) -> list[int]:
    window: list[int] = []
    found = []
    for number in numbers:
        window.append(number)
        window.sort()  # slow: sort_in_loop
        found.append(window[len(window) // 2])
    return found


def ranked(groups: list[list[int]]) -> list[list[int]]:
    found = []
    for group in groups:
        found.append(sorted(group))  # fast: sort_in_loop
    return found


def above_mean(numbers: list[float]) -> list[float]:
    return [each for each in numbers if each > sum(numbers) / len(numbers)]  # slow: recompute


def above_mean_once(numbers: list[float]) -> list[float]:
    mean = sum(numbers) / len(numbers) if numbers else 0.0  # fast: recompute
    return [each for each in numbers if each > mean]


def tokens(text: str) -> list[str]:
    found = []
    while text:
        found.append(text[0])
        text = text[1:]  # slow: slice_consume
    return found


def words_by_pattern(lines: list[str]) -> list[str]:
    found = []
    for line in lines:
        found += re.compile(r"\w+").findall(line)  # fast: regex_loop
    return found


def total(items: list[int]) -> int:
    if not items:
        return 0
    return items[0] + total(items[1:])  # slow: slice_consume


def occurrences(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in words}  # slow: linear_search


def places(words: list[str], wanted: list[str]) -> list[int]:
    return [words.index(word) for word in wanted if word in set(words)]  # slow: linear_search


def table_of_products(numbers: list[int]) -> list[list[int]]:
    return [[a * b for a in numbers] for b in numbers]  # fast: nested_loop
