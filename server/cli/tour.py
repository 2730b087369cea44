"""``suture tour [PATH]``: watch the four jobs on a copy of a real package, in a real editor's protocol."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ...analyzers.findings import Json
from .main import Command
from .output import add_output_format, console, print_json, print_line

if TYPE_CHECKING:
    from rich.console import Console

    from ..tour.play import Scene

JOBS = ("review", "heal", "generate", "fuzz")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", type=Path, help="a package of your own (it is copied, never changed)")
    add_output_format(parser)


def _run(arguments: argparse.Namespace) -> int:
    # The copy lives in a folder of its own; it is gone when the tour is over.
    with tempfile.TemporaryDirectory(prefix="suture-tour-") as scratch:
        return asyncio.run(_tour(arguments.path, Path(scratch).resolve(), arguments.output_format))


async def _tour(source: Path | None, scratch: Path, output_format: str) -> int:
    from ..tour.package import make_playground
    from ..tour.play import play

    began = time.perf_counter()
    ground = make_playground(source, scratch)
    out = console() if output_format == "text" else None
    if out is not None:
        _headline(out, ground.name, ground.files, ground.lines, ground.module.relative_to(ground.root))
    scenes: list[Scene] = []
    async for scene in play(ground):
        scenes.append(scene)
        if out is not None:
            _show(out, scene)
        elif output_format == "json-lines":
            print_line(scene.to_json())
    done = {job: _done(job, scenes) for job in JOBS}
    seconds = time.perf_counter() - began
    if output_format == "json":
        listed: list[Json] = [each.to_json() for each in scenes]
        print_json(
            {"package": ground.name, "scenes": listed, "jobs": {**done}, "seconds": round(seconds, 2)},
        )
    if out is not None:
        _summary(out, done, seconds)
    return 0 if all(done.values()) else 1


def _done(job: str, scenes: list[Scene]) -> bool:
    played = [each.ok for each in scenes if each.job == job]
    return bool(played) and all(played)


def _headline(out: Console, name: str, files: int, lines: int, module: Path) -> None:
    from rich.markup import escape

    out.print(f"[bold]suture tour[/] on a copy of [bold]{escape(name)}[/] ({files} files, {lines:,} lines)")
    out.print(f"[dim]An editor opens {escape(str(module))} over the language server protocol. No key, no network.[/]\n")


def _show(out: Console, scene: Scene) -> None:
    from rich.markup import escape

    mark = "[green]✓[/]" if scene.ok else "[red]✗[/]"
    out.print(f"{mark} [bold]{scene.job:<9}[/]{escape(scene.title)}  [dim]{_time(scene.milliseconds)}[/]")
    if scene.job != "start":
        out.print(f"    {escape(scene.result)}")
    for line in scene.excerpt.splitlines():
        out.print(f"    [cyan]│[/] {escape(line)}")
    for line in scene.evidence:
        out.print(f"    [green]⊢[/] [dim]{escape(line)}[/]")
    if scene.job != "start":
        out.print()


def _summary(out: Console, done: dict[str, bool], seconds: float) -> None:
    if all(done.values()):
        out.print(f"All four jobs did their work, each with its evidence, in {seconds:.1f} s.")
        return
    missing = ", ".join(job for job, ok in done.items() if not ok)
    out.print(f"[red]Not done: {missing}.[/] `suture doctor` says what this machine lacks.")


def _time(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"


COMMAND = Command("tour", "watch the four jobs on a copy of a real package", _arguments, _run)
