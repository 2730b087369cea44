"""Plays the tour and draws what it prints: ``uv run python docs/picture.py`` writes ``docs/tour.svg``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 118


def main() -> None:
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)}
    command = [sys.executable, "-P", "-m", "suture", "tour"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(printed))
    drawn = console.export_svg(title="suture tour")
    # No font is fetched from anywhere: the reader's own monospace font serves.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")
    tidy = "\n".join(line.rstrip() for line in drawn.splitlines() if line.strip())
    (Path(__file__).parent / "tour.svg").write_text(f"{tidy}\n", "utf-8")


if __name__ == "__main__":
    main()
