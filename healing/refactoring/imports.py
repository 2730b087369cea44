"""Imports of a module that need not run when it loads: where their names are used, and how to import them later.

Invariant: an import is moved only if every use is seen: in bodies of functions, which then import for themselves, or
in annotations that nothing reads at run time. A name that another file, ``__all__`` or a text mentions stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from ...analyzers.findings import FileEdit, text_hash
from ...codegen.imports import Import, import_changes
from .flow import imported_names
from .functions import blank_lines
from .reads import children, inside, parameter_names, target_names

#: Functions that may import for themselves before it is too many.
MAX_FUNCTIONS = 3

#: Libraries that read annotations while the program runs, and functions that do.
_READERS = re.compile(
    r"^\s*(?:from|import)\s+(?:pydantic|attrs?|msgspec|sqlalchemy|sqlmodel|strawberry|fastapi|typer|marshmallow|odmantic"
    r"|beanie|cattrs|dacite|injector|litestar|ninja|hypothesis|pyparsing|beartype|typeguard)\b"
    r"|\b(?:get_type_hints|get_annotations|singledispatch|__annotations__)\b",
    re.MULTILINE,
)
_LOOKUPS = re.compile(r"\b(?:globals|vars|eval|exec|__getattr__|import_module|__import__)\b")
_QUIET = frozenset(
    {"property", "setter", "getter", "deleter", "staticmethod", "classmethod", "abstractmethod", "overload", "cache"}
    | {"contextmanager", "asynccontextmanager", "lru_cache", "cached_property", "override", "final", "wraps"}
)


@dataclass(frozen=True)
class Move:
    """An import at the top of a module that can go: into ``functions``, and under ``TYPE_CHECKING`` for
    ``annotations``. ``quoted`` are the annotations that must become strings."""

    line: cst.SimpleStatementLine
    names: frozenset[str]
    functions: tuple[cst.FunctionDef, ...]
    typed: bool
    quoted: tuple[cst.Annotation, ...]


@dataclass
class _Uses:
    """Where names are used: functions (outermost) by identity, annotations, and whether while the module loads."""

    names: frozenset[str]
    functions: list[cst.FunctionDef] = field(default_factory=list[cst.FunctionDef])
    annotations: list[tuple[cst.Annotation, cst.FunctionDef | None]] = field(
        default_factory=list[tuple[cst.Annotation, "cst.FunctionDef | None"]]
    )
    loads: bool = False
    fields: bool = False


def movable(module: cst.Module, statement: str, text: str) -> Move | None:
    """The move of the top-level import whose first line is ``statement``; None if it must stay."""
    for line in module.body:
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            continue
        small = line.body[0]
        if not isinstance(small, cst.Import | cst.ImportFrom):
            continue
        if module.code_for_node(line.with_changes(leading_lines=())).partition("\n")[0].strip() != statement:
            continue
        return _move(module, line, small, text)
    return None


def _move(
    module: cst.Module, line: cst.SimpleStatementLine, small: cst.Import | cst.ImportFrom, text: str
) -> Move | None:
    names = frozenset(imported_names(small))
    if not names or _LOOKUPS.search(text) or "noqa" in module.code_for_node(line):
        return None
    if isinstance(small, cst.Import) and any(each.asname is None and "." in _dotted(each.name) for each in small.names):
        return None  # it binds the top package, of which other attributes may be used
    if _is_explicit(small) or names & set(_exported(module)) or _binds_elsewhere(module, line, names):
        return None
    uses = _Uses(names)
    for each in module.body:
        if each is not line:
            _visit(each, uses, None)
    if uses.loads or uses.fields or len(uses.functions) > MAX_FUNCTIONS or not (uses.functions or uses.annotations):
        return None
    if any(not _can_import(each) for each in uses.functions):
        return None
    quoted: list[cst.Annotation] = []
    if uses.annotations:
        if _READERS.search(text) or any(not _is_quiet(function) for _, function in uses.annotations):
            return None
        if not _defers_annotations(module):
            quoted = [each for each, _ in uses.annotations]
            if any('"' in module.code_for_node(each.annotation) for each in quoted):
                return None
    return Move(line, names, tuple(uses.functions), bool(uses.annotations), tuple(quoted))


def _visit(node: cst.CSTNode, uses: _Uses, function: cst.FunctionDef | None) -> None:
    if isinstance(node, cst.Name):
        if node.value in uses.names:
            if function is None:
                uses.loads = True
            elif not any(each is function for each in uses.functions):
                uses.functions.append(function)
    elif isinstance(node, cst.Attribute | cst.Arg):
        _visit(node.value, uses, function)
    elif isinstance(node, cst.Annotation):
        if _mentions(node, uses.names):
            uses.annotations.append((node, function))
    elif isinstance(node, cst.AnnAssign) and function is None and _mentions(node.annotation, uses.names):
        uses.fields = True
    elif isinstance(node, cst.FunctionDef) and function is None:
        for each in node.decorators:
            _visit(each, uses, None)
        for param in inside(node.params, cst.Param):
            if param.default is not None:
                _visit(param.default, uses, None)
        for annotation in (*inside(node.params, cst.Annotation), *((node.returns,) if node.returns else ())):
            if _mentions(annotation, uses.names):
                uses.annotations.append((annotation, node))
        _visit(node.body, uses, node)
    else:
        for each in children(node):
            _visit(each, uses, function)


def _mentions(annotation: cst.Annotation, names: frozenset[str]) -> bool:
    for each in inside(annotation.annotation, cst.Name, cst.SimpleString, enter=True):
        told = {each.value} if isinstance(each, cst.Name) else set(re.findall(r"\w+", each.value))
        if told & names:
            return True
    return False


def _is_quiet(function: cst.FunctionDef | None) -> bool:
    """Whether no decorator reads the function's annotations."""
    if function is None:
        return False
    for each in function.decorators:
        node: cst.BaseExpression = each.decorator
        node = node.func if isinstance(node, cst.Call) else node
        name = node.attr.value if isinstance(node, cst.Attribute) else getattr(node, "value", "")
        if name not in _QUIET:
            return False
    return True


