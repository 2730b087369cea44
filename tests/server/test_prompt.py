"""Requests that are answered on arrival: the same answers as in their turn, and none that is stale."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from suture.server import quick
from suture.server.features import diagnostics
from suture.server.plain_params import READERS, UNUSUAL

from .conftest import Harness

Make = Callable[..., Any]
Run = Callable[[Any], Any]

Object = dict[str, Any]

URI = "file:///w/a.py"
CHANGE, PULL, ACTIONS = "textDocument/didChange", "textDocument/diagnostic", "textDocument/codeAction"

#: None of them binds a name or belongs to another line: what is wrong with one is wrong wherever it stands.
LINES = ["aaa", "bbb.c", "ddd(1)", "print(eee)", "pass", "", "# note", "print(1 + fff.g)"]


class Pair:
    """Two servers for many examples: one is asked in a hurry, the other one opens each text afresh."""

    def __init__(self, capabilities: Object) -> None:
        self.loop = asyncio.new_event_loop()
        self.examples = 0
        self.asked, self.fresh = self.run(self._start(capabilities)), self.run(self._start(capabilities))

    async def _start(self, capabilities: Object) -> Harness:
        h = Harness(["sync", "diagnostics", "code_action", "hover"])
        await h.initialize(capabilities=capabilities)
        return h

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def typist(self, lines: list[str]) -> Typist:
        self.examples += 1
        return Typist(self.asked, f"file:///w/a{self.examples}.py", lines)

    async def alone(self, typist: Typist, line: int) -> list[Object]:
        """The actions at a line, of a server that opens the text as it is now."""
        item = {"uri": typist.uri, "languageId": "python", "version": typist.version, "text": typist.text}
        self.fresh.notify("textDocument/didOpen", {"textDocument": item})
        self.fresh.sent.clear()
        self.fresh.request(1, ACTIONS, typist.about(line))
        self.fresh.notify("textDocument/didClose", {"textDocument": {"uri": typist.uri}})
        return self.fresh.answers(1)[0]["result"]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Pair]]:
    """By what the client does: ``pulls`` or ``is told``. Rules, reviews and quick fixes wait for pauses; none comes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUTURE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        for name in ("SETTLE_S", "IDLE_S", "SOON_S", "LONG_PAUSE_S"):
            patch.setattr(diagnostics, name, 1000.0)
        for name in ("PAUSE_S", "OPENED_S"):
            patch.setattr(quick, name, 1000.0)
        made = {"pulls": Pair({"textDocument": {"diagnostic": {}}}), "is told": Pair({})}
        yield made
        for each in made.values():
            each.loop.close()


def span(line: int, character: int, end_line: int, end: int) -> Object:
    return {"start": {"line": line, "character": character}, "end": {"line": end_line, "character": end}}


class Typist:
    """Sends edits of whole lines, and knows the text."""

    def __init__(self, h: Harness, uri: str, lines: list[str]) -> None:
        self.h, self.uri, self.lines, self.version = h, uri, [*lines], 1
        h.sent.clear()
        h.open(uri, self.text)

    @property
    def text(self) -> str:
        return "".join(f"{each}\n" for each in self.lines)

    def change(self, **change: Any) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.h.notify(CHANGE, {"textDocument": document, "contentChanges": [change]})

    def edit(self, first: int, last: int, new: list[str]) -> None:
        first, last = sorted((min(first, len(self.lines)), min(last, len(self.lines))))
        self.lines[first:last] = new
        self.change(range=span(first, 0, last, 0), text="".join(f"{each}\n" for each in new))

    def replace(self, lines: list[str]) -> None:
        self.lines = [*lines]
        self.change(text=self.text)

    def play(self, step: tuple[Any, ...]) -> None:
        if step[0] == "edit":
            self.edit(step[1], step[2], step[3])
        elif step[0] == "replace":
            self.replace(step[1])

    def pull(self, ident: int | str) -> None:
        self.h.request(ident, PULL, {"textDocument": {"uri": self.uri}})

    def about(self, line: int, trigger: int = 2) -> Object:
        where = {"textDocument": {"uri": self.uri}, "range": span(line, 0, line, 9)}
        return {**where, "context": {"diagnostics": [], "triggerKind": trigger}}

    def actions(self, ident: int | str, line: int, trigger: int = 2) -> list[Object]:
        """What is answered on arrival: to the client itself (2), or to a person (1)."""
        self.h.request(ident, ACTIONS, self.about(line, trigger))
        (answer,) = self.h.answers(ident)
        return answer["result"]


