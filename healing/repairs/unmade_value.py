"""What it does
    Makes the object that is asked for out of the value that is there: with a class of the program or of its imports, or
    with the program's own function that reads such values. At the use, where the value was made, or for each item.

Example
    ``self.start = start`` and then ``self.start + timedelta(1)``, with ``def at(clock): return datetime.strptime(…)``

Use instead
    ``self.start = at(start)``

When it stays silent
    Nothing that takes one value gives what the use asks for.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import io
import pathlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, field_of, mendable, origins, parameters_of, walk
from ..repair import Context, Draft, Repair

_LACKS = re.compile(r"^'(?P<type>\w+)' object has no attribute '(?P<name>\w+)'")
_OPERANDS = re.compile(
    r"^(?:unsupported operand type\(s\) for \S+?:? |'\S+' not supported between instances of )'(?P<left>[\w.]+)' and "
    r"'(?P<right>[\w.]+)'|^can only concatenate (?P<own>\w+) \(not \"(?P<other>[\w.]+)\"\)"
)
_USED = re.compile(r"^'(?P<type>\w+)' object (?:is not callable|does not support|is not an iterator)")
#: Classes that are no operands of a number or a text.
_NEVER_COUNTED = frozenset({"deque", "Counter", "OrderedDict", "StringIO", "BytesIO"})
#: Files of the workspace that are looked into for who uses a function.
MOST_FILES = 60
_PLAIN = frozenset({"str", "int", "float", "tuple", "list", "dict", "bytes", "set"})
#: Types that stand on the other side of an operator.
_BESIDE = {"timedelta": {"datetime", "date", "timedelta"}, "date": {"date", "timedelta"},
           "datetime": {"datetime", "timedelta"}}  # fmt: skip
#: Classes of the standard library that are made of one value, with what they are made by.
_STANDARD: Mapping[str, tuple[type, str]] = {
    "Path": (pathlib.Path, "Path({})"), "PurePath": (pathlib.PurePath, "PurePath({})"),
    "PurePosixPath": (pathlib.PurePosixPath, "PurePosixPath({})"), "Decimal": (decimal.Decimal, "Decimal({})"),
    "Fraction": (fractions.Fraction, "Fraction({})"), "date": (datetime.date, "date.fromisoformat({})"),
    "datetime": (datetime.datetime, "datetime.fromisoformat({})"), "StringIO": (io.StringIO, "StringIO({})"),
    "BytesIO": (io.BytesIO, "BytesIO({})"), "deque": (collections.deque, "deque({})"),
    "Counter": (collections.Counter, "Counter({})"), "OrderedDict": (collections.OrderedDict, "OrderedDict({})"),
}  # fmt: skip


@dataclass(frozen=True)
class _Maker:
    """What makes an object of a value: ``way`` has ``{}`` for it, ``gives`` is the type, ``names`` its attributes."""

    name: str
    way: str
    gives: str = ""
    names: frozenset[str] = frozenset()
    parameter: str = ""
    unused: bool = False


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception not in {"TypeError", "AttributeError"} or "NoneType" in fault.message:
        return
    lacks, operands, used = (each.match(fault.message) for each in (_LACKS, _OPERANDS, _USED))
    kinds: set[str] = set()
    for match in (lacks, operands, used):
        kinds |= {kind.rpartition(".")[2] for key, kind in (match.groupdict() if match else {}).items()
                  if kind and key != "name"}  # fmt: skip
    wrong = kinds & _PLAIN
    if not wrong:
        return
    asked = lacks["name"] if lacks else ""
    every = mendable(context)
    elsewhere = _words_elsewhere(context)
    # A number beside a text is read or written more often than it is made into an object.
    plain = 0.2 if operands is not None and not kinds - wrong else 0.0
    for site in every[:3]:
        makers = [each for each in _makers(site, elsewhere) if _fits(each, asked, kinds - wrong, operands is not None)]
        if not wrong & {"tuple", "list"}:  # a number cannot be spread
            makers = [each for each in makers if "*" not in each.way]
        if not makers:
            continue
        seen: set[int] = set()
        for node in _values(site, wrong, asked):
            each = list(_each(site, node, makers, 0.05 * site.away))
            yield from each
            less = 0.14 if each else 0.0  # all items of the container are such ones
            places = [(site, node, 0), *((p, v, s) for p, v, s in origins(every, site, node) if p.file == site.file)]
            # Where others give it such an object already, the one place that does not is meant, not the use.
            others = [place.code(value) for place, value, steps in places if steps]
            mixed = {each.name for each in makers if any(text.startswith(f"{each.name}(") for text in others)}
            for place, value, steps in places:
                if value.start_byte in seen or value.type not in _KINDS:
                    continue
                seen.add(value.start_byte)
                for maker in makers:
                    yield from _made(
                        place,
                        value,
                        maker,
                        plain + 0.05 * site.away + 0.03 * steps + less + _at_use(maker, steps, mixed),
                    )


def _at_use(maker: _Maker, steps: int, mixed: set[str]) -> float:
    return 0.3 if not steps and maker.name in mixed else 0.0


_KINDS = frozenset({"identifier", "attribute", "subscript", "call", "string", "integer", "tuple", "list", "dictionary",
                    "concatenated_string", "float"})  # fmt: skip


def _values(site: Site, wrong: set[str], asked: str) -> Iterator[Node]:
    """The expressions of the line that are, or may be, of the type that is wrong."""
    for node in site.nodes("identifier", "attribute", "subscript", "call"):
        parent = node.parent
        if parent is None or (parent.type == "call" and field_of(parent, "function") == node):
            continue
        if parent.type in {"keyword_argument", "dotted_name"} and field_of(parent, "name") == node:
            continue
        if parent.type == "attribute":
            name = field_of(parent, "attribute")
            if name == node or (asked and name is not None and site.code(name) != asked):
                continue
        elif asked:
            continue
        if parent.type in {"assignment", "for_statement", "for_in_clause"} and field_of(parent, "left") == node:
            continue
        known = site.kind(node)
        if known is None or known in wrong:
            yield node


def _fits(maker: _Maker, asked: str, others: set[str], operands: bool) -> bool:
    if asked:
        return asked in maker.names
    if operands and not others and maker.gives in _NEVER_COUNTED:
        return False
    beside = {each for other in others for each in _BESIDE.get(other, {other})}
    return not others or maker.gives in beside or maker.gives == "" or not operands


def _made(site: Site, value: Node, maker: _Maker, malus: float) -> Iterator[Draft]:
    text = site.code(value)
    if text.startswith(f"{maker.name}(") or _inside(value, maker.name):
        return
    alike = maker.parameter == text.rpartition(".")[2]
    told = bool(maker.gives) or alike  # else nothing is known of what it gives
    prior = (0.6 if told else 0.5) + 0.2 * maker.unused + 0.18 * bool(maker.gives) + 0.12 * alike
    new = maker.way.format(text)
    if value.type == "tuple" and maker.names and maker.way == f"{maker.name}({{}})":
        new = f"{maker.name}{text}"
    yield site.put(f"Make `{new[:50]}`", value, new, min(prior, 0.9) - malus)


def _each(site: Site, node: Node, makers: list[_Maker], malus: float) -> Iterator[Draft]:
    """The items of what a loop goes through: each is made into an object where the container was given."""
    name = site.code(node)
    for loop in site.nodes_around("for_statement", "list_comprehension", "generator_expression", "set_comprehension"):
        for clause in [loop, *loop.named_children]:
            left, right = field_of(clause, "left"), field_of(clause, "right")
            if left is None or right is None or site.code(left) != name:
                continue
            for place, value, steps in origins([site], site, right):
                if value.type not in {"identifier", "attribute", "list", "call"} or place.file != site.file:
                    continue
                for maker in makers:
                    text = place.code(value)
                    base = 0.62 + 0.22 * maker.unused + 0.08 * bool(maker.names)
                    new = f"[{maker.way.format('each')} for each in {text}]"
                    if _inside(value, maker.name) or f"{maker.name}(" in text:
                        continue
                    title = f"Make a `{maker.name}` of each of `{text[:30]}`"
                    yield place.put(title, value, new, base - malus - 0.03 * steps)


def _inside(value: Node, name: str) -> bool:
    """Whether a value stands in a definition by this name."""
    node: Node | None = value
    while node is not None:
        label = field_of(node, "name") if node.type in {"function_definition", "class_definition"} else None
        if label is not None and label.text == name.encode():
            return True
        node = node.parent
    return False


def _words_elsewhere(context: Context) -> frozenset[str]:
    """What the other files of the workspace mention: a function that only tests call is not left over."""
    names = [name for name in context.workspace.python_files[:MOST_FILES] if name != context.name]
    return frozenset(word for name in names for word in re.findall(r"\w+", context.workspace.text(name) or ""))


def _makers(site: Site, elsewhere: frozenset[str]) -> Iterator[_Maker]:
    """What takes one value: classes and functions of the file, and classes that it imports."""
    root = site.tree.tree.root_node
    words = collections.Counter(re.findall(r"\w+", site.text))
    for name, (kind, way) in _STANDARD.items():
        if re.search(rf"^from [\w.]+ import [^\n]*\b{name}\b", site.text, re.MULTILINE):
            unused = words[name] == 1
            yield _Maker(name, way, name, frozenset(dir(kind)) - frozenset(dir(object)), unused=unused)
    for line in root.named_children:
        node = line.named_children[-1] if line.type == "decorated_definition" and line.named_children else line
        label = field_of(node, "name")
        if label is None or node.type not in {"function_definition", "class_definition"}:
            continue
        name = site.code(label)
        unused = words[name] == 1 and name not in elsewhere
        if node.type == "class_definition":
            made = _of_class(site, line, node, name, unused)
        else:
            made = _of_function(site, node, name, unused)
        if made is not None:
            yield made


def _of_class(site: Site, line: Node, node: Node, name: str, unused: bool) -> _Maker | None:
    said = site.code(node)
    names = frozenset(re.findall(r"def (\w+)|self\.(\w+)[^\n=]*=|^    (\w+)\s*:", said, re.MULTILINE))
    flat = frozenset(part for each in names for part in each if part and not part.startswith("__"))
    start = next(
        (
            each
            for each in walk(node)
            if each.type == "function_definition" and (field_of(each, "name") or each).text == b"__init__"
        ),
        None,
    )
    if start is not None:
        needed, first = _needed(site, start)
    else:
        fields = re.findall(r"^    (\w+)\s*:[^\n=]*(=)?", said, re.MULTILINE)
        needed = sum(not default for _, default in fields) if "dataclass" in site.code(line)[:200] else 0
        first = fields[0][0] if fields else ""
    if needed == 1:
        return _Maker(name, f"{name}({{}})", name, flat, first, unused)
    return _Maker(name, f"{name}(*{{}})", name, flat, "", unused) if needed > 1 else None


def _of_function(site: Site, node: Node, name: str, unused: bool) -> _Maker | None:
    needed, first = _needed(site, node)
    returned = [site.code(each.named_children[0]) for each in walk(node, nested=False)
                if each.type == "return_statement" and each.named_children]  # fmt: skip
    if needed != 1 or not returned or site.code(node).startswith("async"):
        return None
    match = re.match(r"([\w.]+)\(", returned[-1])
    called = match[1] if match else ""
    gives = called.rpartition(".")[2]
    if re.search(r"(?:^|\.)datetime\.(?:strptime|fromisoformat|fromtimestamp|combine)$", called):
        gives = "date" if returned[-1].endswith(".date()") else "datetime"
    elif called.endswith("date.fromisoformat"):
        gives = "date"
    names = frozenset(dir(_STANDARD[gives][0])) if gives in _STANDARD else frozenset[str]()
    classes = re.findall(rf"^class {re.escape(gives)}\b", site.text, re.MULTILINE) if gives else []
    if gives not in _STANDARD and not classes and gives not in {"str", "int", "float", "list", "set", "dict", "tuple"}:
        gives = ""
    return _Maker(name, f"{name}({{}})", gives, names, first, unused)


def _needed(site: Site, function: Node) -> tuple[int, str]:
    """How many values a function must be given, and what the first is called."""
    parameters = field_of(function, "parameters")
    plain = [each for each in parameters.named_children if each.type in {"identifier", "typed_parameter"}] if (
        parameters is not None) else []  # fmt: skip
    names = [each for each in parameters_of(function) if each not in {"self", "cls"}]
    count = len(
        [each for each in plain if site.code(each) not in {"self", "cls"} and not site.code(each).startswith("*")]
    )
    return count, names[0] if names else ""


REPAIR = Repair("unmade-value", "Make the object that is asked for of the value that is there", propose)
