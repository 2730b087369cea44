"""Runs the broken programs of ``programs/`` under real interpreters and tools, and stores what they print as cases.

    python collect.py --envs /tmp/envs [--only NAME] [--tool TOOL]

``--envs`` keeps the virtual environments of the tools; what is missing there is made with uv. Interpreters are those of
pyenv and of PATH; a tool whose interpreter is missing is named and left out. See README.md for the formats.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_SECTION = re.compile(r"^-- (\S.*) --\n", re.MULTILINE)

#: Tool → (version of Python, packages).
TOOLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "python-3.8": ("3.8", ()),
    "python-3.9": ("3.9", ()),
    "python-3.10": ("3.10", ()),
    "python-3.11": ("3.11", ()),
    "python-3.12": ("3.12", ()),
    "python-3.13": ("3.13", ()),
    "pytest-7.4": ("3.9", ("pytest==7.4.*",)),
    "pytest-8.4": ("3.11", ("pytest==8.4.*", "pytest-xdist", "pytest-asyncio")),
    "pytest-9.0": ("3.13", ("pytest==9.0.*",)),
    "unittest-3.8": ("3.8", ()),
    "unittest-3.11": ("3.11", ()),
    "unittest-3.13": ("3.13", ()),
    "mypy-1.11": ("3.11", ("mypy==1.11.*",)),
    "mypy-1.18": ("3.12", ("mypy==1.18.*",)),
    "pyright-1.1": ("3.11", ("pyright[nodejs]",)),
    "ipython-7": ("3.8", ("ipython==7.*",)),
    "ipython-8": ("3.11", ("ipython==8.*",)),
    "ipython-9": ("3.12", ("ipython==9.*",)),
    "django-4.2": ("3.9", ("django==4.2.*",)),
    "flask-3.1": ("3.12", ("flask==3.1.*",)),
    "data-1": (
        "3.11",
        ("jsonschema", "pydantic==2.*", "pyyaml", "opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-common"),
    ),
    "telemetry-1": ("3.9", ("opentelemetry-sdk==1.20.*", "setuptools<80")),
    "pydantic-1": ("3.9", ("pydantic==1.*",)),
    "rich-14": ("3.12", ("rich==14.*", "typer")),
    "structlog-25": ("3.12", ("structlog==25.*", "loguru", "python-json-logger")),
    "runners-1": ("3.12", ("tox", "nox", "pytest==8.4.*")),
    "trio-0": ("3.10", ("trio", "exceptiongroup")),
}


@dataclass(frozen=True)
class Program:
    name: str
    why: str
    files: Mapping[str, str]
    runs: tuple[Mapping[str, Any], ...]


def read(path: Path) -> Program:
    parts = _SECTION.split(path.read_text("utf-8"))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    runs = tomllib.loads(sections.pop("runs"))["run"]
    return Program(path.stem, parts[0].strip(), sections, tuple(runs))


def tools_of(run: Mapping[str, Any]) -> Iterator[str]:
    for wanted in run["tools"]:
        yield from (tool for tool in TOOLS if tool == wanted or tool.rpartition("-")[0] == wanted)


def interpreter(version: str) -> Path | None:
    found = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    on_path = shutil.which(f"python{version}")
    return found[-1].resolve() if found else Path(on_path).resolve() if on_path else None


def environment(tool: str, envs: Path) -> Path | None:
    """The interpreter of the tool's virtual environment."""
    version, packages = TOOLS[tool]
    python = envs / f"{tool}/bin/python"
    if not packages:
        tool, python = f"plain-{version}", envs / f"plain-{version}/bin/python"
    if python.exists():
        return python
    base = interpreter(version)
    if base is None:
        return None
    subprocess.run(["uv", "venv", "-q", "--python", str(base), str(envs / tool)], check=True)
    if packages:
        subprocess.run(["uv", "pip", "install", "-q", "--python", str(python), *packages], check=True)
    return python


def normalised(text: str, root: Path, python: Path) -> str:
    base = Path(os.path.realpath(python)).parent.parent
    nearby = os.path.relpath(python.parent.parent, root)
    for old, new in (
        (nearby, "/env"),
        (root, "/p"),
        (python.parent.parent, "/env"),
        (base, "/usr"),
        (Path.home(), "/home/me"),
    ):
        text = text.replace(str(old), new)
    text = text.replace(root.name, "p")
    text = re.sub(r"\b0x[0-9a-fA-F]{8,}", "0x7f0000000000", text)
    text = re.sub(r"\b(in|Ran \d+ tests? in) \d+\.\d+ ?s\b", r"\1 0.01s", text)
    text = re.sub(r"[ \t]+\n", "\n", text) if "\x1b" not in text else text
    return text.rstrip("\n") + "\n" if text.strip() else ""