edits = st.tuples(
    st.just("edit"), st.integers(0, 8), st.integers(0, 8), st.lists(st.sampled_from(LINES), max_size=3)
) | st.tuples(st.just("replace"), st.lists(st.sampled_from(LINES), max_size=8))
steps = st.lists(edits | st.tuples(st.just("ask"), st.integers(0, 9)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), max_size=8), steps=steps, client=st.sampled_from(["pulls", "is told"]))
def test_what_is_asked_between_edits_is_answered_as_if_nothing_had_followed(
    pairs: dict[str, Pair], lines: list[str], steps: list[tuple[Any, ...]], client: str
) -> None:
    async def main(pair: Pair) -> None:
        typist = pair.typist(lines)
        for number, step in enumerate(steps):  # all in one go: the loop does not turn in between
            typist.play(step)
            if step[0] == "ask":
                assert typist.actions(number, step[1]) == await pair.alone(typist, step[1])

    pairs[client].run(main(pairs[client]))


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=8), steps=steps)
@example(lines=["aaa", "aaa"], steps=[("edit", 0, 1, []), ("ask", 0)])
@example(lines=["aaa"], steps=[("edit", 0, 0, ["aaa"]), ("ask", 1)])
@example(lines=["aaa", "bbb.c"], steps=[("edit", 0, 0, ["pass"]), ("ask", 2), ("edit", 1, 2, []), ("ask", 1)])
def test_who_waits_for_diagnostics_gets_what_stands_on_untouched_lines_and_then_all(
    pairs: dict[str, Pair], lines: list[str], steps: list[tuple[Any, ...]]
) -> None:
    async def main(pair: Pair) -> None:
        typist = pair.typist(lines)
        typist.pull("first")
        await typist.h.answer("first")
        for number, step in enumerate(steps):
            typist.play(step)
            if step[0] != "ask":
                continue
            typist.pull(f"pull {number}")
            hasty = typist.actions(number, step[1])
            await typist.h.answer(f"pull {number}")
            full = typist.actions(f"again {number}", step[1])
            assert full == await pair.alone(typist, step[1])
            assert [each for each in full if each in hasty] == hasty

    pairs["pulls"].run(main(pairs["pulls"]))


def test_an_action_moves_with_the_edit_and_is_left_out_on_an_edited_line(pairs: dict[str, Pair]) -> None:
    async def main(pair: Pair) -> None:
        typist = pair.typist(["aaa", "bbb", "ccc"])
        typist.pull(1)
        pulled = (await typist.h.answer(1))["result"]["items"]
        assert [each["range"]["start"]["line"] for each in pulled] == [0, 1, 2]
        typist.edit(1, 2, ["pass", "bbbb"])
        typist.pull(2)
        answers = {line: typist.actions(f"line {line}", line) for line in (0, 2, 3)}
        assert not typist.h.answers(2), "the diagnostics come behind the actions"
        assert answers[2] == []
        assert typist.actions("by hand", 2, 1) == await pair.alone(typist, 2) != []
        assert not typist.h.answers(2), "who asks by hand does not wait for them either"
        for line, name in ((0, "aaa"), (3, "ccc")):
            assert answers[line] == await pair.alone(typist, line)
            heal = next(each for each in answers[line] if each["title"].startswith("Heal"))
            assert heal["diagnostics"][0]["range"] == span(line, 0, line, 3)
            assert name in heal["title"]
        await typist.h.answer(2)
        assert typist.actions("then", 2) == await pair.alone(typist, 2) != []

    pairs["pulls"].run(main(pairs["pulls"]))


@pytest.mark.parametrize("why", ["not asked", "cancelled", "replaced", "of another text"])
def test_who_does_not_wait_for_diagnostics_of_this_text_gets_all_actions(pairs: dict[str, Pair], why: str) -> None:
    async def main(pair: Pair) -> None:
        typist = pair.typist(["aaa"])
        typist.pull(1)
        await typist.h.answer(1)
        if why == "replaced":
            typist.replace(["bbb"])
        else:
            typist.edit(0, 1, ["bbb"])
        if why != "not asked":
            typist.pull(2)
        if why == "cancelled":
            typist.h.notify("$/cancelRequest", {"id": 2})
            await asyncio.sleep(0.01)
        if why == "of another text":
            typist.edit(0, 1, ["ccc"])
        assert typist.actions(3, 0) == await pair.alone(typist, 0) != []

    pairs["pulls"].run(main(pairs["pulls"]))


