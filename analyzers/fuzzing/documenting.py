"""Documents in a docstring that a function may raise an exception: an edit in the docstring's own style.

The style is the docstring's (Sphinx fields, Google or NumPy sections), else that of the file's other docstrings, else
the convention that the project's settings name, else Sphinx. Where there is no docstring one is added.

Invariant: only the docstring changes; what it says already stays as it is, byte for byte.
It says for which input, not why: words about causes would read as promises, to people and to the oracle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tree_sitter import Node

from ..findings import Edit, Evidence, FileEdit, Replacement, text_hash
from ..syntax import descend, parse
from .contract import read_contract
from .targets import definition

Style = Literal["sphinx", "google", "numpy"]

_SETTINGS = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", "tox.ini")
_NUMPY = re.compile(r"^[ \t]*(?:Parameters|Returns|Raises|Yields|Notes|Examples)[ \t]*\r?\n[ \t]*-{3,}[ \t]*\r?$", re.M)
_GOOGLE = re.compile(r"^[ \t]*(?:Args|Arguments|Returns|Yields|Raises|Attributes):[ \t]*\r?$", re.M)
_SPHINX = re.compile(r"^[ \t]*:(?:param|type|returns?|rtype|raises?|yields?)\b", re.M)
_CONVENTION = re.compile(r"^\s*convention\s*=\s*[\"']?(google|numpy|pep257)", re.M)
_LITERAL = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|')(?P<body>.*)(?P=quote)", re.S)
_EXAMPLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class _Literal:
    prefix: str
    quote: str
    body: str


def document_exception(path: Path, text: str, name: str, exception: str, call: str = "") -> Edit | None:
    """The edit that documents ``exception`` in the docstring of ``name``; ``call`` is an example of when it is raised.

    None where the docstring says so already, or where no docstring can be written (a body on the line of its ``def``).
    """
    data = text.encode("utf-8", "surrogatepass")
    module = parse(data).root_node
    node = definition(module, name)
    node = node.child_by_field_name("definition") or node if node is not None else None
    body = node.child_by_field_name("body") if node is not None else None
    first = body.named_children[0] if body is not None and body.named_children else None
    if node is None or first is None or first.start_point.row == node.start_point.row:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    line_start = data.rfind(b"\n", 0, first.start_byte) + 1
    indent = data[line_start : first.start_byte].decode("utf-8", "surrogatepass")
    if indent.strip():
        return None  # something else stands before it on its line
    literal = _docstring(first)
    spot, old = (first.start_byte, "") if literal is None else (literal.start_byte, _text(literal))
    known = _LITERAL.fullmatch(old) if literal is not None else None
    if literal is not None and (known is None or exception in read_contract(known["body"]).exceptions):
        return None
    parts = _Literal(known["prefix"], known["quote"], known["body"]) if known is not None else None
    style = _style(parts.body if parts is not None else "", module, path)
    when = _when(exception, call, raw=parts is not None and "r" in parts.prefix.lower())
    if parts is None:
        lines = ['"""', *_entry(style, exception, when, heading=True), '"""', ""]
        new = f"{newline}{indent}".join(lines)
    else:
        new = _documented(parts, style, exception, when, indent, newline)
        if new is None:
            return None
    start = len(data[:spot].decode("utf-8", "surrogatepass"))
    kept = 0
    while kept < min(len(old), len(new)) and old[kept] == new[kept]:
        kept += 1
    replacement = Replacement(start + kept, start + len(old), new[kept:])
    after = text[: replacement.start] + replacement.text + text[replacement.end :]
    if parse(after.encode("utf-8", "surrogatepass")).root_node.has_error and not module.has_error:
        return None
    return Edit(
        title=f"Document that {name} may raise {exception}",
        files=(FileEdit(str(path), text_hash(text), (replacement,)),),
        confidence=1.0,
        verified=True,  # nothing but a docstring changes
        evidence=(
            Evidence("parsed", "only the docstring changes; the file parses as before", {"parser": "tree-sitter"}),
        ),
        source="suture",
    )


def _docstring(statement: Node) -> Node | None:
    if statement.type == "expression_statement" and len(statement.named_children) == 1:
        inner = statement.named_children[0]
        return inner if inner.type == "string" else None
    return None


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "surrogatepass")


def _style(own: str, module: Node, path: Path) -> Style:
    found = _styles(own)
    if found:
        return found[0]
    counts: dict[Style, int] = {}
    for node in descend(module):
        if node.type == "block" and node.named_children:
            literal = _docstring(node.named_children[0])
            for each in _styles(_text(literal)) if literal is not None else ():
                counts[each] = counts.get(each, 0) + 1
    if counts:
        return max(counts, key=lambda each: counts[each])
    return _convention(path)


def _styles(docstring: str) -> list[Style]:
    known: tuple[tuple[Style, re.Pattern[str]], ...] = (("numpy", _NUMPY), ("google", _GOOGLE), ("sphinx", _SPHINX))
    return [style for style, pattern in known if pattern.search(docstring)]


def _convention(path: Path) -> Style:
    """What the nearest settings of a linter say."""
    for folder in path.parents:
        for name in _SETTINGS:
            try:
                match = _CONVENTION.search((folder / name).read_text("utf-8", "replace"))
            except OSError:
                continue
            if match and match[1] in ("google", "numpy"):
                return "google" if match[1] == "google" else "numpy"
        if (folder / ".git").exists() or (folder / "pyproject.toml").exists():
            break
    return "sphinx"


def _when(exception: str, call: str, *, raw: bool) -> str:
    """``for input such as ``f([])```, where the call can be written into a docstring."""
    fits = call and len(call) <= _EXAMPLE_LENGTH and "`" not in call and '"""' not in call and call.isprintable()
    if not fits or ("\\" in call and not raw):
        return "for some inputs"
    return f"for input such as ``{call}``"


