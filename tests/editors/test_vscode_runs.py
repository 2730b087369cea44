"""A person at a real VS Code, in a package that they did not write: the list of what Suture does, from the keyboard.

Pictures are kept in the folder that ``SUTURE_PICTURES`` names, if it names one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from .conftest import Kit

SETTINGS: dict[str, Any] = {
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Dark Modern",
    "security.workspace.trust.startupPrompt": "always",
    "telemetry.telemetryLevel": "off",
    "editor.minimap.enabled": False,
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "files.autoSave": "off",
    "workbench.editor.limit.enabled": True,
    "workbench.editor.limit.value": 1,
    "workbench.editor.limit.perEditorGroup": True,
}
START_S, PLAY_S = 120.0, 1200.0

SCRIPTS = Path(__file__).parent / "vscode"
ASKED = "asked.jsonl"

#: A test that the package's own author would have: of ``load``, which the person writes.
TEST = """\
def test_load() -> None:
    from requests.structures import load

    assert load("[1, 2]") == [1, 2]
"""

pytestmark = pytest.mark.slow

Steps = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, kit: Kit, built: Path, suture_program: Path) -> Steps:
    """What one session in VS Code reported, by step."""
    folder = tmp_path_factory.mktemp("vscode")
    root, plain = folder / "requests", folder / "plain"
    prepare(root, kit)
    plain.mkdir()
    (plain / "README.md").write_text("# A folder without code\n")
    pictures = Path(os.environ.get("SUTURE_PICTURES") or folder / "pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    with code_server(folder, root, kit, [built / "suture.vsix", writer(folder)], suture_program) as url:
        answer = subprocess.run(
            [kit.node, str(SCRIPTS / "play.js")],
            env={
                **os.environ,
                "SUTURE_BROWSER_KIT": str(kit.modules),
                "SUTURE_CHROMIUM": kit.chromium,
                "SUTURE_URL": url,
                "SUTURE_ROOT": str(root),
                "SUTURE_PLAIN": str(plain),
                "SUTURE_TEST_ASKED": str(folder / ASKED),
                "SUTURE_PICTURES": str(pictures),
                "HOME": str(folder),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PLAY_S,
            check=False,
        )
    steps = {step.pop("step"): step for step in map(json.loads, answer.stdout.splitlines())}
    if failed := steps.get("failed"):
        hint = "" if "SUTURE_PICTURES" in os.environ else "\nSet SUTURE_PICTURES to a folder to see it."
        told = f"{answer.stderr}\n{failed['words']}\nafter {list(steps)}\n{failed['error']}{hint}"
        pytest.fail(told, pytrace=False)  # its end is what a log that is cut off still shows
    assert steps, f"the session said nothing; on standard error:\n{answer.stderr}"
    return steps


def prepare(root: Path, kit: Kit) -> None:
    """The folder that is opened: requests as it is published, a test of it, and a notebook."""
    shutil.copytree(kit.package / "requests", root / "requests", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text('[project]\nname = "requests"\nversion = "2.32.3"\n')
    (root / "tests").mkdir()
    (root / "tests" / "test_structures.py").write_text(TEST)
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Notes\n"]},
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": ["text = '[1, 2]'\n", "print(json.loads(text))\n"],
        },
    ]
    book: dict[str, Any] = {
        "cells": cells,
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (root / "notes.ipynb").write_text(json.dumps(book, indent=1) + "\n")


def writer(folder: Path) -> Path:
    """The extension with the editor's model, as a package."""
    vsix = folder / "writer.vsix"
    with zipfile.ZipFile(vsix, "w") as archive:
        for path in sorted((SCRIPTS / "writer").iterdir()):
            archive.write(path, f"extension/{path.name}")
    return vsix


