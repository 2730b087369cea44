"""Loops are interpreted while a round sees something new, no longer; what is far from a source is not interpreted."""

from __future__ import annotations

from textwrap import dedent

import pytest

from suture.analyzers.security.taint import machine as machines
from suture.analyzers.security.taint.analysis import flows_of_program

HEAD = "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n"

#: Views in which a loop is all that decides, and the lines (``# bad``) that must be told.
VIEWS = {
    "what one round leaves for the next": """
        last = ""
        for each in range(9):
            os.system(last)  # bad
            last = request.args["name"]
    """,
    "two rounds later": """
        last = before = ""
        for each in range(9):
            os.system(before)  # bad
            before = last
            last = request.args["name"]
    """,
    "kept in a list": """
        found = []
        for each in range(9):
            for one in found:
                os.system(one)  # bad
            found.append(request.args["name"])
    """,
    "kept in an object": """
        class Box:
            text = ""

        box = Box()
        while each():
            os.system(box.text)  # bad
            box.text = request.args["name"]
    """,
    "what a test lets through in the second round only": """
        first = True
        for each in range(9):
            if first:
                first = False
            else:
                os.system(request.args["name"])  # bad
    """,
    "bound on one way only": """
        for each in range(9):
            if each:
                os.system(text)  # bad
            else:
                text = request.args["name"]
    """,
    "bound anew in each round": """
        for each in range(9):
            text = request.args["name"]
            os.system(text)  # bad
            text = "plain"
            os.system(text)
    """,
    "behind a loop that is left by its test": """
        count = 0
        while count < 3:
            count += 1
        os.system(request.args["name"])  # bad
    """,
    "kept behind a loop that is left by its test": """
        last = ""
        while each():
            last = request.args["name"]
        os.system(last)  # bad
    """,
    "put into a list that is looked at behind the loop": """
        found, others = [], []
        while each():
            found.append("ls")
            others.append(request.args["name"])
        os.system(others[0])  # bad
        os.system(others[1])  # bad
        os.system(found[1])
    """,
    "put into a list that has another name, too": """
        found = []
        other = found
        for each in range(9):
            for one in other:
                os.system(one)  # bad
            found.append(request.args["name"])
    """,
    "put into a list that is kept elsewhere, too": """
        found = []
        held = {"found": found}
        for each in range(9):
            for one in held["found"]:
                os.system(one)  # bad
            found.append(request.args["name"])
    """,
    "put into what an object holds whose method is called": """
        class Box:
            def __init__(self):
                self.found = []

            def show(self):
                for one in self.found:
                    os.system(one)  # bad

        box = Box()
        show = box.show
        for each in range(9):
            show()
            box.found.append(request.args["name"])
    """,
    "put into a list of which a partial call knows": """
        from functools import partial

        found = []
        show = partial(map, os.system, found)
        for each in range(9):
            show()  # bad
            found.append(request.args["name"])
    """,
    "behind a loop that is never left": """
        while True:
            request.args.get("name")
        os.system(request.args["name"])
    """,
}


def bad(text: str) -> list[int]:
    return [number for number, line in enumerate(text.split("\n"), 1) if line.endswith("# bad")]


def found(text: str) -> list[int]:
    flows, _ = flows_of_program(["/p/app.py"], lambda _: text, ["/p/app.py"])
    return sorted({getattr(each.node, "lineno", 0) for each in flows})


@pytest.mark.parametrize("name", VIEWS)
def test_what_a_loop_tells(name: str) -> None:
    body = "".join(f"    {line}\n" for line in dedent(VIEWS[name]).strip("\n").split("\n"))
    text = f'{HEAD}@app.route("/")\ndef view():\n{body}    return ""\n'
    assert found(text) == bad(text)


def interpreted(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements are interpreted for a program."""
    count = 0
    block = machines.Machine.block

    def counted(self: machines.Machine, statements: list[object], state: object) -> object:
        nonlocal count
        count += len(statements)
        return block(self, statements, state)  # type: ignore[arg-type]

    monkeypatch.setattr(machines.Machine, "block", counted)
    found(text)
    return count


def test_a_loop_that_sees_nothing_new_is_interpreted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = (
        HEAD
        + '@app.route("/")\ndef view():\n    for one in request.args:\n        first = one.strip()\n'
        + "        for other in first:\n            second = other + first\n            print(second)\n    return ''\n"
    )
    once = interpreted(nested, monkeypatch)
    straight = nested.replace("for one in", "if one :=").replace("for other in", "if other :=")
    assert once == interpreted(straight, monkeypatch)


#: Loops of which a further round would see nothing new, though they change an object.
FILLING = {
    "found = []": "found.append(each)",
    "found = {}": "found[each] = each",
    "found = set()": "found.add(each)",
    "self.found = []": "self.found.append(each)",
    "self.found = {}": "self.found[each] = 1",
}


@pytest.mark.parametrize("empty", FILLING)
def test_a_loop_that_only_fills_is_interpreted_once(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        f"{HEAD}class Box:\n    def __init__(self, names):\n        {empty}\n        for each in names:\n"
        f"            {FILLING[empty]}\n            print(each)\n\n"
        '@app.route("/")\ndef view():\n    Box(request.args)\n    return ""\n'
    )
    once = interpreted(text, monkeypatch)
    assert once == interpreted(text.replace("for each in", "if each :="), monkeypatch)


#: What stands in a module beside a function that reads a source, and whether it is interpreted.
BESIDE = {
    "def caller(box):\n    return box.load()\n": True,
    "def caller(load):\n    load = 1\n    return load\n": False,  # a method is not meant by a plain name
    "def other():\n    return 1\n": False,
    "def caller():\n    return plain()\n": True,
    "def caller(box):\n    return box.plain\n": True,
}


@pytest.mark.parametrize("text", BESIDE)
def test_only_what_may_reach_a_source_is_interpreted(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "from flask import request\n\ndef plain():\n    return request.args\n\n"
    head += "class Box:\n    def load(self):\n        return request.args\n\n"
    apart = interpreted(head + text.partition("\n")[0] + "\n    pass\n", monkeypatch)
    assert (interpreted(head + text, monkeypatch) - apart > 0) is BESIDE[text]
