"""How often a provider may be asked: learned from what it says, shared by all processes of this user.

There is no limit until a server says 429. Then nothing is sent before its ``Retry-After`` (or a second, doubled each
time), and requests keep a distance that is doubled by each 429 and shrinks by a fifth with each success: additive
increase would take hours at the rates that free plans have. At most :data:`FLIGHTS` requests are under way at a time,
of which background ones may be :data:`BACKGROUND`; and while an urgent one waits, no background one is let go.

Invariant: pure functions of a state and a moment; who dies under way is forgotten after :data:`LEASE_S`.
"""

from __future__ import annotations

from typing import Any

#: Requests under way to one provider: servers on this machine answer one after the other anyway.
FLIGHTS = 4
BACKGROUND = 2

#: Seconds after which a request counts as gone, whatever became of it; those that wait say so every now and then.
LEASE_S = 200.0
WAITING_S = 0.5

#: Seconds between two requests: what a first 429 without more teaches, the most, and what counts as none.
FIRST_S, MOST_S, LEAST_S = 0.25, 60.0, 0.02

#: The longest ``Retry-After`` that is believed.
LONGEST_S = 3_600.0

#: How far back requests are counted, to learn the rate at which the server said no.
WINDOW_S = 60.0

State = dict[str, Any]


def enter(state: State, ident: str, now: float, *, urgent: bool) -> float:
    """Seconds until request ``ident`` may be sent; 0: it is under way now (then call :func:`leave`)."""
    flights: dict[str, list[Any]] = state.setdefault("flights", {})
    for gone in [each for each, (until, _) in flights.items() if until < now]:
        del flights[gone]
    wait = max(float(state.get("not_before", 0.0)) - now, 0.0)
    if wait > LONGEST_S:  # the clock was set back
        wait = 0.0
    if urgent:
        state["urgent_at"] = now
    elif state.get("urgent_at") is not None and abs(now - float(state["urgent_at"])) < WAITING_S:
        wait = max(wait, WAITING_S / 4)
    background = sum(not each for _, each in flights.values())
    if len(flights) >= FLIGHTS or (not urgent and background >= BACKGROUND):
        wait = max(wait, 0.05)
    if wait > 0:
        return wait
    flights[ident] = [now + LEASE_S, urgent]
    if urgent:
        state["urgent_at"] = None
    state["not_before"] = now + float(state.get("interval", 0.0))
    state["sent"] = [*(each for each in state.get("sent", [])[-200:] if each > now - WINDOW_S), now]
    return 0.0


def leave(state: State, ident: str) -> None:
    state.get("flights", {}).pop(ident, None)


def succeeded(state: State) -> None:
    interval = float(state.get("interval", 0.0)) * 0.8
    state["interval"] = interval if interval > LEAST_S else 0.0
    state["refusals"] = 0


def limited(state: State, now: float, retry_after: float | None) -> float:
    """A 429: learn from it. Seconds until the next request."""
    refusals = int(state.get("refusals", 0))
    pause = min(retry_after if retry_after is not None else min(2.0**refusals, MOST_S), LONGEST_S)
    recent = [each for each in state.get("sent", []) if each > now - WINDOW_S]
    observed = WINDOW_S / len(recent) if len(recent) > 2 and now - recent[0] > WINDOW_S / 2 else FIRST_S
    interval = min(max(2 * float(state.get("interval", 0.0)), observed), MOST_S)
    state.update(refusals=refusals + 1, interval=interval)
    state["not_before"] = max(float(state.get("not_before", 0.0)), now + pause)
    return pause


def rate(state: State) -> float | None:
    """Requests a minute that are let through; None: as many as come."""
    interval = float(state.get("interval", 0.0))
    return 60.0 / interval if interval else None
