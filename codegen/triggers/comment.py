"""Is there a comment here that asks for a function? Cheap enough for the lightbulb.

A comment qualifies if it holds an example of a call (``slugify("A b!") -> "a-b"``) or reads like the description of a
function ("Return the initials of a name"). Commented-out code, pragmas, licences, section headers and comments that
describe the code right below them do not.

Invariant: only the text is looked at, with a lexer for strings and comments; nothing is parsed, imported or run.
A ``#`` inside a string is never taken for a comment.
"""

from __future__ import annotations

import ast
import re
import warnings

from ...analyzers.source import LineIndex
from ..examples import find_calls
from ..words import words_of
from .target import Target

_OBJECT = re.compile(r"[A-Za-z]+\s+(?:the|an?|all|each|every|two|its|any)\s+\w+", re.IGNORECASE)
_NOT_VERBS = words_of(
    """a an the this these those that it in on at of off for from with without by to and or but as if is are was were
    not no so see note here there when while where what which who how why all any each every some most many both we you
    they he she i must should can may might will would because since also only just after before like unlike than then
    """
)

#: Strings (closed or not) and comments.
TOKENS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*(?:"""|\Z)'
    r"|'''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)"
    r'|"(?:[^"\\\r\n]|\\.)*"?'
    r"|'(?:[^'\\\r\n]|\\.)*'?"
    r"|\#[^\r\n]*",
    re.DOTALL,
)

_COMMENT_LINE = re.compile(r"^([ \t\f]*)(#[^\r\n]*)$")

_PRAGMA = re.compile(
    r"^#(?:!|:|\s*-\*-|\s*(?:type:|noqa\b|pylint:|pragma\b|fmt:|ruff:|mypy:|pyright:|isort:|yapf:|flake8:|nosec\b|suture:"
    r"|coding[:=]|vim?:|region\b|endregion\b|%%|spdx-|copyright\b|\(c\)\s|©|licen[sc]ed?\b|author:|!/))",
    re.IGNORECASE,
)

_RULE = re.compile(r"[-=*#~_+.]{3,}")

_MARKER = re.compile(r"^(?:TODO|FIXME|XXX|GENERATE|SUTURE)\b(?:\([^)]*\))?\s*[:\-]?\s*", re.IGNORECASE)

_HEADER = re.compile(r"^(?:async[ \t]+def|def|class)\b[ \t]+(\w+)")

_CODE_START = re.compile(r"^(?:async\s+)?(?:if|for|while|def|class|with|try|else|elif|except|finally)\b.*:\s*$")

_VERBS = words_of(
    """abbreviate accumulate add aggregate append apply assert average balance build bucket calculate camelcase
    capitalise capitalize cast center centre check chunk clamp clean clip close collapse collect combine
    compare compress compute concatenate convert copy count create crop cut decode decompress decorate
    decrement dedent deduplicate dedupe delete derive detect determine diff difference divide double download
    drop emit encode ensure enumerate escape estimate evaluate exclude execute expand extract fetch fill
    filter find flatten flip fold format generate get give group guess hash humanise humanize implement
    increment indent index infer insert interleave interpolate intersect invert iterate join keep lex list
    load locate look lower lowercase make map mask match measure median merge mirror move multiply negate
    normalise normalize open order output pad paginate parse partition pick pluralise pluralize pop predict
    prefix prepend print produce query quote raise random randomise randomize rank read rebuild reduce remove
    rename render repeat replace report reset resolve retry return reverse rotate round run sanitise sanitize
    save scale scan search select send separate serialise serialize set shift shorten shuffle simulate skip
    slice slugify snakecase solve sort split square squash stem store strip subtract sum summarise summarize
    swap switch take tell test titlecase tokenise tokenize transform translate transpose traverse trim
    truncate turn unescape unflatten union unique unpack unquote unzip update upper uppercase use validate
    verify walk word wrap write yield zip"""
)

_OPENERS = re.compile(
    r"^(?:an?\s+|the\s+)?(?:async\s+)?(?:(?:function|method|helper|generator|coroutine|utility|routine)\b"
    r"|given\b|whether\b|true\s+(?:if|when|for)\b|is\s+\w+.*\?|number\s+of\b|def\s+\w+\s*\(|\w+\([^)]*\)\s*(?:->[^:]+)?:\s*\S)",
    re.IGNORECASE,
)

#: A whole signature that a sentence ends with: ``async def load(path: Path) -> str``, ``take(self, n: int) -> int``.
_SIGNED = re.compile(
    r"(?:^|[.;:,][ \t]+)(?:(?:async[ \t]+)?def[ \t]+[A-Za-z_]\w*\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
    r"(?:[ \t]*->[ \t]*[\w.\[\], |]+)?|[a-z_]\w*\([^()\n]*\)[ \t]*->[ \t]*[A-Za-z_][\w.\[\], |]*)\.?$",
    re.MULTILINE,
)


def comment_at(text: str, line: int) -> Target | None:
    """The generation comment that covers ``line`` (0-based), if there is one."""
    index = LineIndex(text)
    if not 0 <= line < len(index.starts):
        return None
    block = _block(index, line)
    if block is None:
        return None
    first, last, indent = block
    body = "\n".join(_unmarked(index.line(each)) for each in range(first, last + 1))
    has_example = bool(find_calls(body))
    below = _line_below(index, last, indent)
    if not has_example and (_looks_like_code(body) or not describes_function(body) or below):
        return None
    if re.match(r"(?:async\s+def|def|class)\b|@", below):
        return None  # a comment on an existing definition
    spans = _strings(text, index.starts[first] + len(indent))
    if spans is None:
        return None
    class_name, in_function = _enclosing(index, first, indent, spans)
    if in_function and not has_example:
        return None  # in a body, prose explains the code around it
    return Target(first, last, indent, body, class_name, in_function)


def why_not(text: str, line: int) -> str:
    """A sentence for the person who asked where :func:`comment_at` sees nothing to generate from."""
    index = LineIndex(text)
    block = _block(index, line) if 0 <= line < len(index.starts) else None
    if block is None:
        return "there is no comment on this line"
    below = _line_below(index, block[1], block[2])
    if re.match(r"(?:async\s+def|def|class)\b|@", below):
        return "the comment belongs to the definition below it, which exists already"
    return "the comment neither describes a function nor gives an example of a call, such as: name(1) -> 2"


def describes_function(text: str) -> bool:
    """Whether prose reads like the description of a function: an imperative, or "a function that …"."""
    words = _MARKER.sub("", " ".join(text.split())).lstrip("-*•> ")
    if _RULE.search(words.split(" ")[0]) or len(words.split()) < 2:
        return False
    if _OPENERS.match(words) or _SIGNED.search(text):
        return True
    first = re.match(r"[A-Za-z]+", words)
    if first is None:
        return False
    verb = first.group().lower()
    if _OBJECT.match(words) and verb not in _NOT_VERBS and not verb.endswith(("ing", "ed", "ly")):
        return True  # an imperative by its form: a word, then what it is done to
    forms = {verb, verb.removesuffix("s"), verb.removesuffix("es"), re.sub("ies$", "y", verb)}
    return bool(forms & _VERBS)


def _block(index: LineIndex, line: int) -> tuple[int, int, str] | None:
    """First line, last line and indentation of the run of comment lines around ``line``."""
    found = _COMMENT_LINE.match(index.line(line))
    if found is None or _PRAGMA.match(found[2]):
        return None
    indent = found[1]

    def belongs(number: int) -> bool:
        other = _COMMENT_LINE.match(index.line(number))
        return other is not None and other[1] == indent and not _PRAGMA.match(other[2])

    first = last = line
    while first > 0 and belongs(first - 1):
        first -= 1
    while last + 1 < len(index.starts) and belongs(last + 1):
        last += 1
    return first, last, indent


def _unmarked(line: str) -> str:
    body = line.strip().lstrip("#")
    return body.removeprefix(" ").rstrip()


def _line_below(index: LineIndex, last: int, indent: str) -> str:
    """The line right below the block if it is code at the block's own depth, without its indentation."""
    if last + 1 >= len(index.starts):
        return ""
    line = index.line(last + 1)
    body = line.lstrip(" \t\f")
    return body if body and _width(line[: len(line) - len(body)]) == _width(indent) else ""


def _looks_like_code(body: str) -> bool:
    """Commented-out code parses, and is more than a word."""
    for part in (body, *body.split("\n")):
        source = part.strip()
        if _CODE_START.match(source):
            source += " pass"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        if any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Name)) for node in tree.body):
            return True
    return False


