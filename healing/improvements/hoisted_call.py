"""What does not change in a loop is computed once, before it.

What it does: a call whose function and arguments do not change in the loop (``sorted(names)``, ``re.compile(pattern)``,
``len(table)``) moves in front of it; ``re.search(pattern, line)`` with such a pattern becomes a compiled pattern's
``search``. A statement that only holds such a call moves as it is.

Before::

    def count(words, lines):
        found = 0
        for line in lines:
            if re.search("|".join(words), line):
                found += 1
        return found

After::

    def count(words, lines):
        found = 0
        pattern = re.compile("|".join(words))
        for line in lines:
            if pattern.search(line):
                found += 1
        return found

Safe because: no name in the call is bound, and nothing it holds is changed, in the loop, as far as the text tells; what
the text does not tell (a function that counts its calls, one that raises where the loop would not have run) is tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ...analyzers.findings import Finding
from ..dataflow import Repeat, bindings, outermost_repeat, outermost_stable
from ..rewriting import Loop, Place, assigned, node_at, place_of
from . import Improvement, Rewrite

#: How many positional arguments a function of ``re`` takes before its flags.
_ARGUMENTS = {"search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4, "subn": 4}
_NAMES = {
    "sorted": "ordered",
    "compile": "pattern",
    "len": "count",
    "sum": "total",
    "max": "largest",
    "min": "smallest",
}


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    place = place_of(text, finding)
    call = node_at(place, finding, cst.Call) if place is not None else None
    if place is None or not isinstance(call, cst.Call):
        return
    repeat = outermost_repeat(place, call, call)
    if repeat is not None:
        loop = outermost_stable(place, call, call)
        moved = _moved(place, call, loop) if loop is not None else []
        yield from moved or _hoisted(place, call, repeat)
        return
    yield from _compiled(place, call)


def _moved(place: Place, call: cst.Call, loop: Loop) -> list[Rewrite]:
    """``name = call`` as a statement of the loop's own body, the only one there that binds the name, in front of it."""
    statement = place.statement(call)
    pair = assigned(statement) if statement is not None else None
    if statement is None or pair is None or pair[1] is not call or not isinstance(pair[0], cst.Name):
        return []
    if place.parent(statement) is not loop.body or len(bindings(place, loop, pair[0].value)) != 1:
        return []
    line = place.code(statement)
    if "\n" in line or len(loop.body.body) < 2:
        return []
    changes = [place.insert_before(loop, line), place.remove_lines(statement)]
    return list(place.rewrite(f"Compute '{pair[0].value}' once, before the loop", call, changes))


def _hoisted(place: Place, call: cst.Call, repeat: Repeat) -> Iterator[Rewrite]:
    function = place.function(call)
    code = place.code(call)
    if function is None or "\n" in code:
        return
    called = call.func.attr.value if isinstance(call.func, cst.Attribute) else place.code(call.func)
    wanted = _NAMES.get(called, f"{called.lstrip('_').lower()}_result" if called.isidentifier() else "value")
    name = place.free_name(wanted, function)
    same = [each for each in place.find(repeat.body, cst.Call) if place.code(each) == code]
    changes = [place.insert_before(repeat.line, f"{name} = {code}"), *(place.replace(each, name) for each in same)]
    yield from place.rewrite(f"Compute {_short(code)} once, before the loop", call, changes)


def _compiled(place: Place, call: cst.Call) -> Iterator[Rewrite]:
    function = place.function(call)
    if (
        function is None
        or not isinstance(call.func, cst.Attribute)
        or place.code(call.func.value) not in ("re", "regex")
    ):
        return
    method = call.func.attr.value
    plain = [each for each in call.args if each.keyword is None and not each.star]
    named = {each.keyword.value: each for each in call.args if each.keyword is not None}
    if method not in _ARGUMENTS or len(plain) < 2 or len(plain) + len(named) != len(call.args):
        return
    flags = [named.pop("flags").value] if "flags" in named else []
    if len(plain) > _ARGUMENTS[method]:
        flags = [each.value for each in plain[_ARGUMENTS[method] :]]
        plain = plain[: _ARGUMENTS[method]]
    pattern = plain[0].value
    loop = outermost_stable(place, call, cst.Tuple([cst.Element(each) for each in flags]) if flags else pattern)
    inner = outermost_stable(place, call, pattern)
    if loop is None or inner is None or len(flags) > 1:
        return
    loop = min((loop, inner), key=lambda each: place.span(each)[1] - place.span(each)[0])
    given = ", ".join(place.code(each) for each in (pattern, *flags))
    rest = ", ".join(place.code(each) for each in (*plain[1:], *named.values())).rstrip(", ")
    module = place.code(call.func.value)
    name = place.free_name("pattern", function)
    if "\n" in given:
        return
    changes = [
        place.insert_before(loop, f"{name} = {module}.compile({given})"),
        place.replace(call, f"{name}.{method}({rest})"),
    ]
    yield from place.rewrite("Compile the pattern once, before the loop", call, changes)


def _short(code: str) -> str:
    return code if len(code) <= 40 else f"{code[:37]}…"


IMPROVEMENT = Improvement(
    name="hoisted-call",
    rules=("recompute", "regex_loop", "sort_in_loop"),
    summary="Compute what does not change once, before the loop",
    rewrite=rewrite,
    speeds_up=True,
)
