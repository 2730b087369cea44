"""How the rest of the workspace calls a function: arguments written as literals, in tests first.

Files are chosen by a search for the name in their text, and only those are parsed. An argument that is a name counts
where the name is bound to a literal before the call, or by ``pytest.mark.parametrize``.

Invariant: nothing is imported or run, and the search is bounded in files and in time; calls that are expected to fail
(``pytest.raises``, ``assertRaises``) are no examples of ordinary input.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the sandboxed worker reads call sites, but never looks for any
    from tree_sitter import Node

_MAX_LISTED = 5000
_MAX_BYTES = 400_000
_MAX_SITES = 40
_MAX_TEXT = 400
_LITERALS = frozenset(("string", "concatenated_string", "integer", "float", "true", "false", "none"))
_COLLECTIONS = frozenset(("list", "tuple", "set", "dictionary", "pair", "parenthesized_expression", "unary_operator"))
_SCOPES = ("function_definition", "module")


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call of ``name`` (``function``, ``Class`` or ``Class.method``): arguments as written, "" where unknown."""

    name: str
    args: tuple[str, ...]
    kwargs: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "args": list(self.args), "kwargs": [list(each) for each in self.kwargs]}

    @staticmethod
    def of(value: Mapping[str, Any]) -> CallSite:
        kwargs = tuple((str(name), str(text)) for name, text in value.get("kwargs", ()))
        return CallSite(str(value["name"]), tuple(map(str, value.get("args", ()))), kwargs)


def call_examples(
    root: Path, path: Path, name: str, limit_files: int = 40, limit_ms: float = 250
) -> tuple[CallSite, ...]:
    """Calls of target ``name`` of file ``path`` in the Python files below ``root``, those in tests first.

    For a class, calls of its constructor and of its methods. At most ``limit_files`` files that mention the name are
    parsed; the search ends after ``limit_ms`` milliseconds with what it has."""
    end = time.monotonic() + limit_ms / 1000
    target = _Target(path, name)
    found: dict[CallSite, None] = {}
    parsed = 0
    for file in _files(root, path, end):
        if parsed >= limit_files or len(found) >= _MAX_SITES or time.monotonic() > end:
            break
        data = _read(file)
        if not target.mentioned(data, file):
            continue
        parsed += 1
        found.update(dict.fromkeys(_sites(data, target, file.samefile(path))))
    return tuple(found)[:_MAX_SITES]


class _Target:
    """What is looked for."""

    def __init__(self, path: Path, name: str) -> None:
        self.owner, _, self.last = name.rpartition(".")
        self.name = name
        self.path = path
        self.is_class = self.last[:1].isupper() and not self.owner
        self.word = (self.owner.rpartition(".")[2] or self.last).encode()
        #: How a module that has the name may be called where it is used: the file, and the packages around it.
        self.modules = frozenset((path.stem, *[each for each in path.parts[-4:-1] if each.isidentifier()]))

    def mentioned(self, data: bytes, file: Path) -> bool:
        if self.word not in data or (not self.is_class and self.last.encode() not in data):
            return False
        return file == self.path or any(each.encode() in data for each in self.modules)


def _files(root: Path, path: Path, end: float) -> Iterator[Path]:
    """Python files below ``root``: the target's own, tests named after it, other tests, then the rest."""
    from ..files import SKIPPED

    listed: list[tuple[int, str]] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(each for each in folders if each not in SKIPPED and not each.startswith("."))
        for each in files:
            if each.endswith(".py"):
                listed.append((_rank(each, path, folder), os.path.join(folder, each)))
        if len(listed) > _MAX_LISTED or time.monotonic() > end:
            break
    yield path
    for _, each in sorted(listed):
        if each != str(path):
            yield Path(each)


def _rank(file: str, path: Path, folder: str) -> int:
    is_test = file.startswith("test_") or file.endswith("_test.py")
    if is_test:
        if path.stem.strip("_") in file:
            return 0
        return 1 if os.path.basename(folder) == path.parent.name else 2
    return 3 if folder == str(path.parent) else 4


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.stat().st_size <= _MAX_BYTES else b""
    except OSError:
        return b""


def _sites(data: bytes, target: _Target, own: bool) -> Iterator[CallSite]:
    from ..syntax import descend, parse

    module = parse(data).root_node
    names, modules = _imports(module, target, own)
    for node in descend(module):
        if node.type != "call":
            continue
        called = _called(node, target, names, modules)
        if called and not _expected_to_fail(node):
            site = _site(called, node)
            if site is not None:
                yield site


