"""Faults that lie in a data or settings file: which file, and where in it.

The file is the one that the message names; else, of the files that the code around the calls names, the one that fails
to parse at the printed place, or that holds the keys that a schema complains of. A ``KeyError`` stays at its line; it
is a fault of the settings only where they were loaded from a file that the code names and that lacks the key.

Invariant: data files are parsed as data, never executed; where no file is certain the fault keeps its place in the
code.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import cast

from .fault import Fault
from .spelling import closest
from .workspace import SKIPPED, Workspace

SUFFIXES = (".json", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".conf")
#: Files of code in which data files are named.
CODE = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
#: Data files of a workspace that are looked at; a larger workspace is searched in part.
MAX_FILES = 500

_LITERAL = re.compile(r"""["']([^"'\n]*\.(?:json|toml|ya?ml|ini|cfg|conf))["']""")
_JSON = re.compile(r": line (?P<line>\d+) column (?P<column>\d+) \(char \d+\)")
_TOML = re.compile(r"\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")
_YAML = re.compile(r'in "(?P<path>[^"]+)", line (?P<line>\d+), column (?P<column>\d+)')
_POSITION = re.compile(r"JSON at position (?P<at>\d+)")
#: What V8 quotes of a text that is no JSON, without a position; and how it says that one ends too early.
_SNIPPET = re.compile(r"^Unexpected .+?, (?:\.\.\.)?\"(?P<text>.*)\"(?:\.\.\.)? is not valid JSON", re.DOTALL)
_ENDED = "Unexpected end of JSON input"
_INI = re.compile(r"'(?P<path>[^'\n]+)'(?:, line: (?P<first>\d+)|[^']*?\[line +(?P<line>\d+)\])")
_INSTANCE = re.compile(r"^On instance(?P<keys>(?:\[[^\]]*\])*):$", re.MULTILINE)
_FIELD = re.compile(r"^(?P<keys>\S+(?: -> \S+)*)\n +\S", re.MULTILINE)
_LOADS = re.compile(r"\b(?:json|tomllib|tomli|toml|yaml)\.(?:safe_)?loads?\b|\bjson\.load\b|\bConfigParser\b")
_SETTINGS = re.compile(r"(?i)(?:^|_)(?:config|conf|cfg|settings?|options|preferences|prefs)(?:$|_)")


def in_data(fault: Fault, workspace: Workspace) -> Fault:
    """The fault, moved into the data file that it lies in, if that is certain."""
    if fault.language == "javascript" and fault.exception == "SyntaxError":
        return _json_of_javascript(fault, workspace)
    if fault.language != "python" or not fault.path:
        return fault
    if fault.exception == "KeyError":
        return _missing_key(fault, workspace)
    if fault.category != "config":
        return fault
    name = fault.exception.rpartition(".")[2]
    if name == "ValidationError":
        return _refused(fault, workspace)
    for pattern, suffixes in ((_YAML, SUFFIXES), (_INI, SUFFIXES), (_JSON, (".json",)), (_TOML, (".toml",))):
        matches = [*pattern.finditer(fault.message)]
        if not matches:
            continue
        said = matches[-1].groupdict()
        line, column = int(said.get("line") or said.get("first") or 0) - 1, int(said.get("column") or 0) - 1
        found = _named(said["path"], workspace) if "path" in said else ""
        found = found or _broken(fault, workspace, suffixes, line)
        if found:
            if line < 0:
                line, column = (workspace.text(found) or "").rstrip("\n").count("\n"), -1
            return _at(fault, found, line, column)
        return fault
    return fault


def _json_of_javascript(fault: Fault, workspace: Workspace) -> Fault:
    """A text that ``JSON.parse`` refused: in the one file that the code names, that is no JSON, and that holds what V8
    quotes, or stops being JSON no later than where V8 says (in UTF-16 units)."""
    place, snippet = _POSITION.search(fault.message), _SNIPPET.match(fault.message)
    if not fault.path or not (place or snippet or fault.message.startswith(_ENDED)):
        return fault
    broken = [each for each in _mentioned(fault, workspace) if each.endswith(".json") and _stops(workspace, each)]
    if len(broken) != 1:
        return fault
    text = workspace.text(broken[0]) or ""
    if snippet is not None and snippet["text"].rstrip() not in text:
        return fault
    if place is not None:
        units, at = text.encode("utf-16-le", "surrogatepass"), 2 * int(place["at"])
        before = units[:at].decode("utf-16-le", "replace").split("\n")
        if at > len(units) or len(before) < _stops(workspace, broken[0]):
            return fault
    else:
        before = text.split("\n")[: _stops(workspace, broken[0])]
        before[-1] = ""
    return _at(replace(fault, category="config"), broken[0], len(before) - 1, len(before[-1]))


def _at(fault: Fault, name: str, line: int, column: int = -1) -> Fault:
    note = f"read at {fault.path}:{fault.line + 1}"
    return replace(fault, path=name, line=line, column=column, end_column=-1, notes=(*fault.notes, note))


def data_files(workspace: Workspace) -> tuple[str, ...]:
    """Relative paths of the data files of the workspace, sorted."""
    found = {name for name in workspace.files if name.endswith(SUFFIXES)}
    for folder, folders, names in os.walk(workspace.root):
        folders[:] = sorted(each for each in folders if each not in SKIPPED and not each.startswith("."))
        base = PurePosixPath(os.path.relpath(folder, workspace.root).replace(os.sep, "/"))
        found.update((base / name).as_posix() for name in names if name.endswith(SUFFIXES))
        if len(found) >= MAX_FILES:
            break
    return tuple(sorted(found)[:MAX_FILES])


def _named(path: str, workspace: Workspace) -> str:
    """The one data file that a path or the end of one stands for."""
    found = [each for each in data_files(workspace) if f"/{each}".endswith("/" + path.removeprefix("./").lstrip("/"))]
    name = workspace.relative(path)
    return name or (found[0] if len(found) == 1 else "")


def _mentioned(fault: Fault, workspace: Workspace) -> list[str]:
    """Data files that the code of the calls names as literals."""
    found: list[str] = []
    for path in dict.fromkeys((fault.path, *(frame.path for frame in fault.frames))):
        for literal in _LITERAL.findall(workspace.text(path) or "" if path.endswith(CODE) else ""):
            name = _named(literal, workspace)
            if name:
                found.append(name)
    return list(dict.fromkeys(found))


def _broken(fault: Fault, workspace: Workspace, suffixes: Sequence[str], line: int) -> str:
    """The data file that does not parse; where several do not, the one whose line says so too."""
    for names, likely in ((_mentioned(fault, workspace), True), (data_files(workspace), False)):
        wanted = [each for each in names if each.endswith(tuple(suffixes))]
        broken = [(each, stop - 1) for each in wanted if (stop := _stops(workspace, each))]
        exact = [each for each, stop in broken if stop == line]
        if len(exact) == 1:
            return exact[0]
        if likely and len(broken) == 1 and abs(broken[0][1] - line) <= 1:
            return broken[0][0]
    return ""


def _stops(workspace: Workspace, name: str) -> int:
    """The line (from 1) at which a file stops being JSON or TOML; 0 if it is, or is neither."""
    text = workspace.text(name) or ""
    try:
        if name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".toml"):
            tomllib.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    except tomllib.TOMLDecodeError as error:
        match = _TOML.search(str(error))
        return int(match["line"]) if match and match["line"] else text.rstrip("\n").count("\n") + 1
    except RecursionError:
        return 0
    return 0


def _document(workspace: Workspace, name: str) -> object:
    """What a JSON or TOML file holds; None if it cannot be read."""
    text = workspace.text(name) or ""
    try:
        return json.loads(text) if name.endswith(".json") else tomllib.loads(text) if name.endswith(".toml") else None
    except (ValueError, RecursionError):
        return None


def _refused(fault: Fault, workspace: Workspace) -> Fault:
    """A document that a schema refused: at the key of the first complaint."""
    match = _INSTANCE.search(fault.message)
    if match:
        keys = [key.strip("'\"") for key in re.findall(r"\[([^\]]*)\]", match["keys"])]
    else:
        field = _FIELD.search(fault.message)
        keys = re.split(r" -> |\.", field["keys"]) if field else []
    for name in _mentioned(fault, workspace):
        document = _document(workspace, name)
        depth = _depth(document, keys) if document is not None else len(keys)
        if keys and depth < len(keys) - 1:
            continue
        line = _line_of(workspace.text(name) or "", keys[:depth])
        if line >= 0:
            return _at(fault, name, line)
    return fault


def _depth(document: object, keys: Sequence[str]) -> int:
    """How many of the keys lead into the document."""
    for number, key in enumerate(keys):
        if isinstance(document, dict) and key in document:
            document = cast("dict[str, object]", document)[key]
        elif isinstance(document, list) and key.isdigit() and int(key) < len(cast("list[object]", document)):
            document = cast("list[object]", document)[int(key)]
        else:
            return number
    return len(keys)


def _line_of(text: str, keys: Sequence[str]) -> int:
    """The line on which the last of nested keys stands; -1 if one is not found below the one before."""
    position, line = 0, 0
    for key in keys:
        if key.isdigit():
            continue
        pattern = rf"""(?:^|[\s{{,\[])["']?{re.escape(key)}["']?\s*(?:[:=]|\])"""
        match = re.compile(pattern, re.MULTILINE).search(text, position)
        if match is None:
            return -1
        position = match.end()
        line = text.count("\n", 0, text.index(key, match.start()))
    return line


def _missing_key(fault: Fault, workspace: Workspace) -> Fault:
    """A ``KeyError`` of settings that were loaded from a file: the file that lacks the key is named."""
    key = fault.message.strip()[1:-1]
    text = workspace.text(fault.path) or ""
    lines = text.split("\n")
    if not key or not 0 <= fault.line < len(lines):
        return fault
    for name, chain in _subscripts(lines[fault.line]):
        if chain[-1] != key or re.search(rf"\b{name}\s*(?::[^=\n]+)?=\s*\{{", text):
            continue
        for data, document in _loaded(fault, workspace):
            holder = document if _depth(document, chain[:-1]) == len(chain) - 1 else None
            for each in chain[:-1] if holder is not None else ():
                holder = cast("dict[str, object]", holder)[each] if isinstance(holder, dict) else None
            if not isinstance(holder, dict) or key in holder or not _is_document(name, text, document):
                continue
            near = closest(key, frozenset(cast("dict[str, object]", holder)), least=0.7)
            hint = f"; it has {near[0]!r}" if near else ""
            return replace(fault, category="config", notes=(*fault.notes, f"{data} has no key {key!r}{hint}"))
    return fault


def _subscripts(line: str) -> Iterator[tuple[str, list[str]]]:
    """Names with the constant keys that they are subscripted by."""
    for match in re.finditer(r"""\b([A-Za-z_]\w*)((?:\[(?:"[^"\]]+"|'[^'\]]+')\])+)""", line):
        yield match[1], [key.strip("\"'") for key in re.findall(r"\[([^\]]+)\]", match[2])]


def _loaded(fault: Fault, workspace: Workspace) -> Iterator[tuple[str, object]]:
    """Data files that the code of the calls names, where it loads any, and what they hold."""
    paths = dict.fromkeys((fault.path, *(frame.path for frame in fault.frames)))
    if any(_LOADS.search(workspace.text(path) or "") for path in paths):
        for name in _mentioned(fault, workspace):
            document = _document(workspace, name)
            if isinstance(document, dict):
                yield name, cast("dict[str, object]", document)


def _is_document(name: str, text: str, document: object) -> bool:
    """Whether a variable holds the document: it is assigned from a loader, is called after settings, or is asked for
    another key of the document."""
    if re.search(rf"\b{name}\s*=\s*(?:\w+\.)*(?:safe_)?load", text) or _SETTINGS.search(name):
        return True
    others = re.findall(rf"""\b{name}\[["']([^"']+)["']\]""", text)
    return isinstance(document, dict) and any(other in document for other in others)