def _can_import(function: cst.FunctionDef) -> bool:
    return isinstance(function.body, cst.IndentedBlock)


def _is_explicit(small: cst.Import | cst.ImportFrom) -> bool:
    """``import x as x`` says that the name is meant for others."""
    if isinstance(small.names, cst.ImportStar):
        return True
    return any(
        each.asname is not None and set(target_names(each.asname.name)) == {_dotted(each.name)} for each in small.names
    )


def _exported(module: cst.Module) -> Iterator[str]:
    for line in module.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign | cst.AugAssign | cst.AnnAssign):
                code = module.code_for_node(small)
                if code.startswith("__all__"):
                    yield from re.findall(r"""["'](\w+)["']""", code)


def _binds_elsewhere(module: cst.Module, line: cst.SimpleStatementLine, names: frozenset[str]) -> bool:
    """Is one of the names bound a second time, anywhere?"""
    for each in module.body:
        if each is line:
            continue
        for node in inside(each, cst.CSTNode, enter=True):
            if set(_bound(node)) & names:
                return True
    return False


def _bound(node: cst.CSTNode) -> Iterable[str]:
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        yield node.name.value
        if isinstance(node, cst.FunctionDef):
            yield from parameter_names(node.params)
    elif isinstance(node, cst.Lambda):
        yield from parameter_names(node.params)
    elif isinstance(node, cst.Import | cst.ImportFrom):
        yield from imported_names(node)
    elif isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor | cst.NamedExpr):
        yield from target_names(node.target)
    elif isinstance(node, cst.AsName):
        yield from target_names(node.name)
    elif isinstance(node, cst.Global | cst.Nonlocal):
        yield from (each.name.value for each in node.names)
    elif isinstance(node, cst.MatchAs | cst.MatchStar):
        yield from (node.name.value,) if node.name is not None else ()


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _defers_annotations(module: cst.Module) -> bool:
    future = [line for line in module.body if isinstance(line, cst.SimpleStatementLine) and _is_future(line)]
    return any("annotations" in set(imported_names(each)) for each in _imports(future))


