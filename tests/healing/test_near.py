"""Changes near a compiler's or Node's error: what is proposed, how it is counted; whole healings by the real tools."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from suture.analyzers.sandbox import Outcome, Sandbox, open_sandbox
from suture.healing.api import heal_command
from suture.healing.compiled.mutants import Mutant
from suture.healing.compiled.near import near as near_compiled
from suture.healing.compiled.screen import copies
from suture.healing.compiled.syntax import Compiled, parse
from suture.healing.compiled.vet import fixes
from suture.healing.fault import NO_FAULT, Fault, Frame
from suture.healing.javascript.modules import written_in
from suture.healing.javascript.mutants import asleep, mutants
from suture.healing.javascript.near import near
from suture.healing.javascript.syntax import Syntax
from suture.healing.locate import locate
from suture.healing.probe import Run
from suture.healing.repair import Context, Draft
from suture.healing.verify import State
from suture.healing.workspace import Workspace

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def opened() -> Iterator[Sandbox]:
    sandbox = open_sandbox()
    yield sandbox
    sandbox.close()


def context(root: Path, name: str, text: str, mark: str, **known: object) -> Context:
    """The fault at the first place of a text's part."""
    at = text.index(mark)
    line, column = text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)
    fault = Fault("compile", path=name, line=line, column=column, end_column=column + len(mark))
    fault = replace(fault, **known)  # type: ignore[arg-type]
    return Context(Workspace(root, {name: text.encode()}), name, text, fault)


def compiled(found: Context, language: Compiled) -> list[Draft]:
    return near_compiled(found.fault, found, language)


def holds(drafts: list[Draft], name: str, part: str) -> bool:
    return any(part in each.texts[name] for each in drafts)


RUST = "fn area(tile: (u32, u32)) -> u32 {\n    match tile {\n        (width, width) => width * height,\n    }\n}\n"
LIST = "fn serve(queue: &Vec<u8>) -> bool {\n    if !queue {\n        return false;\n    }\n    true\n}\n"
THREAD = "fn run(lines: &[String]) {\n    std::thread::spawn(move || lines.len());\n}\n"
GO = "package p\n\nfunc f(n int) []int {\n\tfound := make([]int, 16, 0)\n\treturn append(found, n)\n}\n"
DOTS = "package p\n\nfunc f(a, b []int) []int {\n\treturn append(a, ...b)\n}\n"


def test_a_name_that_another_error_misses_is_put_where_the_message_points(tmp_path: Path) -> None:
    lacking = Fault("compile", message="cannot find value `height` in this scope", code="E0425")
    message = "identifier `width` is bound more than once in the same pattern"
    at = context(tmp_path, "main.rs", RUST, "width) =>", message=message, others=(lacking,))
    drafts = compiled(replace(at, fault=replace(at.fault, end_column=at.fault.column + 5)), "rust")
    assert holds(drafts, "main.rs", "(width, height) => width * height")


def test_a_list_that_is_negated_is_asked_whether_it_is_empty_first(tmp_path: Path) -> None:
    drafts = compiled(context(tmp_path, "main.rs", LIST, "!queue", message="cannot apply unary operator `!`"), "rust")
    asked = [each for each in drafts if "if queue.is_empty()" in each.texts["main.rs"]]
    other = [each for each in drafts if "if !queue.is_empty()" in each.texts["main.rs"]]
    assert asked[0].prior > other[0].prior


def test_what_a_thread_borrows_is_copied_before_it(tmp_path: Path) -> None:
    said = "borrowed data escapes outside of function"
    notes = ("main.rs:2:5: `lines` escapes the function body here",)
    at = context(tmp_path, "main.rs", THREAD, "std::thread::spawn(move || lines.len())", message=said, notes=notes)
    assert holds(compiled(at, "rust"), "main.rs", "    let lines = lines.to_owned();\n    std::thread::spawn")


@pytest.mark.parametrize(
    ("text", "mark", "part"),
    [(GO, "16, 0", "make([]int, 0, 16)"), (DOTS, "...b", "append(a, b...)")],
)
def test_neighbours_are_exchanged_and_a_sign_is_put_behind(text: str, mark: str, part: str, tmp_path: Path) -> None:
    drafts = compiled(context(tmp_path, "main.go", text, mark, language="go"), "go")
    assert holds(drafts, "main.go", part)


def test_no_change_breaks_the_syntax_of_a_file_that_parses(tmp_path: Path) -> None:
    drafts = compiled(context(tmp_path, "main.go", GO, "16, 0", language="go"), "go")
    assert drafts
    assert not any(parse(each.texts["main.go"], "go").errors() for each in drafts)


