"""Components on lists, tuples, sets and dictionaries."""
# ruff: noqa: E501
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# A table: a row a line, and meanings that take whatever the patterns beside them let through.

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from typing import Any

from .components import ADD, COMPARE, MAX_LENGTH, MULTIPLY, component


def _flat_deep(items: list[Any]) -> list[Any]:
    result: list[Any] = []
    pending = list(reversed(items))
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(reversed(item))  # pyright: ignore[reportUnknownArgumentType]
        else:
            result.append(item)
    return result


def _flat_deep_block(name: str, args: list[str]) -> list[str]:
    return [f"{name}, pending = [], list(reversed({args[0]}))", "while pending:", "    item = pending.pop()",
            "    if isinstance(item, list):", "        pending.extend(reversed(item))", "    else:",
            f"        {name}.append(item)"]  # fmt: skip


def _chunks(items: Any, size: int) -> list[Any]:
    if size < 1:
        raise ValueError("size")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _windows(items: Any, size: int) -> list[Any]:
    if size < 1:
        raise ValueError("size")
    return [items[start : start + size] for start in range(len(items) - size + 1)]


def _range(*bounds: int) -> list[int]:
    if len(range(*bounds)) > MAX_LENGTH:
        raise OverflowError("too long to try")
    return list(range(*bounds))


def _rotate(items: Any, n: int) -> Any:
    return items[n:] + items[:n]


def _repeat(items: list[Any], n: int) -> list[Any]:
    if len(items) * n > MAX_LENGTH:
        raise OverflowError("too long to try")
    return items * n


