"""Finds the subcommands beside it and runs one.

Exit status: 0 nothing found or done, 1 findings or not healed, 2 usage or configuration error, 3 an internal or
environment failure. Errors go to standard error in one readable line with what to do next.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...analyzers.errors import Bug, Cancelled, SutureError, UserError


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: ``suture <name>``. A module of this package defines one as ``COMMAND``.

    ``arguments`` adds its options; ``run`` does the work and returns the exit status. Heavy imports belong inside
    ``run``, so that ``suture --help`` stays fast."""

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def commands(wanted: str = "") -> dict[str, Command]:
    """All subcommands by name; only the ``wanted`` one, without a look at the others, if a module is called like it."""
    found: dict[str, Command] = {}
    package = __package__ or ""
    modules = [info.name for info in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    named = [each for each in modules if each.replace("_", "-") == wanted]
    for module in named or modules:
        value = getattr(importlib.import_module(f"{package}.{module}"), "COMMAND", None)
        if isinstance(value, Command):
            found[value.name] = value
    return found if not named or wanted in found else commands()


class _Version(argparse.Action):
    """``--version``; the version is looked up when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"suture {version('suture')}")
        parser.exit()


def parser(wanted: str = "") -> argparse.ArgumentParser:
    """The parser of all subcommands, or of the ``wanted`` one."""
    root = argparse.ArgumentParser(prog="suture", description="A language server that only offers edits it has run.")
    root.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    root.add_argument("--log-level", default=os.environ.get("SUTURE_LOG", "warning"), help=argparse.SUPPRESS)
    subparsers = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in sorted(commands(wanted).items()):
        sub = subparsers.add_parser(name, help=command.summary, description=command.summary)
        command.arguments(sub)
        sub.set_defaults(entry=command.run)
    return root


def _closed_streams_go_nowhere() -> None:
    """A shell's ``2>&-`` leaves None for a stream, and its number to the next file that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - kept until the process ends


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status."""
    _closed_streams_go_nowhere()
    given = sys.argv[1:] if argv is None else argv
    arguments = parser(given[0] if given else "").parse_args(argv)
    logging.basicConfig(
        level=getattr(logging, str(arguments.log_level).upper(), logging.WARNING),
        stream=sys.stderr,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        return arguments.entry(arguments)
    except (KeyboardInterrupt, Cancelled):
        print("suture: stopped; nothing was changed", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except UserError as error:
        print(f"suture: {error}", file=sys.stderr)
        return 2
    except SutureError as error:
        print(f"suture: {error}", file=sys.stderr)
        return 3
    except Exception as error:  # noqa: BLE001 - the last resort: one line for the person, the rest for the log
        bug = Bug(f"{type(error).__name__}: {error}")
        print(f"suture: {bug}", file=sys.stderr)
        logging.getLogger(__name__).error("%s\n%s", bug.ident, traceback.format_exc())
        return 3