def _imports(module: Node, target: _Target, own: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Names that the target (or its class) has in this file, and names of modules that may hold it."""
    from ..syntax import descend

    wanted = target.owner.rpartition(".")[2] or target.last
    names = {wanted} if own else set[str]()
    modules: set[str] = set()
    for node in descend(module):
        if node.type == "import_from_statement":
            for each in node.children_by_field_name("name"):
                imported = each.child_by_field_name("name") if each.type == "aliased_import" else each
                alias = each.child_by_field_name("alias") if each.type == "aliased_import" else imported
                if imported is not None and alias is not None:
                    if _text(imported) == wanted:
                        names.add(_text(alias))
                    elif _text(imported) in target.modules:
                        modules.add(_text(alias))
        elif node.type == "import_statement":
            for each in node.children_by_field_name("name"):
                imported = each.child_by_field_name("name") if each.type == "aliased_import" else each
                if imported is not None and set(_text(imported).split(".")) & target.modules:
                    alias = each.child_by_field_name("alias")
                    modules.add(_text(alias) if alias is not None else _text(imported).partition(".")[0])
        elif node.type == "wildcard_import" and any(each in _text(node.parent) for each in target.modules):
            names.add(wanted)
    return frozenset(names), frozenset(modules)


def _called(node: Node, target: _Target, names: frozenset[str], modules: frozenset[str]) -> str:
    """What of the target a call calls: its name, ``Class`` or ``Class.method``; "" if something else."""
    function = node.child_by_field_name("function")
    if function is None:
        return ""
    if function.type == "identifier":
        return (target.owner or target.name) if _text(function) in names else ""
    if function.type != "attribute":
        return ""
    base, attribute = function.child_by_field_name("object"), _text(function.child_by_field_name("attribute"))
    if base is None:
        return ""
    wanted = target.owner.rpartition(".")[2] or target.last
    if attribute == wanted and _text(base).partition(".")[0] in modules:
        return target.owner or target.name
    cls = target.owner or (target.name if target.is_class else "")
    if not cls or (target.owner and attribute != target.last):
        return ""
    return f"{cls}.{attribute}" if _is_instance(base, names, modules, wanted) else ""


def _is_instance(base: Node, names: frozenset[str], modules: frozenset[str], cls: str) -> bool:
    """Whether an expression is visibly an object of the class: made on the spot, or bound to one before."""
    if base.type == "identifier":
        value = _bound(base)
        return value is not None and value.type == "call" and _is_instance(value, names, modules, cls)
    function = base.child_by_field_name("function") if base.type == "call" else None
    if function is None:
        return False
    text = _text(function)
    return text in names or (text.rpartition(".")[2] == cls and text.partition(".")[0] in modules)


def _site(name: str, node: Node) -> CallSite | None:
    arguments = node.child_by_field_name("arguments")
    if arguments is None or arguments.type != "argument_list":
        return None
    args: list[str] = []
    kwargs: list[tuple[str, str]] = []
    for each in arguments.named_children:
        if each.type in ("list_splat", "dictionary_splat"):
            return None
        if each.type == "keyword_argument":
            kwargs.append((_text(each.child_by_field_name("name")), _value(each.child_by_field_name("value"))))
        elif each.type != "comment":
            args.append(_value(each))
    known = any(args) or any(text for _, text in kwargs)
    return CallSite(name, tuple(args), tuple(kwargs)) if known else None


def _value(node: Node | None) -> str:
    """The literal that an argument is, or that its name is bound to; "" if that cannot be seen."""
    if node is None:
        return ""
    if node.type == "identifier":
        node = _bound(node)
    if node is None or not _is_literal(node) or node.end_byte - node.start_byte > _MAX_TEXT:
        return ""
    return _text(node)


def _is_literal(node: Node) -> bool:
    if node.type in _LITERALS:
        return not any(each.type == "interpolation" for each in _parts(node))
    inner = [each for each in node.named_children if each.type != "comment"]
    return node.type in _COLLECTIONS and all(map(_is_literal, inner))


def _parts(node: Node) -> Iterator[Node]:
    for each in node.named_children:
        yield each
        yield from _parts(each)


def _bound(name: Node) -> Node | None:
    """What a name is bound to: the last plain assignment before it in its function or module, or a case of
    ``parametrize``."""
    text = _text(name)
    scope: Node | None = name.parent
    while scope is not None:
        if scope.type in _SCOPES:
            block = scope.child_by_field_name("body") if scope.type == "function_definition" else scope
            value = _assigned(block, text, name.start_byte) if block is not None else None
            if value is None and scope.type == "function_definition":
                value = _parametrized(scope, text)
            if value is not None:
                return value
        scope = scope.parent
    return None


def _assigned(block: Node, name: str, before: int) -> Node | None:
    found: Node | None = None
    for statement in block.named_children:
        if statement.start_byte >= before:
            break
        if statement.type == "with_statement":
            inner = statement.child_by_field_name("body")
            found = (_assigned(inner, name, before) if inner is not None else None) or found
        inside = statement.named_children if statement.type == "expression_statement" else []
        for each in inside[:1]:
            if each.type == "assignment" and _text(each.child_by_field_name("left")) == name:
                found = each.child_by_field_name("right")
    return found


def _parametrized(function: Node, name: str) -> Node | None:
    """The value of the first case of ``@pytest.mark.parametrize("a, b", [(…), …])``."""
    outer = function.parent
    if outer is None or outer.type != "decorated_definition":
        return None
    for decorator in outer.named_children:
        call = decorator.named_children[0] if decorator.type == "decorator" and decorator.named_children else None
        if call is None or call.type != "call" or "parametrize" not in _text(call.child_by_field_name("function")):
            continue
        arguments = call.child_by_field_name("arguments")
        parts = [each for each in arguments.named_children if each.type != "comment"] if arguments is not None else []
        if len(parts) < 2 or parts[0].type not in ("string", "tuple", "list"):
            continue
        names = [each.strip(" '\"") for each in _text(parts[0]).strip("()[]").strip("'\"").split(",")]
        cases = [each for each in parts[1].named_children if each.type != "comment"]
        if name not in names or not cases:
            continue
        case = cases[0]
        values = [each for each in case.named_children if each.type != "comment"] if len(names) > 1 else [case]
        if len(values) == len(names):
            return values[names.index(name)]
    return None


def _expected_to_fail(node: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type not in _SCOPES:
        if parent.type == "with_statement":
            head = _text(parent).partition(":")[0]
            if "raises" in head or "assertRaises" in head or "warns" in head:
                return True
        if parent.type == "call" and "assertRaises" in _text(parent.child_by_field_name("function")):
            return True
        parent = parent.parent
    return False


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def from_json(values: Sequence[Any]) -> tuple[CallSite, ...]:
    """Call sites out of a payload."""
    return tuple(CallSite.of(each) for each in values)
