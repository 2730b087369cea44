"""Two functions of which the second undoes the first: ``decode(encode(x)) == x``.

Pairs are found by an equation or "inverse of" in either docstring, or by name. What a name alone promises is less:
``escape``, ``quote``, ``dumps``, ``pack``, ``serialize`` and ``to_dict`` mean to lose nothing; of ``encode``,
``format``, ``to_x``/``from_x`` and ``x_to_y``/``y_to_x`` only plain words and small positive numbers are expected to
come back, in any letter case. The inverse is looked for in the module, the class, and (stated or lossless, and in one
place only) in a sibling module.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..contract import read_contract
from ..plans import leaves
from .equality import same
from .verdict import Facts, Oracle, Trial, Verdict, shown

#: (does, undoes), lossless by meaning.
_LOSSLESS = (
    ("escape", "unescape"), ("quote", "unquote"), ("dumps", "loads"), ("pack", "unpack"), ("compress", "decompress"),
    ("serialize", "deserialize"), ("serialise", "deserialise"), ("encrypt", "decrypt"), ("marshal", "unmarshal"),
    ("hexlify", "unhexlify"), ("freeze", "thaw"), ("obfuscate", "deobfuscate"), ("mask", "unmask"), ("zip", "unzip"),
    ("pickle", "unpickle"), ("flatten", "unflatten"), ("to_dict", "from_dict"), ("to_json", "from_json"),
    ("dump", "load"), ("to_bytes", "from_bytes"), ("as_dict", "from_dict"), ("tojson", "fromjson"),
    ("encipher", "decipher"),
)  # fmt: skip
_UNSURE = (("mask", "unmask"), ("flatten", "unflatten"), ("zip", "unzip"), ("freeze", "thaw"))
_LOOSE = (("encode", "decode"), ("format", "parse"), ("render", "parse"), ("unparse", "parse"), ("to_", "from_"))
_SIBLINGS = 60
_FILE_SIZE = 200_000


@dataclass(frozen=True, slots=True)
class Inverse:
    """``name`` undoes the target. ``bound``: it is called on the receiver; ``cls``: on the receiver's class."""

    name: str
    function: Callable[..., Any]
    strength: str  # "stated", "lossless", "loose"
    on: str = ""  # "", "receiver", "class"
    module: str = ""  # where it is, if not in the target's module
    exact: bool = False  # by an equation, or by a name that means to lose nothing

    @property
    def told(self) -> str:
        """Its name for a test: ``decode``, ``Class.decode``, ``module:decode``, or ``.decode`` of the same object."""
        if self.on == "receiver":
            return f".{self.name}"
        return f"{self.module}:{self.name}" if self.module else self.name


def find_inverse(facts: Facts) -> Inverse | None:
    """The function that undoes the target, if there is one that anybody can be sure of."""
    required = facts.required
    equation = facts.contract.equation
    owner = facts.name.rpartition(".")[0]
    if facts.certainty == "guessed" or len(required) > 1:
        return None
    for name, strength in _candidates(facts):
        if owner:
            found = _in_class(facts, owner, name, strength, len(required))
        elif len(required) == 1:
            found = _in_module(facts, name, strength) or _in_sibling(facts, name, strength)
        else:
            found = None
        if found is not None:
            about = read_contract(inspect.getdoc(found.function) or "")
            exact = strength == "lossless" or equation is not None or about.equation is not None
            return replace(found, exact=exact)
    return None


def _candidates(facts: Facts) -> Iterator[tuple[str, str]]:
    contract, name = facts.contract, facts.last_name
    if contract.equation and contract.equation[1] == name:
        yield contract.equation[0], "stated"
    for pairs, strength in ((_LOSSLESS, "lossless"), (_LOOSE, "loose")):
        for first, second in pairs:
            pattern = rf"(?:^|(?<=_)){first}" + ("" if first.endswith("_") else r"(?=_|s?$|\d)")
            other, count = re.subn(pattern, second, name, count=1)
            if count and other != name:
                yield other, "loose" if (first, second) in _UNSURE else strength
    match = re.fullmatch(r"([a-z]\w*?)(_to_|2)([a-z]\w*)", name)
    if match:
        yield f"{match[3]}{match[2]}{match[1]}", "loose"


def _stated(facts: Facts, function: Any, name: str, strength: str) -> str:
    """A pair by name is stated where one of the docstrings says so as well."""
    about = read_contract(inspect.getdoc(function) or "")
    says = facts.contract.inverse or about.inverse or about.equation == (name, facts.last_name)
    return "stated" if says or strength == "stated" else strength


def _in_module(facts: Facts, name: str, strength: str) -> Inverse | None:
    function = getattr(facts.module, name, None)
    if not inspect.isfunction(function) or function is facts.function or _required(function) != 1:
        return None
    return Inverse(name, function, _stated(facts, function, name, strength))


def _in_class(facts: Facts, owner: str, name: str, strength: str, given: int) -> Inverse | None:
    cls = getattr(facts.module, owner, None)
    if not inspect.isclass(cls):
        return None
    found = inspect.getattr_static(cls, name, None)
    if isinstance(found, classmethod | staticmethod):
        function = getattr(cls, name)
        if _required(function) != 1 or (given == 0 and not _comparable(cls)):
            return None
        return Inverse(f"{owner}.{name}", function, _stated(facts, function, name, strength), "class")
    if inspect.isfunction(found) and given == 1 and _required(found) == 2:
        return Inverse(name, found, _stated(facts, found, name, strength), "receiver")
    return None


