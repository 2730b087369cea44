"""Where a text that reaches a sink comes from, within one function.

An expression is *safe* (written in the source, or cleansed for the sink), comes from the *program* (configuration, the
environment, an attribute), from a *parameter*, from an *unknown* call, or from *outside* (a request, the command line,
input). Of what is put together, the worst part counts; a name counts as everything that is assigned to it.

Deliberately first and simple: no flow across functions, no order of statements except for guards that leave
(``if name not in ALLOWED: return``). What it does not know it calls unknown, and callers say less then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from tree_sitter import Node

from ..findings import Evidence, Finding, Json, Related
from ..flow import Flow, arguments_of, flow_of, keyword_of, method_of
from ..rules import Rule
from ..syntax import Unit, descend


class Origin(IntEnum):
    """From harmless to harmful."""

    SAFE = 0
    PROGRAM = 1
    UNKNOWN = 2
    PARAMETER = 3
    OUTSIDE = 4


@dataclass(frozen=True, slots=True)
class Trace:
    """The origin of a value and the nodes it went through, source first. ``built`` if text was put together."""

    origin: Origin
    steps: tuple[Node, ...] = ()
    built: bool = False


SAFE = Trace(Origin.SAFE)

#: Web frameworks: attributes of a ``request`` that the other side decides.
_REQUEST = re.compile(
    r"(?:^|\.)request\.(?:args|form|values|json|data|files|headers|cookies|query_params|query|GET|POST|COOKIES|META"
    r"|body|path_params|match_info|get_json|get_data|host|referrer|user_agent|query_string|stream|arguments|params)\b"
)
_OUTSIDE_CALLS = frozenset({"input", "sys.stdin.read", "sys.stdin.readline", "sys.stdin.readlines", "raw_input"})
_OUTSIDE_NAMES = ("sys.argv", "sys.stdin", "flask.request", "bottle.request")
#: Types of which no value can carry an attack.
_HARMLESS_TYPE = re.compile(
    r"^(?:Optional\[)?(?:int|float|bool|complex|Decimal|(?:uuid\.)?UUID|(?:datetime\.)?(?:date|datetime|time)|Literal\[[^\]]*\])\]?(?:\s*\|\s*None)?$"
)
_ROUTE = re.compile(
    r"@\s*[\w.]+\.(?:route|get|post|put|patch|delete|head|options|websocket|api_route)\s*\(\s*[\w]*[\"']"
)
_OPTION = re.compile(r"@\s*(?:click|typer|app|cli)?\.?(?:option|argument)\s*\(")
_CGI = re.compile(
    r"""os\.(?:environ(?:\.get\(|\[)|getenv\()\s*["'](?:QUERY_STRING|HTTP_|PATH_INFO|REQUEST_URI|CONTENT_)"""
)

#: Calls whose result cannot carry an attack, whatever goes in.
_CLEANSING = frozenset(
    {
        "int", "float", "bool", "len", "abs", "round", "hash", "id", "ord", "sum", "range", "type", "isinstance",
        "uuid.UUID", "uuid.uuid4", "uuid.uuid1", "datetime.date.today", "datetime.datetime.now", "time.time",
        "secrets.token_hex", "secrets.token_urlsafe", "os.getpid", "decimal.Decimal", "ipaddress.ip_address",
        "tempfile.mkdtemp", "tempfile.mktemp", "tempfile.gettempdir", "os.getcwd", "shutil.which", "hex", "bin",
    }
)  # fmt: skip
_PURE = frozenset(
    {"str", "repr", "list", "tuple", "sorted", "set", "dict", "reversed", "bytes", "next", "iter", "textwrap.dedent"}
)
_JOINING = frozenset({"os.path.join", "posixpath.join", "os.path.abspath", "os.path.basename", "os.path.expanduser"})


class Tracer:
    """Traces expressions of one unit. ``cleanses`` says which further calls make a value harmless for a sink."""

    def __init__(self, unit: Unit, cleanses: Callable[[str], bool] = lambda name: False) -> None:
        self.unit = unit
        self.flow: Flow = flow_of(unit)
        self._cleanses = cleanses
        self._guards: dict[str, list[tuple[int, int]]] | None = None

    def trace(self, node: Node | None, seen: frozenset[str] = frozenset()) -> Trace:
        """Where the value of an expression comes from."""
        if node is None:
            return Trace(Origin.UNKNOWN)
        handler = _HANDLERS.get(node.type)
        return handler(self, node, seen) if handler is not None else Trace(Origin.UNKNOWN, (node,))

    def worst(self, nodes: list[Node], seen: frozenset[str]) -> Trace:
        """The worst of some expressions."""
        return max((self.trace(each, seen) for each in nodes), key=lambda trace: trace.origin, default=SAFE)

    # -- one method a kind of expression

    def safe(self, node: Node, seen: frozenset[str]) -> Trace:
        return SAFE

    def inside(self, node: Node, seen: frozenset[str]) -> Trace:
        return self.worst([each for each in node.named_children if each.type != "comment"], seen)

    def string(self, node: Node, seen: frozenset[str]) -> Trace:
        parts = [
            expression
            for each in descend(node)
            if each.type == "interpolation" and (expression := each.child_by_field_name("expression")) is not None
        ]
        return self._built(node, self.worst(parts, seen))

    def operation(self, node: Node, seen: frozenset[str]) -> Trace:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        return self._built(node, self.worst([each for each in (left, right) if each is not None], seen))

    def choice(self, node: Node, seen: frozenset[str]) -> Trace:
        children = node.named_children
        return self.worst([children[0], children[-1]], seen) if len(children) == 3 else self.inside(node, seen)

    def comprehension(self, node: Node, seen: frozenset[str]) -> Trace:
        body = node.child_by_field_name("body")
        return self.trace(body, seen)

    def pair(self, node: Node, seen: frozenset[str]) -> Trace:
        return self.worst([each for each in node.named_children if each.type != "comment"], seen)

    def name(self, node: Node, seen: frozenset[str]) -> Trace:
        text = self.unit.text(node)
        if text in seen or (text in self.unit.facts.constants and text not in self.flow.bindings):
            return SAFE
        if self._guarded(text, node):
            return SAFE
        bound = self.flow.bindings.get(text, ())
        if not bound:
            origin = self.unit.facts.resolve(text)
            if origin in _OUTSIDE_NAMES:
                return Trace(Origin.OUTSIDE, (node,))
            return Trace(Origin.PROGRAM if text.isupper() or origin != text else Origin.UNKNOWN, (node,))
        traces: list[Trace] = []
        for each in bound:
            if each.how == "parameter":
                traces.append(self._parameter(text, each.node))
            elif each.how == "loop":
                source = each.node.child_by_field_name("right")
                traces.append(self.trace(source, seen | {text}))
            elif each.how in ("assign", "augment"):
                found = self.trace(each.value, seen | {text})
                steps = (
                    (*found.steps, each.node) if each.node.id not in {step.id for step in found.steps} else found.steps
                )
                traces.append(Trace(found.origin, steps, found.built or each.how == "augment"))
            else:
                traces.append(Trace(Origin.UNKNOWN, (each.node,)))
        worst = max(traces, key=lambda trace: (trace.origin, trace.built))
        built = any(trace.built and trace.origin > Origin.SAFE for trace in traces)
        return Trace(worst.origin, worst.steps, worst.built or built)

    def _parameter(self, name: str, node: Node) -> Trace:
        """A parameter: harmless by its type, decided by a visitor if a framework fills it in, else the caller's."""
        kind = node.child_by_field_name("type")
        if name in ("self", "cls") or (kind is not None and _HARMLESS_TYPE.search(self.unit.text(kind))):
            return SAFE
        around = self.unit.node.parent
        if around is None or around.type != "decorated_definition":
            return Trace(Origin.PARAMETER, (node,))
        decorators = [self.unit.text(each) for each in around.children if each.type == "decorator"]
        for text in decorators:
            if re.search(rf"<(?:int|float|uuid):{re.escape(name)}>", text):
                return SAFE
            if re.search(rf"""["'](?:--)?{re.escape(name).replace("_", "[-_]")}["']""", text) and _OPTION.match(text):
                typed = re.search(
                    r"\btype\s*=\s*(?:int|float|bool|click\.(?:INT|FLOAT|UUID|Choice|IntRange))|is_flag", text
                )
                return SAFE if typed else Trace(Origin.OUTSIDE, (node,))
            if _ROUTE.match(text):
                return Trace(Origin.OUTSIDE, (node,))
        return Trace(Origin.PARAMETER, (node,))

    def attribute(self, node: Node, seen: frozenset[str]) -> Trace:
        dotted = self.unit.dotted(node)
        text = self.unit.text(node)
        if _REQUEST.search(dotted or text):
            return Trace(Origin.OUTSIDE, (node,))
        if dotted in _OUTSIDE_NAMES:
            return Trace(Origin.OUTSIDE, (node,))
        namespace = self._namespace(node)
        if namespace is not None:
            return namespace
        owner, last = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if last is not None and self.unit.text(last).isupper():
            return Trace(Origin.PROGRAM, (node,))
        if dotted in ("sys.executable", "os.sep", "os.linesep", "sys.platform", "sys.prefix", "__file__"):
            return SAFE
        inner = self.trace(owner, seen) if owner is not None else Trace(Origin.UNKNOWN)
        if inner.origin == Origin.OUTSIDE:
            return Trace(Origin.OUTSIDE, inner.steps or (node,))
        return Trace(Origin.PROGRAM if text.startswith(("self.", "cls.")) else Origin.UNKNOWN, (node,))

    def subscript(self, node: Node, seen: frozenset[str]) -> Trace:
        owner = node.child_by_field_name("value")
        if _CGI.match(self.unit.text(node)):
            return Trace(Origin.OUTSIDE, (node,))
        if owner is None or self.unit.dotted(owner) == "os.environ":
            return Trace(Origin.PROGRAM, (node,))
        element = self._element(owner, node.child_by_field_name("subscript"))
        return self.trace(owner if element is None else element, seen)

    def _element(self, owner: Node, index: Node | None) -> Node | None:
        """``job["tool"]`` where ``job`` is only ever one literal: the element that is meant."""
        bound = self.flow.bindings.get(self.unit.text(owner), ()) if owner.type == "identifier" else ()
        if len(bound) != 1 or bound[0].value is None or index is None or self._changed(self.unit.text(owner)):
            return None
        value = bound[0].value
        if value.type == "dictionary" and index.type == "string":
            for pair in value.named_children:
                key = pair.child_by_field_name("key")
                if key is not None and self.unit.text(key).strip("\"'") == self.unit.text(index).strip("\"'"):
                    return pair.child_by_field_name("value")
        if value.type in ("list", "tuple") and index.type == "integer":
            elements = [each for each in value.named_children if each.type != "comment"]
            position = int(self.unit.text(index))
            if position < len(elements) and not any(each.type == "list_splat" for each in elements):
                return elements[position]
        return None

    def _changed(self, name: str) -> bool:
        """Is something stored in the collection after it was made?"""
        for node in self.unit.index.get("subscript", ()):
            owner, parent = node.child_by_field_name("value"), node.parent
            if owner is None or parent is None or self.unit.text(owner) != name:
                continue
            if parent.type in ("assignment", "augmented_assignment") and parent.child_by_field_name("left") == node:
                return True
        changing = ("append", "extend", "insert", "update", "setdefault", "pop", "sort", "reverse", "clear", "remove")
        calls = (method_of(self.unit, call) for call in self.unit.index.get("call", ()))
        return any(each is not None and each[1] in changing and self.unit.text(each[0]) == name for each in calls)

    def _namespace(self, node: Node) -> Trace | None:
        """``args.level`` of an argparse namespace: harmless by its declared type, else the command line."""
        owner, last = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner is None or last is None or owner.type != "identifier":
            return None
        values = [each.value for each in self.flow.bindings.get(self.unit.text(owner), ())]
        if not any(each is not None and b".parse_args(" in (each.text or b"") for each in values):
            return None
        name = self.unit.text(last)
        for call in self.unit.index.get("call", ()):
            called = method_of(self.unit, call)
            if called is None or called[1] != "add_argument":
                continue
            spelled = [self.unit.text(each).strip("\"'").lstrip("-").replace("-", "_") for each in arguments_of(call)]
            kind = keyword_of(self.unit, call, "type")
            chosen = keyword_of(self.unit, call, "choices") or keyword_of(self.unit, call, "action")
            if name in spelled and (
                chosen is not None or (kind is not None and self.unit.text(kind) in ("int", "float"))
            ):
                return SAFE
        return Trace(Origin.OUTSIDE, (node,))

    def call(self, node: Node, seen: frozenset[str]) -> Trace:
        name = self.unit.call_name(node)
        if name in _CLEANSING or self._cleanses(name):
            return SAFE
        if name in _OUTSIDE_CALLS:
            return Trace(Origin.OUTSIDE, (node,))
        text = self.unit.text(node)
        if _CGI.match(text):
            return Trace(Origin.OUTSIDE, (node,))
        if name in ("os.getenv", "os.environ.get"):
            return Trace(Origin.PROGRAM, (node,))
        listed = arguments_of(node)
        if name in _PURE or name in _JOINING or name in ("map", "filter"):
            return self.worst(listed[1:] if name in ("map", "filter") else listed, seen)
        called = method_of(self.unit, node)
        if called is None:
            return Trace(Origin.UNKNOWN, (node,))
        owner, method = called
        if method in ("format", "join", "format_map", "replace"):
            found = self.worst([owner, *listed, *_keywords(node)], seen)
            return self._built(node, found) if method != "replace" else found
        if method in _TEXT_METHODS:
            return self.trace(owner, seen)
        if method in ("get", "pop", "getlist", "get_argument", "get_query_argument", "get_body_argument", "getvalue"):
            if method.startswith("get_") and method.endswith("argument"):
                return Trace(Origin.OUTSIDE, (node,))
            found = self.trace(owner, seen)
            return found if found.origin in (Origin.SAFE, Origin.OUTSIDE) else Trace(Origin.UNKNOWN, (node,))
        found = self.trace(node.child_by_field_name("function"), seen)
        return Trace(Origin.OUTSIDE if found.origin == Origin.OUTSIDE else Origin.UNKNOWN, (node,))

    def _built(self, node: Node, found: Trace) -> Trace:
        if found.origin == Origin.SAFE:
            return SAFE
        return Trace(found.origin, (*found.steps, node), True)

    # -- guards

    def _guarded(self, name: str, use: Node) -> bool:
        """Is ``name`` known to be harmless where it is used: inside ``if name in ALLOWED:``, or after
        ``if name not in ALLOWED: return``?"""
        if self._guards is None:
            self._guards = {}
            for guard in self.unit.index.get("if_statement", ()):
                for guarded, start, end in self._spans(guard):
                    self._guards.setdefault(guarded, []).append((start, end))
        return any(start <= use.start_byte < end for start, end in self._guards.get(name, ()))

    def _spans(self, guard: Node) -> Iterator[tuple[str, int, int]]:
        condition = guard.child_by_field_name("condition")
        body = guard.child_by_field_name("consequence")
        if condition is None or body is None:
            return
        for name, positive in self._checked(condition):
            if positive:
                yield name, body.start_byte, body.end_byte
            elif _leaves(body):
                around = guard.parent
                yield name, guard.end_byte, around.end_byte if around is not None else guard.end_byte

    def _checked(self, condition: Node) -> Iterator[tuple[str, bool]]:
        """(name, whether the check holds inside): ``x in KNOWN``, ``x.isdigit()``, ``re.fullmatch(pattern, x)``."""
        positive = True
        while condition.type in ("not_operator", "parenthesized_expression"):
            positive = positive != (condition.type == "not_operator")
            inner = condition.child_by_field_name("argument") or condition.named_children[0]
            condition = inner
        if condition.type == "boolean_operator":
            operator = condition.child_by_field_name("operator")
            wanted = "and" if positive else "or"
            if operator is not None and operator.type == wanted:
                for side in condition.named_children:
                    for name, value in self._checked(side):
                        yield name, value == positive
            elif operator is not None and operator.type == "or" and positive:
                # ``if not x or x not in KNOWN: return``
                for side in condition.named_children:
                    for name, value in self._checked(side):
                        if not value:
                            yield name, False
            return
        if condition.type == "comparison_operator" and len(condition.named_children) == 2:
            operators = condition.children_by_field_name("operators")
            left, right = condition.named_children
            sign = operators[0].type if operators else ""
            if left.type == "identifier" and sign in ("in", "not in") and self.trace(right).origin <= Origin.PROGRAM:
                yield self.unit.text(left), positive == (sign == "in")
            elif left.type == "identifier" and sign in ("==", "!=") and self.trace(right).origin == Origin.SAFE:
                yield self.unit.text(left), positive == (sign == "==")
            elif sign in ("is", "is not") and left.type == "call" and self.unit.text(right) == "None":
                for name, value in self._checked(left):
                    yield name, value == (positive == (sign == "is not"))
        elif condition.type == "call":
            called = method_of(self.unit, condition)
            listed = arguments_of(condition)
            if called is None:
                return
            owner, method = called
            if method in ("isdigit", "isalnum", "isdecimal", "isnumeric", "isidentifier", "isalpha"):
                if owner.type == "identifier":
                    yield self.unit.text(owner), positive
            elif method == "fullmatch" and listed and listed[-1].type == "identifier":
                yield self.unit.text(listed[-1]), positive

    # -- what to say

    def evidence(self, trace: Trace, sink: Node) -> tuple[Evidence, tuple[Related, ...]]:
        """The path from where the text was built to the sink, and the same as related places."""
        nodes = _distinct(trace.steps)
        while len(nodes) > 1 and nodes[-1].start_point[0] == sink.start_point[0]:
            nodes.pop()  # the sink's line says it
        nodes.append(sink)
        steps: list[Json] = []
        for node in nodes:
            place = self.unit.range(node)
            steps.append(
                {"path": self.unit.path, "line": place.line + 1, "column": place.column + 1, "text": self.label(node)}
            )
        summary = f"{_WORDS[trace.origin]} reaches {self.label(sink)}"
        if trace.origin == Origin.SAFE:
            summary = f"written so in the source: {self.label(sink)}"
        elif len(nodes) > 1:
            summary = f"{_WORDS[trace.origin]} ({self.label(nodes[0])}) reaches {self.label(sink)}"
        related = tuple(Related(self.unit.path, self.unit.range(node), self.label(node)) for node in nodes[:-1])
        return Evidence("traced", summary, {"path": steps, "origin": trace.origin.name.lower()}), related

    def finding(
        self, rule: Rule, sink: Node, trace: Trace, says: str, *, confidence: float, suggestion: str
    ) -> Finding:
        """A finding at ``sink`` with its path; ``{what}`` in ``says`` stands for what the value comes from. One whose
        origin is unknown is of medium severity."""
        evidence, related = self.evidence(trace, sink)
        what = self.label(trace.steps[0]) if trace.steps else "a value"
        found = self.unit.finding(
            rule,
            sink,
            says.replace("{what}", what),
            confidence=confidence,
            suggestion=suggestion,
            evidence=(evidence,),
            related=related,
        )
        return found if trace.origin != Origin.UNKNOWN else replace(found, severity="medium")

    def label(self, node: Node) -> str:
        """The first line of a node's text, short."""
        text = self.unit.text(node).partition("\n")[0].strip()
        return text if len(text) <= 60 else text[:59] + "…"


_WORDS = {
    Origin.SAFE: "text of the source",
    Origin.PROGRAM: "a value of the program",
    Origin.UNKNOWN: "a value of unknown origin",
    Origin.PARAMETER: "a parameter",
    Origin.OUTSIDE: "a value from outside",
}

#: How sure a finding is, by where the value comes from.
CONFIDENCE = {
    Origin.PROGRAM: 0.35,
    Origin.UNKNOWN: 0.4,
    Origin.PARAMETER: 0.6,
    Origin.OUTSIDE: 0.92,
}

_TEXT_METHODS = frozenset(
    {
        "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "encode", "decode", "split", "rsplit",
        "splitlines", "partition", "rpartition", "items", "keys", "values", "copy", "read", "readline", "removeprefix",
        "removesuffix", "casefold", "zfill", "ljust", "rjust", "expandtabs",
    }
)  # fmt: skip

_Handler = Callable[[Tracer, Node, frozenset[str]], Trace]
_HANDLERS: dict[str, _Handler] = {
    **dict.fromkeys(("integer", "float", "true", "false", "none", "ellipsis", "comparison_operator"), Tracer.safe),
    **dict.fromkeys(("not_operator", "lambda"), Tracer.safe),
    **dict.fromkeys(("string", "concatenated_string"), Tracer.string),
    **dict.fromkeys(
        ("parenthesized_expression", "tuple", "list", "set", "dictionary", "expression_list", "boolean_operator",
         "list_splat", "await", "unary_operator", "dictionary_splat"),
        Tracer.inside,
    ),
    **dict.fromkeys(("list_comprehension", "set_comprehension", "generator_expression"), Tracer.comprehension),
    "pair": Tracer.pair,
    "binary_operator": Tracer.operation,
    "conditional_expression": Tracer.choice,
    "identifier": Tracer.name,
    "attribute": Tracer.attribute,
    "subscript": Tracer.subscript,
    "call": Tracer.call,
}  # fmt: skip


def _keywords(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    found = [each for each in listed.named_children if each.type == "keyword_argument"] if listed is not None else []
    return [value for each in found if (value := each.child_by_field_name("value")) is not None]


def _leaves(body: Node) -> bool:
    """Does a block end by leaving: return, raise, continue, break, abort(), exit()?"""
    last = next((each for each in reversed(body.named_children) if each.type != "comment"), None)
    if last is None:
        return False
    if last.type in ("return_statement", "raise_statement", "continue_statement", "break_statement"):
        return True
    call = last.children[0] if last.type == "expression_statement" and last.children else None
    text = call.text if call is not None and call.type == "call" else None
    return text is not None and text.split(b"(")[0].rpartition(b".")[2] in (
        b"abort",
        b"exit",
        b"_exit",
        b"fail",
        b"error",
    )


def _distinct(nodes: tuple[Node, ...]) -> list[Node]:
    """Steps without those that only repeat the line of the one before."""
    found: list[Node] = []
    for node in nodes:
        if not found or node.start_point[0] != found[-1].start_point[0]:
            found.append(node)
    return found
