import functools


def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)  # bad: uncached-recursion


def paths(rows, columns):
    if not rows or not columns:
        return 1
    down = paths(rows - 1, columns)
    right = paths(rows, columns - 1)  # bad: uncached-recursion
    return down + right


def best(weights, values, i, room):
    if i == 0:
        return 0
    without = best(weights, values, i - 1, room)
    return max(without, best(weights, values, i - 2, room) + values[i])  # bad: uncached-recursion


@functools.lru_cache(maxsize=None)
def cached(n):
    return n if n < 2 else cached(n - 1) + cached(n - 2)  # ok: uncached-recursion


def by_hand(n, memo):
    if n not in memo:
        memo[n] = n if n < 2 else by_hand(n - 1, memo) + by_hand(n - 2, memo)  # ok: uncached-recursion
    return memo[n]


def factorial(n):
    return 1 if n == 0 else n * factorial(n - 1)  # ok: uncached-recursion


def either(n):
    if n % 2:
        return either(n - 1)  # ok: uncached-recursion
    return either(n - 2)  # ok: uncached-recursion


def hanoi(n, source, spare, target):
    if n:
        hanoi(n - 1, source, target, spare)  # ok: uncached-recursion
        print(source, target)
        hanoi(n - 1, spare, source, target)  # ok: uncached-recursion


def depth(tree):
    return 1 + max(depth(tree.left), depth(tree.right)) if tree else 0  # ok: uncached-recursion
