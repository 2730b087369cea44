"""Faults that nobody wrote by hand: working programs, broken by a seeded choice of operators, and how they are healed.

``python faults.py make --seed 1 --out cases.jsonl [--unseen] [--more FOLDER] [--each 2] [--class syntax]``
``python faults.py make --family slips/fourth_shown --seed 1 --out cases.jsonl``
``python faults.py written slips/first --seed 1 --out cases.jsonl``
``python faults.py score cases.jsonl [--limit N] [--operator NAME]… [--scripts] [--show]``

The programs are ``programs/{seen,unseen}/*.txt`` (a module, then ``-- checks --`` with an expression a line), modules
of the standard library as the interpreter that runs this has them, and those of ``--more``; checks of the latter two
are the expressions of their doctests. With ``--family`` they are the modules of a folder of written slips. A fault
counts if the half of the checks that the healer may see fails with an exception of the operator's class; healed means
that all checks give what they gave before; ``guess+`` and ``guess-`` were not called verified, and right or wrong.

The cases are in the form of the blind bench. Invariant: only programs named here are run, outside of any sandbox.
"""

from __future__ import annotations

import argparse
import ast
import collections
import doctest
import json
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_faults import logic, names, others, runtime, small, syntax, written
from python_faults.common import OPERATORS, Operator, Program

HERE = Path(__file__).parent
LOADED = (names, others, runtime, syntax, logic, small)
STANDARD = {
    False: ("textwrap", "statistics", "shlex", "fractions", "graphlib", "posixpath", "string", "colorsys"),
    True: ("difflib", "calendar", "fnmatch", "ipaddress", "html/__init__", "urllib/parse", "configparser", "keyword"),
}
#: Checks for modules whose doctests are few.
EXPRESSIONS = {
    "textwrap": ("wrap('one two three', 8)",
                 "dedent('  a\\n   b')", "shorten('one two three', 9)", "indent('a', '> ')"),
    "shlex": ("split('a \"b c\" d')", "join(['a b', 'c'])", "quote(\"it's\")"),
    "posixpath": ("join('a', 'b', '/c')", "normpath('a/../b//c')", "split('a/b/c')", "commonpath(['/a/b', '/a/c'])"),
    "string": ("capwords('one two')", "Template('$a-$b').substitute(a=1, b=2)", "Formatter().format('{0}!', 'x')"),
    "colorsys": ("rgb_to_hsv(0.2, 0.4, 0.4)", "hsv_to_rgb(0.5, 0.5, 0.4)", "rgb_to_hls(0.2, 0.4, 0.4)"),
    "graphlib": ("list(TopologicalSorter({'d': {'b'}, 'b': {'a'}}).static_order())",),
    "calendar": ("isleap(2024)", "monthrange(2024, 2)", "TextCalendar().formatmonth(2024, 2)", "weekday(2024, 2, 1)",
                 "leapdays(1990, 2024)", "HTMLCalendar().formatmonth(2024, 1)[:40]"),
    "fnmatch": ("fnmatch('a.txt', '*.txt')", "filter(['a.py', 'b'], '*.py')", "translate('[!a]?')"),
    "ipaddress": ("str(ip_address('10.0.0.1') + 1)", "list(ip_network('10.0.0.0/30').hosts())",
                  "ip_address('::1').exploded", "ip_network('10.0.0.0/8').overlaps(ip_network('10.1.0.0/16'))"),
    "html/__init__": ("escape('<a href=\"x\">')", "unescape('&lt;p&gt; &#65; &eacute')"),
    "urllib/parse": ("urlparse('http://a:80/b;c?d=e#f').port", "urljoin('http://a/b/c', '../d')", "quote('a b/ü')",
                     "parse_qs('a=1&b=2&a=3')", "urlencode({'a': [1, 2]}, doseq=True)", "unquote('a%20b')"),
    "keyword": ("iskeyword('if')",),
}  # fmt: skip
CLASSES = {
    "syntax": {"SyntaxError", "IndentationError", "TabError"},
    "name": {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "AttributeError"},
}
TIMEOUT_S = 6

_MEASURE = """
import sys, json, ast
run = set()
def trace(frame, event, argument):
    if not frame.f_code.co_filename.endswith("mod.py"):
        return None
    run.add(frame.f_lineno)
    return trace
sys.path.insert(0, ".")
space = {}
sys.settrace(trace)
exec("import mod\\nfrom mod import *", space)
found = []
for check in json.load(open("checks.json")):
    try:
        value = repr(eval(check, space))
    except BaseException as error:
        continue
    try:
        plain = repr(ast.literal_eval(value)) == value
    except Exception:
        plain = False
    if " at 0x" not in value and len(value) < 2000:
        found.append((check, value, plain))
sys.settrace(None)
print(json.dumps([found, sorted(run)]))
"""