def test_each_state_has_all_files_that_one_of_them_changes_whatever_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("let a = 1;\n")
    run = Run(Outcome("exit", 1, b"", b"", 0.1, "test"), NO_FAULT)
    found = copies(Workspace(tmp_path), [State({"a.js": "let a = 2;\n"}, run), State({"b.js": "'\udce9'\n"}, run)])
    assert sorted(found.values()) == [b"", b"'\xed\xb3\xa9'\n", b"let a = 1;\n", b"let a = 2;\n"]
    assert len({name.rpartition("/")[0] for name in found}) == 2


def test_fixes_of_vet_of_the_same_words_are_one_draft(tmp_path: Path) -> None:
    text = 'package p\n\nimport "fmt"\n\nfunc f(ü, b int) string { return string(ü) + string(b) + fmt.Sprint() }\n'
    data = text.encode()
    places = [data.index(b"string(" + letter) for letter in ("ü".encode(), b"b")]
    edits = [[{"filename": str(tmp_path / "p.go"), "start": at, "end": at + 6, "new": "fmt.Sprint"}] for at in places]
    reports = [{"suggested_fixes": [{"message": "Format the number", "edits": each}]} for each in edits]
    printed = "# p\n" + json.dumps({"p": {"stringintconv": reports, "printf": {"error": "x"}}}, indent=1) + "\n"
    (draft,) = fixes(printed, Workspace(tmp_path, {"p.go": data}))
    assert "return fmt.Sprint(ü) + fmt.Sprint(b) + fmt.Sprint()" in draft.texts["p.go"]


def test_a_fix_of_vet_outside_of_the_workspace_is_none(tmp_path: Path) -> None:
    edit = {"filename": "/elsewhere/p.go", "start": 0, "end": 1, "new": ""}
    printed = json.dumps({"p": {"x": [{"suggested_fixes": [{"message": "m", "edits": [edit]}]}]}}, indent=1)
    assert not list(fixes(printed, Workspace(tmp_path, {"p.go": b"package p\n"})))


DERIVED = """abstract class Base {
  abstract formatRow(a: string): string;
}

class Csv extends Base {
  formatLine(a: string): string {
    return a;
  }
}
"""
KEYWORD = "function read(path, default) {\n  return path || default;\n}\n"


def test_a_member_gets_the_name_that_is_missing(tmp_path: Path) -> None:
    message = "Non-abstract class 'Csv' does not implement inherited abstract member formatRow from class 'Base'."
    at = context(tmp_path, "a.ts", DERIVED, "Csv", message=message, language="typescript")
    assert holds(near(at.fault, at), "a.ts", "  formatRow(a: string): string {")


def test_a_keyword_that_is_a_name_gets_another_one_everywhere(tmp_path: Path) -> None:
    at = context(tmp_path, "a.js", KEYWORD, "default", language="javascript", category="syntax")
    best = near(at.fault, at)[0]
    assert best.texts["a.js"] == KEYWORD.replace("default", "defaultValue")


@pytest.mark.parametrize(("language", "asked"), [("typescript", True), ("javascript", False)])
def test_only_where_a_type_says_that_it_may_be_absent_is_a_call_left_out(
    language: str, asked: bool, tmp_path: Path
) -> None:
    name = "a.ts" if asked else "a.js"
    at = context(tmp_path, name, "exports.f = (o) => {\n  o.done(1);\n};\n", "o.done", language=language)
    assert holds(near(at.fault, at), name, "o.done?.(1)") is asked


def test_the_source_of_a_compiled_file_is_where_its_failure_is(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"src/a/cart.ts": b"", "src/b/cart.ts": b"", "src/b/cart.test.ts": b""})
    assert written_in(workspace, str(tmp_path / "out/b/cart.test.js")) == "src/b/cart.test.ts"
    assert written_in(workspace, str(tmp_path / "out/cart.js")) is None  # it may be either
    fault = Fault("test", "javascript", path="x", frames=(Frame(str(tmp_path / "out/b/cart.js"), 7),))
    found = locate(fault, workspace)
    assert (found.path, found.line) == ("src/b/cart.ts", -1)


MODULE = b"""export function page(items, size) {
  return [...items].sort().slice(0, Math.floor(items.length / size));
}
export const half = (n) => n / 2;
class Box {
  constructor(n) { this.n = n; }
  bigger(other) { return this.n < other.n && true; }
}
"""
TEST = b'import { page } from "../page.mjs";\nimport assert from "node:assert";\nassert(page([1], 1) < 2);\n'


def test_changes_of_javascript_lie_asleep_in_a_text_that_parses(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"page.mjs": MODULE, "test/page.test.mjs": TEST})
    found = dict(enumerate(mutants(workspace, "test/page.test.mjs"), 1))
    titles = {each.title for each in found.values()}
    assert {"Sort as numbers", "Write `ceil` for `floor`", "Write `<=` for `<`"} <= titles
    assert {each.name for each in found.values()} == {"page.mjs"}
    assert not any("(items.length / size)" in each for each in titles)  # what is rounded is not rounded once more
    texts = asleep(workspace, found)
    assert not Syntax(texts["page.mjs"], "page.mjs").root.has_error
    assert 'process.env.SUTURE_MUTANT === "' in texts["page.mjs"]  # an arrow without braces


