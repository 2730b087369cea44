"""SARIF is valid by the schema of its standard, and says what the other formats say."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlparse

import pytest

from suture.server.cli.main import main

SCHEMA = Path(__file__).parents[1] / "fixtures" / "sarif" / "sarif-2.1.0-rtm.5.json"

HOLES = """import os
import pickle


def run(x):
    os.system("ls " + x)
    os.system("cat " + x)  # suture: ignore[shell-injection] only we call this
    return [each for each in x]  # suture: ignore[list-shift-in-loop]


def slow(items, wanted: list):
    found = []
    for each in items:
        if each in wanted and each not in found:
            found.append(each)
    return found
"""


# -- as much of JSON Schema (draft 4) as the schema of SARIF uses ----------------------------------------------------

TYPES: Mapping[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
UNDERSTOOD = {
    *("$ref", "$schema", "additionalProperties", "anyOf", "default", "definitions", "description", "enum", "format"),
    *("id", "items", "maximum", "minItems", "minimum", "oneOf", "pattern", "properties", "required", "title", "type"),
    "uniqueItems",
}


@cache
def schema() -> dict[str, Any]:
    return json.loads(SCHEMA.read_text("utf-8"))


def violations(value: Any, rule: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Where a value breaks the schema."""
    unknown = set(rule) - UNDERSTOOD
    assert not unknown, f"the schema uses {unknown}, of which this checker knows nothing"
    if "$ref" in rule:
        target: Any = schema()
        for part in rule["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from violations(value, target, at)
    kind = rule.get("type")
    kinds = [kind] if isinstance(kind, str) else kind or []
    if kinds and not any(_is(value, each) for each in kinds):
        yield f"{at} is no {kind}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{at} is {value!r}, not one of {rule['enum']}"
    for each in ("anyOf", "oneOf"):
        options: list[dict[str, Any]] = rule.get(each, [])
        fitting = sum(not list(violations(value, option, at)) for option in options)
        if options and (fitting == 0 or (each == "oneOf" and fitting > 1)):
            yield f"{at} fits {fitting} of the alternatives of {each}"
    if isinstance(value, str):
        if "pattern" in rule and not re.search(rule["pattern"], value):
            yield f"{at} does not match {rule['pattern']}"
        if rule.get("format") in ("uri", "uri-reference") and not _is_uri(value, rule["format"] == "uri"):
            yield f"{at} is no {rule['format']}: {value}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < rule.get("minimum", value) or value > rule.get("maximum", value):
            yield f"{at} is out of range"
    elif isinstance(value, list):
        listed = cast("list[Any]", value)
        if len(listed) < rule.get("minItems", 0):
            yield f"{at} has too few items"
        texts = [json.dumps(each, sort_keys=True) for each in listed]
        if rule.get("uniqueItems") and len(set(texts)) < len(texts):
            yield f"{at} has an item twice"
        for number, each in enumerate(listed):
            yield from violations(each, rule.get("items", {}), f"{at}[{number}]")
    elif isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        yield from (f"{at} lacks {name}" for name in rule.get("required", []) if name not in given)
        properties: dict[str, Any] = rule.get("properties", {})
        more: Any = rule.get("additionalProperties", True)
        for name, each in given.items():
            if name in properties:
                yield from violations(each, properties[name], f"{at}.{name}")
            elif more is False:
                yield f"{at} may not have {name}"
            elif isinstance(more, dict):
                yield from violations(each, cast("dict[str, Any]", more), f"{at}.{name}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def _is_uri(value: str, absolute: bool) -> bool:
    return re.search(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})", value) is None and (
        not absolute or bool(urlparse(value).scheme)
    )


