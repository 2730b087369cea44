"""What a docstring promises or asks for: documented exceptions, preconditions, in-place work, values for bad input.

Reads prose, Sphinx (``:raises X:``), Google and NumPy sections by looking for names and common phrases; it does not
understand sentences. Where it is unsure it says the thing that leads to fewer findings.
"""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass


def _pattern(text: str) -> re.Pattern[str]:
    """Case-insensitive, written over several lines; a blank in the pattern is written as ``[ ]``."""
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_EXCEPTION_NAME = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Exit|Iteration|Interrupt|Warning|NotFound|Invalid\w*))\b")
_RAISES_NAME = re.compile(r"(?:rais\w+|throws?|:raises?|:except\w*)\s+:?\w*:?`?~?([\w.]+)", re.IGNORECASE)
_NEVER = _pattern(r"\b (?:never|not|without) \s+ (?:rais\w+|fail\w*|throw\w*|crash\w*)")
_SOME_ERROR = _pattern(
    r"\b (?: rais\w+ | throws? | is[ ]an[ ]error | errors?[ ]out | an?[ ](?:error|exception)[ ](?:if|when|for|is) ) \b"
)
_PRECONDITION = _pattern(
    r"""\b (?: precondition | requires? | required[ ]to[ ]be | must | assum\w+ | expects? | expected | should[ ]be
    | has[ ]to[ ]be | have[ ]to[ ]be | callers?[ ](?:ensure|guarantee)\w* | undefined[ ](?:for|if|when)
    | only[ ](?:valid|defined|works)[ ](?:for|if|when) | (?:equal|the[ ]same|same|matching)[ ]
      (?:length|size|shape)s? ) \b"""
)
_IN_PLACE = _pattern(
    r"""in[- ]?place | \b (?: modif(?:y|ies|ied|ying) | mutat\w+ | updat\w+ | appends? | extends? | inserts? | removes?
    | deletes? | sorts? | shuffl\w+ | clears? | fills? | pops? | adds? | drains? | consum\w+ ) \b"""
)
_LEFT_ALONE = _pattern(
    r"""(?:does|do|must|will|is|are|be|never|without|doesn't|don't) \s* (?:not|n't)? \s* (?:be\s+)?
        (?:modif\w+|mutat\w+|chang\w+|alter\w+|touch\w+|updat\w+)
    | \b (?:neither|none|no) \b [^.;]{0,40} \b (?:is|are|gets?) \s+
        (?:modif\w+|mutat\w+|changed|altered|touched|updated)
    | left[ ](?:unchanged|alone|untouched|intact|as) | unmodified | \b(?:unchanged|unaltered|untouched)\b
    | side[- ]effect[- ]free | no[ ]side[ ]effects? | \bpure\b | \bnon-destructive
    | \b (?:return\w*|giv\w+|mak\w+|as) \s+ an? \s+ (?:\w+\s+){0,2} cop(?:y|ies) \b
    | ^ \s* (?:return\w*\s+)? (?:an?\s+|the\s+)? (?:\w+\s+){0,2} cop(?:y|ies) \s+ of \b
    | \b without \s+ (?:changing|modifying|altering|touching|mutating|affecting) \b
    | \b new[ ](?:list|dict|set|mapping|sequence|copy) \b"""
)
_NOT_LEFT = _pattern(r"\b (?:is|are|be|will|must|do|does) \s+ (?:modif|mutat|chang|alter|touch|updat)")
_VALUE = r"""(?: None | True | False | -?\d+(?:\.\d+)? | nan | '[^']{0,40}' | "[^"]{0,40}" | `[^`]{1,20}` | \[\] | \{\}
    | \(\) | (?:an?[ ])?empty[ ]\w+ | blank | zero | nothing | (?:the[ ])?default | unchanged | as[ ]is | itself
    | the[ ]input )"""
