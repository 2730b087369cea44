"""The log: nothing secret, nothing endless, and nothing that pygls would tell."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from suture.server.log import MAX_RECORD, configure_logging, redact


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    output = io.StringIO()
    configure_logging(logging.DEBUG, output)
    yield output
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ('{"api_key": "my secret value"}', "my secret value"),
        ("api-key='it''s'", "it"),
        ("OPENAI_API_KEY=plain-value", "plain-value"),
        ("using sk-proj-abcdefghijklmnop now", "abcdefghijklmnop"),
        ("https://me:hunter2@example.com/", "hunter2"),
        ("ghp_0123456789abcdefghij", "0123456789abcdef"),
        ("password: swordfish", "swordfish"),
    ],
)
def test_what_looks_like_a_credential_is_redacted(text: str, secret: str) -> None:
    assert secret not in redact(text, {})
    assert "[redacted]" in redact(text, {})


def test_the_values_of_secret_variables_are_redacted_wherever_they_stand() -> None:
    environ = {"MY_TOKEN": "abcdefgh12", "HOME": "/home/somebody"}
    assert redact("x abcdefgh12 in /home/somebody", environ) == "x [redacted] in /home/somebody"


@pytest.mark.parametrize("text", ["the key is missing", "tokens: 5 used", "3 tokens left", "no such file: a.py"])
def test_ordinary_sentences_stay_readable(text: str) -> None:
    assert redact(text, {}).split()[:2] == text.split()[:2]


def test_tracebacks_are_redacted_and_long_records_are_cut(stream: io.StringIO) -> None:
    log = logging.getLogger("suture.test")
    try:
        raise ValueError("Bearer abcdefghijklmnop")
    except ValueError:
        log.exception("it failed")
    log.warning("%s", "x" * (2 * MAX_RECORD))
    written = stream.getvalue()
    assert "abcdefghijklmnop" not in written
    assert "ValueError" in written
    assert "more)" in written
    assert max(map(len, written.splitlines())) < MAX_RECORD + 40


def test_pygls_is_silent_below_warning_whatever_the_level(stream: io.StringIO) -> None:
    logging.getLogger("pygls.protocol.json_rpc").info("Sending data: %s", "everything")
    logging.getLogger("pygls.protocol").debug("everything")
    logging.getLogger("pygls").warning("heard")
    assert "everything" not in stream.getvalue()
    assert "heard" in stream.getvalue()