def test_a_function_of_arrival_may_leave_the_rest_to_a_coroutine_that_can_be_cancelled(harness: Make, run: Run) -> None:
    async def main() -> None:
        h = harness()
        order: list[str] = []

        async def rest(name: str) -> str:
            order.append(f"{name} rest")
            await asyncio.sleep(0 if name == "short" else 60)
            return name

        @h.server.prompt(types.TEXT_DOCUMENT_HOVER)
        def hover(params: types.HoverParams) -> Any:  # pyright: ignore[reportUnusedFunction]
            order.append(params.text_document.uri)
            if params.text_document.uri == "wrong":
                raise ValueError
            return {"contents": "now"} if params.text_document.uri == "now" else rest(params.text_document.uri)

        await h.initialize()
        at = {"line": 0, "character": 0}
        for name in ("long", "short", "now", "wrong"):
            h.request(name, "textDocument/hover", {"textDocument": {"uri": name}, "position": at})
        assert order == ["long", "short", "now", "wrong"]
        assert h.answers("now")[0]["result"] == {"contents": "now"}
        assert h.answers("wrong")[0]["error"]["code"] == -32603
        assert (await h.answer("short"))["result"] == "short"
        h.notify("$/cancelRequest", {"id": "long"})
        assert [each["error"]["code"] for each in h.answers("long")] == [-32800]

    run(main())


def test_a_coroutine_function_cannot_answer_on_arrival(harness: Make) -> None:
    async def hover(_: types.HoverParams) -> None:
        return None

    with pytest.raises(TypeError, match="plain function"):
        harness().server.prompt(types.TEXT_DOCUMENT_HOVER)(hover)


AT = span(1, 2, 1, 4)
ODD: list[Any] = [None, -1, 7, 2**40, 1.5, True, "t", [], {}, [[]]]
USUAL: dict[str, list[Object]] = {
    CHANGE: [
        {"textDocument": {"uri": URI, "version": 3}, "contentChanges": [{"range": AT, "text": "é"}]},
        {"textDocument": {"uri": URI, "version": 3}, "contentChanges": [{"text": "x"}, {"range": AT, "text": ""}]},
        {"textDocument": {"uri": URI, "version": 3}, "contentChanges": [{"range": AT, "rangeLength": 2, "text": ""}]},
    ],
    PULL: [{"textDocument": {"uri": URI}}, {"textDocument": {"uri": URI}, "previousResultId": "1", "identifier": "a"}],
    "textDocument/hover": [{"textDocument": {"uri": URI}, "position": AT["start"], "workDoneToken": 1}],
    ACTIONS: [
        {"textDocument": {"uri": URI}, "range": AT, "context": {"diagnostics": [], "triggerKind": 1}},
        {"textDocument": {"uri": URI}, "range": AT, "context": {"diagnostics": [], "only": ["quickfix"]}},
    ],
}


def paths(value: Any) -> list[tuple[Any, ...]]:
    """Ways to every value within a value."""
    if not isinstance(value, (dict, list)):
        return []
    pairs: list[tuple[Any, Any]] = list(value.items() if isinstance(value, dict) else enumerate(value))  # pyright: ignore
    return [(key, *rest) for key, each in pairs for rest in ((), *paths(each))]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), method=st.sampled_from(sorted(USUAL)))
def test_parameters_that_are_read_by_hand_are_those_that_the_converter_reads(data: st.DataObject, method: str) -> None:
    params = copy.deepcopy(data.draw(st.sampled_from(USUAL[method])))
    for _ in range(data.draw(st.integers(0, 2))):
        ways = paths(params)
        if ways:
            *way, last = data.draw(st.sampled_from(ways))
            inner: Any = params
            for key in way:
                inner = inner[key]
            if data.draw(st.booleans()):
                del inner[last]
            else:
                inner[last] = copy.deepcopy(data.draw(st.sampled_from(ODD)))  # it may be changed next
    message = json.loads(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    try:
        read = READERS[method](message["params"])
    except UNUSUAL:
        return
    if read is not None:
        kind = types.METHOD_TO_TYPES[method][0]
        assert read == CONVERTER.structure(message, kind).params


def test_usual_parameters_are_read_by_hand() -> None:
    assert READERS[CHANGE](USUAL[CHANGE][2]) is not None, "as VS Code and Neovim send it"
    assert all(READERS[method](each[0]) is not None for method, each in USUAL.items() if method != "textDocument/hover")
    assert READERS["textDocument/hover"]({"textDocument": {"uri": URI}, "position": AT["start"]}) is not None


def _converter() -> Any:
    from pygls.protocol import default_converter

    return default_converter()


CONVERTER = _converter()