# -- tests -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "hölés #1%.py").write_text(HOLES)
    (tmp_path / "binary.py").write_bytes(b"\0" * 100)
    (tmp_path / "broken.py").write_text("def f(:\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def log(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert main(["review", *arguments, "--output-format", "sarif"]) == 1
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("arguments", [["."], [".", "--no-engines", "--reviewers", "security"]])
def test_a_log_is_valid_by_the_official_schema(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert list(violations(log(capsys, *arguments), schema())) == []


def test_an_absolute_path_gives_a_valid_log_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = log(capsys, str(project), "--no-engines")
    assert list(violations(made, schema())) == []
    uris = [each["location"]["uri"] for each in made["runs"][0]["artifacts"]]
    assert all(uri.startswith("file:///") for uri in uris)


BROKEN: list[Any] = [
    {},
    {"version": "2.0.0", "runs": []},
    {"version": "2.1.0", "runs": [{}]},
    {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "colour": 1}]},
    {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {}}]}]},
    {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": 1}}]}]},
    {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "x"}, "level": "bad"}]}],
    },
    {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "informationUri": "no uri"}}}]},
]


@pytest.mark.parametrize("broken", BROKEN)
def test_the_schema_refuses_what_is_no_log(broken: dict[str, Any]) -> None:
    assert list(violations(broken, schema()))


def test_paths_are_relative_and_escaped_and_lead_to_the_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = log(capsys, ".", "--no-engines")["runs"][0]
    places = [each["locations"][0]["physicalLocation"]["artifactLocation"] for each in run["results"]]
    assert {each["uriBaseId"] for each in places} == {"%SRCROOT%"}
    assert "%SRCROOT%" in run["originalUriBaseIds"]
    assert {unquote(each["uri"]) for each in places} == {"a folder/hölés #1%.py", "broken.py"}
    assert all((project / unquote(each["uri"])).is_file() for each in places)


def test_a_name_that_is_no_text_is_escaped_byte_for_byte(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / os.fsdecode(b"b\xff.py")).write_text(HOLES)
    made = log(capsys, ".", "--no-engines")
    assert list(violations(made, schema())) == []
    assert "b%FF.py" in {each["location"]["uri"] for each in made["runs"][0]["artifacts"]}
    assert main(["review", ".", "--no-engines", "--output-format", "json-lines"]) == 1
    objects = [json.loads(line) for line in capsys.readouterr().out.encode("utf-8").splitlines()]
    assert b"b\xff.py" in {os.fsencode(each["path"]) for each in objects}


def test_a_traced_path_is_a_code_flow_and_every_rule_helps(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = log(capsys, ".", "--no-engines")["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"]
    hole = next(each for each in run["results"] if each["ruleId"] == "shell-injection" and "suppressions" not in each)
    first = hole["codeFlows"][0]["threadFlows"][0]["locations"][0]
    assert first["location"]["physicalLocation"]["region"]["startLine"] == 5
    described = rules[hole["ruleIndex"]]
    assert "**Why is this bad**" in described["help"]["markdown"]
    assert described["helpUri"].startswith("https://")
    assert "external/cwe/cwe-078" in described["properties"]["tags"]


def test_what_a_comment_silences_is_there_with_its_reason(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = log(capsys, ".", "--no-engines")["runs"][0]["results"]
    silenced = [each for each in results if "suppressions" in each]
    assert [each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in silenced] == [7]
    assert silenced[0]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "only we call this"}
    ]


def test_an_unused_comment_comes_with_the_fix_that_takes_it_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = log(capsys, ".", "--no-engines")["runs"][0]["results"]
    unused = next(each for each in results if each["ruleId"] == "unused-suppression")
    region = unused["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]
    line = HOLES.split("\n")[int(region["startLine"]) - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "# suture: ignore[list-shift-in-loop]"


def test_verdicts_are_properties_of_the_artifacts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = log(capsys, ".", "--no-engines")["runs"][0]
    verdicts = [each["properties"]["verdict"] for each in run["artifacts"] if "properties" in each]
    assert len(verdicts) == 2  # nobody judges a binary file
    assert all(vote["reasons"] for verdict in verdicts for vote in verdict["votes"])


def test_fingerprints_stay_when_lines_move(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def prints() -> list[str]:
        results = log(capsys, "a folder", "--no-engines")["runs"][0]["results"]
        return sorted(value for each in results for value in each.get("partialFingerprints", {}).values())

    before = prints()
    path = project / "a folder" / "hölés #1%.py"
    path.write_text("# one more line\n" + path.read_text())
    assert before
    assert prints() == before
