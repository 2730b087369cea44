"""How well measured growth agrees with functions whose growth is known: precision, recall and F1 over marked lines.

    python tests/benchmarks/growth/score.py [--static] [FOLDER]

Lines of the snippets end in ``# slow: kind`` (a finding of that kind is expected there) or ``# fast: kind`` (none of
that kind is). ``--static`` leaves the measuring out, to see what it adds. Findings on lines without a mark are counted
and listed; they are neither right nor wrong.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

MARK = re.compile(r"#\s*(slow|fast): (\w+)")


def main() -> None:
    static = "--static" in sys.argv
    given = [each for each in sys.argv[1:] if not each.startswith("--")]
    folder = Path(given[0]) if given else Path(__file__).parent / "snippets"
    command = [sys.executable, "-m", "suture.server", "review", str(folder), "--output-format", "json-lines"]
    command += ["--reviewers", "performance", "--no-cache"] + ([] if static else ["--measure-growth"])
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stderr.write(answer.stderr)
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    by_line = {(Path(each["path"]).name, each["line"], each["kind"]) for each in found if "kind" in each}
    counts: Counter[str] = Counter()
    marked: set[tuple[str, int, str]] = set()
    for path in sorted(folder.glob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            mark = MARK.search(line)
            if mark is None:
                continue
            place = (path.name, number, mark[2])
            marked.add(place)
            slow, seen = mark[1] == "slow", place in by_line
            counts["tp" if slow and seen else "fn" if slow else "fp" if seen else "tn"] += 1
            if slow != seen:
                others = sorted(kind for name, at, kind in by_line if (name, at) == place[:2])
                print(f"{'missed' if slow else 'wrong'}: {path.name}:{number} {mark[2]} {others or ''}")
    for name, number, kind in sorted(by_line - marked):
        print(f"unmarked: {name}:{number} {kind}")
    precision = counts["tp"] / max(1, counts["tp"] + counts["fp"])
    recall = counts["tp"] / max(1, counts["tp"] + counts["fn"])
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  {dict(counts)}")


if __name__ == "__main__":
    main()
