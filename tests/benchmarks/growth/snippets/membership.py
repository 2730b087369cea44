"""Is an element there? On a list it is looked for, in a set it is known."""


def missing(wanted, stock):
    return [item for item in wanted if item not in stock["items"]]  # slow: membership


def unknown_words(words: list[str], dictionary: list[str]) -> list[str]:
    found = []
    for word in words:
        if word not in dictionary:  # slow: membership
            found.append(word)
    return found


def unknown_words_of_set(words: list[str], dictionary: set[str]) -> list[str]:
    found = []
    for word in words:
        if word not in dictionary:  # fast: membership
            found.append(word)
    return found


def vowels(text: str) -> int:
    count = 0
    for letter in text:
        if letter in "aeiou":  # fast: membership
            count += 1
    return count


def first_of_each(rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    keys = []
    kept = []
    for row in rows:
        if row[0] in keys:  # slow: membership
            continue
        keys.append(row[0])
        kept.append(row)
    return kept


def last_ten(numbers: list[int]) -> int:
    recent: list[int] = []
    hits = 0
    for number in numbers:
        if number in recent:  # fast: membership
            hits += 1
        recent.append(number)
        if len(recent) > 10:
            recent.pop(0)  # fast: list_shift
    return hits


def reachable(graph: dict[int, list[int]], start: int) -> list[int]:
    order = [start]
    stack = [start]
    while stack:
        node = stack.pop()
        for other in graph.get(node, []):
            if other not in order:  # slow: membership
                order.append(other)
                stack.append(other)
    return order


def values_present(wanted: list[int], table: dict[str, int]) -> int:
    return sum(1 for each in wanted if each in table.values())  # slow: membership


def keys_present(wanted: list[str], table: dict[str, int]) -> int:
    return sum(1 for each in wanted if each in table.keys())  # fast: membership