def place(program: Program, expect: Mapping[str, Any], columns: bool) -> dict[str, Any]:
    """``at``, ``after`` and ``on`` (the line only) as a line and a column, for the fault and all inside of it."""
    found = {key: value for key, value in expect.items() if key not in ("at", "on", "after")}
    wanted = expect.get("at") or expect.get("on") or expect.get("after")
    if wanted:
        text = program.files[expect["path"]]
        if text.count(wanted) != 1:
            raise SystemExit(f"{program.name}: {wanted!r} is {text.count(wanted)} times in {expect['path']}")
        offset = text.index(wanted) + (len(wanted) if "after" in expect else 0)
        found["line"] = text.count("\n", 0, offset) + 1
        if columns and "on" not in expect:
            found["column"] = offset - text.rfind("\n", 0, offset)
    for key in ("cause",):
        if key in found:
            found[key] = place(program, found[key], columns)
    if "more" in found:
        found["more"] = [place(program, each, columns) for each in found["more"]]
    return found


def toml(table: Mapping[str, Any], prefix: str = "") -> str:
    plain = {k: v for k, v in table.items() if not isinstance(v, dict) and k != "more"}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
    inner: dict[str, dict[str, Any]] = {k: v for k, v in table.items() if isinstance(v, dict)}
    for key, value in inner.items():
        lines += [f"[{prefix}{key}]", toml(value, f"{prefix}{key}.").rstrip("\n")]
    for each in table.get("more", []):
        lines += ["[[more]]", toml(each, "more.").rstrip("\n")]
    return "\n".join(lines) + "\n"


def play(program: Program, run: Mapping[str, Any], python: Path, root: Path) -> tuple[str, str]:
    for name, text in program.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(run.get("encoding", "utf-8")))
    argv = [str(python) if word == "python" else word for word in run["command"]]
    environ = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": str(root.with_name("home")),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
    }
    environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PIP_NO_INDEX": "1"}
    result = subprocess.run(
        argv,
        cwd=root,
        env={**environ, **{key: value.replace("$ROOT", str(root)) for key, value in run.get("env", {}).items()}},
        input=run.get("stdin", "").encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    return result.stdout.decode("utf-8", "replace"), result.stderr.decode("utf-8", "replace")


def case(program: Program, run: Mapping[str, Any], tool: str, stdout: str, stderr: str) -> str:
    version = tuple(int(part) for part in TOOLS[tool][0].split("."))
    base, override = run["expect"], run.get("only", {}).get(tool, {})
    if override:
        base = {key: value for key, value in base.items() if key not in ("at", "on", "after")}
    expect = {"program": program.name, **base, **override}
    if "encoding" in run:
        expect["encoding"] = run["encoding"]
    expect = place(program, expect, version >= (3, 11) or expect["category"] == "syntax")
    sections = [f"{run.get('why', program.why)}\n"]
    if run.get("pasted"):
        sections.append(f"-- text --\n{stdout}{stderr}")
    else:
        sections.append(f"-- command --\n{shlex.join(run['command'])}\n")
        sections += [f"-- {name} --\n{text}" for name, text in (("stdout", stdout), ("stderr", stderr)) if text]
    sections.append(f"-- expect --\n{toml(expect)}")
    return "\n".join((sections[0], "".join(sections[1:])))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envs", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--tool", default="")
    arguments = parser.parse_args()
    missing: set[str] = set()
    for path in sorted((HERE / "programs").glob("*.txt")):
        program = read(path)
        if arguments.only not in program.name:
            continue
        for run in program.runs:
            printed: set[tuple[str, str]] = set()
            for tool in tools_of(run):
                python = environment(tool, arguments.envs.resolve())
                if python is None:
                    missing.add(tool)
                    continue
                with tempfile.TemporaryDirectory(prefix="messages") as folder:
                    root = Path(folder).resolve()
                    raw = play(program, run, python, root)
                    stdout, stderr = (normalised(each, root, python) for each in raw)
                target = HERE / tool / f"{run.get('name', program.name)}.txt"
                fresh = (stdout, stderr) not in printed and bool(stdout or stderr)
                printed.add((stdout, stderr))
                if arguments.tool in tool and fresh:
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(case(program, run, tool, stdout, stderr).encode())
                    print(f"{tool}/{target.name}")
                elif not fresh and target.exists():
                    target.unlink()
    for tool in sorted(missing):
        print(f"left out: {tool}, its interpreter is not here", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
