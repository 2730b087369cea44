"""The documented snippets for other editors: they parse, and name the program and trust as the server knows them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from .player import neovim

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
    assert zed["languages"] == {"Python": {"language_servers": ["pylsp", "..."]}}  # "...": those that Zed starts anyway
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


@pytest.mark.slow
@pytest.mark.parametrize("how", ["runtimepath", "packpath"])
def test_neovim_finds_the_plugin_and_its_help_where_a_plugin_manager_puts_it(how: str, tmp_path: Path) -> None:
    """lazy.nvim prepends the folder to the runtime path; vim.pack and others link it below ``pack/*/start``."""
    plugin = tmp_path / "pack" / "plugins" / "start" / "suture"
    shutil.copytree(NEOVIM, plugin)
    place = plugin if how == "runtimepath" else tmp_path
    lines = [
        f"vim.opt.{how}:prepend({json.dumps(str(place))})",
        "vim.g.suture = { cmd = { 'no-such-program' } }",
        "vim.cmd('packloadall | runtime! plugin/suture.lua')",
        f"vim.cmd('helptags ' .. {json.dumps(str(plugin / 'doc'))})",
        "vim.cmd('help :Suture')",
        "print(vim.fn.expand('%:t'), vim.fn.exists(':Suture'), vim.lsp.is_enabled('suture'))",
        "for _, tag in ipairs({ 'suture', 'suture.txt', 'vim.g.suture', 'suture-mappings' }) do"
        " vim.cmd('help ' .. tag) end",
    ]
    script = tmp_path / "init.lua"
    script.write_text("\n".join(lines))
    command = [neovim(), "--headless", "-u", "NONE", "-i", "NONE", "-l", str(script)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "suture.txt 2 true" in done.stderr + done.stdout
    assert re.search(r"\bE\d+:|Error", done.stderr) is None, done.stderr


def test_the_help_file_is_no_wider_than_a_window() -> None:
    assert [line for line in (NEOVIM / "doc" / "suture.txt").read_text("utf-8").splitlines() if len(line) > 78] == []


def test_the_help_file_names_every_command_of_neovim() -> None:
    code = (NEOVIM / "lua" / "suture" / "init.lua").read_text("utf-8")
    table = code[code.index("M.commands = {") : code.index("\n}\n", code.index("M.commands = {"))]
    commands = set(re.findall(r"^  \[?'?([\w-]+)'?\]? = function", table, re.MULTILINE))
    text = (NEOVIM / "doc" / "suture.txt").read_text("utf-8")
    assert commands == set(re.findall(r":Suture ([\w-]+)", text))
