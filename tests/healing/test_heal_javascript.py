"""JavaScript and TypeScript healed in the real sandbox, by Node and by the real compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.sandbox import open_sandbox
from suture.healing.api import HealReport, heal_command
from suture.healing.javascript.service import GLOBAL

Write = Callable[[Mapping[str, str]], Path]

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


def heal(root: Path, *command: str) -> HealReport:
    sandbox = open_sandbox()
    try:
        return heal_command(root, command, sandbox=sandbox, timeout_s=30)
    finally:
        sandbox.close()


@pytest.fixture
def typescript() -> Path:
    """The package that SUTURE_TYPESCRIPT names, or the system's; a build server must have one."""
    places = [Path(os.environ["SUTURE_TYPESCRIPT"])] if "SUTURE_TYPESCRIPT" in os.environ else []
    places += [Path(each) / "typescript" for each in GLOBAL]
    found = next((each for each in places if (each / "lib" / "tsc.js").is_file()), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip("needs typescript: npm install typescript@5, and SUTURE_TYPESCRIPT for its folder")
    assert found is not None, "SUTURE_TYPESCRIPT names no typescript"
    return found


def test_a_misspelt_name_is_healed_by_node_itself(write: Write) -> None:
    root = write({"main.js": "function half(amount) {\n  return amuont / 2;\n}\nconsole.log(half(4));\n"})
    report = heal(root, "node", "main.js")
    assert (report.fault.category, report.fault.language) == ("name", "javascript")
    assert report.best is not None
    assert "return amount / 2;" in report.best.texts[str(root / "main.js")]


def test_two_faults_of_one_file_are_healed_one_after_the_other(write: Write) -> None:
    text = 'const names = ["ada", "bo";\nconsole.log(nmaes.length);\n'
    root = write({"main.mjs": text})
    report = heal(root, "node", "main.mjs")
    assert report.best is not None
    assert report.best.texts[str(root / "main.mjs")] == 'const names = ["ada", "bo"];\nconsole.log(names.length);\n'


def test_a_test_that_passed_before_may_not_fail_afterwards(write: Write) -> None:
    code = "exports.adult = (age) => age > 18;\nexports.oldest = (list) => list.sort((a, b) => b - a)[0];\n"
    tests = (
        'const test = require("node:test");\nconst assert = require("node:assert");\n'
        'const { adult, oldest } = require("../age");\n'
        'test("adult", () => {\n  assert.strictEqual(adult(18), true);\n  assert.strictEqual(adult(17), false);\n});\n'
        'test("oldest", () => {\n  assert.strictEqual(oldest([1, 3, 2]), 3);\n});\n'
    )
    root = write({"age.js": code, "test/age.test.js": tests})
    report = heal(root, "node", "--test")
    assert report.fault.tests == ("adult",)
    assert report.best is not None
    assert report.best.texts == {str(root / "age.js"): code.replace("age > 18", "age >= 18")}


def test_a_program_that_works_is_left_alone(write: Write) -> None:
    report = heal(write({"main.mjs": "console.log(1);\n"}), "node", "main.mjs")
    assert (report.fault.category, report.candidates) == ("none", ())


@pytest.mark.slow
def test_two_errors_of_a_typescript_program_are_healed_by_its_own_compiler(write: Write, typescript: Path) -> None:
    options = (
        '{"compilerOptions": {"strict": true, "lib": ["es2022"], "types": [], "skipLibCheck": true, "noEmit": true}}'
    )
    text = (
        "interface Size {\n  width: number;\n  height: number;\n}\n\n"
        "export function area(size: Size): number {\n  return size.widht * size.height;\n}\n\n"
        "export function label(size: Size): string {\n  const text: string = area(size);\n  return text;\n}\n"
    )
    root = write({"tsconfig.json": options, "size.ts": text})
    shutil.copytree(typescript, root / "node_modules" / "typescript", symlinks=True)
    tsc = ("node", "node_modules/typescript/lib/tsc.js", "-p", ".")
    report = heal(root, *tsc)
    assert (report.fault.category, report.fault.code) == ("compile", "TS2551")
    assert report.best is not None
    (root / "size.ts").write_text(report.best.texts[str(root / "size.ts")])
    assert subprocess.run(tsc, cwd=root, check=False).returncode == 0
    assert "size.width * size.height" in (root / "size.ts").read_text()
