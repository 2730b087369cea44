"""What it does
    Awaits what is asynchronous and was taken as it is: a coroutine, an asynchronous generator in a plain ``for``, an
    asynchronous context manager in a plain ``with``; and takes ``await`` and ``async`` away where nothing of that is.

Example
    ``rows = load(table)`` in a coroutine, with ``async def load``

Use instead
    ``rows = await load(table)``

When it stays silent
    The message speaks neither of coroutines nor of a protocol that has an asynchronous twin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..fault import Fault
from ..origins import Site, arguments_of, callee, field_of, mendable, walk
from ..repair import Context, Draft, Repair

_COROUTINE = re.compile(
    r"coroutine|'(?:_asyncio\.)?(?:Future|Task|_GatheringFuture)'|_GatheringFuture|wasn't used with"
)
_GENERATOR = re.compile(r"'async_generator' object is not (?:iterable|an iterator|subscriptable)")
_CONTEXT = re.compile(r"'(\w+)' object does not support the context manager protocol|__enter__")
_NO_AWAIT = re.compile(r"object '?(?P<type>[\w.]+)'? can't be used in 'await' expression")
_NO_ASYNC = re.compile(
    r"'async for' requires an object with __aiter__|object does not support the asynchronous context manager|__aenter__"
)
#: Coroutines of the standard library that people call.
_KNOWN = frozenset({"sleep", "gather", "wait", "wait_for", "to_thread", "open_connection", "drain", "create_server"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    message, kind = fault.message, fault.exception.rpartition(".")[2]
    places = mendable(context)
    if _COROUTINE.search(message) or kind == "CancelledError":
        names = _coroutines(context)
        for site in places[:4]:
            yield from _awaited(site, names)
    if "asyncio.run() cannot be called from a running event loop" in message:
        for site in places[:3]:
            for node in site.nodes("call"):
                function, given = field_of(node, "function"), arguments_of(node)
                runs = function is not None and site.code(function).endswith("asyncio.run")
                if runs and given and _is_async(site.function):
                    said = site.code(given[0])
                    yield site.put(f"Await `{said[:40]}`", node, f"await {said}", 0.95)
    if _GENERATOR.search(message):
        for site in places[:2]:
            for node in site.nodes("for_statement", "for_in_clause"):
                start = site.span(node)[0]
                yield site.edit("Iterate with `async for`", [(start, start, "async ")], 0.92 - 0.1 * site.away)
    if _CONTEXT.search(message):
        for site in places[:2]:
            for node in site.nodes("with_statement"):
                start = site.span(node)[0]
                if not site.code(node).startswith("async") and _is_async(site.function):
                    yield site.edit("Enter with `async with`", [(start, start, "async ")], 0.93 - 0.1 * site.away)
    if _NO_AWAIT.search(message):
        for site in places[:2]:
            for node in site.nodes("await"):
                if not node.named_children:
                    continue  # the word itself
                inner = node.named_children[0]
                yield from _made_async(site, inner)
                yield site.put("Take `await` away", node, site.code(inner), 0.9 - 0.1 * site.away)
    if _NO_ASYNC.search(message):
        for site in places[:2]:
            for node in site.nodes("for_statement", "for_in_clause", "with_statement"):
                text = site.code(node)
                if text.startswith("async"):
                    start = site.span(node)[0]
                    stop = start + len(text) - len(text[5:].lstrip())
                    yield site.edit("Take `async` away", [(start, stop, "")], 0.93 - 0.1 * site.away)


def _made_async(site: Site, awaited: Node) -> Iterator[Draft]:
    """The function that is awaited: it was to be a coroutine, if nobody calls it without waiting for it."""
    name = callee(awaited) if awaited.type == "call" else ""
    root = site.tree.tree.root_node
    calls = [node for node in walk(root) if node.type == "call" and callee(node) == name]
    waited = all(node.parent is not None and node.parent.type == "await" for node in calls)
    for node in walk(root):
        label = field_of(node, "name") if node.type == "function_definition" else None
        if name and label is not None and site.code(label) == name and not _is_async(node):
            start = site.span(node)[0]
            yield site.edit(f"Make `{name}` asynchronous", [(start, start, "async ")], 0.94 if waited else 0.6)


def _is_async(function: Node) -> bool:
    return function.type == "function_definition" and (function.text or b"").startswith(b"async")


def _coroutines(context: Context) -> set[str]:
    """The names of the coroutine functions of the files that the fault went through."""
    found = set(_KNOWN)
    for name in dict.fromkeys([context.name, *(frame.path for frame in context.fault.frames)]):
        text = context.workspace.text(name) or ""
        found |= set(re.findall(r"^[ \t]*async[ \t]+def[ \t]+(\w+)", text, re.MULTILINE))
    return found


def _awaited(site: Site, names: set[str]) -> Iterator[Draft]:
    """Calls of coroutine functions in the coroutine that the site is in, those on its line first."""
    root = site.function
    coroutine = _is_async(root)
    for node in walk(root, nested=False):
        if node.type != "call" or callee(node) not in names:
            continue
        if node.parent is not None and (node.parent.type == "await" or _handed_on(node)):
            continue
        away = abs(node.start_point[0] - site.line)
        prior = 0.92 - 0.05 * site.away - 0.01 * min(away, 15)
        said = site.code(node)
        if coroutine and (together := _made_together(site, node)) is not None:
            inner = site.code(together)
            inner = inner if inner.startswith("(") else f"({inner})"
            start, end = site.span(together)
            bare = site.text[start] != "(" or together.parent is None or together.parent.type != "call"
            new = f"await asyncio.gather(*{inner})"
            yield site.edit("Await all of them", [(start, end, new if bare else f"({new})")], 0.94 - 0.05 * site.away)
        if coroutine:
            chained = node.parent is not None and node.parent.type in {"attribute", "subscript"}
            new = f"(await {said})" if chained else f"await {said}"
            lazy = node.parent is not None and node.parent.type == "generator_expression"  # which nothing could sum up
            yield site.put(f"Await `{said[:40]}`", node, new, prior - 0.3 * lazy)
        elif enclosing(node, "lambda") is None and away <= 3:
            yield site.put(f"Run `{said[:40]}`", node, f"asyncio.run({said})", prior - 0.25)


def _made_together(site: Site, node: Node) -> Node | None:
    """The generator expression or list whose items a call makes, where ``asyncio`` is at hand to wait for all."""
    above = node.parent
    if above is None or above.type not in {"generator_expression", "list_comprehension"}:
        return None
    known = re.search(r"^import asyncio\b", site.text, re.MULTILINE) is not None
    return above if known and field_of(above, "body") == node else None


def _handed_on(node: Node) -> bool:
    """An argument of ``asyncio.gather`` and the like, which wait for it themselves."""
    call = enclosing(node.parent, "call")
    return call is not None and callee(call) in {"gather", "wait", "wait_for", "create_task", "ensure_future", "run",
                                                "as_completed", "run_until_complete", "shield"} and (
        field_of(call, "function") != node)  # fmt: skip


REPAIR = Repair("missing-await", "Await what is asynchronous, and nothing else", propose)
