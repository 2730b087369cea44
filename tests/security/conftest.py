"""Files for a review of several modules, and what the security reviewer says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from suture.analyzers.findings import Finding
from suture.analyzers.review import program_rules

Review = Callable[[Mapping[str, str]], list[Finding]]


@pytest.fixture
def review(tmp_path: Path) -> Review:
    """Findings of the security reviewer's whole-program rules over some files, by relative path."""

    def over(files: Mapping[str, str]) -> list[Finding]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        paths = {(tmp_path / name).as_posix(): text for name, text in files.items()}
        found: list[Finding] = []
        for rule in program_rules():
            if rule.reviewer == "security":
                found += rule.check({path: rule.extract(path, text) for path, text in paths.items()})
        return sorted(found, key=lambda each: (each.path, each.range, each.rule))

    return over
