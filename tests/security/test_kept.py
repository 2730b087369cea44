"""What interpreting a function came to is kept with what it changed, and doing it again is as good as interpreting."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import pytest

from suture.analyzers.security.taint import summaries
from suture.analyzers.security.taint.analysis import flows_of_program
from suture.analyzers.security.taint.kept import Kept
from suture.analyzers.security.taint.values import Value

HEAD = "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n"

#: Programs in which functions change what they are given, and the lines (behind ``# bad``) that must be told.
PROGRAMS = {
    "each instance has fields of its own": """
        class Box:
            def __init__(self):
                self.items = []

        @app.route("/")
        def view():
            one, other = Box(), Box()
            one.items.append(request.args["name"])
            os.system(one.items[0])  # bad
            os.system(other.items[0])
    """,
    "the same object twice is not two": """
        class Box:
            def __init__(self, text):
                self.text = text

        def swap(left, right):
            left.text = "left"
            right.other = "right"

        @app.route("/")
        def view():
            one, other, both = Box("a"), Box("a"), Box("a")
            swap(one, other)
            swap(both, both)
            both.other = request.args["name"]
            os.system(both.other)  # bad
            os.system(one.text)
            os.system(other.other)
    """,
    "an object that is in another one": """
        class Inner:
            def __init__(self):
                self.text = ""

        class Outer:
            def __init__(self):
                self.inner = Inner()

        def fill(outer):
            outer.inner.more = Inner()
            return outer.inner

        @app.route("/")
        def view():
            one, other = Outer(), Outer()
            first, second = fill(one), fill(other)
            first.text = request.args["name"]
            os.system(one.inner.text)  # bad
            os.system(other.inner.text)
            second.more.text = request.args["more"]
            os.system(one.inner.more.text)
            os.system(other.inner.more.text)  # bad
    """,
    "what a function looks at besides is not what it was": """
        KNOWN = {"command": "ls"}

        class Holder:
            def __init__(self):
                self.command = KNOWN["command"]

        @app.route("/")
        def view():
            one = Holder()
            os.system(one.command)  # bad
            KNOWN["command"] = request.args["name"]
            other = Holder()
            os.system(other.command)  # bad
    """,
    "a method that is kept belongs to its own instance": """
        class Job:
            def __init__(self):
                self.command = "ls"
                self.action = self.run

            def run(self):
                os.system(self.command)  # bad

        @app.route("/")
        def view():
            one, other = Job(), Job()
            other.command = request.args["name"]
            other.action()
    """,
    "nothing is not something of which nothing is known": """
        class Job:
            def __init__(self, name):
                self.command = "ls"
                if name is not None:
                    self.command = request.args["name"]

        @app.route("/")
        def view(name):
            os.system(Job(None).command)
            os.system(Job(name).command)  # bad
    """,
    "a function in another one sees what that holds at the moment": """
        @app.route("/")
        def view():
            found = []
            def look(box):
                box.append(found[-1])
                return box
            found.append("ls")
            os.system(look([])[0])
            found.append(request.args["name"])
            os.system(look([])[0])  # bad
    """,
}


def told(text: str) -> set[int]:
    """The lines of a program where a command is run that somebody else decides."""
    flows, _ = flows_of_program(["app.py"], {"app.py": text}.get, ["app.py"])
    return {flow.node.lineno for flow in flows if flow.rule == "cmdi" and hasattr(flow.node, "lineno")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_was_done_is_done_to_the_objects_that_are_there_now(name: str) -> None:
    text = HEAD + dedent(PROGRAMS[name])
    assert told(text) == {number for number, line in enumerate(text.split("\n"), 1) if line.endswith("# bad")}


def test_what_is_kept_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[Kept] = []
    original = summaries.again

    def again(machine: Any, kept: Kept, given: Mapping[str, Value], state: Any) -> Value | None:
        result = original(machine, kept, given, state)
        if kept.done is not None and result is not None:
            used.append(kept)
        return result

    monkeypatch.setattr(summaries, "again", again)
    told(HEAD + dedent(PROGRAMS["an object that is in another one"]))
    assert used
