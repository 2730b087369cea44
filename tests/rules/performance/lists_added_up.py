import functools
import operator
from functools import reduce


def flat(lists):
    return sum(lists, [])  # bad: lists-added-up


def flat_with_start(rows):
    return sum((row.cells for row in rows), start=[])  # bad: lists-added-up


def stubs(counts):
    repeated = [[node] * count for node, count in counts.items()]
    return reduce(lambda x, y: x + y, repeated)  # bad: lists-added-up


def joined(rows):
    return functools.reduce(operator.add, [list(row) for row in rows])  # bad: lists-added-up


def joined_with_start(rows):
    return functools.reduce(operator.concat, rows, [])  # bad: lists-added-up


def numbers(rows):
    return sum(row.size for row in rows)  # ok: lists-added-up


def with_start(rows):
    return sum(rows, 0)  # ok: lists-added-up


def product(rows):
    return reduce(lambda x, y: x * y, rows)  # ok: lists-added-up


def unknown(rows):
    return reduce(lambda x, y: x + y, rows)  # ok: lists-added-up


def two_lists(left, right):
    return sum([left, right], [])  # ok: lists-added-up


def of_one_sentence(tagger, words):
    return sum(tagger.tag_all([words]), [])  # ok: lists-added-up


_GROUPS = {"common": ["calt", "liga"], "fractions": ["frac"]}


def of_a_table():
    return sum(iter(_GROUPS.values()), [])  # ok: lists-added-up


def of_iterator(lists):
    return sum(iter(lists), [])  # bad: lists-added-up
