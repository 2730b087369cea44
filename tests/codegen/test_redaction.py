"""Secrets do not leave the machine."""

from __future__ import annotations

import pytest

from suture.codegen.redaction import MASK, mask


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('API_KEY = "hunter2-hunter2"', "hunter2-hunter2"),
        ("password: 'correct horse'", "correct horse"),
        ('config["secret_token"] = "abc123"', "abc123"),
        ("DB_PASSWORD=s3cr3tvalue", "s3cr3tvalue"),
        ('token: str = "t0ps3cret"', "t0ps3cret"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("use ghp_abcdefghijklmnopqrstuvwxyz0123456789 here", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        ("sk-proj-abcdefghijklmnop1234", "sk-proj-abcdefghijklmnop1234"),
        ("postgres://ada:lovelace@db/x", "lovelace"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "dozjgNryP4J3jVmN"),
        ("x = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
        ("the password for it is korrekt-pferd-99, mind", "korrekt-pferd-99"),
        ("hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "hf_abcdefghijklmnop"),
        ("requests.get(url, auth=('ada', 'lovelace'))", "lovelace"),
        ("123456789:AAabcdefghijklmnopqrstuvwxyzABCDEFG", "AAabcdefghijkl"),
        ("hooks.slack.com/services/T0000000/B0000000/abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwx"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, secret: str) -> None:
    masked, count = mask(text)
    assert secret not in masked
    assert MASK in masked
    assert count == 1


@pytest.mark.parametrize(
    "text",
    [
        "def authenticate(token: str, password: str | None = None) -> bool: ...",
        "from getpass import getpass",
        "token = next(tokens)",
        'Turn a title into a slug: slugify("Hello, World!") -> "hello-world"',
        "a_rather_long_function_name_without_any_digits_in_it()",
        "password=password",
        "the key is at position 3 of the list, the token is a number",
        "secret = settings.secret",
        "https://example.org/a/path",
        "import suture.analyzers.sandbox.interface",
    ],
)
def test_ordinary_code_and_prose_are_left_alone(text: str) -> None:
    assert mask(text) == (text, 0)
