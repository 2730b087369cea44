"""TypeScript's own language service, asked in the sandbox: its code fixes for the errors of a run, what may stand at
their places, and how many errors each of several changed programs would have.

The second question is how a compiler that takes a second a run is kept out of the search: all drafts for a fault are
checked in one process, and those that leave fewer errors are run first. What the service says decides nothing else.

Invariant: the ``typescript`` that is loaded is the workspace's own, or one that the system has; it runs in the sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from ...analyzers.findings import Json
from ...analyzers.sandbox.interface import CancelCheck, Job, Limits, Sandbox
from ..fault import Fault, Suggested
from ..observation import Observation, ObservedFrame
from ..repair import Context, Draft
from ..workspace import Workspace
from .names import missing_property

SCRIPT = ".suture-heal/suture_typescript.cjs"
#: Folders of packages that a system shares; they are shown in the sandbox.
GLOBAL = ("/usr/lib/node_modules", "/usr/local/lib/node_modules", "/usr/share/nodejs")
#: Drafts of one fault that are checked.
MOST = 24
#: Seconds in which changed programs are counted.
COUNT_S = 9.0

#: Fixes that change what is written to what was meant, without inventing anything.
SURE = frozenset(
    {"spelling", "fixSpelling", "import", "fixAwaitInSyncFunction", "addMissingAwait", "forgottenThisPropertyAccess"}
    | {"convertToTypeOnlyImport", "convertToTypeOnlyExport", "fixExpectedComma", "addMissingNewOperator"}
    | {"fixOverrideModifier", "removeAccidentalCallParentheses", "returnValueCorrect", "fixMissingCallParentheses"}
    | {"constructorForDerivedNeedSuperCall", "extendsInterfaceBecomesImplements", "classSuperMustPrecedeThisAccess"}
    | {"requireInTs", "useDefaultImport", "fixImportNonExportedMember", "fixConvertConstToLet", "addMissingConst"}
    | {"fixReturnTypeInAsyncFunction", "useBigintLiteral", "fixNaNEquality", "splitTypeOnlyImport", "addMissingAsync"}
)
#: Fixes that silence the compiler, or invent a body that only throws.
REFUSED = frozenset(
    {"disableJsDiagnostics", "addConvertToUnknownForNonOverlappingTypes", "fixMissingFunctionDeclaration"}
    | {"fixCannotFindModule"}
)
#: Fixes that widen a type or declare what was probably misspelt: after all others.
LAST = frozenset(
    {"fixMissingMember", "fixClassIncorrectlyImplementsInterface", "fixClassDoesntImplementInheritedAbstractMember"}
    | {"inferFromUsage", "strictClassInitialization", "addOptionalPropertyUndefined", "fixMissingProperties"}
    | {"fixUnreachableCode", "unusedIdentifier", "addVoidToPromise", "fixMissingTypeAnnotationOnExports"}
)

#: A body that the service invents.
_THROWS = re.compile(r"throw new Error\(['\"](?:Method|Function) not implemented")


def typescript_of(workspace: Workspace, name: str) -> Path | None:
    """The folder of the ``typescript`` package that a file of the workspace would load."""
    folder = (workspace.root / name).parent
    places = [each / "node_modules" for each in (folder, *folder.parents) if each.is_relative_to(workspace.root)]
    found = (each / "typescript" for each in (*places, *map(Path, GLOBAL)))
    return next((each for each in found if (each / "lib" / "typescript.js").is_file()), None)


class Service:
    """The service for one command; ``cwd`` is relative to the root. Every question is a process of its own."""

    def __init__(
        self, sandbox: Sandbox, command: Sequence[str], *, cwd: str, timeout_s: float, cancel: CancelCheck | None
    ) -> None:
        self.sandbox, self.command, self.cwd = sandbox, tuple(command), cwd
        self.timeout_s, self.cancel = timeout_s, cancel

    def consult(self, workspace: Workspace, fault: Fault) -> tuple[Fault, Observation | None]:
        """The fault and its further errors with the service's code fixes, and what it knows of the first's place."""
        errors = [each for each in (fault, *fault.others) if each.code.startswith("TS") and each.line >= 0][:4]
        answer = self._ask(workspace, errors, ()) if errors else None
        if answer is None:
            return fault, None
        fixes = [tuple(_suggested(each)) for each in answer["fixes"]]
        given = dict(zip(map(id, errors), fixes, strict=False))
        others = tuple(replace(each, suggested=given.get(id(each), each.suggested)) for each in fault.others)
        found = replace(fault, suggested=given.get(id(fault), fault.suggested), others=others)
        return found, _observed(fault, answer["facts"][0] if errors[0] is fault else {})

    def screened(self, context: Context, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts that leave fewer errors first, in their order; those that leave more, or as many, last."""
        fault = context.fault
        if not fault.code.startswith("TS") or len(drafts) < 3:
            return drafts
        checked = drafts[:MOST]
        answer = self._ask(context.workspace, [fault], [{}, *(dict(each.texts) for each in checked)])
        if answer is None or len(answer["left"]) != len(checked) + 1:
            return drafts
        before, *after = cast(list[int], answer["left"])
        order = sorted(range(len(checked)), key=lambda i: (after[i] > 0, after[i] >= before, i))
        return [*(checked[i] for i in order if after[i] < before or fault.category == "syntax"), *drafts[MOST:]]

    def counted(self, workspace: Workspace, fault: Fault, texts: Sequence[Mapping[str, str]]) -> list[int]:
        """How many errors each of these changed programs has; fewer numbers than programs if there was no more time."""
        answer = self._ask(workspace, [fault], texts, COUNT_S)
        return cast(list[int], answer["left"]) if answer is not None else []

    def _ask(
        self,
        workspace: Workspace,
        errors: Sequence[Fault],
        candidates: Sequence[Mapping[str, str]],
        seconds: float = 3600.0,
    ) -> dict[str, Any] | None:
        package = typescript_of(workspace, errors[0].path)
        if package is None:
            return None
        base = workspace.root / self.cwd
        asked: list[Json] = [
            {
                "path": str(workspace.root / each.path),
                "line": each.line,
                "column": _units(workspace, each),
                "code": _code(each),
            }
            for each in errors
        ]
        texts: list[Json] = [{str(workspace.root / name): text for name, text in each.items()} for each in candidates]
        request: dict[str, Json] = {
            "typescript": str(package),
            "project": _project(self.command, base),
            "errors": asked,
            "candidates": texts,
            "seconds": seconds,
        }
        script = files(str(__package__).rpartition(".")[0] + ".inside")
        job = Job(
            argv=("node", str(workspace.root / SCRIPT)),
            root=workspace.root,
            cwd=self.cwd,
            files={**workspace.files, SCRIPT: script.joinpath("suture_typescript.cjs").read_bytes()},
            stdin=json.dumps(request).encode(),
            limits=Limits(wall_s=self.timeout_s, cpu_s=self.timeout_s + 1, memory_mb=1024, output_kb=4096),
        )
        outcome = self.sandbox.run(job, self.cancel)
        try:
            answer = json.loads(outcome.stdout) if outcome.ok else None
        except ValueError:
            return None
        return cast(dict[str, Any], answer) if isinstance(answer, dict) else None


