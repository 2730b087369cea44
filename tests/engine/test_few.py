"""Names that say that there are few, and names that say nothing of the kind."""

from __future__ import annotations

import pytest

from suture.analyzers.few import counts_few, says_few


@pytest.mark.parametrize(
    "name",
    [
        "options",
        "self.argument_list",
        "conf_limits",
        "self.config.guides",
        "exclude_tables",
        "ignorekeys",
        "column_names",
    ],
)
def test_what_a_person_writes_by_hand_is_few(name: str) -> None:
    assert says_few(name)


@pytest.mark.parametrize("name", ["rows", "self.people_names", "names", "ignition", "configuration_rows.items"])
def test_other_names_say_nothing(name: str) -> None:
    assert not says_few(name)


@pytest.mark.parametrize(
    ("name", "few"), [("tries", True), ("self.max_retries", True), ("workers", True), ("count", False)]
)
def test_what_is_tried_or_done_at_once_is_done_a_few_times(name: str, few: bool) -> None:
    assert counts_few(name) == few
