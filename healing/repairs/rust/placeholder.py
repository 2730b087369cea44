"""What it does
    Fills what the compiler proposes with a hole in it (``/* u32 */``): by a variable at hand, or a field of ``self``,
    that has the type and is not used in the call yet; one called as the parameter comes first.

Example
    ``help: provide the argument: (self.cents, /* u32 */)`` in a method of a struct with ``percent: u32``

Use instead
    ``(self.cents, self.percent)``

When it stays silent
    No value at hand has the type: which one is meant cannot be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ...compiled import rust
from ...compiled.syntax import Tree, up
from ...fault import Fault
from ...repair import Context, Draft, Repair
from ..compiler_suggestion import propose as applied

_HOLE = re.compile(r"/\* (?P<type>[^*]+?) \*/")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if not any("/*" in new for each in fault.suggested for *_, new in each.changes):
        return
    tree = rust.tree_of(context.text)
    known = {name: kind for name, kind in rust.locals_at(tree, context.offset).items() if kind}
    known |= _fields(context, tree)
    wanted = _parameters(context)
    for suggested in fault.suggested:
        for path, start, end, new in suggested.changes[:1]:
            holes = list(_HOLE.finditer(new))
            if len(holes) != 1 or len(suggested.changes) != 1:
                continue
            kind = holes[0]["type"]
            given = re.findall(r"[\w.]+", new[: holes[0].start()] + new[holes[0].end() :])
            fitting = [name for name, have in known.items() if name not in given and _fits(have, kind)]
            for rank, name in enumerate(sorted(fitting, key=lambda each: each.rpartition(".")[2] not in wanted)):
                named = name.rpartition(".")[2] in wanted
                value = f"&{name}" if kind.startswith("&") and not known[name].startswith("&") else name
                filled = new[: holes[0].start()] + value + new[holes[0].end() :]
                alone = replace(suggested, changes=((path, start, end, filled),), title=f"Give `{value}`")
                for draft in applied(replace(fault, suggested=(alone,)), context):
                    prior = 0.94 if named else 0.8 if len(fitting) == 1 else 0.5 - 0.05 * rank
                    yield replace(draft, prior=prior)


def _fits(have: str, want: str) -> bool:
    return have == want or (want.startswith("&") and have == want[1:]) or (have, want) == ("String", "&str")


def _fields(context: Context, tree: Tree) -> dict[str, str]:
    """``self.name`` → type, of the struct that the method around is of."""
    owner = up(tree.at(context.offset), "impl_item")
    method = up(tree.at(context.offset), "function_item")
    if owner is None or method is None or "self" not in tree.field(method, "parameters"):
        return {}
    kind = tree.field(owner, "type").partition("<")[0]
    return {f"self.{name}": each for name, each in rust.structs(context.workspace, context.name).get(kind, ())}


def _parameters(context: Context) -> frozenset[str]:
    """Names of the parameters of the function that is called at the fault."""
    match = re.compile(r"[\w.:]*?(\w+)\s*\(").search(context.text, context.offset)
    name = match[1] if match else ""
    found = (rust.signature(tree, node) for _, tree, node in rust.functions(context.workspace, context.name))
    return frozenset(label for each in found if each.name == name for label, _ in each.parameters)


REPAIR = Repair("rust-placeholder", "Fill the hole in what the compiler proposes", propose, languages=("rust",))
