"""What it does
    Writes as Go what another language's grammar says: a conditional expression as an ``if``, ``for … in`` as a range,
    declarations with the type first, arrows before results, texts in single quotes.

Example
    ``limit := value > high ? high : value``

Use instead
    ``limit := value`` and ``if value > high { limit = high }``

When it stays silent
    The line has no such form, or the file parses no further with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import go
from ...compiled.tokens import Change, parsing
from ...fault import Fault
from ...repair import Context, Draft, Repair

_ASSIGNED = re.compile(
    r"^(?P<indent>\s*)(?P<target>var \w+ =|const \w+ =|[\w.\[\], ]+ :=|[\w.\[\]]+ =|return)\s+(?P<value>.+)$"
)
_TERNARY = re.compile(r"^(?P<test>[^?]+?)\s*\?\s*(?P<one>[^?]+?)\s+:\s+(?P<two>[^?]+?);?$")
_PYTHON = re.compile(r"^(?P<one>.+?)\s+if\s+(?P<test>.+?)\s+else\s+(?P<two>.+)$")
_TYPES = "int|int64|float64|string|bool|byte|rune|error"
#: (what is written, what it is in Go, what it is called, how likely).
_FORMS = (
    (
        re.compile(r"\bfor \(?(?:let |var |const )?(\w+) (?:in|of) (?!range\b)([^{]+?)\)?\s*\{"),
        r"for _, \1 := range \2 {",
        "Walk with range",
        0.93,
    ),
    (
        re.compile(r"\bfor (\w+), ?(\w+) in (?:enumerate\((.+)\)|([^{]+?))\s*\{"),
        r"for \1, \2 := range \3\4 {",
        "Walk with range",
        0.93,
    ),
    (
        re.compile(r"\bfor ((?:\w+, ?)?\w+) (:?=) (?!range\b)([^;{]+(?:\{[^{};]*\})?) \{$"),
        r"for \1 \2 range \3 {",
        "Walk with range",
        0.95,
    ),
    (
        re.compile(r"\bfor ((?:\w+, ?)?\w+) (?:in )?range\(?([\w.\[\]]+)\)?\s*\{"),
        r"for \1 := range \2 {",
        "Walk with range",
        0.93,
    ),
    (re.compile(r"\bfor \((.+;.+;.+)\)\s*\{"), r"for \1 {", "Leave out the brackets", 0.95),
    (re.compile(r"(?m)^(\s*)(?:\+\+|--)([\w.]+);?$"), None, "Count behind the name", 0.95),
    (
        re.compile(r"\b(func\b[^{\n]*\))\s*(?:->|=>|:)\s*([\w.*\[\]]+)\s*\{"),
        r"\1 \2 {",
        "Write the result behind the brackets",
        0.94,
    ),
    (
        re.compile(rf"(?m)^(\s*)({_TYPES}) (\w+) = (.+?);?$"),
        r"\1var \3 \2 = \4",
        "Write the type behind the name",
        0.94,
    ),
    (re.compile(rf"(?m)^(\s*)({_TYPES}) (\w+);?$"), r"\1var \3 \2", "Write the type behind the name", 0.94),
    (
        re.compile(rf"(?<=[(,] )({_TYPES}) (\w+)(?=[,)])|(?<=\()({_TYPES}) (\w+)(?=[,)])"),
        r"\2\4 \1\3",
        "Write the type behind the name",
        0.85,
    ),
    (re.compile(r"(?m)^(\s*)const (\w+) := "), r"\1const \2 = ", "Declare with `=`", 0.95),
    (re.compile(r"(?m)^var (\w+) := "), r"var \1 = ", "Declare with `=`", 0.95),
    (re.compile(r"(?m)^(\w+) := "), r"var \1 = ", "Declare with `var`", 0.96),
    (re.compile(r"(?m)^(\s+)var (\w+) := "), r"\1\2 := ", "Declare with `:=`", 0.94),
    (re.compile(r"(?m)^(\s*)(?:let|auto|const|var) (?:mut )?(\w+) = (.+);$"), r"\1\2 := \3", "Declare with `:=`", 0.9),
    (re.compile(r"(?m)^import ([\w/]+)$"), r'import "\1"', "Quote the package", 0.95),
    (
        re.compile(r"(?m)^(\s*)(?:public|private|static|export) (?=func|type|var|const)"),
        r"\1",
        "Leave out the word",
        0.94,
    ),
    (re.compile(r"(?m)^(\s*)(?:class|struct) (\w+)\s*\{"), r"\1type \2 struct {", "Declare a struct", 0.94),
    (re.compile(r"(?m)^(\s*)(type \w+) (?:class|\{)"), r"\1\2 struct {", "Declare a struct", 0.8),
    (re.compile(r"(?m)^(\s*)interface (\w+)\s*\{"), r"\1type \2 interface {", "Declare an interface", 0.94),
    (re.compile(r"\bis not nil\b|\bis nil\b"), None, "Compare with `nil`", 0.94),
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    text = fault.message.startswith("more than one character in rune literal")
    if text or (fault.category == "syntax" and "rune literal" in fault.message):
        yield from _quoted(context)
    elif fault.category == "syntax":
        yield from parsing(context, "go", _changes(context))


def _quoted(context: Context) -> Iterator[Draft]:
    """All texts in single quotes of the line, in double ones."""
    start, end = context.lines.bounds(context.fault.line)
    line = context.text[start:end]
    new = re.sub(r"'((?:[^'\\\n]|\\.){2,}|)'", _in_double, line)
    if new != line:
        yield context.edit("Write the text in double quotes", [(start, end, new)], 0.96)
    whole = re.sub(r"'((?:[^'\\\n\"`]|\\[^'x0-7uU]){2,})'", _in_double, context.text)
    if whole.count("\n") == context.text.count("\n") and whole != context.text.replace(line, new, 1):
        yield Draft("Write all texts in double quotes", {context.name: whole}, 0.9)


def _in_double(match: re.Match[str]) -> str:
    inner = match[1].replace("\\'", "'")
    if re.fullmatch(r"\\(?:[abfnrtv\\]|x..|u.{4}|U.{8}|[0-7]{3})", inner):
        return match[0]
    return '"' + inner.replace('"', '\\"') + '"'


def _changes(context: Context) -> Iterator[Change]:
    rows = dict.fromkeys([context.fault.line, *_broken(context)])
    for row in rows:
        start, end = context.lines.bounds(row)
        line = context.text[start:end]
        for title, new, prior in _conditional(line):
            yield title, ((start, end, new),), prior
        for pattern, form, title, prior in _FORMS:
            new = pattern.sub(form if form is not None else _special, line)
            if new != line:
                yield title, ((start, end, new),), prior
                whole = pattern.sub(form if form is not None else _special, context.text)
                yield f"{title}, all over the file", ((0, len(context.text), whole),), prior - 0.04


def _special(match: re.Match[str]) -> str:
    if match[0].endswith("nil"):
        return "!= nil" if "not" in match[0] else "== nil"
    sign = "++" if "++" in match[0] else "--"
    return f"{match[1]}{match[2]}{sign}"


def _broken(context: Context) -> list[int]:
    return [context.lines.position(each)[0] for each in go.tree_of(context.text).errors()[:2]]


def _conditional(line: str) -> Iterator[tuple[str, str, float]]:
    """``target = test ? one : two`` as an ``if``."""
    match = _ASSIGNED.match(line)
    if match is None:
        return
    value = match["value"].strip()
    found = _TERNARY.match(value) or _TERNARY.match(value.strip("()")) or _PYTHON.match(value)
    if found is None:
        return
    indent, target = match["indent"], match["target"]
    test, one, two = found["test"].strip(), found["one"], found["two"]
    test = test[1:-1] if test.startswith("(") and test.endswith(")") and test.count("(") == 1 else test
    title = "Choose with `if`"
    if target == "return":
        yield title, f"{indent}if {test} {{\n{indent}\treturn {one}\n{indent}}}\n{indent}return {two}", 0.96
        return
    name = re.sub(r"^(?:var|const) | :?=$", "", target)
    inner = f"{indent}if {test} {{\n{indent}\t{name} = {{}}\n{indent}}}"
    if target.endswith(":=") or target.startswith(("var ", "const ")):
        yield title, f"{indent}{name} := {two}\n{inner.replace('{}', one)}", 0.96
        turned = f"{indent}if !({test}) {{\n{indent}\t{name} = {two}\n{indent}}}"
        yield title, f"{indent}{name} := {one}\n{turned}", 0.9
    else:
        yield title, f"{inner.replace('{}', one)} else {{\n{indent}\t{name} = {two}\n{indent}}}", 0.96


REPAIR = Repair("go-foreign-form", "Write as Go what another language's grammar says", propose, languages=("go",))
