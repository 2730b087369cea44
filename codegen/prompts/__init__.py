"""Prompt templates are files beside this module; their hash goes into the record of each proposal.

Places are ``{{name}}``; nothing else is special in a template, so that code with braces needs no escaping.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files


def template(name: str) -> str:
    """The text of ``<name>.txt``."""
    return (files(__name__) / f"{name}.txt").read_text("utf-8")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Every ``{{name}}`` replaced once; what a value contains is not looked at again. Raises KeyError if missing."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)


def digest(*texts: str) -> str:
    """Hex SHA-256 that names a prompt."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
