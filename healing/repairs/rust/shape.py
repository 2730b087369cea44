"""What it does
    Gives a value or type the shape that Rust has for it: a list whose length is a variable is a ``vec!``, a type gets
    the parameter that it lacks, what is moved out of a reference is taken or cloned, an error that ``?`` cannot convert
    is converted, what has no ``Display`` is shown with ``{:?}``.

Example
    ``let counts = [0; buckets];``

Use instead
    ``let counts = vec![0; buckets];``

When it stays silent
    The compiler marks something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import rust
from ...compiled.brackets import closing_of, pieces
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_LACKS_TYPE = re.compile(
    r"takes (?:at least )?(?P<want>\d+) generic arguments? but (?P<have>\d+) generic arguments? (?:was|were)"
)
_NO_DISPLAY = re.compile(r"^`(?P<type>[^`]+)` doesn't implement `(?:std::fmt::)?Display`")
_UNCONVERTED = re.compile(r"^`\?` couldn't convert the error(?: to `(?P<want>[^`]+)`|: `(?P<other>.+?): From<)")
_MOVED = re.compile(r"^cannot move out of (?P<what>.+)$")
_CONTAINERS = re.compile(r"a value of type `(?P<want>[^`]+)` cannot be built (?:from|since|by)")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = rust.tree_of(context.text)
    if fault.code == "E0435":
        yield from _list(context, tree)
    elif fault.code == "E0107" and (match := _LACKS_TYPE.search(fault.message)):
        if int(match["have"]) + 1 == int(match["want"]):
            yield from _parameter(context, tree)
    elif fault.code == "E0277" and _NO_DISPLAY.search(fault.message):
        yield from _shown(context)
    elif fault.code == "E0277" and (match := _UNCONVERTED.search(fault.message)):
        yield from _error(context, tree, match["want"] or match["other"] or "")
    elif fault.code == "E0507" and _MOVED.search(fault.message):
        yield from _taken(context, fault)
    elif fault.code == "E0594" and "in an index of" in fault.message:
        yield from _inserted(context, tree)
    elif fault.code == "E0277" and _CONTAINERS.search(fault.message):
        yield from _collected(context, tree)


def _list(context: Context, tree: Tree) -> Iterator[Draft]:
    node = up(tree.at(context.offset), "array_expression")
    if node is not None:
        place = tree.start(node)
        yield context.edit("Make a list of it", [(place, place, "vec!")], 0.93)


def _parameter(context: Context, tree: Tree) -> Iterator[Draft]:
    """The error of a ``Result``, as it is made in the function; else any type of the file."""
    node = up(tree.at(context.offset), "generic_type")
    arguments = node.child_by_field_name("type_arguments") if node is not None else None
    if arguments is None:
        return
    place = tree.end(arguments) - 1
    function = up(node, "function_item")
    body = tree.field(function, "body")
    made = re.findall(r"\bErr\((?:(\w+)(?:::\w+|\s*\{|\()|(\"|format!|.*\.to_string\(\)|String::))", body)
    named = [one for one, _ in made if one and one[:1].isupper() and one != "String"]
    kinds = [*named, *(["String", "&'static str"] if any(two for _, two in made) or not named else [])]
    kinds += [
        tree.field(each, "name")
        for each in find(tree.root, "enum_item", "struct_item")
        if re.search(r"(?:Error|Problem|Failure)$", tree.field(each, "name"))
    ]
    kinds += ["Box<dyn std::error::Error>"]
    for rank, kind in enumerate(dict.fromkeys(kinds)):
        yield context.edit(f"Add the type `{kind}`", [(place, place, f", {kind}")], 0.92 - 0.08 * rank)


def _shown(context: Context) -> Iterator[Draft]:
    """``{:?}`` for the one of the line's placeholders that the value is for."""
    start, end = context.lines.bounds(context.fault.line)
    line = context.text[start:end]
    index = _position(context)
    unnamed = [each.start() for each in re.finditer(r"\{\}", line)]
    marked = context.text[context.offset : context.lines.offset(context.fault.line, max(context.fault.end_column, 0))]
    for match in re.finditer(r"\{(\w*)\}", line):
        here = start + match.start() <= context.offset < start + match.end()
        named = match[1] and match[1] in (marked, marked.strip("{}"))
        meant = not match[1] and 0 <= index < len(unnamed) and unnamed[index] == match.start()
        new = "{" + match[1] + ":?}"
        prior = 0.95 if here or named or meant else 0.8
        yield context.edit("Show it with {:?}", [(start + match.start(), start + match.end(), new)], prior)


def _position(context: Context) -> int:
    """Which of a macro's values, counted from the one after the format, stands at the fault; -1 if none does."""
    opening = [each.end() - 1 for each in re.finditer(r"\w+!\(", context.text[: context.offset])]
    closing = closing_of(context.text, opening[-1]) if opening else -1
    if closing < context.offset:
        return -1
    found = list(pieces(context.text, opening[-1] + 1, closing))
    texts = [context.text[start:end] for start, end in found]
    first = next((place for place, text in enumerate(texts) if text.startswith('"')), len(texts))
    here = next((place for place, (start, end) in enumerate(found) if start <= context.offset < end), -1)
    return here - first - 1


