"""``suture dashboard``: one local page of what Suture found, healed, fuzzed, wrote, spent and sent in a workspace.

Invariant: it only reads, listens on loopback only, and sends nothing anywhere.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import webbrowser
from pathlib import Path

from ...analyzers.errors import UserError
from .main import Command
from .output import console


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", type=Path, default=None, help="a workspace (default: the current folder's)")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="the port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--no-open", action="store_true", help="only print the address, open no browser")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page to one file and serve nothing")
    parser.add_argument("--until-input-ends", action="store_true", help=argparse.SUPPRESS)  # for the language server


def run(arguments: argparse.Namespace) -> int:
    from ...analyzers.fuzzing.project import find_root

    path: Path = (arguments.path or Path.cwd()).absolute()
    if not path.is_dir():
        raise UserError(f"{path} is not a folder")
    root = path if arguments.path is not None else find_root(path / "_")
    if arguments.output is not None:
        return _write(root, arguments.output)
    if not 0 <= arguments.port <= 65_535:
        raise UserError(f"--port {arguments.port} is not a port")
    return _serve(root, arguments.port, not arguments.no_open, arguments.until_input_ends)


def _write(root: Path, target: Path) -> int:
    from ..dashboard.gather import gather
    from ..dashboard.page import render

    text = render(gather(root), single=True)
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        raise UserError(f"{target} cannot be written: {error.strerror}") from error
    console(stderr=True).print(f"written: {target}", markup=False)
    return 0


def _serve(root: Path, port: int, opens: bool, until_input_ends: bool) -> int:
    import threading

    from ..dashboard.serving import dashboard_server

    with dashboard_server(root, port) as server:
        print(server.url, flush=True)
        thread = threading.Thread(target=server.serve_forever, name="suture-dashboard", daemon=True)
        thread.start()
        if opens and not webbrowser.open(server.url):
            console(stderr=True).print("no browser could be opened; open the address above", markup=False)
        with contextlib.suppress(KeyboardInterrupt):
            if until_input_ends:
                sys.stdin.buffer.read()
            else:
                console(stderr=True).print("Ctrl-C ends it", style="dim")
                thread.join()
        server.shutdown()
    return 0


COMMAND = Command("dashboard", "open a local page of findings, healing, fuzzing, proposals and costs", _arguments, run)
