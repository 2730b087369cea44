"""What it does
    Corrects the path of an import: to a package of the module or of Go's library that is spelt alike, or that lies
    elsewhere in the module under the same name.

Example
    ``import "example.com/shop/price"`` where the folder is called ``prices``.

Use instead
    ``import "example.com/shop/prices"``, and the package's name where it is used

When it stays silent
    No package is called alike: then it is one to be downloaded, which is for a person to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.syntax import Tree, find
from ...fault import Fault
from ...repair import Context, Draft, Repair
from ...spelling import likeness

_MISSING = re.compile(
    r"^(?:no required module provides package|cannot find module providing package) (?P<path>[^\s;:]+)"
    r"|^package (?P<own>\S+) is not in (?:std|GOROOT)"
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    match = _MISSING.search(fault.message)
    if match is None:
        return
    wrong = match["path"] or match["own"]
    module, name = go.module_path(context.workspace), wrong.rpartition("/")[2]
    candidates: dict[str, float] = {}
    packages = go.packages(context.workspace)
    for path, package in packages.items():
        same = name in (package, path.rpartition("/")[2])
        score = 0.9 if same else likeness(name, path.rpartition("/")[2])
        candidates[path] = score * (1.0 if wrong.startswith(f"{module}/") or same else 0.6)
    if "." not in wrong.partition("/")[0]:
        for each in (path for paths in go.standard().values() for path in paths):
            candidates[each] = max(candidates.get(each, 0.0), likeness(wrong, each))
    tree = go.tree_of(context.text)
    specs = [each for each in find(tree.root, "import_spec") if tree.field(each, "path").strip('"`') == wrong]
    used = tree.field(specs[0], "name") or name if specs else ""
    for spec in specs[:1]:
        path = spec.child_by_field_name("path")
        for new, score in sorted(candidates.items(), key=lambda item: (-item[1], item[0]))[:4]:
            if path is None or score < 0.5 or new == wrong:
                continue
            splices = [(tree.start(path), tree.end(path), f'"{new}"')]
            package = packages.get(new, new.rpartition("/")[2])
            if package != used and not tree.field(spec, "name"):
                splices += [(start, start + len(used), package) for start in _uses(tree, used)]
            yield context.edit(f'Import "{new}"', splices, 0.95 * score)


def _uses(tree: Tree, package: str) -> Iterator[int]:
    for each in find(tree.root, "selector_expression", "qualified_type"):
        first = each.named_children[0] if each.named_children else None
        if first is not None and tree.of(first) == package:
            yield tree.start(first)


REPAIR = Repair("go-module-path", "Correct the path of an import", propose, languages=("go",))
