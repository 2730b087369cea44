"""What no edit may do, whatever its run says: make a failure disappear instead of mending it.

Old and new text are parsed, and of both only what overlaps the changed lines is read, so that a rule counts what the
edit itself brings or takes away. Where the old text does not parse, rules that compare expressions keep silent: a
bracket that was missing changes them all.

Invariant: a rule knows nothing of the failure. It asks whether the edit does one of the things that hide failures.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tree_sitter import Node

from ..analyzers.source import same_ends
from ..analyzers.syntax import enclosing, named_nodes
from . import guards_go, guards_rust
from .guards_javascript import objection_javascript
from .lexer import lex
from .scopes import tree_of
from .spelling import closest
from .workspace import Workspace, is_test


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Files that say what is right, or how tests are found and run.
_DATA = _words(".json .txt .csv .tsv .yaml .yml .snap .golden .expected .out .xml .html .md .ini .cfg .toml .lock")
#: … but these may be what is broken.
_SETTINGS = _words("package.json tsconfig.json Cargo.toml")

_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(test\w*)|^[ \t]*class[ \t]+(Test\w*)", re.MULTILINE)
_ASSERT = re.compile(r"(?:assert|assert\w+|raises)")
#: Names that have no place in a repair, by what they do.
_TRICKS: Mapping[str, frozenset[str]] = {
    "skips a test": _words(
        "skip skipif skipIf skipUnless skipTest xfail importorskip expectedFailure __test__ collect_ignore "
        "collect_ignore_glob pytest_ignore_collect pytest_collection_modifyitems deselect"
    ),
    "changes how tests are judged": _words(
        "pytest_runtest_makereport pytest_runtest_call pytest_runtest_protocol pytest_assertrepr_compare approx "
        "pytest_sessionfinish pytest_runtest_logreport rerunfailures flaky __instancecheck__ __subclasscheck__ "
        "__debug__"
    ),
    "leaves early": _words("_exit SystemExit exitstatus"),
    "looks whether it is being tested": _words("PYTEST_CURRENT_TEST _getframe getframeinfo settrace"),
    "changes a limit or waits": _words("setrecursionlimit alarm setitimer setrlimit set_int_max_str_digits"),
    "hides what was raised": _words("excepthook unraisablehook"),
    "patches what others use": _words("builtins __builtins__ __import__"),
}
#: … and those that may be what was left out, if the file speaks of them already.
_UNHEARD: Mapping[str, frozenset[str]] = {
    "changes how tests are judged": _words("monkeypatch MagicMock Mock mock_open patch assert_allclose isclose ANY"),
    "leaves early": _words("atexit abort kill"),
    "changes a limit or waits": _words("sleep timeout wait_for"),
    "hides what was raised": _words("suppress filterwarnings simplefilter"),
}
_EXIT = re.compile(r"\b(?:sys\.exit|(?<![\w.])exit|(?<![\w.])quit)[ \t]*\(")
_SILENCED = re.compile(r"#[ \t]*(?:type:[ \t]*ignore|pyright:[ \t]*ignore|noqa|nosec|pragma: no cover)")
_ALWAYS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__contains__", "__hash__")
_PLAIN = frozenset({"0", "1", "-1", "2", "''", '""', "None", "True", "False", "[]", "{}", "()", "0.0", "1.0"})
_LITERALS = (
    "integer",
    "float",
    "string",
    "true",
    "false",
    "none",
    "list",
    "tuple",
    "dictionary",
    "set",
    "concatenated_string",
)


_WORD, _COMMENT = re.compile(r"[\w.]+"), re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
#: Constants of JSON, and what other languages call them.
_CONSTANTS = _words("true false null none nil undefined nan")


def objection(workspace: Workspace, texts: Mapping[str, str]) -> str:
    """Why a change must not be offered, or an empty string."""
    for name, new in texts.items():
        said = "" if _is_read_again(name, workspace.text(name) or "", new) else _about_file(name)
        if not said and name.endswith((".py", ".pyi")):
            said = _about_text(name, workspace.text(name) or "", new)
        elif not said and name.endswith((".rs", ".go")):
            judge = guards_rust.objection if name.endswith(".rs") else guards_go.objection
            said = judge(name, workspace.text(name) or "", new)
        said = said or objection_javascript(name, workspace.text(name) or "", new)
        if said:
            return f"{said} in {name}"
    return ""


def _is_read_again(name: str, old: str, new: str) -> bool:
    """Whether a text that was no JSON is some, and says the same: nothing was expected of what nobody could read."""
    if not name.endswith(".json") or _is_json(old) or not _is_json(new):
        return False
    one, two = (Counter(_WORD.findall(_COMMENT.sub("", each))) for each in (old, new))
    return {each.lower() for each in (one - two) + (two - one)} <= _CONSTANTS


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _about_file(name: str) -> str:
    path = PurePosixPath(name)
    if path.name in ("sitecustomize.py", "usercustomize.py"):
        return "changes how tests are judged"
    return "changes what is expected" if path.suffix in _DATA and path.name not in _SETTINGS else ""


@dataclass
class _Seen:
    """What the changed lines of one text hold, with what is around them."""

    counts: Counter[str] = field(default_factory=Counter[str])
    names: Counter[str] = field(default_factory=Counter[str])
    literals: Counter[str] = field(default_factory=Counter[str])
    broken: bool = False
    rows: tuple[int, int] = (0, 0)


def _about_text(name: str, old: str, new: str) -> str:
    tests = is_test(name)
    if Counter(map(str, _TEST.findall(old))) - Counter(map(str, _TEST.findall(new))):
        return "removes a test"
    if asserts(new) < asserts(old):
        return "removes an assertion"
    if len(_SILENCED.findall(new)) > len(_SILENCED.findall(old)):
        return "silences a check"
    before, after = _seen(old, new), _seen(new, old)
    lost = before.names - after.names
    for what, words in _TRICKS.items():
        if any(after.names[word] > before.names[word] and not closest(word, lost, least=0.7) for word in words):
            return what
    for what, words in _UNHEARD.items():
        added = [
            word for word in words if after.names[word] > before.names[word] and not closest(word, lost, least=0.7)
        ]
        if any(not re.search(rf"\b{word}\b", old) for word in added):
            return what
    if len(_EXIT.findall(new)) > len(_EXIT.findall(old)):
        return "leaves early"
    grown = after.counts - before.counts
    for what in ("compares alike whatever is given", "patches what others use", "disables an assertion"):
        if grown[what]:
            return what
    if before.broken and not _branches(new) - _branches(old):
        return ""  # what it seems to bring was there already, behind the error
    for what in ("catches every exception", "swallows an exception"):
        if grown[what]:
            return what
    for what in ("returns a literal for one case", "returns the literal that is expected"):
        if grown[what] and after.literals - before.literals:
            return what
    if grown["returns a literal that is known"] > grown["return"]:
        return "returns the literal that is expected"  # in place of what was computed
    if before.broken:
        return ""
    for what in ("raise", "definition"):
        if before.counts[what] > after.counts[what] and not _misindented(old):
            return f"removes a {what if what == 'definition' else 'raise that somebody may rely on'}"
    return _about_expectations(before, after, tests)


def _misindented(text: str) -> bool:
    """Whether the interpreter refuses the indentation, which the tree takes as it comes: what seems to be a part of
    something was nowhere yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "text", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except IndentationError:
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return False


