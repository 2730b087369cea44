"""Make parameters that belong together one frozen dataclass.

What it does: for a private function of a module, takes the longest row of required parameters whose names say that they
belong together (a common first or last word, or a place and a size), puts them into a frozen dataclass above the
function, and rewrites the function and every call of it.

Before::

    def _connect(pool, proxy_host, proxy_port, proxy_user, proxy_password, target, timeout, retries): ...

    _connect(pool, "proxy", 8080, user, password, target, 5, 3)

After::

    @dataclass(frozen=True)
    class _ProxyOptions:
        proxy_host: str
        ...

    def _connect(pool, proxy_options, target, timeout, retries): ...

    _connect(pool, _ProxyOptions("proxy", 8080, user, password), target, 5, 3)

Safe because: the function is private, no other file of the project mentions it, every mention in its own is a plain
call whose arguments keep their order, none of the parameters is bound anew; and the functions that call it gave the
same results on fuzzed inputs, or passed the module's tests, through the changed calls. A public function is not
changed: callers that nobody sees would break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import libcst as cst

from ...analyzers.errors import UserError
from ...analyzers.files import python_files
from ...analyzers.findings import FileEdit, Finding, text_hash
from ...analyzers.fuzzing.project import find_root
from ...analyzers.source import read_source
from ...codegen.imports import Import, import_changes
from ..refactoring.blocks import looks_at_frame
from ..refactoring.flow import flow_of
from ..refactoring.functions import is_plain, unit_at, units
from ..refactoring.proof import prove_refactoring
from ..refactoring.reads import inside
from ..refactoring.records import FieldReads, Group, arguments, calls_of, grouped, shows_names
from . import Improvement, Rewrite

MAX_FILES = 1500


def rewrite(text: str, finding: Finding) -> Iterator[Rewrite]:
    unit = unit_at(text, finding)
    if unit is None or not unit.name.startswith("_") or unit.name.startswith("__") or "." in unit.name:
        return
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError):
        return
    found = [each for each in module.body if isinstance(each, cst.FunctionDef) and each.name.value == unit.name]
    if len(found) != 1 or found[0].decorators or not is_plain(found[0]) or _is_mentioned(finding.path, unit.name):
        return
    function = found[0]
    calls = calls_of(module, unit.name, function)
    taken = frozenset(each.value for each in inside(module, cst.Name, enter=True))
    group = grouped(function, 0, taken)
    if group is None or not calls or not _can_change(function, group):
        return
    new = _rewritten(module, function, group, calls)
    if new is None:
        return
    count = len([*function.params.posonly_params, *function.params.params])
    now = count - (group.stop - group.start) + 1
    title = f"Pass {group.stop - group.start} parameters of {unit.name}() as one {group.cls} ({count} → {now})"
    callers = sorted(_callers(new, unit.name))
    if callers:
        yield Rewrite(title, new, tuple(callers))


def _is_mentioned(path: str, name: str) -> bool:
    """Does another file of the project know the function?"""
    place = Path(path)
    if not place.is_absolute():
        return False
    word = re.compile(rf"\b{re.escape(name)}\b")
    for count, each in enumerate(python_files([find_root(place)])):
        if count >= MAX_FILES:
            return True
        if each.error or each.path == place:
            continue
        try:
            if word.search(read_source(each.path).text):
                return True
        except UserError:
            return True
    return False


def _can_change(function: cst.FunctionDef, group: Group) -> bool:
    params = [*function.params.posonly_params, *function.params.params][group.start : group.stop]
    names = frozenset(each.name.value for each in params)
    flow = flow_of(function)
    bound = {name for step in flow.steps for name in step.writes | step.unbinds}
    if names & bound or names & flow.foreign or looks_at_frame(function.body) or shows_names(function):
        return False
    nested = inside(function.body, cst.Param, cst.CompFor, cst.NamedExpr, cst.AssignTarget, cst.For, enter=True)
    for each in nested:
        target = each.name if isinstance(each, cst.Param) else each.target
        if names & {name.value for name in inside(target, cst.Name)}:
            return False
    return not function.params.posonly_params and function.params.star_kwarg is None


def _rewritten(module: cst.Module, function: cst.FunctionDef, group: Group, calls: list[cst.Call]) -> str | None:
    params = list(function.params.params)
    members = params[group.start : group.stop]
    names = frozenset(each.name.value for each in members)
    body = function.body.visit(FieldReads(names, group.name))
    typed = any(each.annotation is not None for each in params)
    record = cst.Param(
        cst.Name(group.name), annotation=cst.Annotation(cst.Name(group.cls)) if typed else None, comma=members[-1].comma
    )
    new_params = [*params[: group.start], record, *params[group.stop :]]
    changed = function.with_changes(params=function.params.with_changes(params=new_params), body=body)
    new_calls: dict[cst.CSTNode, cst.Call] = {}
    for call in calls:
        given = arguments(call, function)
        if given is None or not names <= set(given):
            return None
        new_calls[call] = _call(call, group, [given[each.name.value] for each in members])
    if any(call in set(inside(function, cst.Call, enter=True)) for call in calls):
        return None  # it calls itself
    statements: list[cst.BaseStatement] = []
    for each in module.body:
        if each is function:
            lines = [cst.EmptyLine(indent=False)] * 2
            statements += [_record(module, group, members, function), changed.with_changes(leading_lines=lines)]
        else:
            new = each.visit(_Calls(new_calls))
            statements.append(new if isinstance(new, cst.BaseStatement) else each)
    code = module.with_changes(body=statements).code
    imports = [Import("dataclass", "dataclasses")]
    if any(each.annotation is None for each in members):
        imports.append(Import("Any", "typing"))
    return FileEdit("", text_hash(code), tuple(import_changes(code, imports))).apply(code)


def _record(module: cst.Module, group: Group, members: list[cst.Param], function: cst.FunctionDef) -> cst.ClassDef:
    lines = "".join(
        f"{module.default_indent}{each.name.value}: "
        f"{module.code_for_node(each.annotation.annotation) if each.annotation is not None else 'Any'}\n"
        for each in members
    )
    code = f"@dataclass(frozen=True)\nclass {group.cls}:\n{lines}"
    record = cst.parse_statement(code, module.config_for_parsing)
    assert isinstance(record, cst.ClassDef)
    return record.with_changes(leading_lines=function.leading_lines)


def _call(call: cst.Call, group: Group, members: list[cst.Arg]) -> cst.Call:
    """The call with these arguments made into a record; they follow each other."""
    inner = [each.with_changes(comma=cst.MaybeSentinel.DEFAULT) if each is members[-1] else each for each in members]
    record = cst.Call(cst.Name(group.cls), inner)
    keyword = cst.Name(group.name) if members[0].keyword is not None else None
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    whole = cst.Arg(record, keyword=keyword, equal=tight if keyword else cst.MaybeSentinel.DEFAULT)
    whole = whole.with_changes(comma=members[-1].comma, whitespace_after_arg=members[-1].whitespace_after_arg)
    args: list[cst.Arg] = []
    for each in call.args:
        if each is members[0]:
            args.append(whole)
        elif not any(each is member for member in members):
            args.append(each)
    return call.with_changes(args=args)


class _Calls(cst.CSTTransformer):
    def __init__(self, changes: dict[cst.CSTNode, cst.Call]) -> None:
        super().__init__()
        self.changes = changes

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        return self.changes.get(original_node, updated_node)


def _callers(text: str, name: str) -> Iterator[str]:
    """Qualified names of the functions that call ``name``."""
    for unit in units(text):
        if unit.kind != "function" or unit.name == name:
            continue
        if any(unit.call_name(call) == name for call in unit.walk("call")):
            yield unit.name


IMPROVEMENT = Improvement(
    name="parameter-object",
    rules=("too-many-parameters",),
    summary="Make parameters that belong together one frozen dataclass",
    rewrite=rewrite,
    speeds_up=False,
    prove=prove_refactoring,
)
