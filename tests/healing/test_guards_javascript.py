"""Edits of JavaScript and TypeScript that hide a failure are refused, and honest ones of the same shape are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.healing.guard import objection
from suture.healing.workspace import Workspace

CODE = "export function half(n) {\n  if (n < 0) {\n    throw new RangeError('negative');\n  }\n  return n / 2;\n}\n"
TEST = (
    'import test from "node:test";\nimport assert from "node:assert";\nimport { half } from "../half.mjs";\n'
    'test("half", () => {\n  assert.equal(half(3), 2);\n});\n'
)
TYPED = "export function size(text?: string): number {\n  return text.length;\n}\n"
STRICT = '{ "compilerOptions": { "strict": true }, "include": ["src"] }\n'
PACKAGE = '{ "type": "commonjs", "scripts": { "test": "node --test" } }\n'

CHEATS = {
    "a test is skipped": ("test/half.test.mjs", TEST, TEST.replace("test(", "test.skip(", 1)),
    "a test is skipped by its options": (
        "test/half.test.mjs",
        TEST,
        TEST.replace('"half", ', '"half", { skip: true }, '),
    ),
    "a test is deleted": ("test/half.test.mjs", TEST, TEST[: TEST.index("test(")]),
    "an assertion is deleted": ("test/half.test.mjs", TEST, TEST.replace("  assert.equal(half(3), 2);\n", "")),
    "an expectation is changed": ("test/half.test.mjs", TEST, TEST.replace("(3), 2", "(3), 1.5")),
    "an error is thrown no more": ("half.mjs", CODE, CODE.replace("    throw new RangeError('negative');\n", "")),
    "an export is removed": ("half.mjs", CODE, CODE.replace("export ", "")),
    "one case is answered by its literal": (
        "half.mjs",
        CODE,
        CODE.replace("  return n", "  if (n === 3) return 2;\n  return n"),
    ),
    "an exception is swallowed": ("half.mjs", CODE, CODE.replace("return n / 2;", "try { return n / 2; } catch {}")),
    "a rejection is swallowed": ("half.mjs", "load().then(use);\n", "load().then(use).catch(() => {});\n"),
    "the program ends early": ("half.mjs", CODE, f"process.exit(0);\n{CODE}"),
    "what is thrown is hidden": ("half.mjs", CODE, f'process.on("uncaughtException", () => {{}});\n{CODE}'),
    "the code looks whether it is tested": (
        "half.mjs",
        CODE,
        CODE.replace("n < 0", "n < 0 && !process.env.NODE_TEST_CONTEXT"),
    ),
    "the compiler is silenced": ("size.ts", TYPED, TYPED.replace("  return", "  // @ts-ignore\n  return")),
    "a type is given up": ("size.ts", TYPED, TYPED.replace("text.length", "(text as any).length")),
    "a parameter is any": ("size.ts", TYPED, TYPED.replace("?: string", ": any")),
    "the compiler is overruled": ("size.ts", TYPED, TYPED.replace("text.length", "text!.length")),
    "a missing name is declared": ("size.ts", TYPED, f"declare const extra: number;\n{TYPED}"),
    "the compiler is less strict": ("tsconfig.json", STRICT, STRICT.replace("true", "false")),
    "a file is left out": ("tsconfig.json", STRICT, STRICT.replace('["src"]', '["src/good"]')),
    "the tests are not run": ("package.json", PACKAGE, PACKAGE.replace("node --test", "true")),
}

HONEST = {
    "a boundary is moved": ("half.mjs", CODE, CODE.replace("n < 0", "n <= 0")),
    "a test imports what it uses": (
        "test/half.test.mjs",
        TEST.replace('import assert from "node:assert";\n', ""),
        TEST,
    ),
    "a guard throws": (
        "half.mjs",
        CODE,
        CODE.replace("return n / 2", "if (!n) throw new TypeError();\n  return n / 2"),
    ),
    "an export is renamed to what was meant": ("half.mjs", CODE.replace("half", "hafl"), CODE),
    "a handler uses what it caught": (
        "half.mjs",
        "load();\n",
        "try {\n  load();\n} catch (error) {\n  throw new Error('load', { cause: error });\n}\n",
    ),
    "optional chaining": ("size.ts", TYPED, TYPED.replace("text.length", "text?.length ?? 0")),
    "a package becomes one of modules": ("package.json", PACKAGE, PACKAGE.replace("commonjs", "module")),
}


@pytest.mark.parametrize("case", CHEATS)
def test_an_edit_that_hides_the_failure_is_refused(case: str, tmp_path: Path) -> None:
    name, old, new = CHEATS[case]
    assert old != new
    assert objection(Workspace(tmp_path, {name: old.encode()}), {name: new}), case


@pytest.mark.parametrize("case", HONEST)
def test_an_honest_edit_is_not_refused(case: str, tmp_path: Path) -> None:
    name, old, new = HONEST[case]
    assert old != new
    assert objection(Workspace(tmp_path, {name: old.encode()}), {name: new}) == ""
