"""What the worker is asked to do: the payload of a call into the sandbox, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .call_sites import CallSite, from_json


@dataclass(frozen=True, slots=True)
class Task:
    """``mode`` is ``search`` or ``replay``; a replay runs ``args`` and ``kwargs`` in ``copies`` processes at once.

    ``first`` are inputs to try before all others, ``seeds`` inputs that reached new branches in an earlier call.
    ``until`` is the moment of the monotonic clock at which the budget ends, however late the worker began (0: unknown).
    ``position`` is where the boundary stage goes on (-1: it is over)."""

    path: str
    module: str
    search: tuple[str, ...]
    root: str
    name: str
    source: str
    base: str | None
    seed: int
    budget_s: float
    known: tuple[str, ...]
    expected: frozenset[str]
    first: tuple[tuple[str, str], ...]
    seeds: tuple[tuple[str, str], ...]
    mode: str
    args: str
    kwargs: str
    copies: int
    position: int
    symbolic: bool
    until: float
    most: int
    calls: tuple[CallSite, ...] = ()  # how the workspace calls the target

    @staticmethod
    def of(payload: Mapping[str, Any]) -> Task:
        return Task(
            path=payload["path"],
            module=payload["module"],
            search=tuple(payload["search"]),
            root=payload["root"],
            name=payload["name"],
            source=payload["source"],
            base=payload.get("base"),
            seed=int(payload.get("seed", 0)),
            budget_s=float(payload["budget_s"]),
            known=tuple(payload.get("known", ())),
            expected=frozenset(payload.get("expected", ())),
            first=_inputs(payload.get("first", ())),
            seeds=_inputs(payload.get("seeds", ())),
            mode=payload.get("mode", "search"),
            args=payload.get("args", ""),
            kwargs=payload.get("kwargs", "{}"),
            copies=int(payload.get("copies", 1)),
            position=int(payload.get("position", 0)),
            symbolic=bool(payload.get("symbolic", True)),
            until=float(payload.get("until", 0.0)),
            most=int(payload.get("most", 0)),
            calls=from_json(payload.get("calls", ())),
        )


def _inputs(rows: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(args), str(kwargs)) for args, kwargs in rows)
