"""The VS Code extension: its manifest agrees with its code and with the server, and it builds to a ``.vsix``."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from suture.server.app import create_server
from suture.server.settings import CLIENT_KEYS, SECTIONS

FOLDER = Path(__file__).parents[2] / "editors" / "vscode"


def manifest() -> dict[str, Any]:
    return json.loads((FOLDER / "package.json").read_text("utf-8"))


def settings() -> dict[str, Any]:
    groups = manifest()["contributes"]["configuration"]
    return {name: setting for group in groups for name, setting in group["properties"].items()}


def code() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((FOLDER / "src").glob("*.ts")))


def needs_server(entry: dict[str, str]) -> bool:
    return re.search(r"(?<!!)suture\.running", entry["when"]) is not None


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_every_command_of_the_palette_is_registered_and_every_registered_one_is_in_the_palette() -> None:
    palette = {each["command"] for each in manifest()["contributes"]["commands"]}
    assert palette == set(re.findall(r'^    "(suture\.\w+)": ', code(), re.MULTILINE))


def test_the_palette_takes_no_name_that_the_server_announces() -> None:
    palette = {each["command"] for each in manifest()["contributes"]["commands"]}
    assert not palette & set(create_server().protocol.fm.commands)


def test_every_server_command_that_is_used_exists() -> None:
    used = set(re.findall(r'run(?:<[^(]*>)?\(\s*"(suture\.[\w.]+)"', code()))
    assert used
    assert used <= set(create_server().protocol.fm.commands)


def test_every_setting_of_the_server_is_described_with_its_default() -> None:
    described = settings()
    own = {name for name in described if name.split(".")[1] in CLIENT_KEYS}
    expected: dict[str, Any] = {}
    for section, kind in SECTIONS.items():
        for field in dataclasses.fields(kind):
            made = field.default_factory
            default = field.default if made is dataclasses.MISSING else made()
            expected[f"suture.{section}.{camel(field.name)}"] = json.loads(json.dumps(default))
    expected |= {"suture.watch": False, "suture.tasks": {}}  # that stand by themselves
    assert {name: described[name]["default"] for name in set(described) - own} == expected


def test_every_setting_that_is_free_text_has_an_example_in_its_description() -> None:
    free = {
        name: setting.get("markdownDescription") or setting.get("description", "")
        for name, setting in settings().items()
        if setting["type"] in ("string", "array", "object")
        and '"enum"' not in json.dumps(setting)  # a list of values is its own example
    }
    assert [name for name, text in free.items() if not re.search("`[^`]+`", text)] == []


def test_the_keys_in_the_readme_are_those_of_the_manifest() -> None:
    keys = {each["key"].removeprefix("ctrl+alt+u ") for each in manifest()["contributes"]["keybindings"]}
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert {each.lower() for each in re.findall(r"^\| `(\w)` \|", readme, re.MULTILINE)} == keys


def test_settings_that_could_start_something_are_withheld_in_untrusted_workspaces() -> None:
    restricted = set(manifest()["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert {"suture.path", "suture.model.baseUrl", "suture.model.apiKey", "suture.sandbox.backend"} <= restricted


def test_every_command_of_the_palette_has_an_icon_and_those_that_need_a_server_are_hidden_without_one() -> None:
    contributes = manifest()["contributes"]
    assert [
        each["command"] for each in contributes["commands"] if not re.fullmatch(r"\$\([\w-]+\)", each["icon"])
    ] == []
    hidden = {each["command"] for each in contributes["menus"]["commandPalette"] if needs_server(each)}
    without = {each["command"] for each in contributes["commands"]} - hidden
    assert {"suture.installServer", "suture.restartServer", "suture.openDoctor", "suture.showLog"} <= without
    assert "suture.fuzzFunctionHere" in hidden


def test_menus_keys_and_walkthrough_name_commands_that_exist_and_pages_that_are_there() -> None:
    contributes = manifest()["contributes"]
    palette = {each["command"] for each in contributes["commands"]}
    menus = [each for entries in contributes["menus"].values() for each in entries if "command" in each]
    assert {each["command"] for each in [*menus, *contributes["keybindings"]]} <= palette
    for step in contributes["walkthroughs"][0]["steps"]:
        assert (FOLDER / step["media"]["markdown"]).is_file()
        named = re.findall(r"\(command:(suture\.\w+)", step["description"])
        assert set(named) <= palette
        assert re.search(r"\(command:", step["description"]), "a step leads somewhere"


def test_the_steps_that_the_extension_ticks_itself_are_those_of_the_walkthrough() -> None:
    (walkthrough,) = manifest()["contributes"]["walkthroughs"]
    source = (FOLDER / "src" / "server.ts").read_text("utf-8")
    ticked = re.findall(r'\btick\("([^"]+)"\)', source)
    assert f"#{walkthrough['id']}#" in source
    of_context = [each["id"] for each in walkthrough["steps"] if each["completionEvents"][0].startswith("onContext:")]
    assert ticked == of_context, "VS Code ticks such a step only if the walkthrough was looked at before"


def test_the_problem_matcher_reads_what_a_review_prints_for_github() -> None:
    from suture.server.cli.main import main

    (matcher,) = manifest()["contributes"]["problemMatchers"]
    (pattern,) = matcher["pattern"]
    fixture = FOLDER.parents[1] / "tests" / "editors" / "vscode" / "risky.py"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert main(["review", "--no-engines", "--output-format", "github", str(fixture)]) == 1
    found = [re.match(pattern["regexp"], line) for line in printed.getvalue().splitlines()]
    assert found
    assert all(found)
    (first, *_) = [each for each in found if each]
    assert first.group(pattern["file"]).endswith("risky.py")
    assert int(first.group(pattern["line"])) > 0
    assert "%0A" not in first.group(pattern["message"])


def test_all_versions_are_pinned_and_the_lock_file_names_no_registry() -> None:
    package = manifest()
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert package["engines"]["vscode"] == "^" + versions["@types/vscode"]
    lock = (FOLDER / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    locked = json.loads(lock)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in versions} == versions


@pytest.mark.slow
def test_it_type_checks_and_builds_to_a_vsix_that_holds_what_it_must(built: Path) -> None:
    clients = Path(__file__).parents[1] / "marker" / "clients"
    sent = subprocess.run(
        ["node", str(clients / "record.js"), str(built)], capture_output=True, text=True, timeout=60, check=True
    )
    recorded = (clients / "vscode-languageclient_v11.0.0.json").read_text("utf-8")
    assert json.loads(sent.stdout) == json.loads(recorded), "record the capabilities anew: see record.js"
    with zipfile.ZipFile(built / "suture.vsix") as archive:
        names = set(archive.namelist())
        bundle = archive.read("extension/out/extension.js").decode()
        packaged = json.loads(archive.read("extension/package.json"))
    assert {
        "extension.vsixmanifest",
        "extension/package.json",
        "extension/out/extension.js",
        "extension/icon.png",
        "extension/readme.md",
        "extension/LICENSE.txt",
        "extension/walkthrough/trust.md",
    } <= names
    assert not [name for name in names if "node_modules" in name or name.endswith(".ts")]
    assert packaged["main"] == "./out/extension.js"
    assert 'require("vscode")' in bundle
    assert "untrustedWorkspace" in bundle
