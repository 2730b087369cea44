"""A proof is kept while its definition is as it was, and moves along with the text around it."""

from __future__ import annotations

import pytest

from suture.analyzers.findings import Edit, Evidence, minimal_edit
from suture.server.proven import Proven, offers, titled

BEFORE = "import os\n\n\ndef f(a):\n    return list(a)\n\n\ndef g():\n    return 1\n"
AFTER = BEFORE.replace("import os\n", "import os\nimport sys\n").replace("list(a)", "a")


def proven(*, verified: bool = True) -> Proven:
    evidence = (
        Evidence("equivalent", "same results on 412 inputs"),
        Evidence("measured", "14\N{MULTIPLICATION SIGN} faster at n = 2,048"),
    )
    edit = Edit("Use a itself", (minimal_edit("/w/m.py", BEFORE, AFTER),), 0.9, verified, evidence=evidence)
    start = BEFORE.index("def f")
    return Proven(1, BEFORE, start, BEFORE.index("\n\ndef g"), (edit,))


@pytest.mark.parametrize(
    ("old", "new"),
    [("return 1", "return 22"), ("import os", "# first\nimport os"), ("def g", "def h():\n    pass\n\n\ndef g")],
)
def test_an_edit_elsewhere_moves_the_proof_along(old: str, new: str) -> None:
    text = BEFORE.replace(old, new)
    moved = proven().moved(text, 2)
    assert moved is not None
    assert moved.edits[0].files[0].apply(text) == AFTER.replace(old, new)
    assert moved.version == 2


def test_an_edit_of_the_definition_forgets_the_proof() -> None:
    assert proven().moved(BEFORE.replace("list(a)", "list(a) + []"), 2) is None


def test_the_same_text_under_another_version_keeps_it() -> None:
    again = proven().moved(BEFORE, 5)
    assert again is not None
    assert again.version == 5


def test_the_title_says_results_first_and_then_speed() -> None:
    expected = "Use a itself — same results on 412 inputs, 14\N{MULTIPLICATION SIGN} faster at n = 2,048"
    assert titled(proven().edits[0]) == expected


def test_what_was_not_verified_is_not_offered() -> None:
    assert list(offers(proven(verified=False))) == []
    assert list(offers(None)) == []
