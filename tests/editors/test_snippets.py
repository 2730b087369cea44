"""The documented snippets for other editors: they parse, and name the program and trust as the server knows them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "editors" / "README.md"
NEOVIM = PAGE.parent / "neovim"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def test_the_snippets_in_json_and_toml_parse_and_start_the_server() -> None:
    (helix,) = map(tomllib.loads, blocks("toml"))
    assert helix["language-server"]["suture"] == {
        "command": "suture",
        "args": ["serve", "--stdio"],
        "config": {"untrustedWorkspace": False},
    }
    zed, sublime = map(json.loads, blocks("json"))
    assert zed["lsp"]["pylsp"]["binary"] == {"path": "suture", "arguments": ["serve", "--stdio"]}
    assert sublime["clients"]["suture"]["command"] == ["suture", "serve", "--stdio"]
    for options in (
        zed["lsp"]["pylsp"]["initialization_options"],
        sublime["clients"]["suture"]["initializationOptions"],
    ):
        assert options == {"untrustedWorkspace": False}


def test_the_snippets_of_emacs_and_old_neovim_are_those_that_the_tests_play() -> None:
    here = Path(__file__).parent
    (elisp,) = blocks("elisp")
    assert ":initializationOptions (:untrustedWorkspace :json-false)" in elisp
    assert ":initializationOptions (:untrustedWorkspace :json-false)" in (here / "emacs.el").read_text("utf-8")
    (lua,) = blocks("lua")
    played = (here / "neovim" / "old.lua").read_text("utf-8")
    for line in ("root_dir = vim.fn.getcwd(),", "init_options = { untrustedWorkspace = false },"):
        assert line in lua
        assert line in played


@pytest.mark.slow
def test_emacs_reads_its_snippet() -> None:
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.fail("emacs is missing: `.ci/run` installs it", pytrace=False)
    (elisp,) = blocks("elisp")
    form = f"(prin1 (car (read-from-string {json.dumps(elisp)})))"
    done = subprocess.run([emacs, "--batch", "--eval", form], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("(with-eval-after-load")


def test_the_help_file_names_every_command_of_neovim() -> None:
    code = (NEOVIM / "lua" / "suture" / "init.lua").read_text("utf-8")
    table = code[code.index("M.commands = {") : code.index("\n}\n", code.index("M.commands = {"))]
    commands = set(re.findall(r"^  \[?'?([\w-]+)'?\]? = function", table, re.MULTILINE))
    text = (NEOVIM / "doc" / "suture.txt").read_text("utf-8")
    assert commands == set(re.findall(r":Suture ([\w-]+)", text))
