"""Random numbers that can be foreseen, where nobody must guess.

What it does: reports functions of ``random`` (and ``uuid1``) whose result is a token, password, key, session or code
by the name of what it is assigned to, passed to, or of the function that returns it. ``secrets``, ``SystemRandom``
and ``uuid4`` are fine; so are dice, shuffles, samples, delays, and a generator that is given a seed by name, for the
same is to come out again.

Why is this bad: the state of the generator can be computed from what it gave before.

Example::

    reset_token = "%032x" % random.getrandbits(128)

Use instead::

    reset_token = secrets.token_hex(16)

References: https://cwe.mitre.org/data/definitions/330.html, https://docs.python.org/3/library/secrets.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..rules import Rule
from ..syntax import Unit
from .written import GUESSED, arguments_of, around, function_name, report

_WEAK = frozenset(
    {
        "random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "uniform", "randbytes",
        "shuffle",
    }
)  # fmt: skip
_HARMLESS = re.compile(
    r"test|jitter|delay|backoff|sleep|colou?r|shuffle|sample_|dice|banner|color|demo|fake|mock|seed|tokenizer|tokeni[sz]e|token_?(?:ids?|count|index|len)|max_|min_|mask|dropout|augment",
    re.IGNORECASE,
)


def check(unit: Unit) -> Iterator[Finding]:
    for call in unit.index.get("call", ()):
        name = unit.call_name(call)
        module, _, function = name.rpartition(".")
        numpy = module in ("numpy.random", "np.random")
        if not ((module == "random" and function in _WEAK) or numpy or name in ("uuid.uuid1", "random.Random")):
            continue
        if name == "random.Random" and _is_repeated(unit, call):
            continue
        near, function_around = around(unit, call).partition(" ")[2], function_name(call, unit)
        given = GUESSED.search(near) and not _HARMLESS.search(near)
        named = GUESSED.search(function_around) and not _HARMLESS.search(f"{near} {function_around}")
        if given or named:
            yield report(
                unit,
                RULE,
                call,
                f"{name} can be foreseen, and this is something that nobody must guess",
                0.8,
                "use the secrets module",
            )


def _is_repeated(unit: Unit, call: Node) -> bool:
    """Is the generator given a seed by name, so that who has it can have the same again?"""
    listed = arguments_of(call)
    return len(listed) == 1 and listed[0].type == "identifier" and "seed" in unit.text(listed[0]).lower()


RULE = Rule(
    name="weak-random",
    reviewer="security",
    kind="weakrand",
    summary="Something that nobody must guess is made with a generator that can be foreseen",
    severity="medium",
    check=check,
    cwe=(330, 338),
    words=(b"random", b"uuid1"),
)