def moved(module: cst.Module, moves: Sequence[Move]) -> str:
    """The module's text with these imports moved."""
    body: list[cst.BaseStatement] = []
    waiting: list[cst.EmptyLine] = []
    for line in module.body:
        gone = next((each for each in moves if each.line is line), None)
        if gone is not None:
            waiting += gone.line.leading_lines
            continue
        new = _with_imports(module, line, moves)
        if waiting and isinstance(new, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            above = blank_lines(new.leading_lines)
            kept = [each for each in waiting if each.comment is not None] if above else waiting
            new = new.with_changes(
                leading_lines=[*new.leading_lines[: len(above)], *kept, *new.leading_lines[len(above) :]]
            )
            waiting = []
        body.append(new)
    typed = [each for each in moves if each.typed]
    if typed:
        _add_typed(module, body, typed)
    code = module.with_changes(body=body).code
    if not typed:
        return code
    added = import_changes(code, [Import("TYPE_CHECKING", "typing")])
    return FileEdit("", text_hash(code), tuple(added)).apply(code)


def _with_imports(module: cst.Module, line: cst.BaseStatement, moves: Sequence[Move]) -> cst.BaseStatement:
    """A top-level statement with the imports written into the functions in it, and annotations quoted."""
    changes: dict[cst.CSTNode, list[cst.SimpleStatementLine]] = {}
    quoted = [annotation for move in moves for annotation in move.quoted]
    for move in moves:
        for function in move.functions:
            changes.setdefault(function, []).append(_bare(move.line))
    if not any(each in changes for each in inside(line, cst.FunctionDef, enter=True)) and not quoted:
        return line
    new = line.visit(_Writer(module, changes, quoted))
    return new if isinstance(new, cst.BaseStatement) else line


def _bare(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    return line.with_changes(leading_lines=())


class _Writer(cst.CSTTransformer):
    """Writes imports at the start of functions, and quotes annotations."""

    def __init__(
        self,
        module: cst.Module,
        changes: dict[cst.CSTNode, list[cst.SimpleStatementLine]],
        quoted: Sequence[cst.Annotation],
    ) -> None:
        super().__init__()
        self.module, self.changes, self.quoted = module, changes, quoted

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        added = self.changes.get(original_node)
        if not added or not isinstance(updated_node.body, cst.IndentedBlock):
            return updated_node
        body = list(updated_node.body.body)
        at = 1 if _is_docstring(body[0]) else 0
        lines: list[cst.BaseStatement] = list(added)
        if at:
            lines[0] = added[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        rest = body[at:]
        if (
            rest
            and isinstance(rest[0], cst.SimpleStatementLine | cst.BaseCompoundStatement)
            and not rest[0].leading_lines
        ):
            rest[0] = rest[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return updated_node.with_changes(body=updated_node.body.with_changes(body=[*body[:at], *lines, *rest]))

    def leave_Annotation(self, original_node: cst.Annotation, updated_node: cst.Annotation) -> cst.Annotation:
        if not any(each is original_node for each in self.quoted):
            return updated_node
        code = self.module.code_for_node(original_node.annotation)
        return updated_node.with_changes(annotation=cst.SimpleString(f'"{code}"'))


def _is_docstring(node: cst.BaseStatement) -> bool:
    if not isinstance(node, cst.SimpleStatementLine) or not isinstance(node.body[0], cst.Expr):
        return False
    return isinstance(node.body[0].value, cst.SimpleString | cst.ConcatenatedString)


def _add_typed(module: cst.Module, body: list[cst.BaseStatement], moves: Sequence[Move]) -> None:
    """Put imports under the module's ``if TYPE_CHECKING``, making it if there is none."""
    lines = [_bare(each.line) for each in moves]
    for at, node in enumerate(body):
        if not isinstance(node, cst.If) or not isinstance(node.body, cst.IndentedBlock):
            continue
        if module.code_for_node(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"):
            kept = [each for each in node.body.body if not _is_pass(each)]
            body[at] = node.with_changes(body=node.body.with_changes(body=[*kept, *lines]))
            return
    last = max((at for at, each in enumerate(body) if _is_import(each)), default=_header(body) - 1)
    block = cst.If(cst.Name("TYPE_CHECKING"), cst.IndentedBlock(lines), leading_lines=[cst.EmptyLine(indent=False)])
    body.insert(last + 1, block)
    following = body[last + 2] if last + 2 < len(body) else None
    above: list[cst.EmptyLine] = list(getattr(following, "leading_lines", ()))
    if following is not None and not blank_lines(above):
        body[last + 2] = following.with_changes(leading_lines=[cst.EmptyLine(indent=False), *above])


def _header(body: Sequence[cst.BaseStatement]) -> int:
    return 1 if body and _is_docstring(body[0]) else 0


def _imports(body: Sequence[cst.BaseStatement]) -> Iterator[cst.Import | cst.ImportFrom]:
    for each in body:
        for small in each.body if isinstance(each, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Import | cst.ImportFrom):
                yield small


def _is_import(node: cst.BaseStatement) -> bool:
    return any(True for _ in _imports([node]))


def _is_future(node: cst.BaseStatement) -> bool:
    return any(
        isinstance(small, cst.ImportFrom) and small.module is not None and _dotted(small.module) == "__future__"
        for small in _imports([node])
    )


def _is_pass(line: cst.BaseStatement) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and any(isinstance(each, cst.Pass) for each in line.body)
