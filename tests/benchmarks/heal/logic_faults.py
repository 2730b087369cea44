"""How well logic faults are healed that nobody wrote a rule for: slips put into packages with tests of their own.

    python logic_faults.py make OUT.jsonl --per 30 --seed 1 PACKAGE MODULE=TESTS [PACKAGE MODULE=TESTS …]
    python logic_faults.py score OUT.jsonl [--limit N]

``PACKAGE`` is an unpacked source distribution, ``MODULE`` and ``TESTS`` are files in it. One slip is put into one
function (slips are made here with ``ast``, apart from those that healing knows). The visible tests are at most two that
fail by it and at most four that pass; all other tests of the file are hidden. A healed text is *right* if the whole
test file passes as it did before the slip, *wrong* if it was offered as verified and is not; ``guess+`` and ``guess-``
are those that were told as guesses only.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

Splice = tuple[int, int, str]


def slips(source: bytes, tree: ast.Module) -> Iterator[tuple[str, list[Splice], int]]:
    """(kind, splices on bytes, line) of the slips that can be put into the functions of a module."""
    starts = [0]
    for line in source.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    def span(node: ast.expr | ast.stmt) -> tuple[int, int]:
        return at(node.lineno, node.col_offset), at(node.end_lineno or 0, node.end_col_offset or 0)

    def text(node: ast.expr | ast.stmt) -> str:
        low, high = span(node)
        return source[low:high].decode()

    def between(left: ast.expr, right: ast.expr) -> tuple[int, int]:
        return span(left)[1], span(right)[0]

    compare: dict[type[ast.cmpop], str] = {
        ast.Lt: "<",
        ast.LtE: "<=",
        ast.Gt: ">",
        ast.GtE: ">=",
        ast.Eq: "==",
        ast.NotEq: "!=",
    }
    arithmetic: dict[type[ast.operator], str] = {
        ast.Add: "+",
        ast.Sub: "-",
        ast.Mult: "*",
        ast.FloorDiv: "//",
        ast.Mod: "%",
        ast.Div: "/",
    }
    wrong = {"<": ["<=", ">"], "<=": ["<", ">="], ">": [">=", "<"], ">=": [">", "<="], "==": ["!="], "!=": ["=="],
             "+": ["-"], "-": ["+"], "*": ["+", "//"], "//": ["%", "*"], "%": ["//"], "/": ["*", "//"]}  # fmt: skip
    for function in [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]:
        stored = {
            each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        names = sorted(stored | {each.arg for each in function.args.args} - {"self", "cls"})
        inner = [each for part in function.body for each in ast.walk(part)]
        for node in inner:
            line = getattr(node, "lineno", 0)
            if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in compare:
                symbol = compare[type(node.ops[0])]
                low, high = between(node.left, node.comparators[0])
                if source[low:high].decode().strip() == symbol:
                    for new in wrong[symbol]:
                        yield "comparison", [(low, high, f" {new} ")], line
            elif isinstance(node, ast.BinOp) and type(node.op) in arithmetic:
                symbol = arithmetic[type(node.op)]
                low, high = between(node.left, node.right)
                if source[low:high].decode().strip() == symbol:
                    for new in wrong[symbol]:
                        yield "arithmetic", [(low, high, f" {new} ")], line
            elif isinstance(node, ast.BoolOp) and len(node.values) == 2:
                low, high = between(node.values[0], node.values[1])
                word = "and" if isinstance(node.op, ast.And) else "or"
                if source[low:high].decode().strip() == word:
                    yield "boolean", [(low, high, " or " if word == "and" else " and ")], line
            elif isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 100:
                low, high = span(node)
                yield "constant", [(low, high, str(node.value + 1))], line
                if node.value > 0:
                    yield "constant", [(low, high, str(node.value - 1))], line
            elif isinstance(node, ast.If | ast.While | ast.IfExp):
                low, high = span(node.test)
                if isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not):
                    yield "negation", [(low, high, text(node.test.operand))], line
                else:
                    yield "negation", [(low, high, f"not ({text(node.test)})")], line
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                low, high = span(node.func)
                twin = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}.get(node.func.id)
                if twin:
                    yield "twin", [(low, high, twin)], line
                if node.func.id == "range" and node.args and not node.keywords:
                    stop = node.args[1] if len(node.args) > 1 else node.args[0]
                    low, high = span(stop)
                    yield "range", [(low, high, f"{text(stop)} - 1")], line
                    yield "range", [(low, high, f"{text(stop)} + 1")], line
                if len(node.args) == 2 and not node.keywords and text(node.args[0]) != text(node.args[1]):
                    one, two = node.args
                    yield "arguments", [(*span(one), text(two)), (*span(two), text(one))], line
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
                low, high = span(node)
                for other in names:
                    if other != node.id:
                        yield "variable", [(low, high, other)], line
            elif isinstance(node, ast.Return) and node.value is not None:
                low, high = span(node)
                yield "return", [(low, span(node.value)[0], "")], line
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
                for bound in (node.slice.lower, node.slice.upper):
                    if bound is not None:
                        low, high = span(bound)
                        yield "slice", [(low, high, f"{text(bound)} + 1")], line
            if isinstance(node, ast.AugAssign) and type(node.op) in arithmetic:
                low, high = span(node.target)[1], span(node.value)[0]
                new = {"+": "-=", "-": "+=", "*": "+="}.get(arithmetic[type(node.op)], "=")
                yield "augmented", [(low, high, f" {new} ")], line
        for node in [function, *inner]:
            for name in ("body", "orelse"):
                given: object = getattr(node, name, None)
                if not isinstance(given, list) or isinstance(node, ast.ClassDef):
                    continue
                body = cast("list[ast.stmt]", given)
                for number, each in enumerate(body):
                    single = isinstance(each, ast.Assign | ast.AugAssign | ast.Expr) and not (
                        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                    )
                    low, high = span(each)
                    whole = source.rfind(b"\n", 0, low) + 1
                    if single and len(body) > 1:
                        yield "deleted", [(whole, high + 1, "")], each.lineno
                    later = body[number + 1] if number + 1 < len(body) else None
                    if isinstance(each, ast.For | ast.While) and isinstance(later, ast.Return) and not each.orelse:
                        begin, end = span(later)
                        if b"\n" not in source[begin:end]:
                            yield "early return", [(begin, begin, "    ")], later.lineno


def applied(source: bytes, splices: list[Splice]) -> bytes:
    for low, high, new in sorted(splices, reverse=True):
        source = source[:low] + new.encode() + source[high:]
    return source


def outcomes(root: Path, test: str, timeout_s: float = 60) -> dict[str, str] | None:
    """Test id → passed or failed (or error), by pytest's own report."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rA",
        "--tb=line",
        "-p",
        "no:cacheprovider",
        "-x" if False else "-q",
        test,
    ]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return None
    found = {name: kind for kind, name in re.findall(r"^(PASSED|FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)}
    kinds = dict(re.findall(r"^FAILED (\S+) - (\w+)", done.stdout, re.MULTILINE))
    return {name: kinds.get(name, kind.lower()) if kind != "PASSED" else "passed" for name, kind in found.items()}


def make(arguments: argparse.Namespace) -> None:
    rng = random.Random(arguments.seed)
    with open(arguments.out, "a", encoding="utf-8") as out:
        for package, pair in zip(arguments.sources[::2], arguments.sources[1::2], strict=True):
            module, test = pair.split("=")
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder, "p")
                shutil.copytree(package, root, ignore=shutil.ignore_patterns("*.pyc", "docs", ".git"))
                source = (root / module).read_bytes()
                before = outcomes(root, test)
                kinds: dict[str, list[tuple[list[Splice], int]]] = {}
                for kind, splices, line in slips(source, ast.parse(source)):
                    kinds.setdefault(kind, []).append((splices, line))
                made, tries = 0, 0
                while before and made < arguments.per and tries < 8 * arguments.per:
                    tries += 1
                    kind = rng.choice(sorted(kinds))
                    splices, line = rng.choice(kinds[kind])
                    text = applied(source, splices)
                    try:
                        compile(text, module, "exec")
                    except (SyntaxError, ValueError):
                        continue
                    (root / module).write_bytes(text)
                    after = outcomes(root, test, 40)
                    (root / module).write_bytes(source)
                    if after is None or len(after) < len(before):
                        continue
                    failing = [name for name, end in after.items() if end != "passed" and before.get(name) == "passed"]
                    asserted = [name for name in failing if after[name] == "AssertionError"]
                    if not asserted or len(asserted) < len(failing) / 2:
                        continue
                    passing = [name for name in after if after[name] == "passed"]
                    visible = rng.sample(asserted, min(2, len(asserted)))
                    near = {name.rpartition("::")[0] for name in visible}
                    close = [name for name in passing if name.rpartition("::")[0] in near]
                    visible += rng.sample(close, min(3, len(close))) + rng.sample(passing, min(1, len(passing)))
                    case = {"package": str(package), "module": module, "test": test, "kind": kind, "line": line,
                            "text": text.decode(), "visible": list(dict.fromkeys(visible)), "failing": len(failing),
                            "passed": [name for name, end in before.items() if end == "passed"]}  # fmt: skip
                    out.write(json.dumps(case) + "\n")
                    out.flush()
                    made += 1
                print(package, module, made, "of", tries, flush=True)


def score(arguments: argparse.Namespace) -> None:
    from suture.analyzers.sandbox import open_sandbox
    from suture.healing.api import heal_command

    cases = [json.loads(line) for line in Path(arguments.cases).read_text("utf-8").splitlines()][: arguments.limit]
    sandbox = open_sandbox()
    rows: list[tuple[str, str, float, float]] = []
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "p")
            shutil.copytree(case["package"], root, ignore=shutil.ignore_patterns("*.pyc", "docs", ".git"))
            original = (root / case["module"]).read_text("utf-8")
            (root / case["module"]).write_text(case["text"], "utf-8")
            begin = time.monotonic()
            report = heal_command(
                root, ["python", "-m", "pytest", "-q", *case["visible"]], sandbox=sandbox, timeout_s=15
            )
            seconds = time.monotonic() - begin
            first = report.candidates[0] if report.candidates else None
            status, confidence, title = "nothing", 0.0, ""
            if first is not None:
                confidence, title = first.edit.confidence, first.edit.title
                for path, text in first.texts.items():
                    Path(path).write_text(text, "utf-8")
                after = outcomes(root, case["test"]) or {}
                exact = ast.dump(ast.parse((root / case["module"]).read_text("utf-8"))) == ast.dump(ast.parse(original))
                right = exact or all(after.get(name) == "passed" for name in case["passed"])
                status = ("right" if right else "wrong") if first.edit.verified else ("guess+" if right else "guess-")
            rows.append((case["kind"], status, seconds, confidence))
            print(f"{case['module']}:{case['line']}", case["kind"], status, f"{confidence:.2f} {seconds:.1f}s", title,
                  report.fault.category, flush=True)  # fmt: skip
    sandbox.close()
    count = {each: sum(row[1] == each for row in rows) for each in ("right", "wrong", "guess+", "guess-", "nothing")}
    offered = count["right"] + count["wrong"]
    print(json.dumps({"n": len(rows), **count, "healed": round(count["right"] / len(rows), 3),
                      "top1": round((count["right"] + count["guess+"]) / len(rows), 3),
                      "wrong_of_offered": round(count["wrong"] / max(offered, 1), 3),
                      "median_s": round(statistics.median(row[2] for row in rows), 2)}))  # fmt: skip
    for kind in sorted({row[0] for row in rows}):
        print(kind.ljust(14), [row[1] for row in rows if row[0] == kind])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("make")
    one.add_argument("out")
    one.add_argument("sources", nargs="+")
    one.add_argument("--per", type=int, default=30)
    one.add_argument("--seed", type=int, default=1)
    one.set_defaults(entry=make)
    two = commands.add_parser("score")
    two.add_argument("cases")
    two.add_argument("--limit", type=int)
    two.add_argument("--timeout", type=float, default=15, help="seconds that one run may take")
    two.set_defaults(entry=score)
    arguments = parser.parse_args()
    arguments.entry(arguments)


if __name__ == "__main__":
    main()
