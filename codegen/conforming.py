"""What a draft must keep of the definition that it fills in or changes.

A stub keeps its decorators, its signature and its docstring: only the body of the draft counts, and a draft whose
signature says something else was written for another function. A selection keeps its signature, for others rely on it.

Invariant: a draft for a comment or a failing test passes as it is.
"""

from __future__ import annotations

import ast

from .triggers import definitions as defs
from .triggers.definitions import Argument, Definition, Parsed
from .triggers.target import Target


def conformed(target: Target, code: str) -> tuple[str, str]:
    """(the definition as it will stand, why it is refused): ``code`` at depth 0, four spaces a level."""
    if not target.replaces:
        return code, ""
    parsed = Parsed.of(code)
    found = [each for each in defs.top_definitions(parsed) if each.name == target.name]
    if not found:
        return code, _unread(code) or f"it defines no {target.name}"
    drafted = found[-1]
    problem = _difference(target, parsed, drafted)
    if problem:
        return code, problem
    if target.kind == "selection":
        return code, ""
    others = [each for each in defs.top_definitions(parsed) if each.name != target.name]
    if others and (target.class_name or target.in_function):
        return code, f"it brings {others[0].name} along, for which there is no place beside {target.name}"
    helpers = "".join(f"{parsed.text(each.whole).rstrip()}\n\n\n" for each in others)
    return helpers + whole_of(target, body_of(parsed, drafted)), ""


def _unread(code: str) -> str:
    """Where code does not parse; empty if it does."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        return f"it does not parse: {error.msg} (line {error.lineno} of the code)"
    except (ValueError, RecursionError) as error:  # a null character, before Python 3.12; nested too deeply
        return f"it does not parse: {error}"
    return ""


def whole_of(target: Target, body: str) -> str:
    """The stub's definition with ``body`` (lines at depth 1) instead of its placeholder."""
    head = "".join(f"{each}\n" for each in target.decorators) + f"{target.signature}:\n"
    parsed = Parsed.of(target.code)
    whole = next(iter(defs.top_definitions(parsed)))
    statement = defs.docstring_node(whole.node)
    words = f"    {parsed.text(statement)}\n" if statement is not None else ""
    return head + words + body


def body_of(parsed: Parsed, definition: Definition) -> str:
    """The lines of a function's body after its docstring, as they are indented there."""
    inner = defs.statements(definition.node)
    described = defs.docstring_node(definition.node)
    kept = inner[1:] if described is not None else inner
    if not kept:
        return "    pass\n"
    above = described.end_point.row if described is not None else _colon_row(definition)
    lines = parsed.data.decode("utf-8", "surrogatepass").split("\n")
    if kept[0].start_point.row == above:  # on the line of its header, or of its docstring
        return f"    {parsed.data[kept[0].start_byte : kept[-1].end_byte].decode('utf-8', 'surrogatepass')}\n"
    return "\n".join(lines[above + 1 : kept[-1].end_point.row + 1]).strip("\n") + "\n"


def _colon_row(definition: Definition) -> int:
    colons = [each for each in definition.node.children if each.type == ":"]
    return colons[-1].end_point.row if colons else definition.node.start_point.row


# --- signatures ------------------------------------------------------------------------------------------------------


def _difference(target: Target, parsed: Parsed, drafted: Definition) -> str:
    given = Parsed.of(f"{target.signature}:\n    pass\n")
    wanted = next(iter(defs.top_definitions(given)))
    if wanted.is_class or drafted.is_class:
        return "" if wanted.is_class == drafted.is_class else f"{target.name} is no longer what it was"
    if defs.is_async(wanted.node) != defs.is_async(drafted.node):
        return f"the signature differs: {target.name} must {'' if defs.is_async(wanted.node) else 'not '}be async"
    old, new = defs.arguments(given, wanted.node), defs.arguments(parsed, drafted.node)
    problem = _differs(old, new) or _result_differs(
        defs.returned(given, wanted.node), defs.returned(parsed, drafted.node)
    )
    if not problem and target.kind == "selection" and _hints_lost(old, new):
        problem = "its type hints are gone"
    return f"the signature differs from {target.signature}: {problem}" if problem else ""


def _hints_lost(old: tuple[Argument, ...], new: tuple[Argument, ...]) -> bool:
    return any(a.hint and not b.hint for a, b in zip(old, new, strict=True))


def _differs(old: tuple[Argument, ...], new: tuple[Argument, ...]) -> str:
    for number in range(max(len(old), len(new))):
        if number >= len(new):
            return f"{_shown(old[number])} is missing"
        if number >= len(old):
            return f"{_shown(new[number])} is new"
        a, b = old[number], new[number]
        if (a.name, a.kind) != (b.name, b.kind):
            return f"{_shown(b)} instead of {_shown(a)}"
        if a.default.replace("'", '"') != b.default.replace("'", '"'):
            return f"the default of {a.name} is {b.default or 'gone'}"
        if a.hint and b.hint and a.hint != b.hint:
            return f"{a.name} is {b.hint}, not {a.hint}"
    return ""


def _result_differs(old: str, new: str) -> str:
    return f"it returns {new}, not {old}" if old and new and old != new else ""


def _shown(argument: Argument) -> str:
    return f"{argument.kind}{argument.name}"
