"""The parameters of functions of the standard library and of built-in ones, by name: what a keyword may be called.

Invariant: only modules that :mod:`.standard` lists are looked into; nothing of the workspace is imported.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import re
from functools import lru_cache
from typing import Any

from .standard import MODULES

#: Types whose methods a program calls without naming them.
_TYPES = (str, bytes, list, dict, set, int, float, tuple)
_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n#(]+))", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n#]+)", re.MULTILINE)


def keywords_of(text: str, callee: str) -> list[str]:
    """The parameters of what ``callee`` (``name``, ``module.name``, ``value.method``) is in a file with this text; none
    where it is not of the standard library."""
    owner, _, name = callee.rpartition(".")
    bound = _bound(text)
    if not owner:
        if name in bound:
            return list(_parameters(*bound[name]))
        return list(_parameters("builtins", name)) if hasattr(builtins, name) else []
    head, _, rest = owner.partition(".")
    if head in bound:
        module, inner = bound[head]
        path = ".".join(each for each in (inner, rest, name) if each)
        return list(_parameters(module, path) or _parameters(".".join(filter(None, (module, rest))), name))
    return list(dict.fromkeys(each for kind in _TYPES for each in _parameters("builtins", f"{kind.__name__}.{name}")))


def _bound(text: str) -> dict[str, tuple[str, str]]:
    """Name → (module, what of it; empty for the module itself) of the imports of a file."""
    found: dict[str, tuple[str, str]] = {}
    for match in _IMPORT.finditer(text):
        for part in match[1].split(","):
            words = part.split()
            if words and (len(words) == 1 or words[1:2] == ["as"]):
                module = words[0] if len(words) > 1 else words[0].partition(".")[0]
                found[words[-1] if len(words) > 1 else module] = (module, "")
    for match in _FROM.finditer(text):
        for part in (match[2] or match[3]).split(","):
            words = part.split()
            if words:
                found[words[-1]] = (match[1], words[0])
    return found


@lru_cache(maxsize=256)
def _parameters(module: str, path: str) -> tuple[str, ...]:
    if module != "builtins" and module not in MODULES:
        return ()
    try:
        value: Any = importlib.import_module(module)
        for part in path.split(".") if path else ():
            value = getattr(value, part)
        listed = inspect.signature(value).parameters.values()
    except (ImportError, AttributeError, TypeError, ValueError):
        return ()  # not there, or written in C without telling its parameters
    named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(each.name for each in listed if each.kind in named and each.name != "self")
