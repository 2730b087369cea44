"""What the standard library's modules export, without importing them: ``stdlib_names.json``, made by this file.

``python -m suture.healing.standard`` prints the table anew. Its modules are in the order in which programs tend to
import them, so that the first module that exports a name is the one that is usually meant.
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import cast

MODULES = [
    "os",
    "sys",
    "re",
    "json",
    "math",
    "random",
    "datetime",
    "time",
    "collections",
    "itertools",
    "functools",
    "pathlib",
    "typing",
    "string",
    "copy",
    "operator",
    "subprocess",
    "logging",
    "dataclasses",
    "enum",
    "abc",
    "contextlib",
    "heapq",
    "bisect",
    "decimal",
    "fractions",
    "statistics",
    "hashlib",
    "base64",
    "io",
    "csv",
    "tempfile",
    "shutil",
    "glob",
    "argparse",
    "threading",
    "queue",
    "asyncio",
    "concurrent.futures",
    "urllib.parse",
    "urllib.request",
    "struct",
    "array",
    "textwrap",
    "traceback",
    "types",
    "inspect",
    "uuid",
    "secrets",
    "pprint",
    "warnings",
    "unittest",
    "unittest.mock",
    "collections.abc",
    "os.path",
    "pickle",
    "sqlite3",
    "socket",
    "signal",
    "gzip",
    "zipfile",
    "tarfile",
    "bz2",
    "lzma",
    "zlib",
    "configparser",
    "tomllib",
    "platform",
    "getpass",
    "html",
    "html.parser",
    "xml.etree.ElementTree",
    "xml.dom.minidom",
    "http.client",
    "http.server",
    "email.message",
    "smtplib",
    "ssl",
    "calendar",
    "locale",
    "gettext",
    "numbers",
    "cmath",
    "weakref",
    "gc",
    "atexit",
    "multiprocessing",
    "importlib",
    "importlib.metadata",
    "importlib.resources",
    "ast",
    "dis",
    "tokenize",
    "keyword",
    "difflib",
    "fnmatch",
    "linecache",
    "shlex",
    "select",
    "selectors",
    "codecs",
    "unicodedata",
    "binascii",
    "hmac",
    "errno",
    "stat",
    "ctypes",
    "timeit",
    "cProfile",
    "pstats",
    "doctest",
    "pdb",
    "graphlib",
    "contextvars",
    "ipaddress",
    "mimetypes",
    "webbrowser",
    "zoneinfo",
    "sched",
    "colorsys",
    "reprlib",
    "curses",
    "readline",
    "cmd",
    "fileinput",
    "filecmp",
]

#: Names that a program means with or without their module, where the short name alone says nothing.
TOO_COMMON = frozenset({"open", "error", "Error", "copy", "main", "run", "test", "name", "path", "e", "pi", "tau"})


@cache
def table() -> Mapping[str, tuple[str, ...]]:
    """Module → the names it exports."""
    package = (__package__ or "").partition(".")[0] + ".healing"
    text = files(package).joinpath("stdlib_names.json").read_text("utf-8")
    return {module: tuple(names) for module, names in cast(dict[str, list[str]], json.loads(text)).items()}


@cache
def exporters() -> Mapping[str, tuple[str, ...]]:
    """Name → the modules that export it, the usual one first."""
    found: dict[str, list[str]] = {}
    for module, names in table().items():
        for name in names:
            found.setdefault(name, []).append(module)
    return {name: tuple(modules) for name, modules in found.items()}


def generate() -> dict[str, list[str]]:
    """The table for the Python that runs this."""
    found: dict[str, list[str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in MODULES:
            try:
                module = importlib.import_module(name)
            except ImportError:
                continue
            found[name] = sorted(_public(name, module))
    return found


def _public(name: str, module: ModuleType) -> set[str]:
    listed = cast(list[str] | None, getattr(module, "__all__", None))
    if listed is not None:
        return {each for each in listed if not each.startswith("__")}
    own = {name, f"_{name}", name.rpartition(".")[2], None, "builtins", "_operator", "_io", "posix", "_struct"}
    return {
        each
        for each, value in vars(module).items()
        if not each.startswith("_") and not isinstance(value, ModuleType) and getattr(value, "__module__", name) in own
    }


if __name__ == "__main__":
    print(json.dumps(generate(), separators=(",", ":")))
