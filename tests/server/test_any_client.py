"""Whatever a client sends, in whatever order: the server lives, and every request is answered exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Make = Callable[..., Any]
Run = Callable[[Any], Any]

Strategy = st.SearchStrategy[Any]


def record(**fields: Strategy) -> Strategy:
    return st.fixed_dictionaries(fields)


scalars: Strategy = st.none() | st.booleans() | st.integers(-2, 5) | st.floats(allow_nan=True) | st.text(max_size=4)
anything: Strategy = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
uris = st.sampled_from(["file:///w/a.py", "file:///w/b.py", "untitled:x", "", "file:///w/pyproject.toml", "\ud800"])
places = record(line=st.integers(0, 4), character=st.integers(0, 9))
texts = st.text("ab\n\r\u2028\f😀\ud800", max_size=8)
whole = record(text=texts)
part = record(text=texts, range=record(start=places, end=places))
versions = st.integers(0, 9)
identified = record(uri=uris, version=versions)
opened = record(uri=uris, version=versions, languageId=st.just("python"), text=texts)


def to(*methods: str, params: Strategy) -> Strategy:
    return st.tuples(st.sampled_from(methods), params)


notifications = st.one_of(
    to("textDocument/didOpen", params=record(textDocument=opened)),
    to(
        "textDocument/didChange",
        params=record(textDocument=identified, contentChanges=st.lists(whole | part, max_size=3)),
    ),
    to("textDocument/didClose", params=record(textDocument=identified)),
    to("$/cancelRequest", params=record(id=st.integers(98, 110) | scalars)),
    to("workspace/didChangeConfiguration", params=record(settings=anything | record(suture=anything))),
    to("initialized", "$/setTrace", "no/such", "textDocument/didSave", params=anything),
)
requests = st.one_of(
    to(
        "workspace/executeCommand",
        params=record(command=st.just("test.echo"), arguments=st.lists(anything, max_size=2)),
    ),
    to("textDocument/hover", "no/such", "initialize", "workspace/executeCommand", params=anything),
)
messages = st.lists(
    st.tuples(st.just("notify"), notifications)
    | st.tuples(st.just("request"), requests)
    | st.tuples(st.just("raw"), anything),
    max_size=15,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conversation=messages, leave=st.booleans())
def test_every_request_is_answered_exactly_once(
    harness: Make, run: Run, conversation: list[tuple[str, Any]], leave: bool
) -> None:
    async def main() -> None:
        h = harness()

        @h.server.command("test.echo")
        async def echo(value: Any) -> Any:
            await asyncio.sleep(0)
            return value

        await h.initialize()
        asked: list[int] = []
        for kind, content in conversation:
            if kind == "raw":
                h.receive(content)
                continue
            method, params = content
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            if kind == "request":
                asked.append(100 + len(asked))
                message["id"] = asked[-1]
            h.receive(message)
        if leave:
            h.request(99, "shutdown")
            asked.append(99)
        async with asyncio.timeout(5):
            while len(Counter(each.get("id") for each in h.sent if "method" not in each).keys() & set(asked)) < len(
                asked
            ):
                await asyncio.sleep(0)
        await asyncio.sleep(0.002)
        answered = Counter(each.get("id") for each in h.sent if "method" not in each)
        assert all(answered[ident] == 1 for ident in asked)
        for document in h.server.documents:
            assert document.text.encode() == document.data
        if not leave:
            h.request("after", "workspace/executeCommand", {"command": "test.echo", "arguments": [1]})
            assert (await h.answer("after"))["result"] == 1

    run(main())
