"""A new user's path, timed: ``python tests/benchmarks/first_fix [--wheel W] [--vsix V] [--editors neovim,vscode]``.

In an empty HOME, with nothing of ours cached: install the wheel, ask the doctor, open a file with a misspelt import in
the editor, and apply the first fix that was run. Prints how long each step took (wall time, so: on a quiet machine) and
every message that the person saw, in its order. Nothing is asserted; a step that fails is printed, and ends that path.

Neovim is ``NVIM_PROGRAM`` or on the path; VS Code is ``SUTURE_VSCODE`` (see ``.ci/run``), which also needs node
and Chromium. ``--vsix`` is the extension as `npm run wheel && npm run package` make it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]
#: What a network needs to be reached, and nothing else of the environment, comes along.
KEPT = ("PIP_", "UV_", "SSL_", "REQUESTS_", "http", "HTTP", "no_proxy", "NO_PROXY", "NODE_EXTRA")
SOURCE = '''"""Reads what was ordered."""


def orders(text: str) -> list[dict[str, object]]:
    return json.loads(text)


def average(prices: list[float]) -> float:
    return sum(prices) / len(prices)
'''
LIMIT_S = 900.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="Suture's wheel (default: it is built)")
    parser.add_argument("--vsix", type=Path, default=CHECKOUT / "editors" / "vscode" / "suture.vsix")
    parser.add_argument("--editors", default="neovim,vscode")
    parser.add_argument("--python", default=sys.executable, help="the Python that the person has")
    parser.add_argument("--pictures", type=Path, help="a folder for screenshots of VS Code")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="first-fix-") as name:
        folder = Path(name).resolve()
        wheel = options.wheel or built(folder)
        if "neovim" in options.editors:
            neovim(folder / "neovim", wheel.resolve(), options.python)
        if "vscode" in options.editors:
            vscode(folder / "vscode", options.vsix.resolve(), options.python, options.pictures)
    return 0


def built(folder: Path) -> Path:
    subprocess.run(["uv", "build", "--quiet", "--wheel", "--out-dir", folder / "dist", CHECKOUT], check=True)
    return next((folder / "dist").glob("*.whl"))


def person(folder: Path, path: Sequence[str]) -> dict[str, str]:
    """The environment of somebody who has never had Suture: an empty home, and a path of what they do have."""
    home = folder / "home"
    home.mkdir(parents=True)
    kept = {key: value for key, value in os.environ.items() if key.startswith(KEPT)}
    return {**kept, "HOME": str(home), "PATH": os.pathsep.join(path), "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def project(folder: Path) -> Path:
    root = folder / "home" / "code" / "shop"
    root.mkdir(parents=True)
    (root / "shop.py").write_text(SOURCE)
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    return root


def step(name: str, command: Sequence[str | Path], environ: Mapping[str, str], cwd: Path, last: int = 40) -> bool:
    """Runs one command as the person would; prints what it said and how long it took."""
    print(f"\n$ {name}", flush=True)
    began = time.perf_counter()
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    for line in done.stdout.splitlines()[-last:]:
        print(f"  {line}")
    print(f"  [{time.perf_counter() - began:.1f} s{'' if done.returncode == 0 else f', exit {done.returncode}'}]")
    return done.returncode == 0


def neovim(folder: Path, wheel: Path, python: str) -> None:
    program = os.environ.get("NVIM_PROGRAM") or shutil.which("nvim")
    if program is None:
        return print("neovim: not here")
    print("=== Neovim")
    environ = person(folder, [str(Path(program).parent), "/usr/bin", "/bin"])
    root, home = project(folder), folder / "home"
    environment = home / "suture"
    began = time.perf_counter()
    step("python3 -m venv ~/suture", [python, "-m", "venv", environment], environ, root)
    installed = step(
        "~/suture/bin/pip install suture", [environment / "bin" / "pip", "install", "-q", wheel], environ, root
    )
    if not installed:
        return None
    environ["PATH"] = f"{environment / 'bin'}{os.pathsep}{environ['PATH']}"
    step("suture doctor", [environment / "bin" / "suture", "doctor"], environ, root, last=60)
    config = home / ".config" / "nvim"
    config.mkdir(parents=True)
    plugin = CHECKOUT / "editors" / "neovim"
    (config / "init.lua").write_text(
        f"vim.opt.runtimepath:prepend({json.dumps(str(plugin))})\nvim.g.suture = {{ trust = {{ '~/code' }} }}\n"
    )
    command = [program, "--headless", "shop.py", "-c", f"luafile {HERE / 'neovim.lua'}"]
    print("\n$ nvim shop.py", flush=True)
    told(subprocess.run(command, cwd=root, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True))
    print(f"=== Neovim: {time.perf_counter() - began:.1f} s in all")
    return None


def vscode(folder: Path, vsix: Path, python: str, pictures: Path | None) -> None:
    kit, node = os.environ.get("SUTURE_VSCODE"), shutil.which("node")
    chromium = os.environ.get("SUTURE_CHROMIUM") or shutil.which("chromium")
    if not (kit and node and chromium and vsix.exists()):
        return print(f"vscode: needs SUTURE_VSCODE, node, chromium and {vsix}")
    print("\n=== VS Code")
    own = folder / "bin"  # python3 by that name, as the person has it
    own.mkdir(parents=True)
    (own / "python3").symlink_to(python)
    environ = person(folder, [str(own), "/usr/bin", "/bin"])
    root = project(folder)
    modules = Path(kit) / "node_modules"
    (folder / "config.yaml").write_text("auth: none\n")
    server = [node, str(modules / "code-server" / "out" / "node" / "entry.js")]
    server += ["--config", str(folder / "config.yaml"), "--user-data-dir", str(folder / "data")]
    server += ["--extensions-dir", str(folder / "extensions")]
    began = time.perf_counter()
    if not step("code --install-extension suture.vsix", [*server, "--install-extension", vsix], environ, root):
        return None
    with serving([*server, "--disable-telemetry", "--disable-update-check"], root, environ, folder) as address:
        print("\n$ code ~/code/shop", flush=True)
        given = {
            "SUTURE_BROWSER_KIT": str(modules),
            "SUTURE_CHROMIUM": chromium,
            "SUTURE_URL": f"http://{address}/?folder={root}",
            "SUTURE_ROOT": str(root),
            "SUTURE_PATIENCE": "300",
            "SUTURE_EDITOR": str(CHECKOUT / "tests" / "editors" / "vscode" / "editor.js"),
            **({"SUTURE_PICTURES": str(pictures.resolve())} if pictures else {}),
        }
        told(
            subprocess.run(
                [node, str(HERE / "vscode.js")],
                env={**environ, "PATH": os.environ["PATH"], **given},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
        )
    print(f"=== VS Code: {time.perf_counter() - began:.1f} s in all")
    return None


@contextlib.contextmanager
def serving(command: Sequence[str], root: Path, environ: Mapping[str, str], folder: Path) -> Generator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--bind-addr", address, str(root)],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/healthz", timeout=2):
                    break
                time.sleep(0.1)
            yield address
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def told(done: subprocess.CompletedProcess[str]) -> None:
    """Prints the steps that an editor's script said, a line of JSON each: ``{"at": seconds, "step": …, "text": …}``."""
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            said: dict[str, Any] = json.loads(line)
            text = str(said.get("text") or said.get("error") or "").replace("\n", "\n" + " " * 20)
            print(f"  {said['at']:6.1f} s  {said['step']:<9} {text}")
    if done.returncode:
        print(f"  exit {done.returncode}\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