def _about_expectations(before: _Seen, after: _Seen, tests: bool) -> str:
    """Assertions anywhere, and in a test file all that they rest on, stay as strict as they were."""
    lost = before.counts - after.counts
    grown = after.counts - before.counts
    if any(key.startswith("asserted ") for key in (*lost, *grown)):
        return "changes what an assertion says"
    if not tests:
        return ""
    if before.literals - after.literals:
        return "changes the values of a test"
    for key in ("return", "if", "broad", "nonlocal equality", "hook"):
        if grown[key]:
            return "weakens a test"
    return ""


def _branches(text: str) -> Counter[str]:
    """The words that begin a branch, or end one; they are counted in a text that does not parse, too."""
    words = ("if", "elif", "else", "except", "return", "case", "lambda", "pass")
    return Counter(token.text for token in lex(text) if token.kind == "name" and token.text in words)


def asserts(text: str) -> int:
    """How many assertions a text makes, calls of ``assertEqual`` and ``raises`` among them."""
    return sum(token.kind == "name" and bool(_ASSERT.fullmatch(token.text)) for token in lex(text))


def _changed(old: str, new: str) -> tuple[int, int]:
    """The rows (0-based, end excluded) of ``old`` that differ from ``new``, with one more on each side."""
    one, two = old.split("\n"), new.split("\n")
    first, last = same_ends(one, two)
    return max(first - 1, 0), len(one) - last + 1


def _seen(text: str, other: str) -> _Seen:
    first, end = _changed(text, other)
    tree, data = tree_of(text)
    seen = _Seen(broken=tree.root_node.has_error, rows=(first, end))
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.end_point[0] < first or node.start_point[0] >= end:
            continue
        inside = first <= node.start_point[0] < end
        _READERS.get(node.type, _nothing)(seen, node, data, inside)
        stack.extend(node.children)
    return seen


