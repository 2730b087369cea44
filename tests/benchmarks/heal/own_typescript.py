"""What TypeScript proposes itself: the first code fix of the first error that has one, as an editor offers it.

``tools`` and ``prepare`` put the ``typescript`` that SUTURE_TYPESCRIPT names into the program's ``node_modules``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

from suture.healing.diagnosis.tsc import faults


def package() -> Path:
    """The folder of the package."""
    return Path(os.environ["SUTURE_TYPESCRIPT"]).resolve()


def tools() -> dict[str, str]:
    return {}


def prepare(folder: Path) -> None:
    """The package beside the program, as ``npm install`` would put it."""
    target = folder / "node_modules" / "typescript"
    target.parent.mkdir(parents=True)
    shutil.copytree(package(), target, copy_function=os.link if _linkable(folder) else shutil.copy2)
    (folder / "node_modules" / ".bin").mkdir()
    (folder / "node_modules" / ".bin" / "tsc").symlink_to("../typescript/bin/tsc")


def _linkable(folder: Path) -> bool:
    return folder.stat().st_dev == package().stat().st_dev


def apply(folder: Path, command: list[str]) -> bool:
    """Apply the first fix in place; whether there was one."""
    printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    errors = [
        {"path": each.path, "line": each.line, "column": each.column, "code": int(each.code[2:])}
        for each in faults(printed)
        if each.line >= 0
    ]
    script = files("suture.healing.inside").joinpath("suture_typescript.cjs")
    request = {"typescript": str(package()), "project": ".", "errors": errors, "candidates": []}
    answer = subprocess.run(
        ["node", str(script)], cwd=folder, input=json.dumps(request), capture_output=True, text=True, check=True
    )
    for fixes in json.loads(answer.stdout)["fixes"]:
        if fixes and fixes[0]["changes"]:
            for path, start, end, new in sorted(fixes[0]["changes"], key=lambda each: each[1], reverse=True):
                _change(folder / path, start, end, new)
            return True
    return False


def _change(path: Path, start: list[int], end: list[int], new: str) -> None:
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    text = "".join(lines)
    path.write_text(text[: starts[start[0]] + start[1]] + new + text[starts[end[0]] + end[1] :], "utf-8")
