"""Small changes of Go and Rust functions, and the one text in which they all lie asleep."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from suture.healing.compiled.mutants import FUNCTIONS, VARIABLE, asleep, mutants
from suture.healing.compiled.syntax import Compiled, parse
from suture.healing.compiled.trial import EACH, EACH_S, is_of
from suture.healing.workspace import Workspace

GO = {
    "leap.go": b"package leap\n\nfunc Old(n int) bool { return helper(n) }\n\nfunc helper(n int) bool {\n"
    b'\tif n < 0 {\n\t\tpanic("n")\n\t}\n\treturn n > 65\n}\n\nfunc apart(n int) int { return n + 1 }\n',
    "leap_test.go": b'package leap\n\nimport "testing"\n\nfunc TestOld(t *testing.T) {\n\tif !Old(65) {\n'
    b"\t\tt.Fatal(1 < 2)\n\t}\n}\n",
}
RUST = {
    "src/lib.rs": b"pub fn old(n: u32) -> bool {\n    helper(n)\n}\n\nfn helper(n: u32) -> bool {\n    n > 65\n}\n\n"
    b"pub fn apart(n: u32) -> u32 {\n    n + 1\n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n"
    b"    fn is_old() {\n        assert!(old(65) && 1 < 2);\n    }\n}\n",
}
PROGRAMS: list[tuple[Compiled, dict[str, bytes], str]] = [
    ("go", GO, "example.com/leap.TestOld"),
    ("rust", RUST, "tests::is_old"),
]


@pytest.mark.parametrize(("language", "files", "test"), PROGRAMS)
def test_what_the_failing_test_reaches_is_changed_and_nothing_else(
    language: Compiled, files: dict[str, bytes], test: str, tmp_path: Path
) -> None:
    found = mutants(Workspace(tmp_path, files), language, [test], ("", -1))
    changed = {each.title for each in found}
    assert "Write `>=` for `>`" in changed
    assert "Write `-` for `+`" not in changed  # no test reaches it
    assert all(
        "_test" not in each.name and "1 < 2" not in files[each.name].decode()[slice(*each.body)] for each in found
    )


@pytest.mark.parametrize(("language", "files", "test"), PROGRAMS)
def test_the_text_with_all_changes_parses_and_says_where_each_lies(
    language: Compiled, files: dict[str, bytes], test: str, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path, files)
    found = dict(enumerate(mutants(workspace, language, [test], ("", -1)), 1))
    laid = asleep(workspace, language, found)
    (text,) = laid.texts.values()
    assert not parse(text, language).errors()
    assert VARIABLE in text
    lines = text.split("\n")
    for number, (_, first, last) in laid.lines.items():
        assert f'"{number}"' in lines[first]
        assert found[number].new in "\n".join(lines[first : last + 1])


def test_a_function_with_labels_is_left_alone(tmp_path: Path) -> None:
    text = b"package p\n\nfunc F(n int) int {\nouter:\n\tfor n < 3 {\n\t\tn++\n\t\tcontinue outer\n\t}\n\treturn n\n}\n"
    test = b'package p\n\nimport "testing"\n\nfunc TestF(t *testing.T) { F(1) }\n'
    assert not mutants(Workspace(tmp_path, {"p.go": text, "p_test.go": test}), "go", ["p.TestF"], ("", -1))


def test_of_a_program_in_which_all_call_all_only_what_is_near_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suture.healing.compiled.mutants.MOST", 10_000)
    functions = (f"func F{n}(n int) int {{ return F{n + 1}(n + {n}) }}\n" for n in range(FUNCTIONS + 50))
    files = {"p.go": ("package p\n\n" + "".join(functions)).encode()}
    files["p_test.go"] = b'package p\n\nimport "testing"\n\nfunc TestF(t *testing.T) { F0(1) }\n'
    found = mutants(Workspace(tmp_path, files), "go", ["p.TestF"], ("", -1))
    assert len({each.body for each in found}) == FUNCTIONS


@pytest.mark.parametrize(
    ("told", "name", "same"),
    [
        ("./leap.go", "leap.go", True),
        ("leap.go", "years/leap.go", True),
        ("/disk/years/leap.go", "years/leap.go", True),
        ("bigleap.go", "leap.go", False),
        ("leap.go", "bigleap.go", False),
    ],
)
def test_a_compiler_s_path_is_the_file_s_wherever_it_was_started(told: str, name: str, same: bool) -> None:
    assert is_of(told, name) is same


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    each = EACH.replace(f"sleep {EACH_S}", "sleep 0.5").format(variable=VARIABLE, program='"$@"')
    inner = f"(sleep 61 & echo $! >>{started}; wait) & echo $! >>{started}; wait; :"
    script = f"number=7\n{each}"
    done = subprocess.run(["sh", "-c", script, "sh", "sh", "-c", inner], capture_output=True, text=True, timeout=30)
    assert done.stdout == "suture-mutant 7 137\n"
    for pid in started.read_text().split():
        state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True).stdout.strip()
        assert state[:1] in ("", "Z"), (pid, state)
