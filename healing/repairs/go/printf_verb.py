"""What it does
    Gives a value the verb of its type in a format, adds a verb for a value without one, and leaves out a verb without
    a value.

Example
    ``fmt.Sprintf("%d: %d", name, count)`` with ``name string``.

Use instead
    ``fmt.Sprintf("%s: %d", name, count)``

When it stays silent
    The format is not a literal on the line that vet names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...compiled import go
from ...compiled.syntax import Tree, find, up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_WRONG = re.compile(r" format %(?P<verb>\S+) has arg (?P<arg>.+) of wrong type (?P<type>\S+)")
_LACKS = re.compile(r" format %\S+ reads arg #(?P<number>\d+), but call has (?P<have>\d+) args?")
_EXTRA = re.compile(r" call needs (?P<needs>\d+) args? but has (?P<have>\d+) args?")
_PRINTLN = re.compile(
    r"(?P<call>\w+\.(?:Print|Println|Error|Log|Fatal)) call has possible (?:Printf )?formatting directive"
)
_VERB = re.compile(r"%[-+# 0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?P<verb>[a-zA-Z])|%%")
_FORMATTED = {"Print": "Printf", "Println": "Printf", "Error": "Errorf", "Log": "Logf", "Fatal": "Fatalf"}
_VERBS = {"string": "s", "bool": "t", "error": "sw", "[]byte": "s"}
_PLAIN = go.NUMBERS | set(_VERBS)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    tree = go.tree_of(context.text)
    if match := _PRINTLN.search(fault.message):
        yield from _formatting(context, tree, match["call"].rpartition(".")[2])
        return
    found = _format(context, tree)
    if found is None:
        return
    literal, arguments = found
    start = tree.start(literal)
    verbs = [(m.start("verb"), m["verb"], m) for m in _VERB.finditer(tree.of(literal)) if m["verb"]]
    if len(verbs) == len(arguments) + 1 and (_WRONG.search(fault.message) or _LACKS.search(fault.message)):
        yield from _lacking(context, tree, [verb for _, verb, _ in verbs], arguments, tree.end(literal))
    elif match := _WRONG.search(fault.message):
        for index, argument in enumerate(arguments):
            if tree.of(argument) == match["arg"] and index < len(verbs) and match["verb"].endswith(verbs[index][1]):
                place = start + verbs[index][0]
                new = _verb(match["type"])
                yield context.edit(f"Format it with %{new}", [(place, place + 1, new)], 0.95)
                return
    elif (match := _EXTRA.search(fault.message)) and int(match["have"]) == int(match["needs"]) + 1:
        inner = tree.of(literal)
        place = start + len(inner) - (3 if inner.endswith('\\n"') else 1)
        yield context.edit("Print the last value too", [(place, place, " %v")], 0.75)


def _lacking(context: Context, tree: Tree, verbs: list[str], given: list[Node], end: int) -> Iterator[Draft]:
    """The value that a verb has none for, if only one of those at hand is of the verb's type and not given yet, and
    the types of the others say where it goes."""
    method = up(tree.at(context.offset), "method_declaration")
    known = {name: kind for name, kind in go.locals_at(tree, context.offset).items() if name != "err"}
    if method is not None:
        owner = re.match(r"\(\s*(\w+)\s", tree.field(method, "receiver"))
        fields = go.structs(context.workspace, context.name).get(go.receiver_type(tree, method).lstrip("*"), ())
        known |= {f"{owner[1]}.{name}": kind for name, kind in fields if owner}
    texts = [tree.of(each) for each in given]
    found: list[tuple[int, str]] = []
    for index, verb in enumerate(verbs):
        rest = verbs[:index] + verbs[index + 1 :]
        if all(_takes(one, known.get(two, "")) for one, two in zip(rest, texts, strict=True)):
            found += [
                (index, name)
                for name, kind in known.items()
                if kind in _PLAIN and _takes(verb, kind) and verb != "v" and name not in texts
            ]
    places = {index for index, _ in found}
    if len({name for _, name in found}) == 1:
        index, name = found[-1] if len(places) > 1 else found[0]
        place = tree.end(given[index - 1]) if index else end
        yield context.edit(f"Print `{name}` there", [(place, place, f", {name}")], 0.8)


def _takes(verb: str, kind: str) -> bool:
    """Whether a verb prints values of a type; of an unknown type any may."""
    if not kind or verb in "vTqx":
        return True
    if kind in go.NUMBERS:
        return verb in ("efg" if kind.startswith("float") else "dcboU")
    return verb in _VERBS.get(kind, "sd")


def _verb(kind: str) -> str:
    if kind == "string" or kind == "[]byte":
        return "s"
    if kind == "bool":
        return "t"
    if kind in go.NUMBERS:
        return "g" if kind.startswith("float") else "d"
    return "v"


def _format(context: Context, tree: Tree) -> tuple[Node, list[Node]] | None:
    """The format of the call on the line, and the values after it."""
    for call in _calls(context, tree):
        arguments = call.child_by_field_name("arguments")
        values = list(arguments.named_children) if arguments is not None else []
        for index, value in enumerate(values):
            if value.type.endswith("string_literal") and "%" in tree.of(value):
                return value, values[index + 1 :]
    return None


def _calls(context: Context, tree: Tree) -> Iterator[Node]:
    start, end = context.lines.bounds(context.fault.line)
    for call in find(tree.root, "call_expression"):
        if tree.start(call) <= end and tree.end(call) >= start and tree.end(call) > context.offset:
            name = tree.field(call, "function").rpartition(".")[2]
            if re.search(r"(?:f|Print|Println|Error|Log|Fatal)$", name):
                yield call


def _formatting(context: Context, tree: Tree, name: str) -> Iterator[Draft]:
    for call in _calls(context, tree):
        function = call.child_by_field_name("function")
        if function is None or not tree.of(function).endswith(f".{name}"):
            continue
        place = tree.end(function)
        splices = [(place - len(name), place, _FORMATTED[name])]
        arguments = call.child_by_field_name("arguments")
        first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        if name == "Println" and first is not None and first.type == "interpreted_string_literal":
            splices.append((tree.end(first) - 1, tree.end(first) - 1, "\\n"))
        yield context.edit(f"Format with {_FORMATTED[name]}", splices, 0.93)
        return


REPAIR = Repair("go-printf-verb", "Give values the verbs of their types", propose, languages=("go",))
