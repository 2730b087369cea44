"""What it does
    Puts things in the shape that Go has for them: a field of an embedded struct in the literal of that struct, a
    pointer to an interface as the interface, a text whose letters are changed as bytes, a struct's tag in quotes.

Example
    ``product{ID: 7, Cents: 5}`` where ``ID`` is a field of the embedded ``base``

Use instead
    ``product{base: base{ID: 7}, Cents: 5}``

When it stays silent
    The field, the parameter or the variable is not found where the compiler says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_PROMOTED = re.compile(
    r"^(?:unknown field|cannot use promoted field|use of promoted field) (?:\w+\.)?(?P<name>\w+) in struct literal"
)
_POINTER = re.compile(
    r"^(?P<value>[\w.]+)\.\w+ undefined \(type \*(?P<type>\S+) is pointer to (?:interface|type parameter)"
)
_LETTER = re.compile(
    r"^cannot assign to (?P<name>\w+)\[.*\(.*(?:type byte|strings are immutable|not addressable|neither).*\)"
)
_TAG = re.compile(r"^struct field tag ")
_PAIR = re.compile(r"(?P<key>[\w-]+)\s*[:=]\s*(?:\"(?P<value>[^\"]*)\"|(?P<bare>[\w,.-]+))")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = go.tree_of(context.text)
    if _PROMOTED.search(fault.message):
        yield from _embedded(context, tree)
    elif match := _POINTER.search(fault.message):
        yield from _interface(context, tree, match["value"])
    elif match := _LETTER.search(fault.message):
        yield from _bytes(context, tree, match["name"])
    elif _TAG.search(fault.message):
        yield from _tagged(context, tree)


def _embedded(context: Context, tree: Tree) -> Iterator[Draft]:
    literal = up(tree.at(context.offset), "composite_literal")
    body = literal.child_by_field_name("body") if literal is not None else None
    if literal is None or body is None:
        return
    fields = go.structs(context.workspace, context.name)
    owner = tree.field(literal, "type")
    own = {name for name, _ in fields.get(owner, ())}
    for kind in _parts(context, owner):
        inner = {name for name, _ in fields.get(kind.lstrip("*"), ())}
        elements = [each for each in body.named_children if each.type == "keyed_element"]
        moved = [each for each in elements if (name := _key(tree, each)) in inner and name not in own]
        if not moved:
            continue
        sign = "&" if kind.startswith("*") else ""
        bare = kind.lstrip("*")
        new = f"{bare.rpartition('.')[2]}: {sign}{bare}{{{', '.join(tree.of(each) for each in moved)}}}"
        rest = [tree.of(each) for each in elements if each not in moved]
        lines = "\n" in tree.of(body)
        if lines:
            indent = re.match(r"\s*", context.lines.line(context.lines.position(tree.start(elements[0]))[0]))
            lead = f"\n{indent[0] if indent else ''}"
            end = lead[:-1] if lead.endswith("\t") else lead
            text = "{" + "".join(f"{lead}{each}," for each in [new, *rest]) + f"{end}}}"
        else:
            text = "{" + ", ".join([new, *rest]) + "}"
        yield context.edit(f"Set it within `{bare}`", [(tree.start(body), tree.end(body), text)], 0.95)


def _key(tree: Tree, element: Node) -> str:
    return tree.of(element).partition(":")[0].strip()


def _parts(context: Context, owner: str) -> Iterator[str]:
    """The types that a struct embeds."""
    for name in go.package_files(context.workspace, context.name):
        tree = go.tree_of(context.workspace.text(name) or "")
        for spec in find(tree.root, "type_spec"):
            if tree.field(spec, "name") != owner:
                continue
            for field in find(spec, "field_declaration"):
                if not field.children_by_field_name("name"):
                    yield tree.of(field).partition(" ")[0]


def _interface(context: Context, tree: Tree, value: str) -> Iterator[Draft]:
    function = go.function_around(tree.at(context.offset))
    name = value.rpartition(".")[2]
    for each in [*find(function, "parameter_declaration"), *find(tree.root, "field_declaration", "var_spec")]:
        kind = each.child_by_field_name("type")
        names = {tree.of(part) for part in each.children_by_field_name("name")}
        if kind is not None and kind.type == "pointer_type" and name in names:
            start = tree.start(kind)
            yield context.edit("Take the interface itself", [(start, start + 1, "")], 0.96)
            return


def _bytes(context: Context, tree: Tree, name: str) -> Iterator[Draft]:
    """The variable as bytes: where it is declared, and as a text again where it is returned or given."""
    function = go.function_around(tree.at(context.offset))
    if function is None:
        return
    for kind in ("byte", "rune"):
        splices: list[tuple[int, int, str]] = []
        declared = False
        for each in find(function, "short_var_declaration"):
            right = each.child_by_field_name("right")
            if tree.field(each, "left") == name and right is not None:
                declared = True
                splices.append((tree.start(right), tree.end(right), f"[]{kind}({tree.of(right)})"))
        if not declared:
            statement = _first_statement(function)
            if statement is None:
                return
            line = context.lines.line(context.lines.position(tree.start(statement))[0])
            indent = line[: len(line) - len(line.lstrip())]
            place = tree.start(statement)
            splices.append((place, place, f"letters := []{kind}({name})\n{indent}"))
        for each in find(function.child_by_field_name("body"), "identifier"):
            if tree.of(each) != name or any(start <= tree.start(each) < end for start, end, _ in splices):
                continue
            parent = each.parent
            used = name if declared else "letters"
            left = up(each, "short_var_declaration")
            if left is not None and tree.field(left, "left") == name:
                continue
            given = parent is not None and parent.type in ("expression_list", "argument_list", "return_statement")
            if parent is not None and given and tree.field(parent.parent, "function") != "len":
                used = f"string({used})"
            splices.append((tree.start(each), tree.end(each), used))
        yield context.edit(f"Change the letters as {kind}s", sorted(splices), 0.93 if kind == "byte" else 0.8)


def _first_statement(function: Node) -> Node | None:
    body = function.child_by_field_name("body")
    inner = body.named_children if body is not None else []
    if len(inner) == 1 and inner[0].type == "statement_list":
        inner = inner[0].named_children
    return inner[0] if inner else None


def _tagged(context: Context, tree: Tree) -> Iterator[Draft]:
    start, end = context.lines.bounds(context.fault.line)
    for field in find(tree.root, "field_declaration"):
        tag = field.child_by_field_name("tag")
        if tag is None or not start <= tree.start(tag) <= end:
            continue
        inner = tree.of(tag)[1:-1]
        pairs = [f'{match["key"]}:"{match["value"] or match["bare"] or ""}"' for match in _PAIR.finditer(inner)]
        if pairs:
            new = f"`{' '.join(pairs)}`"
            yield context.edit(f"Write the tag as {new}", [(tree.start(tag), tree.end(tag), new)], 0.96)


REPAIR = Repair("go-composition", "Put things in the shape that Go has for them", propose, languages=("go",))
