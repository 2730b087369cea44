"""What other files make is followed as they change, and is the same however it came to be known."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_many_classes_of_one_name_that_are_derived_of_each_other_are_looked_up_once(tmp_path: Path) -> None:
    migration = """import base


class Migration(base.Migration):
    def missing(self, asked):
        return [each for each in asked if each in self.rows]
"""
    for number in range(60):
        (tmp_path / f"migration_{number}.py").write_text(migration)
    assert told(tmp_path) == []


def test_a_long_chain_of_functions_that_give_on_is_followed_a_part_of_the_way(tmp_path: Path) -> None:
    def links(count: int) -> str:
        passed = [f"def f{number}(rows):\n    return f{number + 1}(rows)\n" for number in range(count)]
        return "\n\n".join([*passed, f"def f{count}(rows):\n    return [each for each in rows if each]\n"])

    (tmp_path / "reader.py").write_text(
        "from links import f0\n\n\ndef missing(rows, asked):\n"
        "    known = f0(rows)\n    return [each for each in asked if each not in known]\n"
    )
    (tmp_path / "links.py").write_text(links(20))
    assert told(tmp_path) == [("membership-in-distant-list", 5)]
    (tmp_path / "links.py").write_text(links(600))
    assert told(tmp_path) == []


FUNCTION = "def names(rows):\n    return [each for each in rows if each]\n"
ASKER = "def missing(rows, asked):\n    known = names(rows)\n    return [each for each in asked if each not in known]\n"


@pytest.mark.parametrize(
    "files",
    [
        {"subs": "from store import Store\n\n\nclass Sub(Store):\n    def names(self): return set(self.rows)\n"},
        {"subs": "from store import Store\n\n\nclass Sub(Store):\n    names = property(lambda self: set(self.rows))\n"},
        {"store": f"{STORE}\n    if FAST:\n        def names(self):\n            return set(self.rows)\n"},
        {
            "subs": "from store import Store\n\n\nclass Marks:\n"
            "    def names(self):\n        return set(self.rows)\n\n\nclass Sub(Marks, Store):\n    pass\n"
        },
        {"reader": READER.replace("from store", "from somebody_elses")},
        {"store": FUNCTION.replace("names", "filter"), "reader": ASKER.replace("names", "filter")},
        {
            "store": f"{FUNCTION}\n\nif FAST:\n    names = set\n",
            "reader": f"from store import names\n\n\n{ASKER}",
        },
        {
            "store": "from two.tools import check\n\n\ndef call(rows):\n    kept = [each for each in rows]\n"
            "    check(kept)\n",
            "one/tools": "def check(kept, asked):\n    return [each for each in asked if each in kept]\n",
            "two/tools": "def check(kept):\n    print(kept)\n",
        },
    ],
    ids=[
        "one_line",
        "in_the_body",
        "in_some_cases",
        "mixed_in",
        "imported",
        "built_in",
        "bound_again",
        "same_file_name",
    ],
)
def test_what_may_be_something_else_is_not_taken_for_a_list(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in {"store": STORE, "reader": READER, **files}.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert [each for each in told(tmp_path) if "distant" in each[0]] == []


def test_a_finding_says_where_the_list_is_made(tmp_path: Path) -> None:
    (tmp_path / "reader.py").write_text(READER)
    (tmp_path / "store.py").write_text(STORE)
    (review,) = [
        each
        for each in review_paths([tmp_path], reviewers=("performance",), engines=False, jobs=1, cache=open_cache())
        if each.findings
    ]
    said = [each.summary for each in review.findings[0].evidence]
    assert "names() returns a list in line 2 of store.py" in said


def test_a_finding_says_who_hands_the_list_over(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text("def check(kept, asked):\n    return [each for each in asked if each in kept]\n")
    (tmp_path / "caller.py").write_text(
        "from tools import check\n\n\ndef call(rows, asked):\n    kept = [each for each in rows]\n"
        "    check(kept, asked)\n"
    )
    (found,) = [
        each
        for review in review_paths([tmp_path], reviewers=("performance",), engines=False, jobs=1, cache=open_cache())
        for each in review.findings
        if each.rule == "membership-in-distant-list"
    ]
    assert [(Path(each.path).name, each.range.line) for each in found.related] == [("caller.py", 3)]
