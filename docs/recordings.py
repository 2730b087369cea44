"""Makes the documentation's recordings from what the tests in the real VS Code saw.

``SUTURE_PICTURES=FOLDER pytest -m slow tests/editors/test_vscode_runs.py`` leaves the frames there (a folder a
recording, with their times), then ``uv run python docs/recordings.py FOLDER`` writes
``docs/vscode-NAME.webp`` and copies the still pictures that the documentation shows.

Invariant: a recording shows what happened, in that order; only waiting is shortened.
"""

from __future__ import annotations

import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parent
STILLS = ("review", "heal", "fuzz", "generate", "evidence", "explorer")

#: Milliseconds that a frame is shown: frames that follow faster are left out, longer waits are cut, the last one stays.
SHORTEST, LONGEST, LAST = 250, 1100, 3000

#: The most that a recording may weigh, in bytes.
HEAVIEST = 400_000


def durations(times: list[float]) -> list[tuple[int, int]]:
    """Which frames are shown (by number), and for how many milliseconds each. ``times`` are in seconds."""
    shown: list[tuple[int, int]] = []
    for number, (begun, ended) in enumerate(pairwise(times)):
        lasted = round((ended - begun) * 1000)
        if lasted >= SHORTEST:
            shown.append((number, min(lasted, LONGEST)))
    return [*shown, (len(times) - 1, LAST)]


def record(frames: Path, target: Path) -> None:
    """Write the frames of a folder as an animation. Raises ValueError if it is too heavy."""
    chosen = durations(json.loads((frames / "times.json").read_text("utf-8")))
    pictures = [Image.open(frames / f"{number:04}.png").convert("RGB") for number, _ in chosen]
    for quality in (80, 65, 50, 35):
        pictures[0].save(
            target,
            save_all=True,
            append_images=pictures[1:],
            duration=[milliseconds for _, milliseconds in chosen],
            loop=0,
            quality=quality,
            method=4,
            minimize_size=True,
        )
        if target.stat().st_size <= HEAVIEST:
            print(f"{target.name}: {len(pictures)} frames, {target.stat().st_size:,} bytes")
            return
    raise ValueError(f"{target} weighs {target.stat().st_size:,} bytes")


def main(folder: Path) -> None:
    for times in sorted(folder.glob("*/times.json")):
        record(times.parent, DOCS / f"vscode-{times.parent.name}.webp")
    for name in STILLS:
        shutil.copyfile(folder / f"{name}.png", DOCS / f"vscode-{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
