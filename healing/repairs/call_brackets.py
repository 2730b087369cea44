"""What it does
    Calls what was indexed, and indexes what was called.

Example
    ``for i in range[n]:``, ``groups(key).append(value)`` where ``groups`` is a dictionary

Use instead
    ``for i in range(n):``, ``groups[key].append(value)``

When it stays silent
    The fault is not about something that cannot be called or subscripted.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from ..expressions import Expression, Tree, candidates
from ..fault import Fault
from ..origins import Site, field_of, mendable, walk
from ..repair import Context, Draft, Repair
from ..workspace import is_test

_NOT_CALLABLE = re.compile(r"^'(?P<type>[\w.]+)' object is not callable")
_NOT_SUBSCRIPTABLE = re.compile(
    r"^(?:type '(?P<class>[\w.]+)'|'(?P<type>builtin_function_or_method|function|method|type|ABCMeta)' object) is not "
    r"subscriptable|^'(?:function|method|builtin_function_or_method)' object does not support item"
)
_INDEXED_TYPE = re.compile(r"\b(?:list|dict|tuple|set|frozenset|type)\[")
#: Files of the workspace that are looked into for what made a value.
MOST_FILES = 60
#: A decorator that was called without what it decorates.
_LACKS = re.compile(r"\(\) missing \d+ required positional argument|expected at least 1 argument|takes .* \(0 given\)")
_INDEXED = frozenset({"list", "dict", "tuple", "str", "bytes", "defaultdict", "Counter", "OrderedDict", "ndarray"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError":
        return
    called = _NOT_CALLABLE.match(fault.message)
    if called:
        kind = called["type"].rpartition(".")[2]
        for each in candidates(context, "call"):
            arguments = each.field("arguments")
            function = each.field("function")
            if arguments is None or function is None:
                continue
            size = arguments.named_child_count
            where = 0.0 if each.marked else 0.1
            if size == 1 and (kind in _INDEXED or _is_indexed(context.text, kind)):
                yield _swap(context, each, arguments.start_byte, "[]", "Index instead of calling", 0.9 - where)
            if size == 0 and function.type in {"attribute", "identifier"}:
                # A property or plain attribute that is called.
                start = each.start + len(function.text.decode("utf-8", "replace") if function.text else "")
                yield context.edit("Remove the call", [(start, each.end, "")], 0.8 - where)
            if size == 1 and kind in {"int", "float", "complex"}:
                yield _insert_operator(context, each)
    elif _LACKS.search(fault.message):
        for each in candidates(context, "call"):
            function, arguments = each.field("function"), each.field("arguments")
            decorates = each.node.parent is not None and each.node.parent.type == "decorator"
            if decorates and function is not None and arguments is not None and not arguments.named_children:
                # A decorator that takes the function itself, and no settings.
                start = each.start + len((function.text or b"").decode("utf-8", "replace"))
                yield context.edit("Remove the call", [(start, each.end, "")], 0.92)
    elif "GenericAlias" in fault.message:
        yield from _indexed_types(context)
    elif _NOT_SUBSCRIPTABLE.match(fault.message):
        for each in candidates(context, "subscript"):
            value = each.field("value")
            if value is not None:
                where = 0.0 if each.marked else 0.1
                title = "Call instead of indexing"
                yield _swap(context, each, value.end_byte, "()", title, 0.92 - where)


def _indexed_types(context: Context) -> Iterator[Draft]:
    """``found.append(tuple[items])``: outside of annotations a type is called."""
    places = {site.file: site for site in reversed(mendable(context))}
    for name in context.workspace.python_files[:MOST_FILES]:  # the value may have been made where the crash was not
        text = context.workspace.text(name) or ""
        if name not in places and not is_test(name) and _INDEXED_TYPE.search(text):
            places[name] = Site(name, text, Tree(text), 0, away=1)
    for site in places.values():
        for node in walk(site.tree.tree.root_node):
            value, inner = field_of(node, "value"), field_of(node, "subscript")
            if node.type != "subscript" or value is None or inner is None or site.code(value) not in _INDEXED:
                continue
            if _names_types(site.code(inner)):
                continue
            begin, end = site.span(value)[1], site.span(node)[1]
            edits = [(begin, begin + 1, "("), (end - 1, end, ")")]
            yield site.edit(f"Call instead of indexing: `{site.code(node)[:40]}`", edits, 0.9 - 0.05 * site.away)


def _names_types(text: str) -> bool:
    """Whether all names of an expression are those of types, as in an annotation."""
    words = re.findall(r"[^\W\d]\w*", re.sub(r"\w+\.", "", text))
    return all(each[0].isupper() or hasattr(builtins, each) for each in words)


def _is_indexed(text: str, kind: str) -> bool:
    """Whether the file defines this class with ``__getitem__``, and without ``__call__``."""
    found = re.search(rf"^([ \t]*)class {re.escape(kind)}\b.*(?:\n(?:\1[ \t]+.*|[ \t]*))*", text, re.MULTILINE)
    return found is not None and "def __getitem__" in found[0] and "def __call__" not in found[0]


def _swap(context: Context, each: Expression, byte: int, pair: str, title: str, prior: float) -> Draft:
    owner = len((each.node.text or b"")[: byte - each.node.start_byte].decode("utf-8", "replace"))
    start = each.start + owner
    while context.text[start] in " \t":
        start += 1
    edits = [(start, start + 1, pair[0]), (each.end - 1, each.end, pair[1])]
    return context.edit(f"{title}: `{each.text[:40]}`", edits, prior)


def _insert_operator(context: Context, each: Expression) -> Draft:
    function = each.field("function")
    length = len((function.text if function and function.text else b"").decode("utf-8", "replace"))
    place = each.start + length
    return context.edit("Multiply: insert `*`", [(place, place, " * ")], 0.7)


REPAIR = Repair("call-brackets", "Call what was indexed, index what was called", propose)
