"""What it does
    Calls the function that does what a method of another language was meant to do: ``append`` and ``len`` for lists,
    functions of ``strings``, ``slices`` and ``maps`` for the rest. A name that such a package has, in other case or in
    another language's word for it, is enough.

Example
    ``cells.append(cell)`` for ``cells []string``, ``row.split(",")`` for ``row string``

Use instead
    ``cells = append(cells, cell)``, ``strings.Split(row, ",")``

When it stays silent
    The type has a name of its own, or no package has such a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...compiled import go
from ...compiled.syntax import up
from ...fault import Fault
from ...grammar import Splice
from ...repair import Context, Draft, Repair

_LACKS = re.compile(
    r"^(?P<value>.+)\.(?P<name>\w+) undefined \(type (?P<type>.+) has no field or method \w+(?:, .*)?\)$"
)
_LENGTH = frozenset({"length", "len", "size", "count", "Length", "Len", "Size", "Count"})
NONE = '""'
_APPEND = frozenset({"append", "push", "add", "push_back", "Append", "Push", "Add"})
#: What other languages call it → Go's name.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "upper": ("ToUpper",), "touppercase": ("ToUpper",), "lower": ("ToLower",), "tolowercase": ("ToLower",),
    "includes": ("Contains",), "contains": ("Contains",), "indexof": ("Index",), "find": ("Index",),
    "lastindexof": ("LastIndex",), "startswith": ("HasPrefix",), "endswith": ("HasSuffix",),
    "strip": ("TrimSpace",), "trim": ("TrimSpace",), "replace": ("ReplaceAll",), "split": ("Split", "Fields"),
    "sorted": ("Sort",), "reversed": ("Reverse",), "some": ("ContainsFunc",), "to_uppercase": ("ToUpper",),
    "to_lowercase": ("ToLower",), "starts_with": ("HasPrefix",), "ends_with": ("HasSuffix",),
}  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _LACKS.match(fault.message)
    if match is None:
        return
    tree = go.tree_of(context.text)
    member = up(tree.at(context.offset), "selector_expression")
    value = member.child_by_field_name("operand") if member is not None else None
    if member is None or value is None or tree.field(member, "field") != match["name"]:
        return
    call = member.parent if member.parent is not None and member.parent.type == "call_expression" else None
    outer = call or member
    arguments = call.child_by_field_name("arguments") if call is not None else None
    given = [tree.of(each) for each in arguments.named_children] if arguments is not None else []
    kind, name, owner = match["type"], match["name"], tree.of(value)
    place = (tree.start(outer), tree.end(outer))

    def edit(new: str, prior: float, package: str = "") -> Draft:
        splices: list[Splice] = [(*place, new)]
        if package and package not in go.imports(tree).values():
            splices.insert(0, go.add_import(tree, package))
        return context.edit(f"Write `{new[:70]}`", splices, prior)

    alone = outer.parent is not None and outer.parent.type == "expression_statement"
    listed = kind.startswith("[]")
    if name in _LENGTH and not given and (listed or kind == "string" or kind.startswith(("map[", "chan "))):
        yield edit(f"len({owner})", 0.95)
    if listed and name in _APPEND and given and alone:
        yield edit(f"{owner} = append({owner}, {', '.join(given)})", 0.95)
    if listed and name in ("extend", "concat", "addAll") and len(given) == 1:
        yield edit(f"{owner} = append({owner}, {given[0]}...)" if alone else f"append({owner}, {given[0]}...)", 0.95)
    if listed and name.lower() == "join" and len(given) <= 1:
        yield edit(f"strings.Join({owner}, {given[0] if given else NONE})", 0.95, "strings")
    if kind == "string" and name.lower() == "join" and len(given) == 1:
        yield edit(f"strings.Join({given[0]}, {owner})", 0.95, "strings")
    if kind.startswith("map[") and name in ("get", "Get") and len(given) == 1:
        yield edit(f"{owner}[{given[0]}]", 0.93)
    if kind.startswith("map[") and name in ("delete", "remove", "pop") and len(given) == 1:
        yield edit(f"delete({owner}, {given[0]})", 0.93)
    if kind == "error" and name.lower() in ("message", "tostring", "string", "what"):
        yield edit(f"{owner}.Error()", 0.95)
    package = "strings" if kind == "string" else "slices" if listed else "maps" if kind.startswith("map[") else ""
    for function in _functions(package, name):
        values = ", ".join([owner, *given])
        if function == "Fields" and given:
            continue
        yield edit(f"{package}.{function}({values})", 0.93 if function != "Split" or given else 0.5, package)


def _functions(package: str, name: str) -> Iterator[str]:
    """Exported functions of a package that a name means, another language's word for them first; only these where Go is
    not installed."""
    if not package:
        return
    exported = go.exported(package)
    wanted = _WORDS.get(name.lower(), ())
    yield from (each for each in wanted if each in exported or not exported)
    same = name.replace("_", "").lower()
    yield from (each for each in sorted(exported) if each.lower() == same and each not in wanted)


REPAIR = Repair("go-foreign-member", "Call the function that a foreign method means", propose, languages=("go",))
