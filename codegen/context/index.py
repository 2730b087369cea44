"""The functions and classes of a workspace as a prompt needs them: heads, words, calls; read once a change of a file.

A process that lives long keeps what it has read by the file's stamp, so that a second look costs a walk over the
folders. A look ends after :data:`SECONDS`: of a large workspace the files nearest to the one that is written are known.

Invariant: only files that may be shown (:mod:`.visible`) are read, and nothing runs.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tree_sitter import Node

from ...analyzers.errors import SutureError
from ...analyzers.source import read_source
from ...analyzers.syntax import descend, parse, text_of
from ...analyzers.tests_of import in_tests
from ..words import words_of
from .listing import File, listing
from .scope import name_of, shown
from .visible import blanked

#: Seconds that one look may take, bytes of a file that is read, modules that a process remembers.
SECONDS = 0.8
MOST_BYTES = 300_000
KEPT = 4_000
#: Lines of a function that is shown as a whole.
MOST_LINES = 40

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_STOP = words_of(
    """a an the of in to from for with and or that which this it its is are be by as on at into if when where not no
    self cls str int bool float bytes none list dict tuple set object any optional return returns returned given
    function method value values true false def get do make one all each every use used new"""
)


@dataclass(frozen=True, slots=True)
class Function:
    """``text`` is the whole of it without texts (empty if it is too long), ``line`` the 1-based line of its head.
    ``words`` count what its name, its docstring and its parameters say; ``calls`` are the dotted names it calls."""

    path: str
    name: str
    line: int
    head: str
    text: str
    words: Counter[str]
    calls: frozenset[str]
    is_test: bool = False

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Module:
    """One file. ``types`` are class names with head and fields; ``imports`` are the modules imported at the top."""

    path: str
    functions: tuple[Function, ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    imports: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Index:
    """``complete`` is false if the time was over before all files were read."""

    modules: tuple[Module, ...]
    complete: bool = True

    @property
    def functions(self) -> Iterator[Function]:
        for each in self.modules:
            yield from each.functions


log = logging.getLogger(__name__)

_modules: OrderedDict[str, tuple[tuple[int, int, int], Module]] = OrderedDict()
_lock = threading.Lock()


def index_of(root: Path, near: Path, *, seconds: float = SECONDS, text: str | None = None) -> Index:
    """The workspace ``root`` with the files nearest to ``near`` first; ``text`` is unsaved text of that file."""
    root, near = root.resolve(), near.resolve()
    end = time.monotonic() + seconds
    listed = listing(root)
    modules: list[Module] = []
    complete = listed.complete
    here = _folder(near.as_posix().removeprefix(f"{root.as_posix()}/"))
    for file in sorted(listed.files, key=lambda each: (_distance(_folder(each.name), here), each.name)):
        if text is not None and file.path == near:
            modules.append(module_of(file.name, text))
            continue
        known = _remembered(file, read=time.monotonic() <= end)
        complete = complete and known is not None
        if known is not None:
            modules.append(known)
    return Index(tuple(modules), complete)


def _remembered(file: File, *, read: bool) -> Module | None:
    """The module if it is known as it is now, or may be read."""
    key = file.path.as_posix()
    with _lock:
        known = _modules.get(key)
        if known is not None and known[0] == file.stamp and known[1].path == file.name:
            _modules.move_to_end(key)
            return known[1]
    if not read:
        return None
    module = Module(file.name)
    if file.stamp[1] <= MOST_BYTES:
        try:
            module = module_of(file.name, read_source(file.path).text)
        except SutureError as error:
            log.debug("%s has nothing to show: %s", file.name, error)  # not text that can be decoded
    with _lock:
        _modules[key] = file.stamp, module
        while len(_modules) > KEPT:
            _modules.popitem(last=False)
    return module


def _folder(name: str) -> tuple[str, ...]:
    return tuple(name.split("/")[:-1])


def _distance(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Folders between two folders."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return len(one) + len(other) - 2 * shared


def module_of(path: str, text: str) -> Module:
    """What is in a text."""
    data = text.encode("utf-8", "surrogatepass")
    root = parse(data).root_node
    functions: list[Function] = []
    types: list[tuple[str, str]] = []
    imports: set[str] = set()
    tests = in_tests(path)
    for node, prefix in _definitions(root, data):
        name = name_of(node, data)
        if not name or node.has_error:
            continue
        outer = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
        if node.type == "class_definition":
            types.append((name, "\n".join(shown(outer, data, fields=True))))
        else:
            functions.append(_function(path, f"{prefix}{name}", node, data, tests))
    for node in root.children:
        if node.type in ("import_statement", "import_from_statement"):
            module = node.child_by_field_name("module_name")
            names = [module] if module is not None else node.named_children
            imports |= {re.split(r"\s+as\s+", text_of(each, data))[0].lstrip(".") for each in names}
    return Module(path, tuple(functions), tuple(types), frozenset(each for each in imports if each))


def _definitions(root: Node, data: bytes) -> Iterator[tuple[Node, str]]:
    """Top-level functions and classes, and the methods of classes, with ``Class.`` before their names."""
    for child in root.children:
        node = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if node is None or node.type not in ("function_definition", "class_definition"):
            continue
        yield node, ""
        body = node.child_by_field_name("body")
        if node.type != "class_definition" or body is None:
            continue
        owner = name_of(node, data)
        for member in body.named_children:
            inner = member.child_by_field_name("definition") if member.type == "decorated_definition" else member
            if inner is not None and inner.type == "function_definition":
                yield inner, f"{owner}."


def _function(path: str, name: str, node: Node, data: bytes, tests: bool) -> Function:
    body = node.child_by_field_name("body")
    head = " ".join(blanked(node, data, end=body.start_byte if body is not None else None).split())
    short = node.end_point.row - node.start_point.row < MOST_LINES
    words: Counter[str] = Counter()
    for word in terms(name.replace(".", " ")):
        words[word] += 3
    parameters = node.child_by_field_name("parameters")
    for word in terms(text_of(parameters, data) if parameters is not None else ""):
        words[word] += 1
    for word in terms(_said(body, data)):
        words[word] += 1
    calls: set[str] = set()
    if body is not None:
        for each in descend(body):
            called = each.child_by_field_name("function") if each.type == "call" else None
            if called is not None and called.type in ("identifier", "attribute"):
                calls.add("".join(text_of(called, data).split()))
    text = _outdented(blanked(node, data), node.start_point.column) if short else ""
    return Function(path, name, node.start_point.row + 1, head, text, words, frozenset(calls), tests)


def _said(body: Node | None, data: bytes) -> str:
    first = body.named_children[0] if body is not None and body.named_children else None
    if first is None or first.type != "expression_statement" or not first.named_children:
        return ""
    return text_of(first, data)[:400] if first.named_children[0].type == "string" else ""


def _outdented(text: str, column: int) -> str:
    head, _, rest = text.partition("\n")
    lines = [line[column:] if not line[:column].strip() else line for line in rest.split("\n")] if rest else []
    return "\n".join([head, *lines])


def terms(text: str) -> list[str]:
    """The words of names and prose in a form in which they can be compared: lower case, without endings."""
    found = (word.lower() for word in _WORD.findall(text))
    return [_stem(word) for word in found if len(word) > 1 and word not in _STOP and not word.isdigit()]


def _stem(word: str) -> str:
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return (word[: -len(ending)] + instead).rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
