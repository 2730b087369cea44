"""A definition whose body is still to be written: ``def f(…) -> T:`` with a docstring and ``...``, ``pass`` or
``raise NotImplementedError``.

Its docstring (or a comment above it) says what is wanted. Members of protocols, abstract methods and overloads are
meant to have no body; they are no stubs, and neither is a function about which nothing is said. A class is one if it
has nothing but a docstring that names its methods.

    def initials(name: str) -> str:
        '''Return the initials: initials("Ada Lovelace") -> "AL"'''
        ...
"""

from __future__ import annotations

import re

from ...analyzers.source import LineIndex
from . import definitions as defs
from .definitions import Definition, Parsed
from .target import Target

#: Something that a stub holds; without it near the line nothing is parsed.
_HINT = re.compile(r"\.\.\.|\bpass\b|\bNotImplementedError\b|\"\"\"|'''")
_NEAR = 60  # lines

_BODILESS = re.compile(r"@(?:\w+\.)*(?:overload|abstractmethod|abstractproperty|abstractclassmethod)\b")
_PROTOCOL = re.compile(r"\bProtocol\b")
_METHOD = re.compile(r"\b[a-z_]\w*\([^()]*\)")
_COMMENT_LINE = re.compile(r"[ \t\f]*#+ ?(.*)")


def stub_at(text: str, line: int) -> Target | None:
    """The stub whose lines hold ``line`` (0-based), if there is one."""
    index = LineIndex(text)
    if not 0 <= line < len(index.starts):
        return None
    near = text[index.starts[max(0, line - _NEAR)] : index.starts[min(len(index.starts) - 1, line + _NEAR)] + 200]
    return stub_in(Parsed.of(text), line) if _HINT.search(near) else None


def stub_in(parsed: Parsed, line: int) -> Target | None:
    """:func:`stub_at` of a text whose tree is there. Costs what the definition around the line is long."""
    definition = unwritten_at(parsed, line)
    if definition is None:
        return None
    decorators = defs.decorators(parsed, definition)
    if any(_BODILESS.match(each) for each in decorators) or _in_protocol(parsed, definition):
        return None
    said = defs.docstring(parsed, definition.node) or _comment_above(parsed, definition)
    if not said:
        return None
    return target_of(parsed, definition, "stub", said)


def unwritten_at(parsed: Parsed, line: int) -> Definition | None:
    """The definition around a line if it has no body yet, whatever its surroundings say of it."""
    definition = next(defs.definitions_around(parsed, line), None)
    if definition is None or not (_class_stub if definition.is_class else is_stub)(parsed, definition.node):
        return None
    return definition


def target_of(parsed: Parsed, definition: Definition, kind: str, text: str) -> Target:
    """The target that stands for a whole definition."""
    whole = parsed.text(definition.whole)
    return Target(
        first=definition.first,
        last=definition.last,
        indent=definition.indent,
        text=text,
        class_name=_classes(parsed, definition),
        in_function=any(each.type == "function_definition" for each in definition.parents),
        kind="selection" if kind == "selection" else "stub",
        name=definition.name,
        signature=defs.signature(parsed, definition.node),
        decorators=defs.decorators(parsed, definition),
        docstring=defs.docstring(parsed, definition.node),
        code=defs.at_depth_zero(whole, definition.indent, unit_of(parsed, definition)),
    )


def _classes(parsed: Parsed, definition: Definition) -> str:
    """The classes directly around a definition: ``Outer.Inner``."""
    names: list[str] = []
    for each in reversed(definition.parents):
        name = each.child_by_field_name("name")
        if each.type != "class_definition" or name is None:
            break
        names.insert(0, parsed.text(name))
    return ".".join(names)


def unit_of(parsed: Parsed, definition: Definition) -> str:
    """The indentation of a definition's body over its own."""
    inner = defs.statements(definition.node)
    if not inner:
        return "    "
    line = parsed.lines.line_text(defs.first_line(inner[0]))
    indent = line[: len(line) - len(line.lstrip(" \t\f"))]
    return indent.removeprefix(definition.indent) or "    "


def is_stub(parsed: Parsed, node: defs.Node) -> bool:
    """Whether a function's body says nothing yet."""
    inner = defs.statements(node)
    has_docstring = defs.docstring_node(node) is not None
    rest = inner[1:] if has_docstring else inner
    if not rest:  # a docstring alone is a body, but not for a function that must return something
        return has_docstring and defs.returned(parsed, node) not in ("", "None", "NoReturn", "Never")
    return len(rest) == 1 and placeholder(parsed, rest[0])


def _class_stub(parsed: Parsed, node: defs.Node) -> bool:
    """Whether a class of its own holds words and no body, and the words name a method (``add(number)``): exceptions
    and markers have no body by design."""
    inner = defs.statements(node)
    if defs.docstring_node(node) is None or node.child_by_field_name("superclasses") is not None:
        return False
    written = all(placeholder(parsed, each) for each in inner[1:]) and len(inner) <= 2
    return written and _METHOD.search(defs.docstring(parsed, node)) is not None


def placeholder(parsed: Parsed, statement: defs.Node) -> bool:
    """``...``, ``pass`` or ``raise NotImplementedError``."""
    if statement.type == "pass_statement":
        return True
    written = "".join(parsed.text(statement).split())
    return written == "..." or re.match(r"raiseNotImplementedError\b", written) is not None


def _in_protocol(parsed: Parsed, definition: Definition) -> bool:
    around = definition.parents[-1] if definition.parents else None
    bases = around.child_by_field_name("superclasses") if around is not None else None
    return bases is not None and _PROTOCOL.search(parsed.text(bases)) is not None


def _comment_above(parsed: Parsed, definition: Definition) -> str:
    lines: list[str] = []
    for number in range(definition.first - 1, -1, -1):
        line = parsed.lines.line_text(number)
        match = _COMMENT_LINE.fullmatch(line)
        if match is None or not line.startswith(definition.indent + "#"):
            break
        lines.insert(0, match[1].rstrip())
    return "\n".join(lines).strip()
