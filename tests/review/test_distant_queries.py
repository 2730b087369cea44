"""What the finding about a call that asks the database points at, and what is known of the function that is called."""

from __future__ import annotations

from pathlib import Path

from suture.analyzers.findings import Finding
from suture.analyzers.performance.distant_query_in_loop import PROGRAM_RULE
from suture.analyzers.plain import from_plain, to_plain

STORE = """\
class User:
    @classmethod
    def find(cls, db, name):
        found = (
            db.query(cls)
            .filter(cls.name == name)
            .first()
        )
        return found

def user_named(db, name):
    return db.query(User).filter(User.name == name).one()
"""
LOOP = "def f(db, store, names):\n    for name in names:\n        print({})\n"


def findings(**texts: str) -> list[Finding]:
    files = {f"/p/{name}.py": PROGRAM_RULE.extract(f"/p/{name}.py", text) for name, text in texts.items()}
    return list(PROGRAM_RULE.check(files))


def test_the_query_of_the_function_is_the_related_place() -> None:
    (found,) = findings(store=STORE, views="from store import User\n\n" + LOOP.format("User.find(db, name)"))
    assert (Path(found.path).name, found.range.line) == ("views.py", 4)
    assert [(Path(each.path).name, each.range.line, each.range.end_line) for each in found.related] == [
        ("store.py", 4, 6)
    ]
    path = found.evidence[0].data["path"]
    assert isinstance(path, list)
    assert len(path) == 3


def test_a_function_of_the_same_name_that_is_not_imported_is_another_one() -> None:
    call = LOOP.format("user_named(db, name)")
    assert findings(store=STORE, views=call) == []
    assert len(findings(store=STORE, views="from store import user_named\n\n" + call)) == 1


def test_every_function_that_a_call_may_mean_must_ask() -> None:
    call = LOOP.format("store.user_named(db, name)")
    assert len(findings(store=STORE, views=call)) == 1
    other = "class Kept:\n    def user_named(self, db, name):\n        return self.db[name]\n"
    assert findings(store=STORE, views=call, other=other) == []


def test_a_pass_that_also_ends_a_transaction_makes_it_a_hint() -> None:
    call = "from store import User\n\n" + LOOP.format("User.find(db, name)")
    assert [each.severity for each in findings(store=STORE, views=call)] == ["medium"]
    assert [each.severity for each in findings(store=STORE, views=call + "        db.commit()\n")] == ["low"]


def test_a_command_and_what_is_remembered_are_hints() -> None:
    start = "from store import User\n\n"
    command = start + "@cli.command()\n" + LOOP.format("User.find(db, name)")
    assert [each.severity for each in findings(store=STORE, views=command)] == ["low"]
    kept = LOOP.replace("print({})", "if name not in store:\n            store[name] = User.find(db, name)")
    assert [each.severity for each in findings(store=STORE, views=start + kept)] == ["low"]
    other = LOOP.replace("print({})", "if name in store:\n            print(User.find(db, name))")
    assert [each.severity for each in findings(store=STORE, views=start + other)] == ["medium"]


def test_what_is_known_of_a_file_can_be_kept() -> None:
    known = PROGRAM_RULE.extract("/p/store.py", STORE + LOOP.format("User.find(db, name)"))
    assert from_plain(to_plain(known)) == known
