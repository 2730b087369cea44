"""What it does
    Writes as Rust what another language's grammar says: a conditional expression as ``if`` and ``else``, a counting
    loop as a range, declarations with the type first, a lambda as a closure, ``throw`` as a returned error.

Example
    ``let ending = count == 1 ? "" : "s";``

Use instead
    ``let ending = if count == 1 { "" } else { "s" };``

When it stays silent
    The line has no such form, or the file parses no further with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.tokens import Change, parsing
from ...fault import Fault
from ...repair import Context, Draft, Repair

_TERNARY = re.compile(
    r"(?P<test>[^?=(,;{}]*(?:[=!<>]=|\([^()]*\))?[^?=,;{}]*?)\s\?\s*(?P<one>[^?:]+?)\s+:\s+(?P<two>[^;:]+?)(?P<end>[;)]*\s*)$"
)
_TYPES = {"int": "i32", "long": "i64", "float": "f64", "double": "f64", "string": "String", "String": "String",
          "boolean": "bool", "bool": "bool", "char": "char", "number": "f64", "uint": "u32"}  # fmt: skip
_NAMES = "|".join(_TYPES)
_FORMS = (
    (
        re.compile(r"=\s*([^=;]+?)\s+if\s+([^;]+?)\s+else\s+([^;{}]+);"),
        r"= if \2 { \1 } else { \3 };",
        "Choose with `if`",
        0.95,
    ),
    (
        re.compile(
            r"\bfor \(?(?:let |int |var )?(?:mut )?(\w+) = ([^;]+); ?\1 < ([^;]+); ?(?:\1\+\+|\+\+\1|\1 \+= 1)\)? \{"
        ),
        r"for \1 in \2..\3 {",
        "Count over a range",
        0.95,
    ),
    (
        re.compile(
            r"\bfor \(?(?:let |int |var )?(?:mut )?(\w+) = ([^;]+); ?\1 <= ([^;]+); ?(?:\1\+\+|\+\+\1|\1 \+= 1)\)? \{"
        ),
        r"for \1 in \2..=\3 {",
        "Count over a range",
        0.95,
    ),
    (
        re.compile(r"\bfor \(?(?:let |const |var |auto )?(?:mut )?(\w+) (?:of|:) ([^{]+?)\)? \{"),
        r"for \1 in \2 {",
        "Walk with `in`",
        0.94,
    ),
    (
        re.compile(r"\bfor (\w+(?:, ?\w+)?) in range\(([^(),]+)\)\s*[:{]"),
        r"for \1 in 0..\2 {",
        "Count over a range",
        0.94,
    ),
    (re.compile(rf"(?m)^(\s*)({_NAMES}) (\w+) = (.+);$"), r"\1let mut \3 = \4;", "Declare with `let`", 0.93),
    (re.compile(r"(?m)^(\s*)(?:var|auto) (\w+) ?:?= (.+);?$"), r"\1let mut \2 = \3;", "Declare with `let`", 0.93),
    (re.compile(r"(?m)^(\s*)(\w+) := (.+?);?$"), r"\1let mut \2 = \3;", "Declare with `let`", 0.95),
    (
        re.compile(r"(\bfn\b[^{\n]*\))\s*(?:=>|:)\s*([\w&<>\[\], ]+?)\s*\{"),
        r"\1 -> \2 {",
        "Write the result behind an arrow",
        0.95,
    ),
    (re.compile(rf"([(,] ?)({_NAMES}) (\w+)(?=[,)])"), None, "Write the type behind the name", 0.93),
    (re.compile(r"\((\w+(?:, ?\w+)*)\) => "), r"|\1| ", "Write a closure", 0.94),
    (re.compile(r"(?<=\()(\w+) => (?!\{?$)"), r"|\1| ", "Write a closure", 0.9),
    (re.compile(r"\blambda (\w+(?:, ?\w+)*): ?"), r"|\1| ", "Write a closure", 0.94),
    (re.compile(r"\bthrow (?:new )?([^;]+);"), r"return Err(\1);", "Return the error", 0.93),
    (re.compile(r"\bnew (\w+)\("), r"\1::new(", "Call `new` of the type", 0.93),
    (
        re.compile(r"(?m)^(\s*)(?:public|private|protected|export) (?=fn|struct|enum|trait|const)"),
        r"\1pub ",
        "Write `pub`",
        0.93,
    ),
    (re.compile(r"\bconst (\w+) = (?=[^;]*;)"), r"let \1 = ", "Declare with `let`", 0.9),
    (re.compile(r"\b(if|while) \((.+)\) (?!\{)(.+;)$"), r"\1 \2 { \3 }", "Put the statement in a block", 0.93),
    (re.compile(r"\bvec\["), "vec![", "Call the macro", 0.93),
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.category == "syntax":
        yield from parsing(context, "rust", _changes(context))


def _changes(context: Context) -> Iterator[Change]:
    broken = [context.lines.position(each)[0] for each in rust.tree_of(context.text).errors()[:2]]
    for row in dict.fromkeys([context.fault.line, *broken]):
        start, end = context.lines.bounds(row)
        line = context.text[start:end]
        match = _TERNARY.search(line)
        if match is not None:
            test = match["test"].strip()
            lead = match["test"][: len(match["test"]) - len(match["test"].lstrip())]
            word = re.match(r"return\s+", test)
            test, before = (test[word.end() :], word[0]) if word else (test, "")
            chosen = f"if {test} {{ {match['one']} }} else {{ {match['two']} }}"
            new = f"{line[: match.start()]}{lead}{before}{chosen}{match['end']}"
            yield "Choose with `if`", ((start, end, new),), 0.96
        for pattern, form, title, prior in _FORMS:
            new = pattern.sub(form if form is not None else _behind, line)
            if new != line:
                yield title, ((start, end, new),), prior
                whole = pattern.sub(form if form is not None else _behind, context.text)
                yield f"{title}, all over the file", ((0, len(context.text), whole),), prior - 0.04


def _behind(match: re.Match[str]) -> str:
    return f"{match[1]}{match[3]}: {_TYPES[match[2]]}"


REPAIR = Repair("rust-foreign-form", "Write as Rust what another language's grammar says", propose, languages=("rust",))