def _text(node: Node | None, data: bytes) -> str:
    return "" if node is None else data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _nothing(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del seen, node, data, inside


def _identifier(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del inside
    seen.names[_text(node, data)] += 1


def _literal(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del inside
    seen.literals[_text(node, data)] += 1
    word = _text(node, data)[1:-1]
    if word in ("PYTEST_CURRENT_TEST", "pytest", "unittest"):
        seen.names["PYTEST_CURRENT_TEST"] += 1


def _definition(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    seen.counts["definition"] += 1
    name, body = _text(node.child_by_field_name("name"), data), node.child_by_field_name("body")
    if name.startswith("pytest_"):
        seen.counts["hook"] += 1
    if name in _ALWAYS and body is not None:
        only = [each for each in body.named_children if each.type != "comment"]
        if len(only) == 1 and only[0].type == "return_statement" and _is_literal(_value(only[0])):
            seen.counts["compares alike whatever is given"] += 1
    del inside


def _class(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del node, data, inside
    seen.counts["definition"] += 1


def _assert(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    """Its literals and operators; names may be misspelt, and may be put right."""
    del inside
    for each in named_nodes(node):
        if each.type in ("integer", "float", "true", "false", "none", "string"):
            seen.counts[f"asserted {_text(each, data)}"] += 1
        elif each.type in ("comparison_operator", "boolean_operator", "not_operator", "binary_operator"):
            for token in each.children:
                if not token.is_named:
                    seen.counts[f"asserted {token.type}"] += 1
        elif each.type in ("conditional_expression", "lambda"):
            seen.counts[f"asserted {each.type}"] += 1


def _call(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    """``self.assertEqual(a, 3)`` says the same as an ``assert``, and so does ``raises(ValueError)``."""
    called = _text(node.child_by_field_name("function"), data).rpartition(".")[2]
    if _ASSERT.fullmatch(called):
        seen.counts[f"asserted {called}"] += 1
        arguments = node.child_by_field_name("arguments")
        if arguments is not None:
            _assert(seen, arguments, data, inside)
            if called in ("raises", "assertRaises", "assertRaisesRegex"):
                broad = re.findall(r"\b(?:Base)?Exception\b", _text(arguments, data))
                seen.counts["broad"] += len(broad)
    elif called == "setattr" and re.search(r"__\w+__", _text(node, data)):
        seen.counts["patches what others use"] += 1
    elif called == "get" and _dictionary_of_cases(node):
        seen.counts["returns a literal for one case"] += 1


def _dictionary_of_cases(node: Node) -> bool:
    """``{7: 42}.get(n, …)``."""
    called = node.child_by_field_name("function")
    owner = called.child_by_field_name("object") if called is not None else None
    return owner is not None and owner.type == "dictionary" and bool(owner.named_children)


def _handler(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del inside
    block = next((each for each in node.named_children if each.type == "block"), None)
    head = data[node.start_byte : block.start_byte if block is not None else node.end_byte].decode("utf-8", "replace")
    told = head.partition("except")[2].partition(" as ")[0]
    if not (caught := set(re.findall(r"\w+", told))) or caught & {"Exception", "BaseException", "AssertionError"}:
        seen.counts["catches every exception"] += 1
    only = [each for each in (block.named_children if block else ()) if each.type != "comment"]
    if len(only) != 1:
        return
    if only[0].type == "pass_statement" or _text(only[0], data) == "...":
        seen.counts["swallows an exception"] += len(set(re.findall(r"[\w.]+", told))) or 1  # each that it names
    elif caught == {"StopIteration"} and _text(only[0], data) == "return" and _is_generator(node):
        return  # an iterator that ends is how a generator ends
    elif only[0].type == "continue_statement" or (
        only[0].type == "return_statement" and (_value(only[0]) is None or _is_literal(_value(only[0])))
    ):
        seen.counts["swallows an exception"] += 1


def _is_generator(node: Node) -> bool:
    """Whether the function around a node gives its items one by one."""
    function = enclosing(node, "function_definition", "lambda")
    return function is not None and any(
        each.type == "yield" and enclosing(each, "function_definition", "lambda") == function
        for each in named_nodes(function)
    )


def _if(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    """``if n == 7: return 42``. A base case (nothing, none, zero, one) is another thing."""
    seen.counts["if"] += 1
    del inside
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    if condition is None or body is None:
        return
    only = [each for each in body.named_children if each.type != "comment"]
    value = None
    if len(only) == 1 and only[0].type == "return_statement":
        value = _value(only[0])
    elif only and only[-1].type == "expression_statement" and only[-1].named_children:
        stored = only[-1].named_children[0]
        value = stored.child_by_field_name("right") if stored.type == "assignment" and len(only) == 1 else None
    if (
        _one_case(condition, data)
        and value is not None
        and _is_literal(value)
        and not _both_plain(condition, value, data)
        and not (_asks_for_nothing(condition) and _returned_elsewhere(seen, node, _text(value, data), data))
    ):
        seen.counts["returns a literal for one case"] += 1
    if any(each.type == "assert_statement" for each in named_nodes(body)) and _is_literal(condition):
        seen.counts["disables an assertion"] += 1


def _conditional(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del inside
    if len(node.named_children) == 3:
        yes, condition, no = node.named_children
        if _one_case(condition, data) and (_is_literal(yes) or _is_literal(no)):
            value = yes if _is_literal(yes) else no
            if not _both_plain(condition, value, data):
                seen.counts["returns a literal for one case"] += 1


def _case(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del inside
    body = node.child_by_field_name("consequence")
    only = [each for each in (body.named_children if body else ()) if each.type != "comment"]
    value = _value(only[0]) if len(only) == 1 and only[0].type == "return_statement" else None
    if _is_literal(value) and _text(value, data) not in _PLAIN:
        seen.counts["returns a literal for one case"] += 1


def _return(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    seen.counts["return"] += 1
    value = _value(node)
    if inside and value is not None and _is_literal(value) and _text(value, data) not in _PLAIN:
        if _returned_elsewhere(seen, node, _text(value, data), data):
            seen.counts["returns a literal that is known"] += 1  # fine in a guard that is added
            return
        seen.counts["returns the literal that is expected"] += 1
    elif inside and value is not None and value.type == "subscript":
        owner = value.child_by_field_name("value")
        if owner is not None and owner.type == "dictionary":
            seen.counts["returns a literal for one case"] += 1


def _returned_elsewhere(seen: _Seen, node: Node, literal: str, data: bytes) -> bool:
    """Whether the function returns the same literal in a row that the edit leaves alone."""
    function = enclosing(node, "function_definition")
    first, end = seen.rows
    return function is not None and any(
        each.type == "return_statement"
        and not first <= each.start_point[0] < end
        and _text(_value(each), data) == literal
        for each in named_nodes(function)
    )


def _raise(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del node, data, inside
    seen.counts["raise"] += 1


def _assignment(seen: _Seen, node: Node, data: bytes, inside: bool) -> None:
    del inside
    left = _text(node.child_by_field_name("left"), data)
    right = node.child_by_field_name("right")
    if re.search(r"\.__\w+__$", left) or re.match(r"(?:sys\.modules|builtins)\b", left):
        seen.counts["patches what others use"] += 1
    if left in _ALWAYS and right is not None and right.type == "lambda":
        seen.counts["compares alike whatever is given"] += 1


def _value(node: Node) -> Node | None:
    return node.named_children[0] if node.named_children else None


def _is_literal(node: Node | None) -> bool:
    if node is None:
        return False
    if node.type == "unary_operator" and node.named_children:
        return _is_literal(node.named_children[0])
    if node.type in ("parenthesized_expression", "expression_list") and node.named_children:
        return all(map(_is_literal, node.named_children))
    if node.type in ("list", "tuple", "set"):
        return all(_is_literal(each) for each in node.named_children)
    if node.type == "dictionary":
        return all(_is_literal(each) for pair in node.named_children for each in pair.named_children)
    return node.type in _LITERALS


def _one_case(condition: Node, data: bytes) -> bool:
    """Whether a condition holds for single values only: ``n == 7``, ``n in (7, 8)``, ``n == 7 and …``."""
    if condition.type == "parenthesized_expression" and condition.named_children:
        return _one_case(condition.named_children[0], data)
    if condition.type == "boolean_operator":
        return any(_one_case(each, data) for each in condition.named_children)
    if condition.type != "comparison_operator":
        return False
    signs = {each.type for each in condition.children if not each.is_named}
    return bool(signs & {"==", "in", "is"}) and any(_is_literal(each) for each in condition.named_children)


def _asks_for_nothing(condition: Node) -> bool:
    """``x is None``: not a value of one test."""
    literals = [each for each in condition.named_children if _is_literal(each)]
    return condition.type == "comparison_operator" and all(each.type == "none" for each in literals)


def _both_plain(condition: Node, value: Node, data: bytes) -> bool:
    literals = [
        _text(each, data) for each in named_nodes(condition) if each.type in _LITERALS or each.type == "unary_operator"
    ]
    return _text(value, data) in _PLAIN and all(each in _PLAIN for each in literals)


_READERS: Mapping[str, Callable[[_Seen, Node, bytes, bool], None]] = {
    "identifier": _identifier,
    "integer": _literal,
    "float": _literal,
    "string": _literal,
    "true": _literal,
    "false": _literal,
    "none": _literal,
    "function_definition": _definition,
    "class_definition": _class,
    "assert_statement": _assert,
    "call": _call,
    "except_clause": _handler,
    "if_statement": _if,
    "conditional_expression": _conditional,
    "case_clause": _case,
    "return_statement": _return,
    "raise_statement": _raise,
    "assignment": _assignment,
}  # fmt: skip