def _entry(style: Style, exception: str, when: str, *, heading: bool) -> list[str]:
    """Lines relative to the docstring's own indentation."""
    sentence = when[0].upper() + when[1:] + "."
    if style == "sphinx":
        return [f":raises {exception}: {when}"]
    if style == "google":
        return [*(["Raises:"] if heading else []), f"    {exception}: {sentence}"]
    return [*(["Raises", "------"] if heading else []), exception, f"    {sentence}"]


def _documented(known: _Literal, style: Style, exception: str, when: str, indent: str, newline: str) -> str | None:
    """The literal with the entry in it; None for one that is no docstring of ours to change (f-string, bytes)."""
    if not set(known.prefix.lower()) <= {"r", "u"}:
        return None
    quote = known.quote if len(known.quote) == 3 else '"""'
    if quote != known.quote and ('"""' in known.body or known.body.endswith('"')):
        return None
    lines = known.body.split("\n")
    carriage = newline == "\r\n"
    lines = [each.removesuffix("\r") for each in lines] if carriage else lines
    section = _section(lines, style, len(indent))
    if section is not None:
        at, deeper = section
        entry = [f"{deeper}{each}" for each in _entry(style, exception, when, heading=False)]
        if style == "google":
            entry = [f"{deeper}{each.strip()}" for each in entry]
        closed = at < len(lines)
        lines[at:at] = entry
        tail = [] if closed else [indent]
    else:
        while lines and not lines[-1].strip():
            lines.pop()
        fields = style == "sphinx" and _ends_in_fields(lines)
        entry = [f"{indent}{each}" for each in _entry(style, exception, when, heading=True)]
        lines += [*([] if fields else [""]), *entry]
        tail = [indent]
    return known.prefix + quote + newline.join([*lines, *tail]) + quote


def _ends_in_fields(lines: list[str]) -> bool:
    """Whether the last paragraph is a list of fields, which an entry can join without a blank line."""
    paragraph: list[str] = []
    for line in reversed(lines):
        if not line.strip():
            break
        paragraph.append(line)
    return any(_SPHINX.match(each) for each in paragraph)


def _section(lines: list[str], style: Style, indent: int) -> tuple[int, str] | None:
    """Where an entry goes into a ``Raises`` that is there already, and how it is indented."""
    if style == "sphinx":
        return None
    for number, line in enumerate(lines):
        heading = line.strip()
        if style == "google" and heading == "Raises:":
            end, deeper = number + 1, ""
            while end < len(lines) and lines[end].strip() and _depth(lines[end]) > _depth(line):
                deeper = deeper or lines[end][: _depth(lines[end])]
                end += 1
            return end, deeper or " " * (_depth(line) + 4)
        if (
            style == "numpy"
            and heading == "Raises"
            and number + 1 < len(lines)
            and set(lines[number + 1].strip()) == {"-"}
        ):
            end = number + 2
            while end < len(lines) and lines[end].strip():
                end += 1
            return end, line[: _depth(line)]
    return None


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
