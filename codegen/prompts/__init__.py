"""Prompt templates are files beside this module; name, version and hash of each go into the record of a proposal.

A file begins with ``version: N`` and an empty line. ``versions.json`` holds the hash of each version: a template that
was changed without a new version is found by a test, so that a version in a record always means one text.
Places are ``{{name}}``; nothing else is special in a template, so that code with braces needs no escaping.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

_HEAD = re.compile(r"version: (\d+)\n\n")


@dataclass(frozen=True, slots=True)
class Template:
    """``text`` is without the head; ``sha256`` is that of the text."""

    name: str
    version: int
    text: str
    sha256: str

    @property
    def label(self) -> str:
        """``function@2``"""
        return f"{self.name}@{self.version}"


@cache
def load(name: str) -> Template:
    """``<name>.txt``. Raises ValueError if it has no version."""
    raw = (files(__name__) / f"{name}.txt").read_text("utf-8")
    head = _HEAD.match(raw)
    if head is None:
        raise ValueError(f"the template {name} does not begin with its version")
    text = raw[head.end() :]
    return Template(name, int(head[1]), text, digest(text))


def template(name: str) -> str:
    """The text of ``<name>.txt``."""
    return load(name).text


def names() -> tuple[str, ...]:
    """All templates."""
    return tuple(sorted(each.name[:-4] for each in files(__name__).iterdir() if each.name.endswith(".txt")))


def published() -> Mapping[str, Mapping[str, str]]:
    """Template → version → the hash of its text, as ``versions.json`` has it."""
    return cast("Mapping[str, Mapping[str, str]]", json.loads((files(__name__) / "versions.json").read_text("utf-8")))


def record_of(used: Iterable[str]) -> dict[str, str]:
    """What a proposal's record says of the templates it was made with."""
    found = [load(name) for name in dict.fromkeys(used)]
    return {
        "templates": " ".join(each.label for each in found),
        "template_sha256": digest(*(each.text for each in found)),
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """Every ``{{name}}`` replaced once; what a value contains is not looked at again. Raises KeyError if missing."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)


def filled(name: str, values: Mapping[str, str]) -> str:
    """The template with its places filled, and no more than one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", fill(template(name), values)).strip()


def digest(*texts: str) -> str:
    """Hex SHA-256 that names a prompt."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
