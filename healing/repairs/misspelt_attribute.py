"""What it does
    Replaces an attribute that the object does not have by the one of its attributes that it resembles. The names
    come from the object itself at the moment of the crash, else from the interpreter's hint, the module's exports or
    the builtin type. Where the misspelling is in the only place that sets the attribute, that place is changed.

Example
    ``heapq.heapfy(items)``

Use instead
    ``heapq.heapify(items)``

When it stays silent
    The object is None, or none of its attributes is close.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import splice
from ..lexer import lex
from ..names import here, hint, missing_attribute
from ..repair import Context, Draft, Repair
from ..spelling import closest, likeness
from ..standard import table
from ..workspace import is_test

#: Attributes of other languages' collections → a call of ``len``.
_LENGTHS = frozenset({"length", "size", "count", "len", "Length", "Count"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    found = missing_attribute(fault)
    if found is None or found[1] == "NoneType":
        return
    kind, owner, name = found
    tokens = here(context, name, attribute=True)
    if not tokens:
        yield from _rename_setter(context, kind, owner, name)  # as a star import does that `__all__` leads astray
        return
    token = tokens[0]
    names = _names(context, kind, owner)
    suggested = hint(fault)
    if suggested:
        names |= {suggested}
    if name in _LENGTHS and "__len__" in (names | set(dir(getattr(builtins, owner, object)))):
        yield from _call_len(context, token.start, token.end)
    for meant, score in closest(
        name, {each for each in names if not each.startswith("__") or name.startswith("__")}, count=5
    ):
        used = len(re.findall(rf"\.{re.escape(meant)}\b", context.text))
        prior = score + (0.03 if meant == suggested else 0.0) + (0.02 if used else 0.0)
        if _is_method(context.text, owner, meant) and context.text[token.end : token.end + 1] in {".", "[", "\n", ")"}:
            prior -= 0.3  # nothing is asked of a method, and it is not what is missing
        yield context.edit(f"Rename `.{name}` to `.{meant}`", [(token.start, token.end, meant)], min(prior, 0.97))
        every = [each for each in lex(context.text) if each.text == name and each.kind == "name"]
        if len(every) > 1 and kind != "module":
            edits = tuple((each.start, each.end, meant) for each in every)
            yield context.edit(f"Rename every `{name}` to `{meant}`", edits, min(prior, 0.97) - 0.04)
    yield from _rename_setter(context, kind, owner, name)
    yield from _namesakes(context, owner, name, token.start, token.end)


def _namesakes(context: Context, owner: str, name: str, start: int, end: int) -> Iterator[Draft]:
    """Another word for it: a public name of the program's own class that nothing else in the file uses."""
    called = context.text[end : end + 1] == "("
    for other in dict.fromkeys(_class_names(context.text, owner)):
        method = re.search(rf"^[ \t]+(?:async[ \t]+)?def[ \t]+{re.escape(other)}\b", context.text, re.MULTILINE)
        if other.startswith("_") or other == name or (method is not None) != called:
            continue
        unused = re.search(rf"\.{re.escape(other)}\b", context.text) is None
        yield context.edit(f"Use `.{other}` instead of `.{name}`", [(start, end, other)], 0.66 if unused else 0.36)


def _names(context: Context, kind: str, owner: str) -> set[str]:
    observed = context.observed
    if observed is not None and observed.name and observed.owner_names:
        return set(observed.owner_names)
    if kind == "module":
        module = context.workspace.modules.get(owner)
        if module:
            return set(context.workspace.names_of(module))
        return set(table().get(owner, ()))
    value = getattr(builtins, owner, None)
    if isinstance(value, type):
        return set(dir(value))
    return set(_class_names(context.workspace.text(context.name) or "", owner))


def _is_method(text: str, owner: str, name: str) -> bool:
    """Whether a class of the file has a method by this name that is no property."""
    defined = re.search(rf"^([^\n]*\n)[ \t]+(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b", text, re.MULTILINE)
    return defined is not None and "@" not in defined[1] and re.search(rf"class[ \t]+{owner}\b", text) is not None


def _class_names(text: str, owner: str) -> Iterator[str]:
    """Attributes of a class by its text: methods, class variables and what is set on ``self``."""
    match = re.search(rf"^([ \t]*)class[ \t]+{re.escape(owner)}\b", text, re.MULTILINE)
    if match is None:
        return
    end = re.compile(rf"^(?!{match[1]}[ \t])[ \t]*\S", re.MULTILINE).search(text, match.end())
    body = text[match.end() : end.start() if end else len(text)]
    yield from re.findall(r"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)", body, re.MULTILINE)
    yield from re.findall(r"\bself\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)", body)
    yield from re.findall(r"^[ \t]+(\w+)[ \t]*(?::[^=\n]+)?(?:=(?!=)|$)", body, re.MULTILINE)


def _call_len(context: Context, start: int, end: int) -> Iterator[Draft]:
    """``items.length`` → ``len(items)`` where the owner is a plain chain of names."""
    match = re.search(r"([^\W\d][\w.]*)\s*\.\s*$", context.text[:start])
    if match is None:
        return
    stop = end + 2 if context.text[end : end + 2] == "()" else end
    yield context.edit(f"Call `len({match[1]})`", [(match.start(), stop, f"len({match[1]})")], 0.9)


def _rename_setter(context: Context, kind: str, owner: str, name: str) -> Iterator[Draft]:
    """The use is right, the definition is misspelt: rename it in the class or module that defines it."""
    if kind == "module":
        from .misspelt_name import rename_in

        module = context.workspace.modules.get(owner)
        if module:
            yield from rename_in(context, module, name, malus=0.05)
        return
    for file in (context.name, *context.workspace.python_files[:200]):
        text = context.workspace.text(file) or ""
        if is_test(file) or not re.search(rf"class[ \t]+{re.escape(owner)}\b", text):
            continue
        for defined in set(_class_names(text, owner)):
            score = likeness(name, defined)
            found = [each for each in lex(text) if each.kind == "name" and each.text == defined]
            if name.strip("_") == defined.strip("_") and len(found) > 1:
                # set under the public name, which a method or property has already
                found = [each for each in found if re.search(r"\bself\.$", text[: each.start])
                         and re.match(r"\w+[ \t]*(?::[^=\n]+)?=(?!=)", text[each.start :])]  # fmt: skip
                score = max(score, 0.9)
            if score < 0.4 or len(found) != 1:
                continue
            edits = tuple((each.start, each.end, name) for each in found)
            wanted = sum(each.text == name for each in lex(text))
            prior = score - (0.03 if wanted > 1 or file != context.name else 0.12)
            title = f"Rename `{defined}` to `{name}` where it is defined"
            yield Draft(title, {file: splice(text, edits)}, max(prior, 0.02))
        return


REPAIR = Repair("misspelt-attribute", "Replace an attribute by the one of the object's that it resembles", propose)
