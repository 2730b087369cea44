"""What no edit of JavaScript or TypeScript may do, whatever its run says: hide a failure instead of mending it.

Counted in the trees of the old and the new text; a rule asks whether the edit brings, or takes away, one of the things
that hide failures. Invariant: a rule knows nothing of the failure.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import cast

from tree_sitter import Node

from .javascript.modules import SUFFIXES, exports
from .javascript.syntax import Syntax, walk
from .spelling import likeness
from .workspace import is_test

_TESTS = frozenset({"test", "it", "describe", "suite", "context", "specify"})
_OFF = re.compile(
    r"^(?:x(?:it|test|describe)|(?:test|it|describe|suite|context|t)\.(?:skip|only|todo|failing|skipIf|runIf)|this\.skip)\b"
)
_ASSERTION = re.compile(r"^(?:assert(?:\.\w+)*|expect|t\.(?:assert|is|deepEqual|equal|ok|true|false)|should)$")
_SILENT = re.compile(
    r"@ts-(?:ignore|expect-error|nocheck)|eslint-disable|biome-ignore|v8 ignore|istanbul ignore|c8 ignore"
)
_LEAVES = re.compile(r"^process\.(?:exit|abort|kill|reallyExit)$")
_TESTED = re.compile(r"\b(?:NODE_TEST_CONTEXT|JEST_WORKER_ID|VITEST|MOCHA_\w+|NODE_ENV|npm_lifecycle_event)\b")
_HOOKS = re.compile(
    r"^process\.(?:on|once|addListener)\(\s*['\"](?:uncaughtException\w*|unhandledRejection|exit|beforeExit)"
)
_LITERALS = frozenset({"number", "string", "true", "false", "null", "undefined", "array", "object"})
#: Options of ``tsconfig.json`` that may not be turned off, and those that may not be turned on.
_STRICT = re.compile(r"^(?:strict\w*|no[A-Z]\w*|exact\w+|checkJs|alwaysStrict|useUnknownInCatchVariables|verbatim\w+)$")
_LOOSE = frozenset(
    {
        "noCheck",
        "noEmit",
        "noResolve",
        "noLib",
        "skipLibCheck",
        "allowUnreachableCode",
        "suppressImplicitAnyIndexErrors",
    }
)


def objection_javascript(name: str, old: str, new: str) -> str:
    """Why this change of a file must not be offered, or an empty string. Files of other kinds are none of its
    business."""
    if name.endswith(("package.json", "tsconfig.json")):
        return _settings(old, new)
    if not name.endswith(SUFFIXES):
        return ""
    before, after = Syntax(old, name), Syntax(new, name)
    one, two = Counter(_seen(before)), Counter(_seen(after))
    grown, lost = two - one, one - two
    for key in grown:
        if key[0] == "trick":
            return key[1]
    if before.root.has_error:  # a missing bracket changes all that follows: only what is brought is compared
        return ""
    for what in ("removes a test", "removes an assertion", "removes an error that somebody may rely on"):
        if sum(count for key, count in lost.items() if key[0] == what) > sum(
            count for key, count in grown.items() if key[0] == what
        ):
            return what
    if is_test(name) and any(key[0] == "removes an assertion" for key in grown):
        return "changes what an assertion says"
    gone = set(exports(before)) - set(exports(after)) - {"default"}
    come = set(exports(after)) - set(exports(before))
    if any(not any(likeness(each, other) >= 0.6 for other in come) for each in gone):
        return "removes a definition"
    return ""


def _seen(syntax: Syntax) -> Iterator[tuple[str, str]]:
    """(what, text) of all that rules count; those of kind ``trick`` may not become more."""
    for node in walk(syntax.root):
        kind = node.type
        if kind == "comment" and _SILENT.search(syntax.of(node)):
            yield "trick", "silences a check"
        elif kind == "call_expression":
            yield from _call(syntax, node)
        elif kind == "catch_clause" and _swallows(syntax, node):
            yield "trick", "swallows an exception"
        elif _given_up(syntax, node):
            yield "trick", "gives up on a type"
        elif kind == "non_null_expression":
            yield "trick", "asserts what the compiler doubts"
        elif kind == "ambient_declaration":
            yield "trick", "declares what is not there"
        elif kind == "throw_statement":
            yield "removes an error that somebody may rely on", syntax.of(node)
        elif kind == "member_expression" and _TESTED.search(syntax.of(node)):
            yield "trick", "looks whether it is being tested"
        elif kind == "if_statement" and _special(syntax, node):
            yield "trick", "returns a literal for one case"
        elif kind == "assignment_expression" and syntax.of(node).startswith(
            ("process.exitCode", "globalThis.", "Object.prototype.")
        ):
            yield "trick", "leaves early or patches what others use"
        elif kind == "pair" and re.fullmatch(
            r"['\"]?(?:skip|todo|only)['\"]?\s*:\s*[^f].*", syntax.of(node), re.DOTALL
        ):
            yield "trick", "skips a test"


def _given_up(syntax: Syntax, node: Node) -> bool:
    if node.type == "as_expression":
        return syntax.of(node.named_children[-1]) == "unknown"
    return node.type in {"predefined_type", "type_identifier"} and syntax.of(node) in {"any", "never"}


def _call(syntax: Syntax, node: Node) -> Iterator[tuple[str, str]]:
    function = node.child_by_field_name("function")
    if function is None:
        return
    called, text = syntax.of(function), syntax.of(node)
    if _OFF.match(called):
        yield "trick", "skips a test"
    elif called in _TESTS:
        arguments = node.child_by_field_name("arguments")
        title = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        yield "removes a test", syntax.of(title) if title is not None else ""
    elif _ASSERTION.match(called):
        whole = node
        while whole.parent is not None and whole.parent.type in {
            "member_expression",
            "call_expression",
            "await_expression",
        }:
            whole = whole.parent
        yield "removes an assertion", syntax.of(whole)
    elif _LEAVES.match(called):
        yield "trick", "leaves early or patches what others use"
    elif _HOOKS.match(text):
        yield "trick", "hides what was thrown"
    elif called.endswith(".catch") and re.search(
        r"\.catch\(\s*(?:\(\w*\)|\w+)\s*=>\s*(?:\{\s*\}|undefined|null|void 0|\[\]|\(\{\}\))\s*\)$", text
    ):
        yield "trick", "swallows an exception"


def _swallows(syntax: Syntax, node: Node) -> bool:
    """A handler that neither throws nor does anything with what it caught."""
    body, caught = node.child_by_field_name("body"), node.child_by_field_name("parameter")
    if body is None:
        return False
    if any(each.type == "throw_statement" for each in walk(body)):
        return False
    return caught is None or not re.search(rf"\b{re.escape(syntax.of(caught))}\b", syntax.of(body))


def _special(syntax: Syntax, node: Node) -> bool:
    """``if (x === literal) return literal``."""
    condition, then = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    if condition is None or then is None:
        return False
    compared = next((each for each in walk(condition) if each.type == "binary_expression"), None)
    returned = next((each for each in walk(then) if each.type == "return_statement"), None)
    if compared is None or returned is None or not returned.named_children:
        return False
    operator, right = compared.child_by_field_name("operator"), compared.child_by_field_name("right")
    exact = operator is not None and syntax.of(operator) in {"===", "=="}
    literal = right is not None and right.type in _LITERALS
    return exact and literal and returned.named_children[0].type in _LITERALS


def _settings(old: str, new: str) -> str:
    """Scripts and compiler options stay as they are; how modules are read may change."""
    one, two = _flat(old), _flat(new)
    for key in one.keys() | two.keys():
        if one.get(key) == two.get(key):
            continue
        last = key.rpartition(".")[2]
        if key.startswith(("scripts.", "jest.", "mocha.", "vitest.", "ava.", "c8.")):
            return "changes how tests are run"
        if key.startswith("compilerOptions.") and (
            (_STRICT.match(last) and last not in _LOOSE and two.get(key) is not True)
            or (last in _LOOSE and two.get(key) is True)
        ):
            return "makes the compiler less strict"
        if key.startswith(("include", "exclude", "files")):
            return "leaves files out"
    return ""


def _flat(text: str) -> dict[str, object]:
    """The leaves of a JSON object by their dotted paths; comments and commas at the end are passed over."""
    plain = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda match: match[1] or "", text, flags=re.DOTALL)
    try:
        value: object = json.loads(re.sub(r",(\s*[}\]])", r"\1", plain))
    except ValueError:
        return {}
    found: dict[str, object] = {}
    stack: list[tuple[str, object]] = [("", value)]
    while stack:
        key, each = stack.pop()
        if isinstance(each, dict):
            inner = cast(dict[str, object], each)
            stack += [(f"{key}.{name}".lstrip("."), item) for name, item in inner.items()]
        else:
            found[key] = each
    return found
