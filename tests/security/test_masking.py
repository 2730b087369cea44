"""A credential in the source is in nothing that is shown, written or sent: no message, trace, hover or log has it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from textwrap import dedent

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.review import review_file
from suture.analyzers.security.credentials import known_form, masked
from suture.server.cli import main

#: Put together here so that no scanner of this repository takes them for real ones.
TOKEN = "ghp_" + "a81XqL0pVtRz6mNc3WyKb7" + "Ud2sHf9Je4Tg5o"
SECRETS = (TOKEN, "k9#vLq2!xPzR7mWd", "Wint3r-is-here", "P4ssw0rd!2024x", "s3cr3tPa55")

PROGRAM = dedent(
    f"""
    import psycopg2
    import requests
    from flask import Flask, redirect, request

    app = Flask(__name__)
    app.secret_key = "{SECRETS[1]}"


    def connect(password="{SECRETS[2]}"):
        return psycopg2.connect(user="app", password=password)


    @app.get("/fetch")
    def fetch():
        requests.get(request.args["u"], auth=("svc", "{SECRETS[3]}"), timeout=3)
        return redirect(request.args["next"] + "?key={TOKEN}")


    @app.get("/page")
    def page():
        address = "postgresql://app:{SECRETS[4]}@db.internal/app"
        return "<p>" + request.args.get("a", "{TOKEN}") + address + "</p>"
    """
)


@pytest.mark.parametrize("form", ["text", "json", "json-lines", "sarif", "github"])
def test_no_output_of_a_review_holds_a_credential(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.py"
    path.write_text(PROGRAM, "utf-8")
    assert main(["review", "--no-cache", "--jobs", "1", "--output-format", form, str(path)]) == 1
    printed = capsys.readouterr()
    assert "hard-coded-credentials" in printed.out
    for secret in SECRETS:
        assert secret[:8] not in printed.out + printed.err


def test_findings_that_the_editor_shows_hold_no_credential(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = json.dumps([each.to_json() for each in analyse("app.py", PROGRAM).findings])
    assert shown.count("hard-coded-credentials") >= len(SECRETS) - 1
    for secret in SECRETS:
        assert secret[:8] not in shown
        assert secret[:8] not in caplog.text


def test_findings_of_all_engines_hold_no_credential(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text(PROGRAM, "utf-8")
    shown = json.dumps([each.to_json() for each in review_file(path).findings])
    assert "open-redirect" in shown
    for secret in SECRETS:
        assert secret[:8] not in shown


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ('password = "Wint3r-is-here"', 'password = "****"'),
        ("login(user='app', password='Wint3r-is-here')", "login(user='app', password='****')"),
        ('{"api_key": "Wint3r-is-here", "name": "app"}', '{"api_key": "****", "name": "app"}'),
        ('get(url, auth=("app", "Wint3r-is-here"))', 'get(url, auth=("app", "****"))'),
        ('connect("mysql://app:Wint3r@db/app")', 'connect("mysql://app:****@db/app")'),
        (f'print("{TOKEN}")', 'print("****")'),
    ],
)
def test_a_credential_in_a_piece_of_source_is_hidden(line: str, hidden: str) -> None:
    assert masked(line) == hidden


@pytest.mark.parametrize(
    ("start", "filler", "length"),
    [
        ("AKIA", "Q", 16), ("ghp_", "a", 36), ("github_pat_", "a", 60), ("glpat-", "a", 20), ("xoxb-", "1", 12),
        ("sk_live_", "a", 24), ("AIza", "a", 35), ("sk-", "a", 40), ("npm_", "a", 36), ("GOCSPX-", "a", 28),
        ("pypi-AgEIcHlwaS5vcmc", "a", 40), ("dop_v1_", "a", 64), ("hf_", "a", 34), ("dapi", "a", 32), ("key-", "a", 32),
        ("shpat_", "a", 32), ("sq0atp-", "a", 22), ("SK", "a", 32), ("12345678:AA", "a", 33), ("AccountKey=", "a", 86),
        ("hooks.slack.com/services/T123456/B123456/", "a", 24), ("-----BEGIN RSA PRIVATE KEY-----\n", "a", 40),
    ],
)  # fmt: skip
def test_the_form_of_a_provider_is_known_and_hidden(start: str, filler: str, length: int) -> None:
    value = start + filler * length
    assert known_form(value)
    assert filler * 8 not in masked(f"call({value!r})")


@pytest.mark.parametrize(
    "line", ['password = os.environ["PASSWORD"]', 'label = "Enter your password"', 'token_url = "https://x.org/token"']
)
def test_what_is_no_credential_is_shown(line: str) -> None:
    assert masked(line) == line
