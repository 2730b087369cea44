"""Names that say that there are few: what a person writes by hand, or what one definition, command or header holds.

The words are the vocabulary of command lines, signatures, grammars and formats. They are weak evidence: they are asked
only where the code itself does not tell the size.

Invariant: pure text in, yes or no out.
"""

from __future__ import annotations

import re

#: Singular last words of names whose collections stay small whatever the input.
_FEW = frozenset(
    {
        *(
            "arg",
            "argument",
            "alias",
            "kwarg",
            "param",
            "parameter",
            "default",
            "opt",
            "option",
            "flag",
            "choice",
            "setting",
        ),
        *("argv", "signature", "overload", "decorator", "modifier", "operator", "tvar", "typevar"),
        *("base", "superclass", "mro", "mixin", "slot", "attr", "attribute", "cls", "scope"),
        *("locale", "lang", "language", "charset", "encoding", "codec", "extension", "ext", "suffix", "prefix"),
        *("delimiter", "separator", "bracket", "shorthand", "placeholder"),
        *("format", "kind", "mode", "backend", "driver", "engine", "plugin", "middleware", "theme", "dialect"),
        *("protocol", "cipher", "algorithm", "algo", "kex", "mechanism", "role", "permission", "privilege"),
        *("column", "col", "field", "header", "axis", "dim", "dimension", "level", "component", "segment"),
        *("month", "weekday", "day", "unit", "symbol", "sym", "bit", "scheme", "platform", "abi"),
        *("dir", "directory", "dirname", "folder", "app", "constraint", "loader", "handler", "validator", "hook"),
        *("subclass", "ancestor", "exception", "action", "toolbar", "menu", "panel", "part"),
        *("addon", "callback", "listener", "observer", "lock"),
        *("allowlist", "denylist", "whitelist", "blacklist"),
    }
)

#: Those that also stand for what there are many of: pieces of a curve, of a text.
_AMBIGUOUS = frozenset({"segment", "encoding", "symbol", "sym"})

#: First words of names for what a person writes into a file of settings: ``conf_limits``.
_WRITTEN = frozenset({"conf", "config", "cfg"})

#: First words of names for what somebody asks to be left out, or must be there: ``exclude_tables``, ``required_edges``.
_CHOSEN = frozenset(
    {
        *("exclude", "excluded", "ignore", "ignored", "skip", "allow", "allowed", "disallowed", "forbidden"),
        *("required", "reserved", "supported", "unsupported"),
    }
)

#: Last words of names for how often something is tried, and for how many do it at once.
_TIMES = frozenset({"try", "retry", "attempt", "worker", "job", "thread", "process", "replica", "cpu"})

#: Last words that say only how things are kept together: ``argument_list`` holds arguments, ``column_names`` columns.
_CONTAINERS = frozenset({"list", "sequence", "seq", "tuple", "name", "names"})

_WORDS = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])")

_IRREGULAR = {
    "aliases": "alias",
    "axes": "axis",
    "bases": "base",
    "classes": "cls",
    "indexes": "index",
    "prefixes": "prefix",
    "suffixes": "suffix",
    "subclasses": "subclass",
    "superclasses": "superclass",
}


def says_few(name: str) -> bool:
    """Does the last word of a dotted name stand for something of which there are few? (``self.options``)"""
    words = [each.lower() for each in _WORDS.findall(name.rpartition(".")[2])]
    if not words:
        return False
    if len(words) > 1 and (words[0] in _WRITTEN or words[0] in _CHOSEN):
        return True
    if words[0].startswith(("ignore", "exclude")):
        return True  # ``ignorekeys``, ``excludes``
    if not _WRITTEN.isdisjoint(name.split(".")[:-1]):
        return True  # ``self.config.guide``
    last = words[-2] if len(words) > 1 and words[-1] in _CONTAINERS else words[-1]
    return last in _FEW or _singular(last) in _FEW


def says_many(name: str) -> bool:
    """Could it as well be one of which there are many? What is added to in a loop then tells more than its name."""
    words = [each.lower() for each in _WORDS.findall(name.rpartition(".")[2])]
    last = words[-2] if len(words) > 1 and words[-1] in _CONTAINERS else words[-1] if words else ""
    return last in _AMBIGUOUS or _singular(last) in _AMBIGUOUS


def counts_few(name: str) -> bool:
    """Does a dotted name say how often or by how many something is done by design? (``self.tries``)"""
    words = [each.lower() for each in _WORDS.findall(name.rpartition(".")[2])]
    return bool(words) and _singular(words[-1]) in _TIMES


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") else word