def _strings(text: str, offset: int) -> list[tuple[int, int]] | None:
    """Spans of the strings over several lines before ``offset``; None if ``offset`` does not start a comment."""
    spans: list[tuple[int, int]] = []
    for token in TOKENS.finditer(text):
        if token.start() >= offset:
            return spans if token.start() == offset and text[offset] == "#" else None
        if token.end() > offset:
            return None
        if text[token.start()] != "#" and "\n" in token.group():
            spans.append(token.span())
    return None


def _enclosing(index: LineIndex, first: int, indent: str, strings: list[tuple[int, int]]) -> tuple[str, bool]:
    """(classes directly around the line, ``Outer.Inner`` or "", whether a function is anywhere around it), by
    indentation."""
    width = _width(indent)
    classes, in_function, closing = list[str](), False, False
    for number in range(first - 1, -1, -1):
        if width == 0 and not closing:
            break
        start = index.starts[number]
        if any(a < start < b for a, b in strings):
            continue
        line = index.line(number)
        body = line.lstrip(" \t\f")
        here = _width(line[: len(line) - len(body)])
        if not body or body.startswith("#") or here > width or (here == width and not closing):
            continue
        if body[0] in ")]}":
            width, closing = here, True  # the end of a header over several lines: its start is above
            continue
        width, closing = here, False
        header = _HEADER.match(body)
        if header is None:
            continue
        if body.startswith("class"):
            classes += [header[1]] if not in_function else []
        else:
            in_function = True
    return ".".join(reversed(classes)), in_function


def _width(indent: str) -> int:
    return len(indent.replace("\f", "").expandtabs(8))
