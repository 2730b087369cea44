"""A class that does everything.

What it does: reports a class whose own methods are very complex in sum (WMC of 150 or more; of 75 if it has 25 fields
or more), of which few have a field in common (TCC under 1/3; under 1/2 where there are 40 fields or more), and that
reaches into the data of others (more than five of their attributes); and one whose methods are so complex in sum (WMC
of 250 in 400 statements or more; of 200 if it has 8 fields or more) that what they share does not matter. It names the
methods that alone use some of the fields: what could be taken out first. What a pattern explains does not count: dunder
methods, and families of methods with a common first word (``visit_…``, ``parse_…``, ``test_…``). So visitors, parsers,
mappings, records and well-documented data structures are left alone.

Why is this bad: unrelated reasons to change meet in one place, and no part can be used or tested without the rest.

Example::

    class Console:  # renders, exports, reads input, animates, themes: 2000 lines
        ...

Use instead::

    class Console:
        def __init__(self, renderer: Renderer, exporter: Exporter, theme: Theme) -> None: ...

References: Lanza and Marinescu, "Object-Oriented Metrics in Practice" (2006), God Class (WMC ≥ 47, TCC < 1/3,
ATFD > 5) and Brain Class (a cohesive one that is too complex). Their "very high" WMC is of Java classes; for modules
of Python, where one class often is the whole of them, three and five times as much are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..findings import Evidence, Finding
from ..places import is_test_code
from ..rules import Rule
from ..syntax import Unit
from .classes import Part, Profile, most_complex, named_methods, own_of, parts_of, profile_of
from .metrics import counted, heading, sureness

_SOURCE = "Lanza and Marinescu 2006"

WMC, TCC, ATFD = 150, 1 / 3, 5
#: So many fields are many subjects: half of the complexity is enough then.
FIELDS, WMC_OF_MANY = 25, 75
#: So many fields are too many for one subject even if some methods share one: half of the pairs must.
CROWD, TCC_OF_CROWD = 40, 1 / 2
#: From here on cohesion is no excuse: complexity in sum, and the statements that it is spread over. A class with so
#: many fields is no value type, whose methods all work on the same two or three.
HUGE_WMC, HUGE_STATEMENTS = 250, 400
HUGE_WMC_OF_STATE, STATE = 200, 8
#: Complexity of a method on average, below which a class is a catalogue of small facts.
SIMPLE = 1.5

#: What a class must have before it is worth to look closer: rows, and methods of its own.
_ROWS, _METHODS = 400, 8


def check(unit: Unit) -> Iterator[Finding]:
    node = unit.node
    if unit.kind != "class" or node.end_point[0] - node.start_point[0] < _ROWS or is_test_code(unit.path):
        return
    methods = named_methods(node, unit.data)
    own = own_of(methods)
    if len(own) < _METHODS or most_complex(own, unit.data) < WMC_OF_MANY:
        return
    profile = profile_of(methods, own, unit.data)
    complexity = profile.complexity
    # The fields of a class of which families make the most belong to these.
    many = len(profile.fields) >= FIELDS and 2 * len(own) >= len(methods)
    least = WMC_OF_MANY if many else WMC
    if complexity < least or complexity < SIMPLE * len(own):
        return
    evidence = _evidence(profile)
    if not evidence:
        return
    parts = parts_of(methods, unit.data)[:_PARTS]
    yield unit.finding(
        RULE,
        heading(unit),
        f"'{unit.name}' does too much: {len(own)} methods of its own with {complexity} paths, "
        f"{len(profile.fields)} fields",
        confidence=sureness(complexity / least),
        suggestion="; ".join(map(_advice, parts)) or "give each group of methods that share fields a class of its own",
        evidence=evidence,
    )


#: How many parts are named, and how many of the names in one.
_PARTS, _NAMES = 2, 3


def _advice(part: Part) -> str:
    return (
        f"{_listed(part.fields, 'fields')} could be a class of their own: "
        f"only {_listed([f'{each}()' for each in part.methods], 'methods')} use them"
    )


def _listed(names: Sequence[str], what: str) -> str:
    if len(names) <= _NAMES:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[: _NAMES - 1])} and {len(names) - _NAMES + 1} more {what}"


def _evidence(profile: Profile) -> tuple[Evidence, ...]:
    """The metrics that are over their thresholds; empty if the class is in order."""
    complexity, statements = profile.complexity, profile.statements
    crowd = len(profile.fields) >= CROWD and complexity >= WMC
    least = TCC_OF_CROWD if crowd else TCC
    if profile.foreign > ATFD and (cohesion := profile.cohesion) < least:
        return (
            counted("weighted methods (WMC)", complexity, WMC if complexity >= WMC else WMC_OF_MANY, _SOURCE),
            counted("tight class cohesion (TCC)", round(cohesion, 2), round(least, 2), _SOURCE),
            counted("foreign data (ATFD)", profile.foreign, ATFD, _SOURCE),
        )
    huge = HUGE_WMC_OF_STATE if len(profile.fields) >= STATE else HUGE_WMC
    if complexity >= huge and statements >= HUGE_STATEMENTS:
        return (
            counted("weighted methods (WMC)", complexity, huge, _SOURCE),
            counted("statements", statements, HUGE_STATEMENTS),
        )
    return ()


RULE = Rule(
    name="god-class",
    reviewer="architecture",
    kind="god_class",
    summary="A class has too many unrelated duties",
    severity="medium",
    check=check,
)
