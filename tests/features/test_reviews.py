"""What is known of a document moves with its lines, and is said once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lsprotocol import types

from suture.analyzers.findings import Finding, Range
from suture.server.client import Client
from suture.server.documents import Document
from suture.server.reviews import Change, Review, change_of, combined, draw, followed, identify, made_of

BASE = Finding("/w/a.py", Range(5, 0, 5, 4), "bandit:B602", "cmdi", "shell", "high", 0.8, "security", (78,))


def at(line: int, end: int | None = None, **fields: object) -> Finding:
    return replace(BASE, range=Range(line, 0, line if end is None else end, 4), **fields)  # type: ignore[arg-type]


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


def lines(text: str, *found: int) -> tuple[Document, tuple[Finding, ...]]:
    return Document("file:///w/a.py", text, 1), tuple(at(line) for line in found)


def after(text: str, found: tuple[int, ...], *changes: types.TextDocumentContentChangePartial) -> list[int]:
    """Lines of the findings that survive the changes."""
    document, findings = lines(text, *found)
    first, *rest = changes
    return [
        each.range.line
        for each in followed(findings, [change_of(first, document), *(change_of(each, None) for each in rest)])
    ]


TEXT = "a = 1\nb = 2\nc = 3\nd = 4\n"


@pytest.mark.parametrize(
    ("change", "survivors"),
    [
        (edit((1, 2), (1, 3), "=="), [0, 2, 3]),  # typing in a line drops what is on it
        (edit((1, 0), (1, 0), "\n"), [0, 2, 3, 4]),  # a new line above moves what follows
        (edit((1, 5), (1, 5), "\n    "), [0, 1, 3, 4]),  # a new line after the end of a line keeps what is on it
        (edit((1, 3), (1, 3), "\n"), [0, 3, 4]),  # a line broken in two has changed
        (edit((1, 0), (2, 0), ""), [0, 1, 2]),  # a whole line deleted takes only its own finding along
        (edit((0, 0), (3, 0), "x\ny\n"), [2]),  # lines replaced by fewer
        (edit((1, 0), (1, 0), "x"), [0, 2, 3]),  # typing at the start of a line
        (edit((1, 0), (1, 0), "x\r\n"), [0, 2, 3, 4]),  # a Windows line end is one line end
        (edit((1, 0), (1, 0), "x\ry"), [0, 3, 4]),  # text after the last line end joins the line
    ],
)
def test_findings_follow_their_lines(change: types.TextDocumentContentChangePartial, survivors: list[int]) -> None:
    assert after(TEXT, (0, 1, 2, 3), change) == survivors


def test_a_finding_over_several_lines_is_dropped_when_any_of_them_is_edited() -> None:
    assert followed((at(1, 3),), [Change(2, 2, 0)]) == ()
    assert followed((at(1, 3),), [Change(4, 4, 1)]) == (at(1, 3),)


def test_a_new_whole_text_drops_everything() -> None:
    document, findings = lines(TEXT, 0, 1)
    assert followed(findings, [change_of(types.TextDocumentContentChangeWholeDocument("x"), document)]) == ()


def test_a_review_that_took_a_while_is_moved_along_with_what_was_typed_meanwhile() -> None:
    review = Review("file:///w/a.py", 0)
    tracker = review.track()
    review.edit([Change(0, -1, 2)])
    review.edit([Change(7, 7, 0)])
    review.leave(tracker)
    review.edit([Change(0, -1, 5)])
    assert [each.range.line for each in followed((at(5), at(6)), tracker)] == [8]


def test_what_both_know_is_said_once_with_the_message_of_the_current_text() -> None:
    fast = at(5, rule="shell-injection", message="now")
    slow = at(5, rule="shell-injection", message="then", also=("bandit:B602",))
    assert combined([fast], [slow], {"shell-injection"}) == [replace(fast, also=("bandit:B602",))]


def test_a_merged_finding_stands_for_the_fast_one_that_it_contains() -> None:
    fast = at(5, rule="shell-injection")
    slow = at(5, rule="bandit:B602", also=("shell-injection",))
    assert combined([fast], [slow], {"shell-injection"}) == [slow]


def test_what_the_fast_rules_no_longer_say_is_over_and_what_only_slow_engines_say_stays() -> None:
    gone, stays = at(5, rule="shell-injection"), at(6, rule="bandit:B101")
    assert combined([], [gone, stays], {"shell-injection"}) == [stays]


def test_identifiers_survive_moved_lines_and_are_unique() -> None:
    before = Document("file:///w/a.py", "eval(x)\neval(x)\n", 1)
    now = Document("file:///w/a.py", "\n\neval(x)\neval(x)\n", 2)
    client = Client()
    names = identify([draw(each, before, client) for each in (at(0), at(1))])
    assert len(set(names)) == 2
    assert identify([draw(each, now, client) for each in (at(2), at(3))]) == names


def test_what_was_made_of_a_finding_is_made_once_as_long_as_it_is_the_same_object() -> None:
    made: list[int] = []

    def make(finding: Finding) -> int:
        made.append(finding.range.line)
        return finding.range.line * 10

    known: dict[int, tuple[Finding, int]] = {}
    first, second = at(1), at(2)
    assert made_of([first, second, first], known, make) == [10, 20, 10]
    assert made_of([second, at(1), at(3)], known, make) == [20, 10, 30]
    assert made == [1, 2, 1, 3]
    assert len(known) == 3


def test_a_diagnostic_that_was_sent_is_written_once_and_a_changed_one_again() -> None:
    review, client = Review("file:///w/a.py", 0), Client(data=True)
    first, second = {"code": "a", "message": "é"}, {"code": "b", "message": "x"}
    written: list[object] = []

    def to_json(value: object) -> bytes:
        written.append(value)
        return json.dumps(value).encode()

    shown = review.named([("1", first), ("2", second)], client)
    assert json.loads(review.write(shown, to_json)) == [{**first, "data": {"id": "1"}}, {**second, "data": {"id": "2"}}]
    assert len(written) == 2
    changed = {**second, "message": "y"}
    again = review.named([("0", changed), ("1", first)], client)
    assert json.loads(review.write(again, to_json)) == [
        {**changed, "data": {"id": "0"}},
        {**first, "data": {"id": "1"}},
    ]
    assert written[2:] == [{**changed, "data": {"id": "0"}}]
    renamed = review.named([("1.2", first)], client)
    assert json.loads(review.write(renamed, to_json)) == [{**first, "data": {"id": "1.2"}}]
    assert review.write([], to_json) == b"[]"