def programs(unseen: bool, more: Path | None, family: Path | None) -> Iterator[Program]:
    if family is not None:
        yield from (program for path in sorted(family.glob("*.txt")) if (program := written.read(path).module))
        return
    for path in sorted((HERE / "programs" / ("unseen" if unseen else "seen")).glob("*.txt")):
        text, checks = path.read_text("utf-8").split("-- checks --\n")
        yield Program(path.stem, text, tuple(checks.strip().split("\n")))
    folder = Path(sysconfig.get_path("stdlib"))
    files = [(name, folder / f"{name}.py") for name in STANDARD[unseen]]
    if more is not None:
        files += [(path.stem, path) for path in sorted(more.glob("*.py"))]
    for name, path in files:
        text = path.read_text("utf-8")
        yield Program(name, text, (*EXPRESSIONS.get(name, ()), *_examples(text)))


def _examples(text: str) -> Iterator[str]:
    """The expressions of a module's doctests that are written on one line."""
    parser = doctest.DocTestParser()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and (found := ast.get_docstring(node)):
            try:
                examples = parser.get_examples(found)
            except ValueError:
                continue
            for each in examples:
                source = each.source.strip()
                if each.want and "Traceback" not in each.want and "\n" not in source and _is_expression(source):
                    yield source


def _is_expression(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "check", "eval")
    except SyntaxError:
        return False
    return "print" not in source


