"""What it does
    Gives a method the signature that an interface wants of it.

Example
    ``func (p person) Label() any`` where the interface wants ``Label() string``

Use instead
    ``func (p person) Label() string``

When it stays silent
    The method is not of this package, or the interface wants another number of parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import Tree, find
from ...fault import Fault
from ...grammar import splice
from ...repair import Context, Draft, Repair

_WRONG = re.compile(
    r"(?P<type>[\w.*]+) does not implement .+\(wrong type for method (?P<name>\w+)\)\s*have \w+(?P<have>\(.*)\n"
    r"\s*want \w+(?P<want>\(.*)"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _WRONG.search(fault.message)
    if match is None:
        return
    wanted = _signature(match["want"])
    for name, tree, node in go.functions(context.workspace, context.name):
        if node.type != "method_declaration" or tree.field(node, "name") != match["name"]:
            continue
        if go.receiver_type(tree, node).lstrip("*") != match["type"].lstrip("*").rpartition(".")[2]:
            continue
        own = go.signature(tree, node)
        parameters = node.child_by_field_name("parameters")
        if wanted is None or parameters is None or len(own.parameters) != len(wanted[0]):
            continue
        listed = ", ".join(f"{label or '_'} {kind}" for (label, _), kind in zip(own.parameters, wanted[0], strict=True))
        results = f" ({', '.join(wanted[1])})" if len(wanted[1]) > 1 else "".join(f" {each}" for each in wanted[1])
        result = node.child_by_field_name("result")
        end = tree.end(result) if result is not None else tree.end(parameters)
        new = f"({listed}){results}"
        text = splice(tree.text, ((tree.start(parameters), end, new),))
        yield Draft(f"Give `{match['name']}` the signature that is wanted", {name: text}, 0.93)
        if tuple(kind for _, kind in own.parameters) == tuple(wanted[0]) and len(wanted[1]) == 1 == len(own.results):
            yield from _returned(name, text, match["name"], own.results[0], wanted[1][0])


def _returned(name: str, text: str, method: str, have: str, want: str) -> Iterator[Draft]:
    """Beside the new result, what is returned converted to it, where both are numbers."""
    if not {have, want} <= go.NUMBERS:
        return
    tree = go.tree_of(text)
    for node in find(tree.root, "method_declaration"):
        if tree.field(node, "name") != method:
            continue
        splices = [
            (tree.start(value), tree.end(value), f"{want}({tree.of(value)})")
            for each in find(node, "return_statement")
            for value in each.named_children
        ]
        yield Draft(f"Return {want} from `{method}`", {name: splice(text, tuple(splices))}, 0.9)


def _signature(text: str) -> tuple[list[str], list[str]] | None:
    """Types of parameters and results of what the compiler prints: ``(int, string) (bool, error)``."""
    tree: Tree = go.tree_of(f"package p\n\nfunc f{text} {{\n}}\n")
    node = next(find(tree.root, "function_declaration"), None)
    if node is None or tree.root.has_error:
        return None
    found = go.signature(tree, node)
    kinds = [kind or name for name, kind in found.parameters]
    return kinds, list(found.results)


REPAIR = Repair("go-wrong-signature", "Give a method the signature that is wanted", propose, languages=("go",))
