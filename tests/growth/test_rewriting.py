"""A rewritten function does what it did, and counts what it costs. These run Suture's own code only, in process."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from suture.analyzers.growth.meter import Meter
from suture.analyzers.growth.rewrite import COSTS, METER, RUNS, rewrite


def metered(source: str) -> tuple[dict[str, Any], Meter, dict[int, str]]:
    """The names that a source defines, rewritten, its meter, and the line of each site."""
    rewritten = rewrite(textwrap.dedent(source), "module.py")
    meter = Meter(len(rewritten.sites))
    space: dict[str, Any] = {"__name__": "module", METER: meter, RUNS: meter.runs, COSTS: meter.costs}
    meter.space = space
    exec(compile(rewritten.tree, "module.py", "exec"), space)
    return space, meter, {number: f"{site.form}:{site.line}" for number, site in enumerate(rewritten.sites)}


def cost_of(source: str, *args: Any) -> dict[str, int]:
    """What calling ``f`` cost, by form and line of the site."""
    space, meter, places = metered(source)
    space["f"](*args)
    found: dict[str, int] = {}
    for number, cost in enumerate(meter.costs):
        if cost:
            found[places[number]] = found.get(places[number], 0) + cost
    return found


SAME = """
import re
from collections import deque

class Base:
    def name(self): return "base"

class Child(Base):
    __slots__ = ("_Child__secret", "text")
    def __init__(self):
        self.__secret = 3
        self.text = ""
    def name(self):
        self.text += "x"
        return super().name() + self.text + str(self.__secret)

def generator(n):
    for each in range(n):
        got = yield each
        if got: yield got

def f(items, table):
    out = []
    first, *rest = items
    for place, each in enumerate(items):
        if each in table and each not in rest[1:] or each in (1, 2):
            continue
        out.insert(0, each)
    else:
        out.append("else")
    while out and len(out) > 3:
        out.pop(0)
        if not out: break
    del items[0], items[-1:]
    items[0:1] = [9, 9]
    text = ""
    for each in out: text = text + str(each)
    pairs = [(a, b) for a in items if a for b in rest if b != a]
    merged = {**table, "k": [*out, *rest]}
    sorting = sorted(items, key=lambda each: -each if each in rest else each)
    local = sum(value for value in locals()["items"])
    match first:
        case int(): kind = "int"
        case _: kind = "other"
    joined = f"{text!r:>8} {len(pairs):{3}d}" + "%s-%s" % (kind, Child().name())
    queue = deque(rest); queue.rotate(1)
    total = 0
    for each in map(str, generator(4)): total += int(each)
    found = re.sub(r"\\d", lambda match: match[0] * 2, joined)
    whole = {each for each in rest} | {1} & {1, 2} - {5}
    return [out, items, text, pairs, merged, sorting, local, joined, list(queue), total, found, whole, any(rest)]
"""


def test_a_rewritten_function_gives_what_it_gave() -> None:
    plain: dict[str, Any] = {"__name__": "module"}
    exec(SAME, plain)
    space, _, _ = metered(SAME)
    for items in ([5, 1, 2, 7, 7, 3, 0, 11], [3, 4, 5]):
        table = {1: "a", 7: "b"}
        assert space["f"](list(items), dict(table)) == plain["f"](list(items), dict(table))


def test_an_exception_passes_as_it_was() -> None:
    space, _, _ = metered("def f(x):\n    return x.pop(5)")
    with pytest.raises(IndexError, match="pop index out of range"):
        space["f"]([1])


def test_looking_for_an_absent_element_of_a_list_costs_its_length_and_of_a_set_nothing() -> None:
    source = "def f(xs):\n    return -1 in xs"
    assert cost_of(source, list(range(50))) == {"membership:2": 50}
    assert cost_of(source, set(range(50))) == {}


def test_a_found_element_costs_its_place() -> None:
    assert cost_of("def f(xs):\n    return xs.index(9) + (9 in xs)", list(range(50))) == {
        "call:2": 10,
        "membership:2": 10,
    }


def test_taking_from_the_front_costs_what_is_moved() -> None:
    assert cost_of("def f(xs):\n    xs.pop(0)", list(range(50))) == {"call:2": 49}
    assert cost_of("def f(xs):\n    xs.pop()", list(range(50))) == {}
    assert cost_of("def f(xs):\n    xs.insert(0, 1)", list(range(50))) == {"call:2": 50}


def test_a_local_text_grows_in_place_and_an_attribute_is_copied() -> None:
    local = "def f(n):\n    text = 'a' * n\n    for _ in range(10):\n        text += 'b'\n    return text"
    attribute = """
        class Box: pass
        def f(n):
            box = Box()
            box.text = "a" * n
            for _ in range(10):
                box.text += "b"
    """
    assert cost_of(local, 100)["operator:4"] == 10
    assert cost_of(attribute, 100)["operator:7"] == sum(range(101, 111))


def test_a_local_text_that_somebody_else_holds_is_copied() -> None:
    source = """
        def f(n):
            text, held = "a" * n, []
            for _ in range(10):
                held.append(text)
                text += "b"
    """
    assert cost_of(source, 100)["operator:6"] == sum(range(101, 111))


def test_a_prepended_text_is_copied() -> None:
    source = "def f(n):\n    text = 'a' * n\n    for _ in range(10):\n        text = 'b' + text"
    assert cost_of(source, 100)["operator:4"] == sum(range(101, 111))


def test_adding_up_lists_costs_every_sum_on_the_way() -> None:
    assert cost_of("def f(xs):\n    return sum(xs, [])", [[1], [2], [3]]) == {"call:2": 1 + 2 + 3}


def test_any_ends_where_it_knows() -> None:
    assert cost_of("def f(xs):\n    return any(xs)", [0, 1, 0, 0]) == {"call:2": 2}
    assert cost_of("def f(xs):\n    return all(xs)", [1, 0, 0, 0]) == {"call:2": 2}


def test_functions_of_other_modules_cost_the_lines_that_they_execute() -> None:
    source = "import copy\ndef f(xs):\n    return copy.deepcopy(xs)"
    small, large = cost_of(source, list(range(10)))["call:3"], cost_of(source, list(range(100)))["call:3"]
    assert 8 < large / small < 12


def test_iterations_are_counted_and_recursion_goes_as_deep_as_before() -> None:
    source = """
        def f(n):
            return 0 if n == 0 else 1 + f(n - 1)
    """
    space, meter, _ = metered(source)
    assert space["f"](700) == 700
    assert sum(meter.runs) >= 1400


def test_private_names_of_classes_are_still_found() -> None:
    source = """
        class A:
            def __hidden(self, xs): return [each in xs for each in xs]
            def run(self, xs): return self.__hidden(xs)
        def f(xs): return A().run(xs)
    """
    assert cost_of(source, [1, 2])["membership:3"] == 3