@contextlib.contextmanager
def code_server(folder: Path, root: Path, kit: Kit, extensions: Sequence[Path], program: Path) -> Generator[str]:
    """VS Code on loopback with extensions, which may use proposed interfaces; nothing of it is in the person's own
    folders."""
    user = folder / "data" / "User"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps({**SETTINGS, "suture.path": str(program)}))
    (folder / "config.yaml").write_text("auth: none\n")
    command = [kit.node, str(kit.server), "--config", str(folder / "config.yaml")]
    command += ["--user-data-dir", str(folder / "data"), "--extensions-dir", str(folder / "extensions")]
    environ = {
        **os.environ,
        "HOME": str(folder),
        "SUTURE_CACHE_DIR": str(folder / "suture"),
        "SUTURE_TEST_ASKED": str(folder / ASKED),
    }
    environ.pop("PYTHONPATH", None)
    subprocess.run(
        [*command, *(word for each in extensions for word in ("--install-extension", str(each)))],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [*command, "--bind-addr", address, "--disable-telemetry", "--disable-update-check", str(root)],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        wait_for(f"http://{address}/healthz", process, folder / "server.log")
        opened = {"folder": root, "payload": json.dumps([["enableProposedApi", ""]])}
        yield f"http://{address}/?{urlencode(opened)}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        log.close()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.1)
    pytest.fail(f"VS Code did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}", pytrace=False)


def test_a_folder_that_is_not_trusted_is_reviewed_and_nothing_is_offered_that_runs(session: Steps) -> None:
    assert "not trusted: nothing of it is run" in session["restricted"]["status"]
    assert not [row for row in session["restricted"]["offered"] if row.startswith("Suture: Fuzz")]
    assert "Workspace trusted" in session["trusted"]["status"]


def test_who_opens_a_package_for_the_first_time_is_told_nothing_unasked(session: Steps) -> None:
    assert session["trusted"]["messages"] == []


def test_each_of_the_three_reviewers_has_its_squiggles(session: Steps) -> None:
    shown = session["reviewed"]
    assert "shell-injection" in shown["security"]
    assert "weak-hash" in shown["hinted"]
    assert "membership-in-list" in shown["performance"]
    assert "long-function" in shown["architecture"]
    assert any("membership-in-list" in each for each in shown["problems"])
    assert shown["undone"] is True


def test_evidence_is_a_rendered_document_with_a_name(session: Steps) -> None:
    assert "domains" in session["evidence"]["tab"]
    assert "traced" in session["evidence"]["text"]
    assert "**" not in session["evidence"]["text"]


def test_the_lightbulb_heals_and_one_undo_restores_every_byte(session: Steps) -> None:
    healed = session["healed"]
    assert "exit 1 → 0" in healed["title"]
    assert "\nimport json\n" in healed["added"]
    assert healed["undone"] is True


def test_a_failing_test_is_run_and_healed_in_the_test_explorer(session: Steps) -> None:
    ran = session["explorer"]
    assert "Failed" in ran["failed"]
    assert "name 'json' is not defined" in ran["message"]
    assert "\nimport json\n" in ran["text"]


def test_a_lens_fuzzes_and_the_counterexample_becomes_a_test(session: Steps) -> None:
    fuzzed = session["fuzzed"]
    assert "negative shift count" in fuzzed["hover"]
    assert "    dotted_netmask(33)\n" in fuzzed["test"]


def test_what_a_search_found_is_in_the_test_explorer_and_can_be_tried_again(session: Steps) -> None:
    assert "Failed" in session["counterexample"]["target"]
    assert "negative shift count (Failed)" in session["counterexample"]["again"]


def test_a_generated_function_is_previewed_discarded_applied_and_undone(session: Steps) -> None:
    generated = session["generated"]
    assert "2 tests passed" in generated["title"]
    assert generated["discarded"] is True
    assert generated["unchanged"] is True, "nothing is written while the question stands"
    assert "def slugify(" in generated["text"]
    assert generated["undone"] is True


def test_a_finding_in_a_cell_is_mended_in_that_cell(session: Steps) -> None:
    assert "Add `import json`" in session["notebook"]["title"]
    assert session["notebook"]["cells"] == ["# Notes\n", "import json\ntext = '[1, 2]'\nprint(json.loads(text))\n"]


def test_the_editors_own_model_is_asked_once_it_was_allowed_and_its_answer_is_checked(session: Steps) -> None:
    asked = session["asked"]
    assert asked["before"] is False, "nothing is sent while the question stands"
    assert asked["about"] == "generate seat, from requests/hooks.py"
    assert "3 tests passed" in asked["title"]
    assert {each["from"] for each in asked["requests"]} == {"suture.suture"}
    assert all("seat(14)" in each["text"] for each in asked["requests"])
    assert asked["unchanged"] is True


def test_a_proposal_is_approved_applied_or_rejected_from_the_palette_and_the_log_is_whole(session: Steps) -> None:
    assert session["proposals"]["applied"] is True
    assert {"approved", "deployed", "rejected"} <= set(session["proposals"]["log"].split())
    assert "the standard library has it" in session["proposals"]["log"]
    assert "are what was recorded" in session["proposals"]["verified"]


def test_the_dashboard_is_drawn_in_the_editors_colours_and_read_again(session: Steps) -> None:
    dashboard = session["dashboard"]
    assert dashboard["scheme"] == "dark"
    assert "bytes sent" in dashboard["sent"]
    assert dashboard["read"].startswith("read 20")


def test_the_status_item_leads_to_the_doctor_and_says_how_things_stand(session: Steps) -> None:
    around = session["around"]
    assert "Sandbox" in around["status"]
    assert "Model" in around["status"]
    assert "bubblewrap" in around["doctor"]


def test_the_walkthrough_knows_that_the_server_runs_already(session: Steps) -> None:
    assert session["around"]["installed"] == "true"


def test_a_folder_without_code_is_offered_what_can_work_there_and_hears_nothing(session: Steps) -> None:
    titles = [row.split("\n")[0].removeprefix("Suture: ") for row in session["plain"]["offered"]]
    assert "Get Started" in titles
    assert not [each for each in titles if re.search("Function|File|Test|Finding|Proposal", each)]
    assert session["plain"]["items"] == 0, "nothing runs there, so the status bar has nothing to say"
    assert session["plain"]["messages"] == []
