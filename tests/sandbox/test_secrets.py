"""No variable, open file or memory of Suture: attempts to read them."""

from __future__ import annotations

from typing import Any

import pytest


def test_no_variable_of_the_host_is_visible(attack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    end = attack("""
        import os, glob
        print(dict(os.environ))
        for name in glob.glob("/proc/*/environ"):
            try:
                print(open(name).read())
            except OSError:
                pass
        """)
    assert end.ok, end.stderr
    assert b"very-secret" not in end.stdout
    assert b"PATH" in end.stdout


def test_the_first_process_can_be_neither_read_nor_traced(attack: Any) -> None:
    end = attack("""
        import ctypes, os
        for name in ("mem", "environ", "fd", "maps"):
            try:
                path = f"/proc/1/{name}"
                print("open:", os.listdir(path) if name == "fd" else open(path, "rb").read(1))
            except OSError:
                pass
        print("ptrace:", ctypes.CDLL(None).ptrace(16, 1, 0, 0))
        """)
    assert end.stdout == b"ptrace: -1\n", end.stderr


def test_no_open_file_of_suture_is_inherited(attack: Any) -> None:
    end = attack("import os; print(sorted(map(int, os.listdir('/proc/self/fd'))), os.readlink('/proc/self/fd/0'))")
    assert end.stdout == b"[0, 1, 2, 3] /dev/null\n"  # 3 is the listing itself