def _error(context: Context, tree: Tree, want: str) -> Iterator[Draft]:
    """Before the ``?``, the error as the function's: as a text, a variant that holds it, or its ``into``."""
    place = context.text.rfind("?", context.offset, context.lines.bounds(context.fault.line)[1])
    node = up(tree.at(context.offset), "try_expression")
    if node is not None and tree.end(node) - 1 >= context.offset:
        place = tree.end(node) - 1
    if place < 0:
        return
    kind = want.rpartition("::")[2]
    function = up(tree.at(context.offset), "function_item")
    result = function.child_by_field_name("return_type") if function is not None else None
    inner = next(find(node, "call_expression"), None)
    parsed = re.search(r"\.parse\(\)$", tree.of(inner)) if inner is not None else None
    if kind in ("String", "str"):
        if parsed and inner is not None:
            declared = _declared(tree, node)
            if declared:
                end = tree.end(inner) - 2
                new = [(end, end, f"::<{declared}>"), (place, place, ".map_err(|error| error.to_string())")]
                yield context.edit("Pass the error on as a text", new, 0.95)
        yield context.edit("Pass the error on as a text", [(place, place, ".map_err(|error| error.to_string())")], 0.93)
    for each in find(tree.root, "enum_item"):
        if tree.field(each, "name") != kind:
            continue
        for variant in find(each, "enum_variant"):
            name, body = tree.field(variant, "name"), tree.field(variant, "body")
            if body == "(String)":
                new = f".map_err(|error| {kind}::{name}(error.to_string()))"
            elif re.fullmatch(r"\([\w:]+\)", body):
                new = f".map_err({kind}::{name})"
            elif not body:
                new = f".map_err(|_| {kind}::{name})"
            else:
                continue
            yield context.edit(f"Pass the error on as {kind}::{name}", [(place, place, new)], 0.8)
    if result is not None and kind != "Error":
        text = re.sub(r",\s*[\w:&' ]+>$", ", Box<dyn std::error::Error>>", tree.of(result))
        if text != tree.of(result):
            yield context.edit("Let the function give any error", [(tree.start(result), tree.end(result), text)], 0.6)


def _declared(tree: Tree, node: Node | None) -> str:
    declaration = up(node, "let_declaration")
    return tree.field(declaration, "type") if declaration is not None else ""


def _taken(context: Context, fault: Fault) -> Iterator[Draft]:
    if fault.end_column <= fault.column:
        return
    start, end = context.offset, context.lines.offset(fault.line, fault.end_column)
    text = context.text[start:end]
    if not re.fullmatch(r"[\w.]+|\*\w+", text):
        return
    mutable = "mutable reference" in fault.message
    option = "Option<" in " ".join(fault.notes)
    if mutable and option:
        yield context.edit("Take the value out", [(end, end, ".take()")], 0.9)
    elif mutable:
        yield context.edit("Take the value out", [(start, end, f"std::mem::take(&mut {text})")], 0.62)
    bare = text.lstrip("*")
    yield context.edit("Clone the value", [(start, end, f"{bare}.clone()")], 0.8 if not (mutable and option) else 0.6)


def _inserted(context: Context, tree: Tree) -> Iterator[Draft]:
    """``map[&key] = value``: a map is written by ``insert``, or by its entry."""
    node = up(tree.at(context.offset), "assignment_expression", "compound_assignment_expr")
    left = node.child_by_field_name("left") if node is not None else None
    if node is None or left is None or left.type != "index_expression" or left.named_child_count < 2:
        return
    owner, key = (tree.of(each) for each in left.named_children[:2])
    place = (tree.start(node), tree.end(node))
    value = tree.field(node, "right")
    keys = [key[1:], f"{key[1:]}.clone()"] if key.startswith("&") else [f"{key}.to_string()", key]
    for rank, each in enumerate(keys):
        if node.type == "assignment_expression":
            new = f"{owner}.insert({each}, {value})"
        else:
            new = f"*{owner}.entry({each}).or_default() {tree.field(node, 'operator')} {value}"
        yield context.edit("Write the map by its entry", [(*place, new)], 0.93 - 0.03 * rank)


def _collected(context: Context, tree: Tree) -> Iterator[Draft]:
    """Copies of what is walked over by reference, before it is collected."""
    place = context.text.find(".collect", context.lines.bounds(context.fault.line)[0])
    if place >= 0:
        yield context.edit("Collect copies", [(place, place, ".copied()")], 0.88)
        yield context.edit("Collect copies", [(place, place, ".cloned()")], 0.86)
        yield context.edit("Collect texts", [(place, place, ".map(|each| each.to_string())")], 0.8)


REPAIR = Repair("rust-shape", "Give a value or type the shape that Rust has for it", propose, languages=("rust",))
