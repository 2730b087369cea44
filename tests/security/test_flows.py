"""Values are followed through functions and modules, guards are believed only where they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from suture.analyzers.cwe import families
from suture.analyzers.engine import analyse
from suture.analyzers.findings import Finding
from suture.analyzers.review_tree import review_paths
from suture.analyzers.security.models import EntryPoint
from suture.analyzers.security.taint import analysis
from suture.analyzers.security.taint.machine import Machine
from suture.analyzers.security.taint.program import Function

Review = Callable[[Mapping[str, str]], list[Finding]]

FIXTURES = Path(__file__).parents[1] / "fixtures" / "security"
LABEL = re.compile(r"#\s*(bad|ok):\s*(CWE-\d+(?:\s*,\s*CWE-\d+)*)\s*$")


def lines(found: list[Finding]) -> list[tuple[str, str, int]]:
    return [(each.rule, Path(each.path).name, each.range.line + 1) for each in found]


def labels(path: Path, kind: str) -> set[tuple[str, int, str]]:
    return {
        (path.relative_to(FIXTURES).as_posix(), number, family)
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if (label := LABEL.search(line)) and label[1] == kind
        for family in families(int(each) for each in re.findall(r"\d+", label[2]))
    }


def numbers_of(path: Path, mark: str) -> list[int]:
    return [number for number, line in enumerate(path.read_text("utf-8").split("\n"), 1) if line.endswith(mark)]


def test_small_programs_are_judged_line_by_line() -> None:
    """Every line marked ok is left alone; of the lines marked bad at least 95 in 100 are reported."""
    files = sorted(FIXTURES.rglob("*.py"))
    answers = list(review_paths([FIXTURES], reviewers=("security",), jobs=1))
    assert [each.error for each in answers] == [""] * len(files)
    found = {
        (each.path.relative_to(FIXTURES).as_posix(), finding.range.line + 1, family)
        for each in answers
        for finding in each.findings
        for family in families(finding.cwe)
    }
    bad, ok = (set[tuple[str, int, str]]().union(*(labels(path, kind) for path in files)) for kind in ("bad", "ok"))
    assert found & ok == set()
    assert len(found & bad) >= 0.95 * len(bad), sorted(bad - found)
    debatable = {(path.relative_to(FIXTURES).as_posix(), line) for path in files for line in numbers_of(path, "# any")}
    reported = {(name, line) for name, line, _ in found} - debatable
    assert reported <= {(name, line) for name, line, _ in bad}


PACKAGE = {
    "shop/__init__.py": "",
    "shop/inputs.py": dedent("""\
        from flask import request

        def wanted():
            return request.args["name"]

        def page():
            return int(request.args["page"])
        """),
    "shop/store.py": dedent("""\
        import sqlite3

        class Store:
            def __init__(self, path):
                self.connection = sqlite3.connect(path)

            def named(self, name):
                return self.connection.execute("SELECT id FROM item WHERE name = '" + name + "'")

            def paged(self, page):
                return self.connection.execute(f"SELECT id FROM item LIMIT 10 OFFSET {page}")
        """),
    "shop/app.py": dedent("""\
        from flask import Flask, jsonify

        from .inputs import page, wanted
        from .store import Store

        app = Flask(__name__)
        store = Store("shop.db")

        @app.get("/items")
        def items():
            return jsonify([*store.named(wanted()), *store.paged(page())])
        """),
}


def test_a_value_is_followed_through_modules_and_the_way_is_shown(review: Review) -> None:
    (found,) = review(PACKAGE)
    assert lines([found]) == [("sql-injection", "store.py", 8)]
    assert [Path(each.path).name for each in found.related] == ["inputs.py", "app.py"]
    assert found.evidence[0].kind == "traced"
    assert found.cwe == (89,)


@pytest.mark.parametrize(
    ("helper", "reported"),
    [
        ("return text", True),
        ("return shlex.quote(text)", False),
        ("return int(text)", False),
        ("return text if text in ('a', 'b') else 'a'", False),
        ("return {'a': 'ls', 'b': 'pwd'}.get(text, 'ls')", False),
        ("if not re.fullmatch('[a-z]+', text):\n        raise ValueError\n    return text", False),
        ("if not re.match('[a-z]+', text):\n        raise ValueError\n    return text", True),
        ("log.warning('odd') if not text.isalnum() else None\n    return text", True),
        ("return ''.join(c for c in text if c.isalnum())", False),
        ("return re.sub('[^a-z]', '', text)", False),
        ("return re.sub('[a-z]', '', text)", True),
        ("return 'fixed'", False),
    ],
)
def test_what_a_helper_does_to_a_value_counts_where_it_is_used(review: Review, helper: str, reported: bool) -> None:
    text = (
        "import os, re, shlex, logging\nfrom flask import request\nlog = logging.getLogger()\n\n"
        f"def clean(text):\n    {helper}\n\ndef run():\n    os.system('x ' + str(clean(request.args['q'])))\n"
    )
    found = [each for each in review({"a.py": text}) if each.rule == "shell-injection"]
    assert bool(found) == reported


def test_a_helper_that_only_one_caller_feeds_badly_is_reported_with_that_caller(review: Review) -> None:
    text = dedent("""\
        import os
        from flask import request

        def run(command):
            os.system("nice " + command)

        def fixed():
            run("uptime")

        def given():
            run(request.args["c"])
        """)
    (found,) = review({"a.py": text})
    assert found.related[0].range.line == 10


def test_functions_that_call_each_other_end(review: Review) -> None:
    text = dedent("""\
        import os
        from flask import request

        def even(n, text):
            return text if n == 0 else odd(n - 1, text + ".")

        def odd(n, text):
            return even(n - 1, "x" + text)

        def run():
            os.system(even(int(request.args["n"]), request.args["q"]))
        """)
    assert lines(review({"a.py": text})) == [("shell-injection", "a.py", 11)]


def test_modules_that_import_each_other_end(review: Review) -> None:
    one = "from b import g\nimport os\nfrom flask import request\n\ndef f():\n    g(request.args['q'])\n"
    two = "import a\nimport os\n\ndef g(x):\n    os.system('x' + x)\n"
    assert lines(review({"a.py": one, "b.py": two})) == [("shell-injection", "b.py", 5)]


def test_what_statements_of_a_module_let_through_is_told_though_functions_are_run_again(review: Review) -> None:
    script = "import os\nimport sys\n\nname = sys.argv[1]\nos.system('x ' + name)\n"
    stores = dedent("""\
        import os
        from flask import Flask, request

        app = Flask(__name__)
        kept = {}

        @app.get("/a")
        def reads():
            return str(os.system("y " + kept["q"]))

        @app.get("/b")
        def writes():
            kept["q"] = request.args["q"]
            return ""
        """)
    found = lines(review({"a.py": stores, "b.py": script}))
    assert found == [("shell-injection", "a.py", 9), ("shell-injection", "b.py", 5)]


def test_what_one_request_stores_another_may_read(review: Review) -> None:
    text = dedent("""\
        import os
        from flask import Flask, request

        app = Flask(__name__)
        LAST = {}

        @app.get("/run")
        def run():
            os.system("x " + LAST["q"])
            return ""

        @app.post("/keep")
        def keep():
            LAST["q"] = request.form["q"]
            return ""
        """)
    assert ("shell-injection", "a.py", 9) in lines(review({"a.py": text}))


def test_a_lone_definition_is_silent_about_helpers_that_it_does_not_see() -> None:
    text = dedent("""\
        import os
        from flask import request

        def run():
            name = request.args["name"]
            if not fine(name):
                return
            os.system("x " + name)

        def run_at_once():
            os.system("x " + clean(request.args["name"]))

        def run_unchecked():
            os.system("x " + request.args["name"])
        """)
    found = [each for each in analyse("/project/a.py", text).findings if each.rule == "shell-injection"]
    assert [each.range.line + 1 for each in found] == [14]


def test_new_syntax_is_followed_on_an_old_host(review: Review) -> None:
    text = "import os\nfrom flask import request\n\ntype Name = str\n\ndef run[T](x: T = None):\n"
    text += '    os.system(f"ls {request.args["q"]}")\n'
    assert lines(review({"a.py": text})) == [("shell-injection", "a.py", 7)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def f(:\n    request.args[",
        "from flask import request\nwhile True:\n    x = request.args\n    def f(): return f()\nf()(*[f], **{})\n",
        "import os\nfrom flask import request\n" + "x = request.args['q']\n" + "x = x + x\n" * 400 + "os.system(x)\n",
        "from flask import request\n" + "def f" + "".join(f"(a{i})" for i in range(3)) + ":\n" + "    " * 1 + "pass\n",
        "from flask import request\nclass A(A): pass\nclass B(C): pass\nclass C(B): x = request.args\nA().x.y.z()\n",
    ],
)
def test_any_text_is_followed_to_an_end(review: Review, text: str) -> None:
    review({"a.py": text})


def test_a_second_look_is_taken_only_by_what_reads_something_new(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one function stores is seen by the one that reads it, also through a helper; others are not run again."""
    ran: list[str] = []
    run = analysis.run_entry

    def noted(machine: Machine, function: Function, point: EntryPoint | None) -> None:
        ran.append(function.name)
        run(machine, function, point)

    monkeypatch.setattr(analysis, "run_entry", noted)
    found = review(
        {
            "app.py": dedent("""
                import os
                from flask import Flask, request
                app = Flask(__name__)

                class Store:
                    def __init__(self):
                        self.command = ""
                store = Store()

                def stored():
                    return store.command

                @app.route("/run")
                def reads():
                    os.system(stored())

                @app.route("/set")
                def writes():
                    store.command = request.args["command"]

                @app.route("/other")
                def minds_its_own_business():
                    os.system("echo " + request.args["text"])
            """)
        }
    )
    assert [each.rule for each in found].count("shell-injection") == 2
    assert ran.count("reads") == 2
    assert ran.count("minds_its_own_business") == 1