#: "None for anything else", "0.0 when empty", "'-' when it cannot be represented", "return -1 if unknown" …
_PROMISE = _pattern(
    _VALUE
    + r"""[\s,)]* (?:(?:is|will[ ]be)[ ]returned\s+)?
      (?:for|if|when|on|where|unless|otherwise|in[ ]case|before|until|after|without) \b
    | \b (?:if|when|for|on|otherwise|else|without|unknown) \b [^.;\n]{0,60}?
      \b (?:returns?|gives?|yields?|means?|is|are|becomes?|reads?|says?|go(?:es)?[ ]to|evaluates?[ ]to)
      \s+ (?:to\s+|bin\s+|an?\s+)?"""
    + _VALUE
    + r"| \b (?:or|else) \s+"
    + _VALUE
)
_TOTAL = _pattern(
    r"""\b (?: anything | everything | any[ ](?:other[ ])?(?:input|string|text|value|object|number|int\w*|float)
    | arbitrary | all[ ](?:inputs?|values|strings) | never[ ](?:fails?|raises?|crash\w*)
    | always[ ](?:returns?|succeeds?) | malformed | invalid | illegal | bad[ ]input | unparsable | blank | safe(?:ly)?
    | robust\w* | tolera\w+ | lenient\w* ) \b"""
)
#: Promises about input that is not of the expected form, rather than merely empty or zero.
_BAD_INPUT = _pattern(
    r"""\b (?: anything | everything | otherwise | else | invalid | malformed | illegal | unknown | unparsable | bad
    | garbage | missing | cut[ ]off | truncated | too[ ]short | incomplete
    | unless | without | cannot | can't | isn't | aren't | (?:is|are)[ ]not
    | not[ ](?:an?|valid|json|numeric|found) | non-\w+ | any[ ](?:other[ ])?(?:input|string|text|bytes|value)
    | never[ ](?:fails?|raises?|crash\w*) | safe(?:ly)? | lenient\w* ) \b"""
)
_HANDLED = _pattern(
    r"""\b (?:malformed|invalid|non-\w+|unknown|bad|blank|empty|missing|other|illegal)s? \b [^.;]{0,40}
    \b (?:becomes?|skipped|ignored|dropped|treated[ ]as|counts?[ ]as) \b"""
)
_SPECIAL_FLOATS = _pattern(
    r"\b (?: nan | inf | infinite | infinity | not[- ]finite | non[- ]finite | finite | any[ ]float ) \b"
)
_HUGE = _pattern(
    r"""\b (?: huge | overflow\w* | too[ ](?:big|large|small) | out[ ]of[ ]range | represent\w*
    | any[ ](?:int\w*|number|float|size|magnitude) | arbitrar\w+ | saturat\w+ | clamp\w* ) \b"""
)
_ANY_DEPTH = _pattern(
    r"""\b (?:any|arbitrar\w+|unlimited|unbounded|no[ ]limit) \s+ (?:nesting[ ]|recursion[ ])?
        (?:depth|levels?|nesting|length|size)
    | \b arbitrarily[ ](?:deep|nested|long|large) | \b deeply[ ]nested"""
)
_BRIEF = 600
_EQUATION = re.compile(r"\b(\w+)\(\s*(\w+)\(\s*(\w+)\s*\)\s*\)\s*(?:==|=|≡|is)\s*(\w+)\b")
_INVERSE = re.compile(r"\binverse of\b|\bround[- ]?trips?\b|\bundoes\b|\breverses? (?:of )?`?(\w+)", re.I)
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_COMPARE = r"(?:>=|<=|>|<|≥|≤)"
_BOUND = re.compile(rf"\b(?P<name>\w+)`*\s*(?P<op>{_COMPARE})\s*(?P<value>{_NUMBER})")
_BOUND_LEFT = re.compile(rf"(?P<value>{_NUMBER})\s*(?P<op>{_COMPARE})\s*`*(?P<name>\w+)\b")
_WITHIN = re.compile(
    rf"\b(?P<name>\w+)`*\s+(?:is\s+|be\s+)?(?:in|between|from|within)\s+[\[(]?(?P<low>{_NUMBER})"
    rf"\s*(?:\.\.+|and|to|,)\s*(?P<high>{_NUMBER})",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A numeric limit that a precondition gives, inclusive (``strict``: exclusive)."""

    name: str
    low: float | None = None
    high: float | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """What the documentation of a target says about its edges."""

    text: str = ""
    exceptions: frozenset[str] = frozenset()
    any_error: bool = False  # "raises an error if …" without a name
    promises: bool = False  # it says which value an awkward input gives
    copes: bool = False  # … also input of the wrong form, not only empty or zero
    promising: tuple[str, ...] = ()  # the sentences that say the first
    coping: tuple[str, ...] = ()  # … and the second
    precondition: bool = False
    in_place: bool = False
    left_alone: bool = False
    special_floats: bool = False
    huge: bool = False
    any_depth: bool = False
    equation: tuple[str, str] | None = None  # (outer, inner): outer(inner(x)) == x
    inverse: bool = False
    bounds: tuple[Bound, ...] = ()
    positive: frozenset[str] = frozenset()
    non_negative: frozenset[str] = frozenset()
    non_empty: frozenset[str] = frozenset()

    @property
    def brief(self) -> bool:
        """Whether it is short enough for a phrase in it to be about everything; long ones speak of many things."""
        return len(self.text) <= _BRIEF

    def promises_for(self, names: frozenset[str], parameters: frozenset[str]) -> tuple[str, ...]:
        """The sentences that promise a value and speak of parameters ``names``, or of none by name."""
        kept: list[str] = []
        for sentence in self.promising:
            mentioned = parameters & set(re.findall(r"\w+", sentence))
            if mentioned & names or not (mentioned and names):
                kept.append(sentence)
        return tuple(kept)

    def copes_with(self, names: frozenset[str], parameters: frozenset[str]) -> bool:
        """Whether a sentence promises a value for bad input in parameters ``names`` (or in none by name)."""
        if self.copes and not self.coping:
            return True  # "never raises"
        brief = self.brief
        for sentence in self.coping:
            mentioned = parameters & set(re.findall(r"\w+", sentence))
            if mentioned & names or (brief and not (mentioned and names)):
                return True
        return False

    def documents(self, error: type[BaseException]) -> bool:
        """Whether raising ``error`` is part of the contract: it, or a base of it, is named."""
        if any(base.__name__ in self.exceptions for base in error.__mro__ if base not in (BaseException, object)):
            return True
        return self.any_error and issubclass(error, ValueError | TypeError | LookupError | ArithmeticError)


def read_contract(doc: str, parameters: tuple[str, ...] = ()) -> Contract:
    """The contract that a docstring (with the class's, if any, in front) states."""
    text = " ".join(doc.split())
    never = bool(_NEVER.search(text))
    names = {match.group(1) for match in _EXCEPTION_NAME.finditer(text)}
    names |= {match.group(1).rpartition(".")[2] for match in _RAISES_NAME.finditer(text)}
    names = {name for name in names if name[:1].isupper()}
    names |= _sections(doc)
    precondition_text = " ".join(
        sentence for sentence in re.split(r"(?<=[.;])\s+|\n\s*\n", doc) if _PRECONDITION.search(sentence)
    )
    equation = _EQUATION.search(text)
    coping = tuple(each for each in _sentences(doc) if _copes(each))
    promises = never or _promises(text)
    return Contract(
        text=text,
        exceptions=frozenset(names) if not never else frozenset(),
        any_error=not never and not names and bool(_SOME_ERROR.search(text)),
        promises=promises,
        copes=never or bool(coping),
        promising=tuple(each for each in _sentences(doc) if _promises(each)),
        coping=coping,
        precondition=bool(precondition_text),
        in_place=bool(_IN_PLACE.search(text)),
        left_alone=bool(_LEFT_ALONE.search(text)) and not _really_changes(text),
        special_floats=bool(_SPECIAL_FLOATS.search(text)),
        huge=bool(_HUGE.search(text)),
        any_depth=bool(_ANY_DEPTH.search(text)),
        equation=(equation[1], equation[2]) if equation and equation[3] == equation[4] else None,
        inverse=bool(_INVERSE.search(text)),
        bounds=_bounds(precondition_text, parameters),
        positive=_about(text, parameters, r"(?<!non-)(?<!non )\bpositive\b|\bgreater than (?:0|zero)\b"),
        non_negative=_about(text, parameters, r"\bnon-?\s?negative\b|\bnatural number\b|\bcount of\b"),
        non_empty=_about(text, parameters, r"\bnon-?\s?empty\b|\bnot (?:be )?empty\b|\bat least one\b"),
    )


def _sentences(doc: str) -> list[str]:
    return [" ".join(each.split()) for each in re.split(r"(?<=[.;!?])\s+|\n\s*\n|\n(?=\s*[-*:•])", doc)]


def _promises(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_PROMISE, _TOTAL, _HANDLED))


def _copes(sentence: str) -> bool:
    """Whether one sentence both gives a value and speaks of input of the wrong form."""
    handled = _HANDLED.search(sentence)
    if handled and not re.match(r"empty|blank", handled[0], re.IGNORECASE):
        return True
    return bool(_BAD_INPUT.search(sentence)) and bool(_PROMISE.search(sentence) or _TOTAL.search(sentence))


def _really_changes(text: str) -> bool:
    """ "values is modified" says the opposite of "values is not modified"."""
    return bool(_NOT_LEFT.search(text)) and not re.search(
        r"\bnot\b|n't|\bnever\b|unchanged|\bcop(?:y|ies)\b", text, re.I
    )


def _sections(doc: str) -> set[str]:
    """Names under a Google or NumPy ``Raises`` heading."""
    found: set[str] = set()
    lines = doc.splitlines()
    for number, line in enumerate(lines):
        if not re.fullmatch(r"\s*(?:Raises|Exceptions|Throws)\s*:?\s*", line):
            continue
        indent = len(line) - len(line.lstrip())
        for below in lines[number + 1 :]:
            if set(below.strip()) == {"-"} or not below.strip():
                continue
            if len(below) - len(below.lstrip()) < indent or (
                re.fullmatch(r"\s*[A-Z]\w+\s*:?\s*", below) and not _is_error(below)
            ):
                break
            match = re.match(r"\s*([\w.]+)\s*(?::|$|\s)", below)
            if match and _is_error(match[1]):
                found.add(match[1].rpartition(".")[2])
    return found


def _is_error(name: str) -> bool:
    value = getattr(builtins, name.strip(" :"), None)
    return bool(_EXCEPTION_NAME.search(name)) or (isinstance(value, type) and issubclass(value, BaseException))


def _bounds(text: str, parameters: tuple[str, ...]) -> tuple[Bound, ...]:
    found: list[Bound] = []
    for pattern, flip in ((_BOUND, False), (_BOUND_LEFT, True)):
        for match in pattern.finditer(text):
            if match["name"] not in parameters:
                continue
            operator = match["op"].replace("≥", ">=").replace("≤", "<=")
            if flip:
                operator = operator.translate(str.maketrans("<>", "><"))
            value = float(match["value"])
            if operator in (">", ">="):
                found.append(Bound(match["name"], low=value, strict=operator == ">"))
            elif operator in ("<", "<="):
                found.append(Bound(match["name"], high=value, strict=operator == "<"))
    for match in _WITHIN.finditer(text):
        if match["name"] in parameters:
            found.append(Bound(match["name"], low=float(match["low"]), high=float(match["high"])))
    return tuple(found)


def _about(text: str, parameters: tuple[str, ...], pattern: str) -> frozenset[str]:
    """Parameters that a word such as "positive" is said of: those named in its clause, or all if none is."""
    about: set[str] = set()
    for clause in re.split(r"[.;,]\s", text):
        if not re.search(pattern, clause, re.I) or _pattern(_VALUE + r"\s+(?:if|when|for)").search(clause):
            continue
        named = {name for name in parameters if re.search(rf"\b{re.escape(name)}\b", clause)}
        about |= named or set(parameters)
    return frozenset(about)
