"""Which line is guilty, from counts made up for it."""

from __future__ import annotations

from typing import Any

from suture.analyzers.growth.blame import Spot, blame

SIZES = [16, 32, 64, 128, 256]


def judged(*sites: tuple[Spot, Any, Any], output: Any = abs) -> dict[int, tuple[bool, str]]:
    """Lines → (guilty, kind), for sites with functions of n for how often they ran and what it cost."""
    recipe: dict[str, Any] = {
        "title": "sorted",
        "numbers": False,
        "alone": False,
        "sizes": SIZES,
        "outputs": [output(n) for n in SIZES],
        "runs": [[runs(n) for n in SIZES] for _, runs, _ in sites],
        "costs": [[costs(n) for n in SIZES] for _, _, costs in sites],
        "lengths": [[-1 for _ in SIZES] for _ in sites],
    }
    found = blame([spot for spot, _, _ in sites], recipe)
    return {line.line: (line.guilty, line.kind) for line in found.lines}


def spot(place: int, line: int, form: str, operation: str = "", loops: tuple[int, ...] = (), **more: Any) -> Spot:
    given: dict[str, Any] = {"text": "", "consumes": False, "invariant": False, **more}
    return Spot(place, line, form, "f", loops=loops, operation=operation, **given)


def once(_n: int) -> int:
    return 1


def each(n: int) -> int:
    return n


def square(n: int) -> int:
    return n * n


def test_an_operation_whose_cost_grows_is_guilty_and_the_loop_around_it_is_not() -> None:
    found = judged((spot(0, 2, "loop"), once, each), (spot(1, 3, "membership", "membership", (0,)), each, square))
    assert found == {2: (False, "nested_loop"), 3: (True, "membership")}


def test_what_is_only_reached_too_often_is_not_guilty_but_the_loop_that_reaches_it_is() -> None:
    found = judged(
        (spot(0, 2, "loop"), once, each),
        (spot(1, 3, "loop", loops=(0,)), each, square),
        (spot(2, 4, "call", "list_shift", loops=(0, 1)), square, square),
    )
    assert found[3] == (True, "nested_loop")
    assert not found[2][0]
    assert not found[4][0]


def test_building_a_result_that_is_as_large_is_not_guilty() -> None:
    sites = ((spot(0, 2, "loop"), once, each), (spot(1, 3, "loop", loops=(0,)), each, square))
    assert judged(*sites)[3][0]
    assert not judged(*sites, output=square)[3][0]


def test_searching_is_guilty_however_large_the_result_is() -> None:
    found = judged((spot(0, 3, "membership", "membership"), each, square), output=square)
    assert found[3][0]


def test_a_value_that_does_not_change_is_computed_anew() -> None:
    comprehension = spot(0, 3, "comprehension", loops=(1,), invariant=True)
    assert judged((comprehension, each, square))[3] == (True, "recompute")


def test_a_slice_that_takes_the_place_of_the_whole_consumes_it() -> None:
    assert judged((spot(0, 3, "slice", "slice", consumes=True), each, square))[3] == (True, "slice_consume")
    assert judged((spot(0, 3, "slice", "slice"), each, square))[3] == (True, "copy")


def test_a_list_that_is_spread_into_its_own_successor_is_concatenated() -> None:
    assert judged((spot(0, 3, "display", "copy", consumes=True), each, square))[3] == (True, "list_concat")
    assert judged((spot(0, 3, "display", "copy"), each, square))[3] == (True, "copy")