def _transpose(rows: list[Any]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _two_of(items: list[Any]) -> list[tuple[Any, Any]]:
    if len(items) > 60:
        raise OverflowError("too long to try")
    return list(itertools.combinations(items, 2))


def _runs(items: Any) -> list[tuple[Any, int]]:
    return [(key, len(list(run))) for key, run in itertools.groupby(items)]


COLLECTIONS = (
    component("len", "sized", len, "len({0})", words="length count number size long short average mean longest"),
    component("sum", "list[num]", sum, "sum({0i})", words="sum total add average mean digits"),
    component("min_text", "list[str]", min, "min({0i})", cost=5, words="alphabetically first"),
    component("max_text", "list[str]", max, "max({0i})", cost=5, words="alphabetically last"),
    component("min", "list[num]", min, "min({0i})", words="min minimum smallest shortest least range"),
    component("max", "list[num]", max, "max({0i})", words="max maximum largest biggest longest range"),
    component("prod", "list[num]", math.prod, "math.prod({0i})", cost=3, imports="import math", words="product multiply factorial"),
    component("sorted", "list[ord]", sorted, "sorted({0i})", words="sort sorted order anagram second median alphabetically ascending"),
    component("sorted_down", "list[ord]", lambda a: sorted(a, reverse=True), "sorted({0}, reverse=True)", cost=3,
              words="descending largest top decreasing"),
    component("sorted_chars", "str", sorted, "sorted({0})", words="anagram sort sorted letters", cost=3, element="char"),
    component("sorted_set", "set", sorted, "sorted({0})", words="sort sorted unique distinct", cost=3),
    component("reverse", "seq", lambda a: a[::-1], "{0a}[::-1]", words="reverse reversed backwards palindrome last"),
    component("unique", "list[key]", lambda a: list(dict.fromkeys(a)), "list(dict.fromkeys({0i}))",
              lazy="dict.fromkeys({0i})", words="unique dedupe deduplicate duplicates distinct order once"),
    component("unique_chars", "str", lambda a: list(dict.fromkeys(a)), "list(dict.fromkeys({0}))",
              lazy="dict.fromkeys({0})", words="unique dedupe duplicate duplicates distinct once", cost=3, element="char"),
    component("set", "list[key]", set, "set({0i})", words="unique set distinct duplicates common"),
    component("set_chars", "str", set, "set({0})", words="unique distinct anagram pangram letters", cost=3),
    component("to_list", "str", list, "list({0})", cost=3, words="characters chars letters list"),
    component("list_of", "items", list, "list({0i})", cost=4, words="list"),
    component("tuple_of", "list", tuple, "tuple({0i})", cost=4, words="tuple"),
    component("head", "seq @count", lambda a, n: a[:n], "{0a}[:{1}]", cost=3, words="first prefix take truncate start shorten"),
    component("tail", "seq @count", lambda a, n: a[n:], "{0a}[{1}:]", cost=3, words="rest skip drop without except camel"),
    component("last", "seq @count", lambda a, n: a[-n:] if n > 0 else None, "{0a}[-{1u}:]", cost=3, words="last end suffix mask"),
    component("but_last", "seq @count", lambda a, n: a[:-n] if n > 0 else None, "{0a}[:-{1u}]", cost=4,
              words="without drop except mask hide but"),
    component("step", "seq @step", lambda a, n: a[::n] if n > 1 else None, "{0a}[::{1}]", cost=5,
              words="every other second third alternate"),
    component("step_from", "seq @step", lambda a, n: a[1::n] if n > 1 else None, "{0a}[1::{1}]", cost=6,
              words="every other second odd alternate"),
    component("at", "seq @index", lambda a, i: a[i], "{0a}[{1}]", cost=3, words="acronym initial domain extension abbreviation top first last second third initials initial"),
    component("at_int", "seq int", lambda a, i: a[i], "{0a}[{1}]", cost=4, words="nth index median middle"),
    component("head_int", "seq int", lambda a, i: a[:i] if i >= 0 else None, "{0a}[:{1}]", cost=4, words="first half"),
    component("tail_int", "seq int", lambda a, i: a[i:] if i >= 0 else None, "{0a}[{1}:]", cost=4, words="half rest last"),
    component("rotate", "seq int", _rotate, "{0a}[{1}:] + {0a}[:{1}]", strength=ADD, cost=5, words="rotate shift cycle"),
    component("add_lists", "list list", lambda a, b: a + b, "{0s} + {1m}", strength=ADD, cost=3, words="concatenate merge combine"),
    component("repeat_list", "list int", _repeat, "{0m} * {1u}", strength=MULTIPLY, cost=5, words="repeat times"),
    component("count_in", "list scalar", lambda a, x: a.count(x), "{0a}.count({1})", cost=3, words="count occurrences times many"),
    component("index_of", "list scalar", lambda a, x: a.index(x), "{0a}.index({1})", cost=4, words="index position find"),
    component("in_list", "scalar list", lambda x, a: x in a, "{0c} in {1c}", strength=COMPARE,
              words="in common contains shared intersection both without difference"),
    component("in_set", "key set", lambda x, a: x in a, "{0c} in {1c}", strength=COMPARE, cost=3, words="in common"),
    component("intersect", "set set", lambda a, b: a & b, "{0c} & {1c}", strength=COMPARE, words="common intersection shared both"),
    component("union", "set set", lambda a, b: a | b, "{0c} | {1c}", strength=COMPARE, words="union all merge either"),
    component("minus", "set set", lambda a, b: a - b, "{0s} - {1m}", strength=ADD, cost=3, words="difference missing without not"),
    component("flatten", "list[items]", lambda a: [x for sub in a for x in sub], "[x for row in {0j} for x in row]",
              cost=3, words="flatten flat nested combine"),
    component("flatten_deep", "list", _flat_deep, "", cost=5, words="flatten nested deep deeply", block=_flat_deep_block,
              block_name="flat"),
    component("chunks", "seq int", _chunks, "[{0a}[i : i + {1m}] for i in range(0, len({0}), {1})]", cost=4,
              words="chunk chunks batch group size split pieces", element="chunk"),
    component("chunks_k", "seq @step", _chunks, "[{0a}[i : i + {1m}] for i in range(0, len({0}), {1})]", cost=5,
              words="chunk chunks pairs group groups", element="chunk"),
    component("windows", "seq int", _windows, "[{0a}[i : i + {1m}] for i in range(len({0}) - {1m} + 1)]", cost=6,
              words="window windows sliding ngrams grams consecutive", element="window"),
    component("pairs", "seq", lambda a: list(itertools.pairwise(a)), "list(itertools.pairwise({0}))",
              imports="import itertools", lazy="itertools.pairwise({0})", cost=3, words="pair pairs adjacent consecutive pairwise differences sorted increasing bigrams"),
    component("zip", "seq seq", lambda a, b: list(zip(a, b, strict=False)), "list(zip({0}, {1}))", lazy="zip({0}, {1})",
              cost=3, words="zip pair pairs interleave combine dot hamming together position"),
    component("enumerate", "list", lambda a: list(enumerate(a)), "list(enumerate({0}))", lazy="enumerate({0})", cost=4,
              words="index indices number numbered position enumerate"),
    component("enumerate_1", "list", lambda a: list(enumerate(a, 1)), "list(enumerate({0}, 1))", lazy="enumerate({0}, 1)",
              cost=5, words="number numbered line lines"),
    component("enumerate_str", "str", lambda a: list(enumerate(a)), "list(enumerate({0}))", lazy="enumerate({0})", cost=5,
              words="index alternate alternating position"),
    component("transpose", "list[items]", _transpose, "[list(column) for column in zip(*{0})]", cost=4,
              words="transpose columns matrix"),
    component("range", "int", _range, "list(range({0}))", lazy="range({0})", words="range numbers below up"),
    component("range_1", "int", lambda n: _range(1, n + 1), "list(range(1, {0s} + 1))", lazy="range(1, {0s} + 1)",
              words="factorial divisor divisors factors fizz fizzbuzz numbers up to range", cost=3),
    component("range_2", "int", lambda n: _range(2, n), "list(range(2, {0}))", lazy="range(2, {0})", cost=3, words="prime primes"),
    component("range_ab", "int int", lambda a, b: _range(a, b), "list(range({0}, {1}))", lazy="range({0}, {1})", cost=3,
              words="between range"),
    component("range_incl", "int int", lambda a, b: _range(a, b + 1), "list(range({0}, {1s} + 1))",
              lazy="range({0}, {1s} + 1)", cost=4, words="between inclusive range"),
    component("accumulate", "list[num]", lambda a: list(itertools.accumulate(a)), "list(itertools.accumulate({0i}))",
              lazy="itertools.accumulate({0i})", cost=4, imports="import itertools", words="cumulative running prefix sums accumulate"),
    component("accumulate_max", "list[num]", lambda a: list(itertools.accumulate(a, max)), "list(itertools.accumulate({0}, max))",
              lazy="itertools.accumulate({0}, max)", cost=5, imports="import itertools", words="running maximum"),
    component("runs", "seq", _runs, "[(key, len(list(run))) for key, run in itertools.groupby({0})]", cost=4,
              imports="import itertools", words="rle run runs length encode rle compress consecutive"),
    component("dedupe_runs", "seq", lambda a: [key for key, _ in itertools.groupby(a)],
              "[key for key, _ in itertools.groupby({0})]", cost=5, imports="import itertools",
              words="consecutive adjacent duplicates collapse repeated"),
    component("combinations", "list", _two_of, "list(itertools.combinations({0}, 2))",
              lazy="itertools.combinations({0}, 2)", cost=5, imports="import itertools", words="pairs combinations every two"),
    component("counter", "list[key]", lambda a: dict(Counter(a)), "dict(Counter({0i}))", cost=3,
              imports="from collections import Counter", words="count counts frequency frequencies occurrences histogram tally word words"),
    component("counter_str", "str", lambda a: dict(Counter(a)), "dict(Counter({0}))", cost=4,
              imports="from collections import Counter", words="count counts frequency letter letters character characters"),
    component("most_common", "list[key]", lambda a: Counter(a).most_common(), "Counter({0i}).most_common()", cost=4,
              imports="from collections import Counter", words="most common frequent mode frequency top"),
    component("most_common_n", "list[key] @count", lambda a, n: Counter(a).most_common(n), "Counter({0}).most_common({1})", cost=4,
              imports="from collections import Counter", words="most common frequent mode top"),
    component("most_common_str", "str", lambda a: Counter(a).most_common(), "Counter({0}).most_common()", cost=4,
              imports="from collections import Counter", words="most common frequent letter character"),
    component("mean", "list[num]", statistics.mean, "statistics.mean({0i})", cost=5, imports="import statistics", words="mean average"),
    component("median", "list[num]", statistics.median, "statistics.median({0i})", cost=5, imports="import statistics", words="median"),
    component("any_of", "list[bool]", any, "any({0i})", words="any has contains some exists"),
    component("all_of", "list[bool]", all, "all({0i})", words="all every prime increasing sorted only"),
    component("items", "dict", lambda d: list(d.items()), "list({0a}.items())", lazy="{0a}.items()",
              words="dict invert dictionary mapping items key value query values keys"),
    component("keys", "dict", list, "list({0})", lazy="{0}", cost=3, words="keys names"),
    component("values", "dict", lambda d: list(d.values()), "list({0a}.values())", lazy="{0a}.values()",
              words="values sum total"),
    component("field", "dict @key", lambda d, k: d[k], "{0a}[{1}]", cost=2, words="field collect pluck column"),
    component("get", "dict key", lambda d, k: d[k], "{0a}[{1}]", cost=3, words="lookup get value"),
    component("get_or", "dict key @default", lambda d, k, v: d.get(k, v), "{0a}.get({1}, {2})", cost=4, words="default missing get lookup"),
    component("merge", "dict dict", lambda a, b: {**a, **b}, "{0c} | {1c}", strength=COMPARE, cost=3, words="merge combine update override"),
    component("dict_of", "list[pair]", dict, "dict({0i})", words="dict dictionary mapping query invert parse"),
    component("most_key", "dict", lambda d: max(d, key=d.get), "max({0}, key={0a}.get)", cost=4, words="highest most largest max best key"),
    component("pair_of", "any any", lambda a, b: (a, b), "({0}, {1})", cost=4, words="pair tuple both min max swap quotient and"),
    component("list2", "any any", lambda a, b: [a, b], "[{0}, {1}]", cost=5, words="list both pair"),
    component("dot", "list[num] list[num]", lambda a, b: sum(x * y for x, y in zip(a, b, strict=True)),
              "sum(x * y for x, y in zip({0}, {1}))", cost=6, words="dot product inner"),
)  # fmt: skip
