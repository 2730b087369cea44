"""From the words of a comment to what the function is: name, parameters, types, description, examples.

Sources, best first: a signature in the text (``slugify(text: str) -> str: …``), the examples, the prose.
Types come from the example values; where they disagree, the hint is left wide rather than guessed.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .examples import Example, find_calls
from .redaction import MASK, mask
from .valuetypes import hint_of
from .words import words_of

_SIGNATURE = re.compile(r"(?:\b(async)\s+)?(?:\bdef\s+)?(?<![\w.])([A-Za-z_]\w*)\(")
_NAMED = re.compile(r"\b(?:called|named|name[:=])\s+[`'\"]?([A-Za-z_]\w*)", re.IGNORECASE)
#: "A function initials that returns …"
_FUNCTION = re.compile(
    r"\b(?:function|method|helper|coroutine|generator)\s+[`'\"]?(?!\w+ing\b)([A-Za-z_]\w*)[`'\"]?\s+(?:that|which)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:e\.g\.|i\.e\.|\bfor example|\bfor instance|\bexamples?)\s*:?\s*(?=[\s,;.`]*$)", re.IGNORECASE)
_MARKER = re.compile(r"^(?:TODO|FIXME|XXX|GENERATE|SUTURE)\b(?:\([^)]*\))?\s*[:\-]?\s*", re.IGNORECASE)

_FILLER = words_of(
    """a an the of in to from for with and or that which this it its is are be all each every by as on at into any
    some given return returns returning function method helper write create implement make please using use one whether
    if when where there their them then than so only just new"""
)


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    hint: str = ""
    default: str = ""  # source text, empty if the parameter is required
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Specification:
    """What was asked for. ``name`` may have been derived from the prose (``name_given`` is false then)."""

    name: str
    name_given: bool
    parameters: tuple[Parameter, ...]
    returns: str  # type hint, empty if unknown
    description: str  # prose without the examples, one paragraph
    examples: tuple[Example, ...]
    text: str  # as it was written
    header: str = ""  # ``def f(a: int) -> str`` of a definition that exists already: kept as it is

    @property
    def problem(self) -> str:
        """Why the examples cannot all be true of one function, or empty."""
        shapes = {(len(each.args), tuple(sorted(name for name, _ in each.kwargs))) for each in self.examples}
        if len(shapes) > 1 and not any(each.default for each in self.parameters):
            return "the examples call it with different numbers of arguments"
        seen: dict[str, str] = {}
        for each in self.examples:
            call, result = repr((each.args, each.kwargs)), repr((each.expected, each.raises))
            if seen.setdefault(call, result) != result:
                return f"two examples contradict each other: {self.name}{call_text(each)}"
        return ""


def call_text(example: Example) -> str:
    """``("A b!", sep="-")``"""
    parts = [repr(each) for each in example.args] + [f"{name}={value!r}" for name, value in example.kwargs]
    return f"({', '.join(parts)})"


def specify(text: str) -> Specification:
    """Read a comment (without its ``#``) or a sentence typed by a person."""
    calls = find_calls(text)
    counts: dict[str, int] = {}
    for each in calls:
        counts[each.name] = counts.get(each.name, 0) + 1
    example_name = max(counts, key=lambda name: counts[name]) if counts else ""
    kept = [each for each in calls if each.name == example_name]
    examples = tuple(each.example for each in kept)
    signature = _signature(text, example_name)
    prose = _prose(text, [(each.start, each.end) for each in kept])
    if signature is not None:
        start, end = signature.span
        prose = _prose(text, [*((each.start, each.end) for each in kept), (start, end)])
    named = _NAMED.search(prose) or _FUNCTION.search(prose)
    named = None if named is None or named[1].lower() in _FILLER or keyword.iskeyword(named[1]) else named
    given = example_name or (signature.name if signature else "") or (named[1] if named else "")
    name = given or name_from(prose)
    parameters = signature.parameters if signature else ()
    if examples and (not parameters or len(parameters) < len(examples[0].args)):
        parameters = _parameters_of(examples, prose, name)
    elif examples:
        parameters = _with_hints(parameters, examples)
    elif not parameters:
        parameters = _parameters_from(prose)
    returns = signature.returns if signature else ""
    if returns in ("", "list", "dict", "tuple", "set") and any(not each.raises for each in examples):
        returns = hint_of([each.expected for each in examples if not each.raises])
    return Specification(name, bool(given), parameters, returns, prose, examples, text)


@dataclass(frozen=True, slots=True)
class _Signature:
    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    span: tuple[int, int]


def _signature(text: str, wanted: str) -> _Signature | None:
    """``name(a: str, b=1) -> str`` somewhere in the text, with names and not values as arguments."""
    for match in _SIGNATURE.finditer(text):
        if (wanted and match[2] != wanted) or keyword.iskeyword(match[2]):
            continue
        rest = text[match.start(2) :].split("\n\n")[0]
        found = re.match(r"\w+\(([^()]*(?:\([^()]*\)[^()]*)*)\)(\s*->\s*[\w.\[\], |\"']+)?", rest)
        if found is None:
            continue
        end = match.start(2) + found.end(0 if found[2] else 1) + (0 if found[2] else 1)
        returns = (found[2] or "").strip().removeprefix("->").strip(" ,")
        for hint in (returns, returns.split(" ")[0], ""):
            header = f"def {match[2]}({found[1]})" + (f" -> {hint}" if hint else "") + ": pass"
            try:
                definition = ast.parse(header).body[0]
            except SyntaxError:
                continue
            if isinstance(definition, ast.FunctionDef) and (
                definition.args.args or text.startswith("def ", match.start())
            ):
                return _Signature(match[2], _declared(definition.args), hint, (match.start(), end))
    return None


def _declared(arguments: ast.arguments) -> tuple[Parameter, ...]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    found = [
        Parameter(
            each.arg, ast.unparse(each.annotation) if each.annotation else "", ast.unparse(value) if value else ""
        )
        for each, value in zip(positional, defaults, strict=True)
        if each.arg not in ("self", "cls")
    ]
    for each, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        hint = ast.unparse(each.annotation) if each.annotation else ""
        found.append(Parameter(each.arg, hint, ast.unparse(value) if value else "", keyword_only=True))
    return tuple(found)


def _prose(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The words around the examples, with labels such as "Examples:" and list marks left out."""
    parts, position = list[str](), 0
    for start, end in sorted(spans):
        parts.append(text[position : max(start, position)])
        position = max(end, position)
    parts.append(text[position:])
    joined = "\n".join(parts)
    lines = [_LABEL.sub("", line).strip(" \t,;`*•>") for line in joined.split("\n")]
    lines = [re.sub(r"^[-.:]+\s*|\s+[-\u2013\u2014:]+$", "", line).strip() for line in lines]
    words = _MARKER.sub("", " ".join(line for line in lines if re.search(r"\w", line)))
    return re.sub(r"^(?:and|or)\b\s*|\s*\b(?:and|or)$", "", words, flags=re.IGNORECASE).strip(" ,;:")


def name_from(prose: str) -> str:
    """A function name of up to four words: "Return the number of vowels in a string" → ``number_vowels_string``.

    A secret in the prose is no part of a name, which goes where the prose does not."""
    prose = mask(prose)[0].replace(MASK, " ")
    words = [word.lower() for word in re.findall(r"[A-Za-z][A-Za-z0-9]*", prose.split(". ")[0])]
    content = [word for word in words if word not in _FILLER][:4]
    name = "_".join(content) or "generated"
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) else name


_NAME_BY_HINT = (
    ("str", ("text", "other", "third")),
    ("bool", ("flag", "other", "third")),
    ("int", ("number", "other", "third")),
    ("float", ("value", "other", "third")),
    ("bytes", ("data", "other", "third")),
    ("dict", ("mapping", "other", "third")),
    ("list", ("items", "others", "more")),
    ("tuple", ("items", "others", "more")),
    ("set", ("items", "others", "more")),
)


def _parameters_of(examples: Sequence[Example], prose: str, name: str) -> tuple[Parameter, ...]:
    first = max(examples, key=lambda each: len(each.args) + len(each.kwargs))
    taken: set[str] = {each for each, _ in first.kwargs}
    quoted = [each for each in re.findall(r"`([a-z_]\w*)`", prose) if each != name and each not in taken]
    if len(quoted) != len(first.args):
        quoted = []
    found: list[Parameter] = []
    for position in range(len(first.args)):
        hint = hint_of([each.args[position] for each in examples if position < len(each.args)])
        base = quoted[position] if quoted else _free_name(hint, position, taken, name)
        taken.add(base)
        found.append(Parameter(base, hint))
    for each, _ in first.kwargs:
        values = [value for example in examples for key, value in example.kwargs if key == each]
        found.append(Parameter(each, hint_of(values)))
    return tuple(found)


def _free_name(hint: str, position: int, taken: set[str], name: str) -> str:
    choices = next((names for prefix, names in _NAME_BY_HINT if hint.startswith(prefix)), ("value", "other", "third"))
    if hint.startswith("list[str]"):
        choices = ("words", "others", "more")
    elif hint.startswith(("list[int]", "list[float]")):
        choices = ("numbers", "others", "more")
    if hint == "int" and position > 0:
        choices = ("n", "m", "k")
    return next((each for each in choices if each not in taken and each != name), f"argument{position + 1}")


def _with_hints(parameters: tuple[Parameter, ...], examples: Sequence[Example]) -> tuple[Parameter, ...]:
    """Declared parameters, with the hints that were left out taken from the examples."""
    found: list[Parameter] = []
    for position, each in enumerate(parameters):
        values = [example.args[position] for example in examples if position < len(example.args)]
        values += [value for example in examples for key, value in example.kwargs if key == each.name]
        if each.default:
            values += _literal(each.default)
        found.append(replace(each, hint=each.hint or hint_of(values)))
    return tuple(found)


def _literal(source: str) -> list[object]:
    """The value of a default, if it is a literal."""
    try:
        return [ast.literal_eval(source)]
    except (ValueError, SyntaxError):
        return []


def _parameters_from(prose: str) -> tuple[Parameter, ...]:
    """One or two parameters named in the prose, by the nouns that usually stand for a type."""
    nouns = (
        (r"\b(?:two|both) (?:strings|words|texts)\b", (Parameter("text", "str"), Parameter("other", "str"))),
        (r"\b(?:two|both) (?:numbers|integers)\b", (Parameter("number", "int"), Parameter("other", "int"))),
        (r"\blists? of (?:strings|words|names)\b", (Parameter("words", "list[str]"),)),
        (r"\blists? of (?:numbers|integers|ints)\b", (Parameter("numbers", "list[int]"),)),
        (r"\b(?:dict|dictionary|mapping)\b", (Parameter("mapping", "dict[str, object]"),)),
        (r"\b(?:list|sequence|items|elements)\b", (Parameter("items", "list[object]"),)),
        (r"\b(?:file|path)\b", (Parameter("path", "str"),)),
        (r"\b(?:string|text|word|name|sentence|line)s?\b", (Parameter("text", "str"),)),
        (r"\b(?:number|integer|int|n)\b", (Parameter("number", "int"),)),
    )
    return next((found for pattern, found in nouns if re.search(pattern, prose, re.IGNORECASE)), ())
