"""``suture serve``: the language server over standard input and output, TCP or WebSocket.

Invariant: over standard input and output, the protocol has the descriptors to itself: a stray ``print`` of any library
goes to standard error, and a child process inherits neither.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import sys

from .main import Command


def arguments(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--stdio", action="store_true", help="standard input and output (the default)")
    how.add_argument("--tcp", metavar="HOST:PORT", help="listen on a TCP port for one client")
    how.add_argument("--ws", metavar="HOST:PORT", help="listen for one WebSocket client")
    parser.add_argument("--allow-remote", action="store_true", help="let --tcp and --ws listen beyond this machine")
    # Editors add this; the process id that counts is the one in `initialize`.
    parser.add_argument("--clientProcessId", type=int, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Serve one client, then end the process: threads and children are not waited for."""
    from ..log import configure_logging

    configure_logging(logging.getLogger().level)
    # Set in many containers; it would make every start of the server and its children compile some 200 modules again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if not (options.tcp or options.ws) and sys.stdin.isatty():
        print(
            "suture: waiting for a language client on standard input; an editor starts this (Ctrl+C ends it)",
            file=sys.stderr,
        )
    protocol_in, protocol_out = _take_stdio() if not (options.tcp or options.ws) else (-1, -1)
    # The protocol's types are a hundred thousand objects that live as long as the process: no collection while they
    # are made, and none ever looks at them again. It shortens the start and the pauses while typing.
    gc.disable()
    from .. import transport
    from ..app import create_server

    server = create_server()
    server.ends_process = True
    gc.freeze()
    gc.enable()
    if options.tcp:
        code = transport.serve_tcp(server, *transport.parse_address(options.tcp), anywhere=options.allow_remote)
    elif options.ws:
        code = transport.serve_websocket(server, *transport.parse_address(options.ws), anywhere=options.allow_remote)
    else:
        code = transport.serve_stdio(server, protocol_in, protocol_out)
    logging.shutdown()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def _take_stdio() -> tuple[int, int]:
    """Private copies of the two descriptors; what was standard input is empty and standard output is the error's."""
    protocol_in, protocol_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return protocol_in, protocol_out


COMMAND = Command("serve", "run the language server", arguments, run)
