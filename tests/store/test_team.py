"""A team's store: who says where it is, what goes there, and what happens when it is not there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from suture.analyzers.errors import Unavailable, UserError
from suture.analyzers.store import open_store, open_team_store, shown_url, team_schema, team_url
from suture.codegen.artifacts import book
from suture.codegen.artifacts.verify import verify
from suture.server.cli.main import main
from suture.server.doctor import examine
from suture.server.trust import Trust

from .support import awaiting


def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "config.toml").write_text(text)
    monkeypatch.setenv("SUTURE_CONFIG_DIR", str(folder))


def test_the_user_says_where_it_is_and_the_environment_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team_url({}) == ""
    config(tmp_path, monkeypatch, '[store]\nurl = "postgresql://h/team"\n')
    assert team_url({}) == "postgresql://h/team"
    assert team_url({"SUTURE_STORE_URL": "postgres://other/x"}) == "postgres://other/x"


@pytest.mark.parametrize("text", ['[store]\nurl = "mysql://h/x"\n', "store = 3\n", "[store\n"])
def test_an_address_that_is_none_is_named_and_nothing_is_kept_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    config(tmp_path, monkeypatch, text)
    with pytest.raises(UserError, match=r"config\.toml"):
        team_url({})


def test_a_workspace_cannot_say_where_records_go(root: Path, cache: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.suture.store]\nurl = "postgresql://evil.example/x"\n')
    (root / "config.toml").write_text('[store]\nurl = "postgresql://evil.example/x"\n')
    (root / ".env").write_text("SUTURE_STORE_URL=postgresql://evil.example/x\n")
    with open_store(root, folder=cache) as store:
        assert store.shared is store


def clone(folder: Path, url: str) -> Path:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n')
    return folder


def test_clones_of_one_origin_share_a_schema_and_other_folders_do_not(tmp_path: Path) -> None:
    urls = ("git@h.example:Team/App.git", "https://ada:key@h.example/team/app", "ssh://git@h.example:22/team/app.git")
    schemas = {team_schema(clone(tmp_path / str(number), url)) for number, url in enumerate(urls)}
    assert len(schemas) == 1
    assert schemas.pop().startswith("suture_app_")
    part = tmp_path / "0" / "service"
    part.mkdir()
    plain = tmp_path / "plain; DROP TABLE x"
    plain.mkdir()
    other = clone(tmp_path / "other", "https://h.example/team/other")
    names = {team_schema(each) for each in (part, plain, other, tmp_path / "0")}
    assert len(names) == 4
    assert all(name.replace("_", "").isalnum() and name.islower() for name in names)


def test_proposals_go_to_the_team_and_trust_and_dismissals_stay_the_persons(
    root: Path, cache: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTURE_STORE_URL", postgresql)
    trust = Trust(cache)
    trust.grant(root)
    with open_store(root, folder=cache) as store:
        ident = awaiting(store)
        store.dismiss("f1", rule="r", path="a.py")
        store.record_egress(endpoint="http://h", model="m", body=b"x", why="w")
        shared = store.shared
        assert (store.dialect, shared.dialect) == ("sqlite", "postgresql")
        assert (shared.choice("trust"), shared.dismissals(), shared.egress()) == (None, (), ())
        assert "tester" not in shared.address
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM proposals").scalar_one() == 0
    with open_team_store(root, postgresql, folder=cache) as team:
        assert [each.id for each in book.proposals(team)] == [ident]
    monkeypatch.delenv("SUTURE_STORE_URL")
    with open_store(root, folder=cache) as store:
        assert (store.choice("trust"), store.dismissed(), book.proposals(store)) == (True, {"f1"}, ())


def test_a_member_of_the_team_approves_what_another_was_offered(
    root: Path, cache: Path, tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = (clone(root / name, "https://h.example/team/shared") for name in ("mine", "theirs"))
    with open_team_store(mine, postgresql, folder=cache) as store:
        ident = awaiting(store)
    with open_team_store(theirs, postgresql, folder=tmp_path / "their cache") as store:
        book.approve(store, ident, "grace@example")
        assert verify(store).alterations == ()
    with open_team_store(mine, postgresql, folder=cache) as store:
        kept = book.proposal(store, ident)
        assert kept is not None
        assert (kept.status, kept.decided_by) == ("approved", "grace@example")
        assert verify(store).alterations == ()


def test_a_server_that_is_not_there_is_named_without_its_password(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql://ada:sentinel-secret@127.0.0.1:1/team?application_name=sentinel-secret"
    assert shown_url(url) == "postgresql://127.0.0.1:1/team"
    monkeypatch.setenv("SUTURE_STORE_URL", url)
    monkeypatch.setenv("SUTURE_CACHE_DIR", str(cache))
    with open_store(root, folder=cache) as store, pytest.raises(Unavailable) as raised:
        awaiting(store)
    assert "127.0.0.1:1/team cannot be used" in str(raised.value)
    assert main(["verify", "--root", str(root)]) == 3
    (check,) = [each for each in examine((), {"SUTURE_STORE_URL": url}) if each.area == "store"]
    assert check.state == "missing"
    said = f"{raised.value}{capsys.readouterr()}{check}"
    assert "sentinel" not in said


@pytest.mark.parametrize("said", ['password authentication failed for user "ada"', 'role "ada" has no hunter22'])
def test_what_a_server_says_of_the_user_is_not_repeated(said: str) -> None:
    from sqlalchemy.exc import OperationalError

    from suture.analyzers.store_postgresql import _unusable  # pyright: ignore[reportPrivateUsage]

    told = str(_unusable("postgresql://ada:hunter22@h/team", OperationalError("", {}, Exception(said))))
    assert "the team's store postgresql://h/team cannot be used" in told
    assert not {"ada", "hunter22"} & set(re.findall(r"\w+", told))


def test_without_the_driver_it_says_what_to_install(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unavailable, match=r"pip install 'suture\[team\]'"):
        open_team_store(root, "postgresql://h/x", folder=cache)


def test_doctor_names_the_store_in_use(postgresql: str) -> None:
    (own, _) = [each for each in examine((), {}) if each.area == "store"]
    assert (own.name, own.state) == ("sqlite", "ok")
    (team,) = [each for each in examine((), {"SUTURE_STORE_URL": postgresql}) if each.area == "store"]
    assert (team.name, team.state) == (shown_url(postgresql), "ok")
    assert "PostgreSQL" in team.detail
