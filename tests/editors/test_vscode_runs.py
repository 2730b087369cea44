"""A person at a real VS Code, in a package that they did not write: the list of what Suture does, from the keyboard.

Pictures are kept in the folder that ``SUTURE_PICTURES`` names, if it names one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any

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
START_S, PLAY_S = 60.0, 400.0

pytestmark = pytest.mark.slow

Steps = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, kit: Kit, built: Path, suture_program: Path) -> Steps:
    """What one session in VS Code reported, by step."""
    folder = tmp_path_factory.mktemp("vscode")
    root = folder / "requests"
    root.mkdir()
    shutil.copytree(kit.package / "requests", root / "requests", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text('[project]\nname = "requests"\nversion = "2.32.3"\n')
    pictures = Path(os.environ.get("SUTURE_PICTURES") or folder / "pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    with code_server(folder, root, kit, built / "suture.vsix", suture_program) as url:
        answer = subprocess.run(
            [kit.node, str(Path(__file__).parent / "vscode" / "play.js")],
            env={
                **os.environ,
                "SUTURE_BROWSER_KIT": str(kit.modules),
                "SUTURE_CHROMIUM": kit.chromium,
                "SUTURE_URL": url,
                "SUTURE_ROOT": str(root),
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
    if "failed" in steps and "SUTURE_PICTURES" not in os.environ:
        steps["failed"]["error"] += "\nSet SUTURE_PICTURES to a folder to see it."
    assert "failed" not in steps, f"{steps['failed']['error']}\nafter {list(steps)}\n{answer.stderr}"
    assert steps, f"the session said nothing; on standard error:\n{answer.stderr}"
    return steps


@contextlib.contextmanager
def code_server(folder: Path, root: Path, kit: Kit, vsix: Path, program: Path) -> Generator[str]:
    """VS Code on loopback with the extension; nothing of it is in the person's own folders."""
    user = folder / "data" / "User"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps({**SETTINGS, "suture.path": str(program)}))
    (folder / "config.yaml").write_text("auth: none\n")
    command = [kit.node, str(kit.server), "--config", str(folder / "config.yaml")]
    command += ["--user-data-dir", str(folder / "data"), "--extensions-dir", str(folder / "extensions")]
    environ = {**os.environ, "HOME": str(folder), "SUTURE_CACHE_DIR": str(folder / "suture")}
    environ.pop("PYTHONPATH", None)
    subprocess.run(
        [*command, "--install-extension", str(vsix)],
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
        yield f"http://{address}/?folder={root}"
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


def test_each_of_the_three_reviewers_has_its_squiggles(session: Steps) -> None:
    shown = "\n".join(session["reviewed"]["problems"])
    for rule in ("weak-hash", "membership-in-list", "long-function"):  # security, performance, architecture
        assert rule in shown


def test_evidence_is_a_rendered_document_with_a_name(session: Steps) -> None:
    assert "domains" in session["evidence"]["tab"]
    assert "traced" in session["evidence"]["text"]
    assert "**" not in session["evidence"]["text"]


def test_the_lightbulb_heals_and_one_undo_restores_every_byte(session: Steps) -> None:
    healed = session["healed"]
    assert "exit 1 → 0" in healed["title"]
    assert "\nimport json\n" in healed["added"]
    assert healed["undone"] is True


def test_a_lens_fuzzes_and_the_counterexample_becomes_a_test(session: Steps) -> None:
    fuzzed = session["fuzzed"]
    assert "negative shift count" in fuzzed["hover"]
    assert "    dotted_netmask(33)\n" in fuzzed["test"]


def test_a_generated_function_is_previewed_applied_and_undone(session: Steps) -> None:
    generated = session["generated"]
    assert "2 tests passed" in generated["title"]
    assert generated["unchanged"] is True, "nothing is written while the question stands"
    assert "def slugify(" in generated["text"]
    assert generated["undone"] is True


def test_the_status_item_leads_to_the_doctor_and_says_how_things_stand(session: Steps) -> None:
    around = session["around"]
    assert "Sandbox" in around["status"]
    assert "Model" in around["status"]
    assert "bubblewrap" in around["doctor"]