def _in_sibling(facts: Facts, name: str, strength: str) -> Inverse | None:
    """In exactly one other file of the folder; what is only loosely an inverse is not looked for."""
    if strength == "loose" or hasattr(facts.module, name):
        return None
    folder = Path(facts.path).parent
    wanted = re.compile(rf"^def {re.escape(name)}\(", re.MULTILINE)
    hits: list[Path] = []
    try:
        files = sorted(folder.glob("*.py"))[:_SIBLINGS]
        for file in files:
            if file.name == Path(facts.path).name or file.stat().st_size > _FILE_SIZE or not file.stem.isidentifier():
                continue
            if wanted.search(file.read_text("utf-8", "replace")):
                hits.append(file)
        if len(hits) != 1 or hits[0].stem in ("setup", "conftest", "__main__") or hits[0].stem.startswith("test_"):
            return None
        package = facts.module.__name__.rpartition(".")[0]
        place = f"{package}.{hits[0].stem}" if package else hits[0].stem
        function = getattr(importlib.import_module(place), name, None)
    except Exception:  # noqa: BLE001 - a sibling that does not import is none
        return None
    if not inspect.isfunction(function) or _required(function) != 1:
        return None
    return Inverse(name, function, _stated(facts, function, name, strength), "", place)


def _required(function: Any) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return -1
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(each.kind is each.KEYWORD_ONLY and each.default is each.empty for each in parameters):
        return -1
    return sum(each.kind in plain and each.default is each.empty for each in parameters)


def _comparable(cls: Any) -> bool:
    return cls.__eq__ is not object.__eq__


def prepare(facts: Facts) -> Oracle | None:
    inverse = find_inverse(facts)
    if inverse is None:
        return None

    def judge(trial: Trial) -> Verdict | None:
        if trial.result.error is not None or trial.kwargs:
            return None
        original, receiver = _original(trial, facts, inverse)
        if original is None or not _expected_back(trial, inverse.strength):
            return None
        reads = isinstance(original[0], str | bytes) and not isinstance(trial.value, str | bytes)
        if inverse.strength == "loose" and reads:
            return None  # what is read from text is written in one form of many
        given = (receiver, trial.value) if inverse.on == "receiver" else (trial.value,)
        back = trial.call(inverse.function, given, {})
        if back.hung or (back.error is None and _same_back(back.value, original[0], inverse.strength)):
            return None
        if back.error is None and not inverse.exact and _is_canonical(facts, trial, back.value):
            return None
        if back.error is not None and inverse.strength != "stated" and isinstance(back.error, OSError | RuntimeError):
            return None
        got = f"raises {type(back.error).__name__}" if back.error is not None else f"gives {shown(back.value, 80)}"
        message = f"{inverse.name}({facts.last_name}(x)) {got} for x = {shown(original[0])}"
        confidence = {"stated": 0.85, "lossless": 0.7, "loose": 0.55}[inverse.strength]
        expected = "loose" if inverse.strength == "loose" else ""
        return Verdict("property", "RoundTrip", message, trial.case.line, confidence, expected)

    return judge


def _is_canonical(facts: Facts, trial: Trial, back: Any) -> bool:
    """Whether the pair only brings values into one form (sorted, collapsed), which a second round keeps."""
    if facts.method:
        return False
    again = trial.call(facts.function, (back,), {})
    return again.error is None and not again.hung and same(again.value, trial.value, close=True)


def _original(trial: Trial, facts: Facts, inverse: Inverse) -> tuple[tuple[Any] | None, Any]:
    """(what has to come back, in a tuple; the receiver)."""
    args = trial.build()[0]
    receives = inspect.isfunction(facts.function) and facts.method and "." in facts.name
    if receives and not facts.required:
        return ((args[0],) if args else None), None
    if receives:
        return ((args[1],) if len(args) == 2 else None), args[0] if args else None
    return ((args[0],) if len(args) == 1 else None), None


def _expected_back(trial: Trial, strength: str) -> bool:
    """Whether this input has to come back: of a domain that is only inferred, and for what only a name promises, just
    the plain part."""
    known = trial.case.certainty in ("annotated", "documented")
    if strength == "stated" and known:
        return True
    if strength != "stated" and (not known or trial.case.contract.precondition):
        return False
    for leaf in leaves(trial.plan):
        if isinstance(leaf, str):
            if strength == "loose" and not (leaf.isascii() and leaf.isalpha()):
                return False
            if strength != "loose" and any("\ud800" <= char <= "\udfff" for char in leaf):
                return False
        elif isinstance(leaf, bool) or leaf is None:
            if strength == "loose":
                return False
        elif isinstance(leaf, int):
            if (strength == "loose" and not 1 <= leaf <= 255) or (not known and leaf < 0):
                return False
        elif isinstance(leaf, bytes):
            if strength == "loose" and not leaf.isalpha():
                return False
        else:
            return False
    return True


def _same_back(back: Any, original: Any, strength: str) -> bool:
    if same(back, original, close=strength != "stated"):
        return True
    if strength == "stated":
        return False
    return _plain(back, strength == "loose") == _plain(original, strength == "loose")


def _plain(value: Any, folded: bool) -> Any:
    """Tuples as lists, keys as text (as JSON has them), and letters of one case."""
    if isinstance(value, list | tuple):
        return [_plain(each, folded) for each in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {str(key): _plain(each, folded) for key, each in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)  # pyright: ignore[reportUnknownArgumentType]
    return value.casefold().strip() if folded and isinstance(value, str) else value