def test_typescript_that_holds_changes_is_not_type_checked(tmp_path: Path) -> None:
    text = "export function f(n: number): number {\n  return n + 1;\n}\n"
    place = (text.index("{"), len(text) - 1)
    at = text.index("+")
    change = Mutant("a.ts", at, at + 1, "-", "Write `-` for `+`", 0.5, place)
    (laid,) = asleep(Workspace(tmp_path, {"a.ts": text.encode()}), {1: change}).values()
    assert laid.startswith("// @ts-nocheck\n")
    assert "return n - 1;" in laid
    assert "return n + 1;" in laid


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_failing_test_of_node_shows_the_small_change_that_is_meant(write: Write, opened: Sandbox) -> None:
    code = "exports.pages = (items, size) => {\n  const all = [...items].sort();\n  return all.slice(0, size);\n};\n"
    test = 'const test = require("node:test");\nconst assert = require("node:assert");\n'
    test += (
        'const { pages } = require("./pages");\ntest("first", () => assert.deepStrictEqual(pages([10, 9], 1), [9]));\n'
    )
    root = write({"pages.js": code, "pages.test.js": test})
    report = heal_command(root, ["node", "--test"], sandbox=opened, timeout_s=30)
    assert report.best is not None
    assert ".sort((a, b) => a - b)" in report.best.texts[str(root / "pages.js")]
    assert report.best.edit.evidence[0].kind == "tested"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_change_that_hangs_keeps_none_from_being_tried(write: Write, opened: Sandbox) -> None:
    code = "exports.sum = (n) => {\n  let all = 0;\n  for (let i = 0; i < n; i++) all += i;\n  return all;\n};\n"
    test = 'const test = require("node:test");\nconst assert = require("node:assert");\n'
    test += 'const { sum } = require("./sum");\ntest("sum", () => assert.strictEqual(sum(4), 10));\n'
    root = write({"sum.js": code, "sum.test.js": test})
    report = heal_command(root, ["node", "--test"], sandbox=opened, timeout_s=30)
    assert report.best is not None
    assert "i <= n" in report.best.texts[str(root / "sum.js")]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("rustc") is None, reason="Rust is not installed")
def test_the_compiler_counts_what_a_change_near_its_error_leaves(write: Write, opened: Sandbox) -> None:
    root = write({"main.rs": "use std::collections::VecDeque;\n\n" + LIST.replace("Vec<", "VecDeque<")
                  + "\nfn main() {\n    println!(\"{}\", serve(&VecDeque::from([1])));\n}\n"})  # fmt: skip
    report = heal_command(root, ["rustc", "--edition", "2021", "main.rs"], sandbox=opened, timeout_s=30)
    assert report.fault.code == "E0600"
    assert report.best is not None
    assert "if queue.is_empty()" in report.best.texts[str(root / "main.rs")]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_arguments_that_go_calls_swapped_are_exchanged(write: Write, opened: Sandbox) -> None:
    root = write({"go.mod": "module example.com/p\n\ngo 1.19\n", "p.go": GO})
    report = heal_command(root, ["go", "build", "./..."], sandbox=opened, timeout_s=120)
    assert report.best is not None
    assert "make([]int, 0, 16)" in report.best.texts[str(root / "p.go")]


def test_a_text_that_no_type_allows_is_likeliest_one_that_resembles_it(tmp_path: Path) -> None:
    text = (
        'type State = "open" | "closed" | "pending";\nexport function next(state: State) {\n'
        '  return state === "pendin";\n}\n'
    )
    said = "the types 'State' and '\"pendin\"' have no overlap"
    at = context(tmp_path, "a.ts", text, 'state === "pendin"', language="typescript", code="TS2367", message=said)
    best = near(at.fault, at)
    assert 'state === "pending"' in best[0].texts["a.ts"]
    assert not holds(best, "a.ts", '=== "closed"')


def test_another_name_is_no_answer_to_a_value_that_is_not_set(tmp_path: Path) -> None:
    text = "fn sign(n: i32) -> i32 {\n    let result: i32;\n    if n > 0 {\n        result = 1;\n    }\n    result\n}\n"
    for code, asked in (("E0381", False), ("E0308", True)):
        at = context(tmp_path, "main.rs", text, "result\n}", language="rust", code=code, message="see `n`")
        at = replace(at, fault=replace(at.fault, end_column=10, line=5))
        assert holds(compiled(at, "rust"), "main.rs", "    n\n}") is asked
