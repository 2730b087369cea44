"""Parameters that belong together become a record, where every caller is seen."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.engine import analyse
from suture.analyzers.findings import Finding
from suture.analyzers.sandbox import Sandbox
from suture.healing.improvements import improve
from suture.healing.improvements.parameter_object import rewrite

Flagged = Callable[[str, str, str], Finding]

TEXT = '''\
"""Connections."""

import os


# Talks to the proxy.
def _connect(pool, proxy_host, proxy_port, proxy_user, proxy_key, target, timeout, retries):
    """Connect."""
    label = f"{proxy_host}:{proxy_port}"
    pool.append((label, proxy_user + proxy_key, [proxy_port] * retries))
    return target + timeout


def connect(user: str, key: str, port: int) -> list[object]:
    pool: list[object] = [os.sep]
    pool.append(_connect(pool, "proxy", port, user, proxy_key=key, target=1, timeout=5, retries=3))
    return pool
'''


def rewritten(text: str, flagged: Flagged, name: str = "_connect") -> str:
    return next((each.text for each in rewrite(text, flagged(text, name, "too-many-parameters"))), "")


def test_parameters_with_a_common_word_become_a_record(flagged: Flagged) -> None:
    text = TEXT.replace("user, proxy_key=key, target=1, timeout=5, retries=3", "user, key, 1, 5, 3")
    assert (
        rewritten(text, flagged)
        == '''\
"""Connections."""

import os
from dataclasses import dataclass
from typing import Any


# Talks to the proxy.
@dataclass(frozen=True)
class _ProxyOptions:
    proxy_host: Any
    proxy_port: Any
    proxy_user: Any
    proxy_key: Any


def _connect(pool, proxy_options, target, timeout, retries):
    """Connect."""
    label = f"{proxy_options.proxy_host}:{proxy_options.proxy_port}"
    pool.append((label, proxy_options.proxy_user + proxy_options.proxy_key, [proxy_options.proxy_port] * retries))
    return target + timeout


def connect(user: str, key: str, port: int) -> list[object]:
    pool: list[object] = [os.sep]
    pool.append(_connect(pool, _ProxyOptions("proxy", port, user, key), 1, 5, 3))
    return pool
'''
    )


def test_the_reviewer_no_longer_complains_and_a_second_time_changes_nothing(flagged: Flagged) -> None:
    assert [each.rule for each in analyse("m.py", TEXT).findings if each.rule == "too-many-parameters"]
    once = rewritten(TEXT, flagged)
    assert not [each.rule for each in analyse("m.py", once).findings if each.rule == "too-many-parameters"]
    assert not rewritten(once, flagged)


@pytest.mark.parametrize(
    ("why", "old", "new"),
    [
        ("it is passed on as a value", "    return pool\n", "    return [_connect, pool]\n"),
        ("its name is looked up", "    return pool\n", "    return [globals()['_connect'], pool]\n"),
        ("arguments are unpacked", '_connect(pool, "proxy", port, user,', "_connect(*pool, user,"),
        ("a parameter is bound anew", '    """Connect."""\n', "    proxy_port = int(proxy_port)\n"),
        ("a parameter is bound anew inside", "[proxy_port] *", "[0 for proxy_port in [1]] *"),
        ("it asks for its variables", "    return target", "    print(locals())\n    return target"),
        ("it prints names", 'f"{proxy_host}:', 'f"{proxy_host=}:'),
        ("it is decorated", "# Talks to the proxy.\n", "@os.register\n"),
        ("arguments are in another order", "user, proxy_key=key,", "proxy_key=key, proxy_user=user,"),
        ("nobody calls it", "pool.append(_connect(", "pool.append(print("),
        ("it is defined twice", "def connect(user", "def _connect():\n    pass\n\n\ndef connect(user"),
        ("they have nothing in common", "proxy_host, proxy_port, proxy_user, proxy_key", "host, port, user, key"),
    ],
)  # fmt: skip
def test_it_is_not_offered_if(flagged: Flagged, why: str, old: str, new: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new)
    assert not rewritten(text, flagged), why


def test_a_public_function_is_left_to_its_callers(flagged: Flagged) -> None:
    assert not rewritten(TEXT.replace("_connect(", "join("), flagged, "join")


def test_it_is_not_offered_if_another_file_mentions_the_function(flagged: Flagged, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    module = tmp_path / "module.py"
    module.write_text(TEXT)
    finding = flagged(TEXT, "_connect", "too-many-parameters")
    finding = Finding(str(module), finding.range, finding.rule, finding.kind, "", "low", 0.8)
    assert list(rewrite(TEXT, finding))
    (tmp_path / "other.py").write_text("from module import _connect\n")
    assert not list(rewrite(TEXT, finding))


def test_it_is_proven_through_the_functions_that_call_it(flagged: Flagged, tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    module = tmp_path / "module.py"
    module.write_text(TEXT)
    finding = flagged(TEXT, "_connect", "too-many-parameters")
    edits = list(improve(tmp_path, module, TEXT, finding, sandbox=sandbox))
    assert [each.kind for edit in edits for each in edit.evidence] == ["equivalent"]
    assert "8 → 5" in edits[0].title


def test_a_place_and_a_size_belong_together(flagged: Flagged) -> None:
    text = textwrap.dedent(
        """
        def _draw(canvas, x: int, y: int, width: int, height: int, colour, border, style):
            canvas.fill(x, y, x + width, y + height, colour, border, style)


        def draw(canvas):
            _draw(canvas, 1, 2, 3, 4, "red", 1, None)
        """
    )
    new = rewritten(text, flagged, "_draw")
    assert "class _Box:\n    x: int\n    y: int\n    width: int\n    height: int\n" in new
    assert "canvas.fill(box.x, box.y, box.x + box.width, box.y + box.height, colour, border, style)" in new
    assert '_draw(canvas, _Box(1, 2, 3, 4), "red", 1, None)' in new
