"""What other files make is followed as they change, and is the same however it came to be known."""

from __future__ import annotations

from pathlib import Path

from suture.analyzers.cache import open_cache
from suture.analyzers.engine import analyse
from suture.analyzers.performance.distant import extract
from suture.analyzers.plain import from_plain, to_plain
from suture.analyzers.review import FileReview
from suture.analyzers.review_tree import review_paths

STORE = "class Store:\n    def names(self):\n        return [each.lower() for each in self.rows]\n"
SET_STORE = STORE.replace("[", "{").replace("]", "}")
READER = """from store import Store


def missing(store: Store, asked):
    return [each for each in asked if each not in store.names()]
"""


def told(folder: Path) -> list[tuple[str, int]]:
    reviews: list[FileReview] = list(
        review_paths([folder], reviewers=("performance",), engines=False, jobs=1, cache=open_cache())
    )
    return [(each.rule, each.range.line) for review in reviews for each in review.findings]


def test_an_edit_of_the_file_that_makes_the_list_is_seen_where_it_is_searched(tmp_path: Path) -> None:
    (tmp_path / "reader.py").write_text(READER)
    (tmp_path / "store.py").write_text(STORE)
    known = [("membership-in-distant-list", 4)]
    assert told(tmp_path) == known
    assert told(tmp_path) == known  # as it was kept
    (tmp_path / "store.py").write_text(SET_STORE)
    assert told(tmp_path) == []
    (tmp_path / "store.py").write_text(STORE)
    assert told(tmp_path) == known
    (tmp_path / "sets.py").write_text(f"from store import Store\n\n\n{SET_STORE.replace('Store:', 'SetStore(Store):')}")
    assert told(tmp_path) == []


def test_what_a_review_leaves_behind_is_what_the_file_says_by_itself() -> None:
    alone = extract("/project/reader.py", READER)
    assert [each.finding.rule for each in alone.asks] == ["membership-in-list"]
    analyse("/project/other.py", READER, once=True)
    assert extract("/project/reader.py", READER) == alone
    analyse("/project/reader.py", READER, once=True)
    assert extract("/project/reader.py", READER) == alone
    assert from_plain(to_plain(alone)) == alone


def test_nothing_is_supposed_of_a_text_that_is_typed_in() -> None:
    assert analyse("/project/reader.py", READER).findings == ()
    assert extract("/project/store.py", STORE).asks == ()
