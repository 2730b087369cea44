"""What a change leaves out of a program that only a compiler judges: numbers, texts, and operands that it read."""

from __future__ import annotations

from pathlib import Path

import pytest

from suture.healing.omission import omits
from suture.healing.workspace import Workspace

GO = "package p\n\nfunc f(total *int, n int) {{\n\t{}\n}}\n"
RUST = "fn f(total: &mut i64, n: i32) {{\n    {}\n}}\n"
SCRIPT = "function f(total: number, n: bigint) {{\n  {}\n}}\n"


@pytest.mark.parametrize(
    ("new", "omitted"), [("f(2, 1)", False), ("f(1, int(2))", False), ("f(1)", True), ('f("1", 2)', True)]
)
def test_a_change_that_leaves_out_a_value_is_told(new: str, omitted: bool, tmp_path: Path) -> None:
    assert omits(Workspace(tmp_path, {"a.go": b"f(1, 2)"}), {"a.go": new}) is omitted


@pytest.mark.parametrize(
    ("name", "frame", "old", "new", "omitted"),
    [
        ("a.go", GO, "total = total + n", "total = total", True),
        ("a.go", GO, "total = total + n", "*total = *total + n", False),
        ("a.go", GO, "total = total + n", "total += n", False),
        ("a.go", GO, "n = n + n", "n = n", True),
        ("a.go", GO, "use(n, n + count())", "use(n, n)", True),
        ("a.go", GO, "use(n + *total)", "use(n, *total)", False),
        ("a.go", GO, "n = int64(n) + *total", "n = n + *total", False),
        ("a.go", GO, "n = n + totl", "n = n + *total", False),
        ("a.go", GO, "if n > 0 && ready {\n\t}", "if n > 0 {\n\t}", True),
        ("a.go", GO, "return n, total", "return n", False),
        ("a.go", GO, "both := n + *total\n\tuse(n)", "use(n)", False),
        ("a.go", GO, "both := n + *total", "", False),
        ("a.rs", RUST, "*total = *total + n as i64;", "*total = *total;", True),
        ("a.rs", RUST, "*total = *total + n as i64;", "*total += n as i64;", False),
        ("a.rs", RUST, "let x = n.unwrap() + 1;", "let x = n + 1;", False),
        ("a.rs", RUST, "use_it(n + i32::from(self.rest));", "use_it(n);", True),
        ("a.ts", SCRIPT, "return total + n;", "return total;", True),
        ("a.ts", SCRIPT, "return total + n;", "return total + Number(n);", False),
        ("a.ts", SCRIPT, "return [total, n];", "return [total];", False),
    ],
)
def test_a_change_that_leaves_out_an_operand_is_told(
    name: str, frame: str, old: str, new: str, omitted: bool, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path, {name: frame.format(old).encode()})
    assert omits(workspace, {name: frame.format(new)}) is omitted


def test_what_another_file_than_a_program_leaves_out_is_counted_as_values_only(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {"go.mod": b"module a\n\ngo 1.19\n"})
    assert omits(workspace, {"go.mod": "module a\n"})
    assert not omits(workspace, {"go.mod": "module a/b\n\ngo 1.19\n"})