def _units(workspace: Workspace, fault: Fault) -> int:
    """The fault's column in UTF-16 units."""
    text = (workspace.text(fault.path) or "").split("\n")
    line = text[fault.line] if fault.line < len(text) else ""
    return len(line[: max(fault.column, 0)].encode("utf-16-le")) // 2


def _code(fault: Fault) -> int:
    return int(fault.code.removeprefix("TS"))


def _project(command: Sequence[str], base: Path) -> str:
    """What ``-p`` names, as an absolute path; empty if the command does not say."""
    for flag, value in pairwise(command):
        if flag in {"-p", "--project", "-b", "--build"} and not value.startswith("-"):
            return str(base / value)
    return ""


def _suggested(fixes: list[dict[str, Any]]) -> list[Suggested]:
    """The service's fixes, those that invent or widen last, without those that silence."""
    kept = [
        each
        for each in fixes
        if each["name"] not in REFUSED
        and "assertion" not in str(each["title"])
        and not any(_THROWS.search(str(new)) for *_, new in each["changes"])
    ]
    kept.sort(key=lambda each: (each["name"] in LAST, each["name"] not in SURE))
    return [
        Suggested(
            str(each["title"]),
            tuple((str(path), (a, b), (c, d), str(new)) for path, (a, b), (c, d), new in each["changes"]),
            each["name"] in SURE,
        )
        for each in kept
        if each["changes"]
    ]


def _observed(fault: Fault, facts: Mapping[str, Any]) -> Observation | None:
    if not facts:
        return None
    name = missing_property(fault)
    frame = ObservedFrame(fault.path, fault.line, dict(facts["names"]))
    return Observation(fault.exception, name[1] if name else "", str(facts["owner"]), tuple(facts["members"]), (frame,))
