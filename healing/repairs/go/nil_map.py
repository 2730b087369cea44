"""What it does
    Makes the map that is written to before it was made: where the variable is declared, or, for a field, before the
    first write.

Example
    ``var seen map[string]int``, and ``seen[word]++`` panics.

Use instead
    ``seen := map[string]int{}``

When it stays silent
    The map comes from elsewhere: an argument, a result.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if "assignment to entry in nil map" not in fault.message:
        return
    tree = go.tree_of(context.text)
    start, end = context.lines.bounds(fault.line)
    for node in find(tree.root, "index_expression"):
        operand = node.child_by_field_name("operand")
        if operand is None or not start <= tree.start(node) <= end:
            continue
        name = tree.of(operand)
        if operand.type == "identifier":
            for spec in find(tree.root, "var_spec"):
                kind = spec.child_by_field_name("type")
                names = [tree.of(each) for each in spec.children_by_field_name("name")]
                if names != [name] or kind is None or kind.type != "map_type" or spec.child_by_field_name("value"):
                    continue
                whole = spec.parent
                if up(spec, *go.FUNCTIONS) is not None and whole is not None and whole.named_child_count == 1:
                    splice = (tree.start(whole), tree.end(spec), f"{name} := {tree.of(kind)}{{}}")
                else:
                    splice = (tree.end(spec), tree.end(spec), f" = {tree.of(kind)}{{}}")
                yield context.edit(f"Make the map `{name}`", [splice], 0.97)
        elif operand.type == "selector_expression":
            yield from _field(context, name, tree.field(operand, "field"), start)


def _field(context: Context, name: str, field: str, start: int) -> Iterator[Draft]:
    kinds = {
        kind
        for fields in go.structs(context.workspace, context.name).values()
        for one, kind in fields
        if one == field and kind.startswith("map[")
    }
    line = context.lines.line(context.fault.line)
    indent = line[: len(line) - len(line.lstrip())]
    for kind in sorted(kinds):
        new = f"{indent}if {name} == nil {{\n{indent}\t{name} = {kind}{{}}\n{indent}}}\n"
        yield context.edit(f"Make the map `{name}` first", [(start, start, new)], 0.85)


REPAIR = Repair("go-nil-map", "Make a map before it is written to", propose, languages=("go",))