def test_functions_that_call_each_other_in_a_long_chain_are_followed() -> None:
    asked = "    request.args.get('q')\n"
    chain = [f"def f0(x):\n{asked}    return 'a'"]
    chain += [f"def f{n}(x):\n{asked}    f{n - 1}(1)\n    return 'a'" for n in range(1, 700)]
    # What one of them stores late makes the others be asked once more whether they would see anything new.
    chain[-1:-1] = [
        f"def moves():\n{asked}    second['x'] = first.get('y')",
        "def stores():\n    first['y'] = request.args.get('q')",
    ]
    head = "from flask import Flask, request\nfirst = {}\nsecond = {}"
    text = "\n\n".join([head, *chain, f"def last():\n{asked}"])
    flows, program = analysis.flows_of_program(["app.py"], {"app.py": text}.get, ["app.py"])
    assert flows == []
    assert program.clock == 3


def test_a_function_that_is_nested_too_deep_costs_only_itself() -> None:
    text = (
        """
from flask import Flask, request
import os

app = Flask(__name__)

def deep(x):
    return """
        + " + ".join(["x"] * 5000)
        + """

@app.route("/")
def view():
    os.system(request.args["q"])
"""
    )
    flows, _ = analysis.flows_of_program(["app.py"], {"app.py": text}.get, ["app.py"])
    assert [each.rule for each in flows] == ["cmdi"]


@pytest.mark.parametrize(("call", "told"), [("ensure", 0), ("checks.ensure", 0), ("Names().check", 0), ("note", 1)])
def test_a_check_of_another_module_holds(tmp_path: Path, call: str, told: int) -> None:
    """Neither of the two looks, at one definition and at the program, tells of a value that was checked elsewhere."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("", "utf-8")
    (tmp_path / "shop" / "checks.py").write_text(
        dedent("""\
            def ensure(name):
                if name not in ("a", "b"):
                    raise ValueError(name)

            class Names:
                def check(self, name):
                    ensure(name)

            def note(name):
                names.append(name)
            """),
        "utf-8",
    )
    (tmp_path / "app.py").write_text(
        dedent(f"""\
            import os
            from flask import Flask, request
            from shop import checks
            from shop.checks import Names, ensure, note
            app = Flask(__name__)

            @app.route("/")
            def view():
                name = request.args["name"]
                {call}(name)
                os.system("ls " + name)
            """),
        "utf-8",
    )
    found = [one for each in review_paths([tmp_path], reviewers=("security",), jobs=1) for one in each.findings]
    assert len([each for each in found if each.rule == "shell-injection"]) == told
