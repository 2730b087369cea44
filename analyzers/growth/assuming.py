"""What to give a parameter of which too little is known: the domain under which the function does most.

Inference of unannotated code may end in nothing, or in an object with a few attributes where a list was meant. Then the
usual containers are tried for the parameters that nobody annotated or documented, and what works is kept; of several,
the one that makes the function do most, since what ends at once shows no growth.

Invariant: annotated and documented parameters keep their shape; deterministic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice, product

from ..fuzzing.annotations import callables
from ..fuzzing.domain import Domain
from ..fuzzing.shapes import (
    INT,
    NAMESPACE,
    NONE,
    STR,
    Alt,
    Anything,
    Map,
    Obj,
    Parameter,
    Record,
    Seq,
    Shape,
    Tup,
    walk,
)

#: Combinations that are tried.
MOST = 160

_NUMBERS = Seq("list", INT)
_USUAL: tuple[Shape, ...] = (
    _NUMBERS,
    Seq("list", STR),
    STR,
    Map(INT, _NUMBERS),
    Map(STR, INT),
    INT,
    Seq("list", _NUMBERS),
    Seq("list", Tup((INT, INT))),
    Seq("list", Map(STR, INT)),
    Seq("set", INT),
)


def doubtful(domain: Domain) -> bool:
    """Whether some parameter's shape is hardly more than a guess."""
    return any(_open(each) and _vague(each.shape) for each in domain.parameters)


def _open(parameter: Parameter) -> bool:
    """Whether nobody said what it is; what may be left out is left out."""
    if parameter.kind == "var_positional":
        return parameter.certainty != "annotated"
    return parameter.certainty in ("inferred", "guessed") and not parameter.omit


def _vague(shape: Shape) -> bool:
    return any(
        isinstance(each, Anything) or (isinstance(each, Obj) and each.callee == NAMESPACE) for each in walk(shape)
    )


def assumed(domain: Domain, work: Callable[[Domain], int], until: float) -> Domain | None:
    """The domain under which ``work`` (the operations of a small call, -1 if it fails) is largest; None if all fail.
    ``until`` is the moment of the monotonic clock at which looking ends."""
    best: tuple[int, Domain] | None = None
    for each in islice(_domains(domain), MOST):
        if time.monotonic() > until:
            break
        done = work(each)
        if done >= 0 and (best is None or done > best[0]):
            best = (done, each)
    return best[1] if best is not None else None


def _domains(domain: Domain) -> Iterator[Domain]:
    """Combinations, in the order in which they differ from what was inferred in one parameter, then in more."""
    options = [list(_options(each)) for each in domain.parameters]
    rows = sorted(product(*[range(len(each)) for each in options][:4]), key=lambda row: (sum(map(bool, row)), sum(row)))
    for row in rows[: 4 * MOST]:
        chosen = [options[place][index] for place, index in enumerate(row)]
        chosen += [each.shape for each in domain.parameters[len(row) :]]
        parameters = [replace(each, shape=shape) for each, shape in zip(domain.parameters, chosen, strict=True)]
        yield replace(domain, parameters=tuple(parameters))


def _options(parameter: Parameter) -> Iterator[Shape]:
    shape = parameter.shape
    yield shape
    if not _open(parameter):
        return
    record = next((each for each in walk(shape) if isinstance(each, Record)), None)
    if isinstance(shape, Record) or (isinstance(shape, Alt) and record is not None):
        assert record is not None
        for inner in (_NUMBERS, Seq("list", STR), STR, INT):
            yield Record(tuple((name, inner) for name, _ in record.fields), record.optional)
    if parameter.kind != "var_positional":
        yield callables()
    yield from (each for each in _USUAL if each not in (shape, NONE))