def measured(program: Program) -> tuple[Program, list[str]]:
    """The program with the lines that its checks run, and the checks as assertions."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mod.py").write_text(program.text)
        Path(folder, "checks.json").write_text(json.dumps(program.checks))
        Path(folder, "measure.py").write_text(_MEASURE)
        both = [
            subprocess.run(
                [sys.executable, "-B", "-E", "measure.py"], cwd=folder, capture_output=True, text=True, timeout=60
            )
            for _ in range(2)
        ]
    if both[0].returncode:
        print(f"{program.name}: {both[0].stderr[-200:]}", file=sys.stderr)
        return program, []
    first, second = (json.loads(each.stdout.strip().rpartition("\n")[2]) for each in both)
    stable = [item for item in first[0] if item in second[0]]
    checks = [f"assert {_closed(c)} == {v}" if p else f"assert repr({c}) == {v!r}" for c, v, p in stable][:40]
    if not run(program.text, check_text(checks))[0]:
        print(f"{program.name}: does not pass its own checks", file=sys.stderr)
        return program, []
    return replace(program, run=frozenset(first[1])), checks


def _closed(check: str) -> str:
    """An expression that can be compared."""
    node = ast.parse(check, mode="eval").body
    return check if isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.List | ast.Name) else f"({check})"


def check_text(checks: list[str]) -> str:
    return "import mod\nfrom mod import *\n" + "\n".join(checks) + "\nprint('ALL-OK')\n"


def run(text: str, check: str, timeout_s: float = TIMEOUT_S) -> tuple[bool, str]:
    """Whether a module passes a check, and what was printed if not; a timeout has no text."""
    return run_files({"mod.py": text}, check, timeout_s)


def run_files(files: dict[str, str], check: str, timeout_s: float = TIMEOUT_S) -> tuple[bool, str]:
    """The same for a package, whose files are relative to the folder that the check is in."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**files, "check.py": check}.items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_text(text)
        try:
            done = subprocess.run(
                [sys.executable, "-B", "-E", "-S", "check.py"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired:
            return False, ""
    return done.returncode == 0 and done.stdout.rstrip().endswith("ALL-OK"), done.stderr


def breaks(operator: Operator, stderr: str) -> str:
    """The exception, if it is one of the operator's class; else an empty string."""
    lines = re.findall(r"^(?:[a-z_]\w*\.)*([A-Z]\w*)(?::.*)?$", stderr, re.MULTILINE)
    name = next((each for each in reversed(lines) if not each.endswith("Warning")), "")
    if operator.kind in CLASSES:
        return name if name in CLASSES[operator.kind] else ""
    if operator.kind == "logic":
        return name if name == "AssertionError" else ""
    bad = CLASSES["syntax"] | {"AssertionError", ""}
    return name if name not in bad and name.isidentifier() and name[0].isupper() else ""


def cases(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    dice = random.Random(arguments.seed)
    every = [
        found
        for each in programs(arguments.unseen, arguments.more, arguments.family)
        if len((found := measured(each))[1]) > 1 or found[1]
    ]
    for operator in OPERATORS:
        if arguments.klass and operator.kind != arguments.klass:
            continue
        made = 0
        for program, checks in dice.sample(every, len(every)):
            if made >= arguments.each:
                break
            shown = set(dice.sample(checks, (len(checks) + 1) // 2))
            visible, hidden = check_text([each for each in checks if each in shown]), check_text(checks)
            for tried, text in enumerate(operator.change(program, random.Random(dice.random()))):
                if tried >= 12 or text == program.text:
                    break
                ok, stderr = run(text, visible)
                if ok or not (exception := breaks(operator, stderr)):
                    continue
                if operator.name.startswith("lost_import") and '/mod.py"' not in stderr:
                    continue  # what the check itself uses is no fault of the module alone
                made += 1
                line = next(
                    (i for i, (a, b) in enumerate(zip(text.split("\n"), program.lines, strict=False)) if a != b), 0
                )
                yield {
                    "id": f"{operator.name}-{program.name}-{made}", "operator": operator.name, "class": operator.kind,
                    "task": program.name, "requires": [], "files": {"mod.py": text, "check.py": visible},
                    "original": program.text, "hidden_check": hidden, "cmd": ["python3", "check.py"],
                    "fault_line": line + 1, "expect": exception, "split": "unseen" if arguments.unseen else "seen",
                    "error": {"type": exception, "message": stderr.strip().rpartition("\n")[2], "text": stderr},
                }  # fmt: skip
                break
        if not made:
            print(f"{operator.name}: no case", file=sys.stderr)


def score(arguments: argparse.Namespace) -> None:
    from suture.analyzers.sandbox import open_sandbox
    from suture.healing.api import heal_command

    with open(arguments.cases, encoding="utf-8") as stream:
        found = [json.loads(line) for line in stream]
    found = [each for each in found if not arguments.operator or each["operator"] in arguments.operator]
    found = [each for each in found if not arguments.klass or each["class"] == arguments.klass]
    if arguments.scripts:
        found = [written.as_script(each) for each in found]
    if arguments.limit:
        found = random.Random(arguments.seed).sample(found, min(arguments.limit, len(found)))
    results: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    times: list[float] = []
    rows: list[dict[str, Any]] = []
    sandbox = open_sandbox()
    for case in found:
        root = Path(tempfile.mkdtemp(prefix="fault_"))
        for name, text in case["files"].items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        started = time.perf_counter()
        try:
            report = heal_command(root, case["cmd"], sandbox=sandbox, timeout_s=arguments.timeout)
        except Exception:  # noqa: BLE001 - a healing that breaks is a result, too
            traceback.print_exc()
            report = None
        shutil.rmtree(root)
        best = report.best if report is not None else None
        text, outcome, title, why = "", "refused", "", "broken"
        if report is not None:
            why = f"{report.fault.exception}: {report.fault.message[:100]}"
        first = best or (report.candidates[0] if report is not None and report.candidates else None)
        if report is not None and first is not None:
            files = dict(case["files"])
            for path, new in first.texts.items():
                files[report.relative(path)] = new
            text = files.get("mod.py", "")
            right = run_files(files, case["hidden_check"])[0]
            outcome = ("healed" if right else "wrong") if best is not None else "guess+" if right else "guess-"
            title = first.edit.title
        if report is not None and best is not None:
            times.append(report.first_verified_ms or 0.0)
        results[f"{case['class']}/{case['operator']}"][outcome] += 1
        results[f"{case['class']}"][outcome] += 1
        results["all"][outcome] += 1
        seconds = time.perf_counter() - started
        rows.append(
            {
                "id": case["id"],
                "outcome": outcome,
                "title": title,
                "fault": why,
                "seconds": round(seconds, 2),
                "text": text,
            }
        )
        if arguments.out:
            with open(arguments.out, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(rows[-1]) + "\n")
        if arguments.show and outcome != "healed":
            print(f"{outcome:8}{case['id']:45} {seconds:.1f} s  {why} | {title}", flush=True)
    for key in sorted(results, key=lambda key: (key.count("/"), key)):
        row = results[key]
        print(key.ljust(44), *(f"{name} {row[name]:4}" for name in ("healed", "wrong", "guess+", "guess-", "refused")))
    times.sort()
    if times:
        print(f"first verified: p50 {times[len(times) // 2]:.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=["make", "written", "score"])
    parser.add_argument("cases", nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--more", type=Path)
    parser.add_argument("--family", type=Path, help="a folder of written slips, whose programs are taken")
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--class", dest="klass")
    parser.add_argument("--operator", action="append")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--timeout", type=float, default=10, help="seconds that one run may take")
    parser.add_argument("--scripts", action="store_true", help="run tests of pytest as plain assertions")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    if arguments.job == "score":
        score(arguments)
        return
    with open(arguments.out, "w", encoding="utf-8") if arguments.out else sys.stdout as stream:
        folder = Path(arguments.cases or "slips/first")
        made = (
            cases(arguments)
            if arguments.job == "make"
            else written.cases(folder, arguments.seed, measured, check_text, run_files)
        )
        for case in made:
            stream.write(json.dumps(case) + "\n")


if __name__ == "__main__":
    main()
