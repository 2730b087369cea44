"""Text that was pasted: what is wrapped around it does not change the fault, foreign paths find their files, and what
it tells of is healed where it can be reproduced."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suture.analyzers.sandbox import open_sandbox
from suture.analyzers.sandbox.interface import Sandbox
from suture.healing.fault import Frame
from suture.healing.foreign import CHANGED, foreign_frame
from suture.healing.locate import locate
from suture.healing.traceback_heal import heal_traceback
from suture.healing.traceback_text import faults_in
from suture.healing.workspace import Workspace
from suture.server.cli import main

MESSAGES = Path(__file__).parent / "messages"

CHAINED = (MESSAGES / "python-3.13/chained_during.txt").read_text("utf-8")
TRACEBACK = CHAINED.partition("-- stderr --\n")[2].partition("-- expect --")[0]
PYTEST = (MESSAGES / "pytest-8.4/long.txt").read_text("utf-8").partition("-- stdout --\n")[2].partition("-- expect")[0]


def lines(text: str, before: Callable[[int], str]) -> str:
    return "".join(f"{before(number)}{line}\n" for number, line in enumerate(text.splitlines()))


WRAPPED: dict[str, Callable[[str], str]] = {
    "quoted": lambda text: lines(text, lambda _: "> "),
    "quoted twice": lambda text: lines(text, lambda _: "> > "),
    "indented": lambda text: lines(text, lambda _: "        "),
    "fenced": lambda text: f"It fails:\n\n```python-traceback\n{text}```\n\nWhat now?\n",
    "time of a CI job": lambda text: lines(text, lambda n: f"2026-03-04T05:06:07.{n:07d}Z "),
    "job, step and time": lambda text: lines(text, lambda n: f"test (3.12)\tRun tests\t2026-03-04T05:06:07.{n:07d}Z "),
    "docker compose": lambda text: lines(text, lambda _: "web-1  | "),
    "docker compose, quoted": lambda text: lines(text, lambda _: "> web-1  | "),
    "syslog": lambda text: lines(text, lambda n: f"Mar  4 05:06:{n:02d} host shop[4{n}1]: "),
    "logging": lambda text: lines(text, lambda n: f"2026-03-04 05:06:07,{n:03d} ERROR [shop.views] "),
    "celery": lambda text: lines(text, lambda n: f"[2026-03-04 05:06:07,{n:03d}: ERROR/ForkPoolWorker-{n}] "),
    "heroku": lambda text: lines(text, lambda n: f"2026-03-04T05:06:07.{n:06d}+00:00 app[web.1]: "),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "page of the web": html.escape,
    "colours": lambda text: text.replace("Error", "\x1b[1;31mError\x1b[0m").replace(
        "main.py", "\x1b[35mmain.py\x1b[0m"
    ),
}


@pytest.mark.parametrize("how", WRAPPED)
def test_what_is_wrapped_around_a_traceback_does_not_change_its_fault(how: str) -> None:
    (bare,) = faults_in(TRACEBACK)
    (found,) = faults_in(WRAPPED[how](TRACEBACK))
    assert (
        (found.exception, found.path, found.line)
        == (bare.exception, bare.path, bare.line)
        == ("NameError", "/p/main.py", 4)
    )
    assert [frame.line for frame in found.frames] == [frame.line for frame in bare.frames]
    assert found.cause is not None
    assert found.cause.exception == "ValueError"


@pytest.mark.parametrize(
    "how", ["quoted", "indented", "fenced", "time of a CI job", "docker compose", "carriage returns"]
)
def test_what_is_wrapped_around_a_test_run_does_not_change_its_faults(how: str) -> None:
    bare = faults_in(PYTEST)
    found = faults_in(WRAPPED[how](PYTEST))
    assert [(each.exception, each.line, each.tests) for each in found] == [
        (each.exception, each.line, each.tests) for each in bare
    ]
    assert len(bare) == 2


@pytest.mark.parametrize("dump", [json.dumps, repr], ids=["json", "repr"])
def test_a_traceback_within_a_string_is_read(dump: Callable[[str], str]) -> None:
    record = f'{{"level": "error", "exc_info": {dump(TRACEBACK.rstrip(chr(10)))}}}'
    found = faults_in(f'{{"level": "info", "message": "starting"}}\n{record}\n')
    assert [(each.exception, each.line) for each in found] == [("NameError", 4)]


def test_text_without_an_error_gives_nothing() -> None:
    assert faults_in("All is well.\n\n> Are you sure?\nYes: 3 passed, no Error at all.\n") == ()


CORE = "import json\n\n\ndef area(width, height):\n    return width * hieght\n"


def placed(path: str, line: int, text: str, files: dict[str, str]) -> tuple[str, int] | None:
    workspace = Workspace(Path("/p"), {name: content.encode() for name, content in files.items()})
    found = foreign_frame(Frame(path, line, "area", text), workspace)
    return (found.path, found.line) if found else None


SOURCE = "return width * hieght"
FILES = {
    "src/shop/core.py": CORE,
    "src/shop/__init__.py": "",
    "src/other/core.py": "x = 1\n",
    "src/other/__init__.py": "",
}


@pytest.mark.parametrize(
    "path",
    [
        "/app/src/shop/core.py",
        "C:\\work\\src\\shop\\core.py",
        "/usr/lib/python3.12/site-packages/shop/core.py",
        "C:\\Python312\\Lib\\site-packages\\shop\\core.py",
        "/srv/releases/7/core.py",
        "~/shop/core.py",
    ],
)
def test_a_path_from_elsewhere_finds_the_file_that_shares_its_end_and_its_line(path: str) -> None:
    assert placed(path, 4, SOURCE, FILES) == ("src/shop/core.py", 4)


def test_the_printed_line_is_found_again_where_the_file_has_grown() -> None:
    assert placed("/app/src/shop/core.py", 2, SOURCE, FILES) == ("src/shop/core.py", 4)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/usr/lib/python3.12/shop/core.py", SOURCE),  # the interpreter's own library
        ("/usr/lib/python3.12/site-packages/thing/core.py", SOURCE),  # another distribution
        ("/srv/releases/7/core.py", "nothing like it"),  # only the last name is shared
        ("<string>", SOURCE),
    ],
)
def test_what_is_somebody_elses_finds_no_file(path: str, text: str) -> None:
    assert placed(path, 4, text, FILES) is None


def test_a_line_that_is_gone_is_said_and_not_guessed() -> None:
    workspace = Workspace(Path("/p"), {name: content.encode() for name, content in FILES.items()})
    frame = '  File "/app/src/shop/core.py", line 5, in area\n    return wdith\n'
    text = f"Traceback (most recent call last):\n{frame}NameError: x\n"
    (fault,) = faults_in(text)
    found = locate(fault, workspace, foreign=True)
    assert (found.path, found.line) == ("src/shop/core.py", -1)
    assert CHANGED in found.notes


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    opened = open_sandbox()
    yield opened
    opened.close()


LOG = """\
2026-03-04T05:06:07.123Z web-1 ERROR Traceback (most recent call last):
2026-03-04T05:06:07.124Z web-1 ERROR   File "/app/{start}", line 3, in {function}
2026-03-04T05:06:07.124Z web-1 ERROR     print(area(2, 3))
2026-03-04T05:06:07.125Z web-1 ERROR   File "/usr/local/lib/python3.12/site-packages/shop/core.py", line 5, in area
2026-03-04T05:06:07.125Z web-1 ERROR     return width * hieght
2026-03-04T05:06:07.125Z web-1 ERROR NameError: name 'hieght' is not defined
"""
PROJECT = {"main.py": "from shop.core import area\n\nprint(area(2, 3))\n", "shop/__init__.py": "", "shop/core.py": CORE}


def test_a_log_from_another_machine_is_reproduced_and_healed(write: Callable[..., Path], sandbox: Sandbox) -> None:
    root = write(PROJECT)
    (report,) = heal_traceback(root, LOG.format(start="main.py", function="<module>"), sandbox=sandbox)
    assert report.command == ("python", "main.py")
    assert report.best is not None
    assert "width * height" in report.best.texts[str(root / "shop/core.py")]


@pytest.mark.slow
def test_a_failing_test_is_what_reproduces_its_traceback(write: Callable[..., Path], sandbox: Sandbox) -> None:
    test = "from shop.core import area\n\n\ndef test_area():\n    assert area(2, 3) == 6\n"
    root = write({**PROJECT, "test_core.py": test})
    (report,) = heal_traceback(root, LOG.format(start="tasks.py", function="run"), sandbox=sandbox)
    assert report.command[0] == "pytest"
    assert report.best is not None


@pytest.mark.slow
def test_what_cannot_be_reproduced_is_offered_unverified_and_says_so(
    write: Callable[..., Path], sandbox: Sandbox
) -> None:
    test = "from shop.core import json\n\n\ndef test_json():\n    assert json.loads('1') == 1\n"
    root = write({**PROJECT, "main.py": "", "test_core.py": test})
    (report,) = heal_traceback(root, LOG.format(start="tasks.py", function="run"), sandbox=sandbox)
    assert report.command == ()
    assert report.best is None
    assert "it could not be reproduced here" in report.fault.notes
    first = report.candidates[0]
    assert "width * height" in first.texts[str(root / "shop/core.py")]
    assert [each.kind for each in first.edit.evidence] == ["parsed", "tested"]


def test_a_fault_that_is_gone_already_is_reported_without_an_edit(write: Callable[..., Path], sandbox: Sandbox) -> None:
    root = write({**PROJECT, "shop/core.py": CORE.replace("hieght", "height")})
    (report,) = heal_traceback(root, LOG.format(start="main.py", function="<module>"), sandbox=sandbox)
    assert (report.command, report.candidates) == ((), ())
    assert CHANGED in report.fault.notes


def test_the_command_line_heals_a_traceback_from_a_file(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = write({**PROJECT, "log.txt": LOG.format(start="main.py", function="<module>")})
    options = ["--no-learning", "--root", str(root), "--output-format", "json"]
    assert main(["heal", *options, "--traceback", str(root / "log.txt")]) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    assert report["command"] == ["python", "main.py"]
    assert report["candidates"][0]["verified"] is True
    assert (root / "shop/core.py").read_text() == CORE


def test_the_command_line_says_that_a_text_tells_of_no_error(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = write({"note.txt": "All is well.\n"})
    assert main(["heal", "--no-learning", "--root", str(root), "--traceback", str(root / "note.txt")]) == 2
    assert "no error was recognised" in capsys.readouterr().err
