"""Code that calls a service: authentication, rate limits, retries, timeouts, and answers that are looked at first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ..context.index import Index
from ..context.pieces import Piece
from ..context.similar import calling_pieces
from ..drafter import Task
from ..validation.level import Level, Subject
from .reading import Reading, Said, line_of, static_check
from .signs import Signs, fit_of
from .strategy import Fit, Strategy

_MODULES = frozenset({"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "niquests"})
_SIGNS = Signs(
    words=(
        (r"https?|urls?|endpoints?", 0.35),
        (r"(?:web|rest|http|graphql|remote)[ -]?(?:api|service|server)s?|apis?|webhooks?", 0.45),
        (r"(?:get|post|put|patch|delete) requests?|requests? (?:to|from)|status codes?|response body", 0.5),
        (r"fetch(?:es)?|downloads?|uploads?", 0.3),
        (r"rate[ -]limit\w*|retry-after|back ?off|retries|bearer|oauth\w*|api keys?|paginat\w+", 0.35),
        (r"requests|httpx|aiohttp|urllib3?", 0.5),
    ),
    modules=_MODULES,
    types=((r"\b(?:requests\.)?Session\b(?=.*)|\bhttpx\.(?:Async)?Client\b|\bClientSession\b", 0.4),),
)

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream"})
#: Clients that wait for ever if nobody says otherwise.
_NO_TIMEOUT = ("requests.", "urllib.request.urlopen", "niquests.", "http.client.HTTPConnection")
_CLIENTS = ("requests.", "httpx.", "aiohttp.", "urllib.request.", "urllib3.", "niquests.", "http.client.")
_STATUS = frozenset({"raise_for_status", "status_code", "ok", "is_success", "is_error", "status", "getcode", "code"})


def fits(task: Task) -> Fit:
    return fit_of(task, _SIGNS)


def context(index: Index, path: str) -> Iterable[Piece]:
    """How this workspace calls services."""
    calls = ("requests.get", "requests.post", "httpx.get", "httpx.post", "raise_for_status", "urlopen", "session.get")
    return calling_pieces(index, calls, path)


# --- the check -------------------------------------------------------------------------------------------------------


def look(reading: Reading, subject: Subject) -> Said:
    """Each call has a timeout, its status is looked at, retries end, and what was asked for is there."""
    calls = list(_requests(reading))
    faults: list[str] = []
    hints: list[str] = []
    for call, client in calls:
        faults += _timeout(reading, call, client)
        if not _status_checked(reading, call, client):
            faults.append(
                f"the status of the answer is not checked ({line_of(call)}): call raise_for_status() or look at it"
            )
        hints += _believed(reading, call)
        if _endless(reading, call):
            faults.append(f"the request is repeated without end ({line_of(call)}): bound the number of attempts")
        for each in call.keywords:
            if each.arg == "verify" and isinstance(each.value, ast.Constant) and each.value.value is False:
                faults.append(f"the certificate is not verified ({line_of(call)})")
    if calls:
        faults += _wanted(reading, subject)
    looked_at = f"timeout, status and retries of {len(calls)} request{'s' if len(calls) > 1 else ''}" if calls else ""
    return Said(tuple(faults), tuple(hints), looked_at)


def _requests(reading: Reading) -> Iterator[tuple[ast.Call, str]]:
    """Calls that send a request, with the client: ``requests.get``, or ``requests.Session().get`` of a session."""
    for call in reading.calls():
        name = reading.dotted(call.func)
        if name.startswith(_CLIENTS) and (name.rpartition(".")[2] in _METHODS or name.endswith("urlopen")):
            yield call, name
        elif isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS:
            made = _client(reading, call.func.value)
            if made:
                yield call, f"{made}.{call.func.attr}"


def _client(reading: Reading, node: ast.expr) -> str:
    """``requests.Session()`` for a name that was given one or is annotated as one."""
    for value in reading.values(node):
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Call):
            name = reading.dotted(value.func)
            if name.startswith(_CLIENTS) and name.rpartition(".")[2] in (
                "Session",
                "session",
                "Client",
                "AsyncClient",
                "ClientSession",
                "PoolManager",
            ):
                return f"{name}()"
    if isinstance(node, ast.Name):
        for function in ast.walk(reading.tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                arguments = function.args
                for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                    if each.arg == node.id and each.annotation is not None:
                        hint = ast.unparse(each.annotation)
                        match = re.search(r"[\w.]*(?:Session|Client|ClientSession)\b", hint)
                        if match and "sqlalchemy" not in hint:
                            name = _qualified(reading, match[0])
                            return f"{name}()" if name.startswith(_CLIENTS) else ""
    return ""


def _qualified(reading: Reading, name: str) -> str:
    head, dot, rest = name.partition(".")
    return reading.origins.get(head, head) + dot + rest


def _timeout(reading: Reading, call: ast.Call, client: str) -> Iterator[str]:
    given = next((each.value for each in call.keywords if each.arg == "timeout"), None)
    passed_on = any(each.arg is None for each in call.keywords)  # **options
    if isinstance(given, ast.Constant) and given.value is None:
        yield f"the request may wait for ever: timeout=None ({line_of(call)})"
    elif given is None and not passed_on and client.startswith(_NO_TIMEOUT):
        position = 2 if client.endswith("urlopen") else 99
        if len(call.args) <= position:
            yield f"{client}() has no timeout ({line_of(call)}), so it may wait for ever: pass timeout="
    del reading


def _status_checked(reading: Reading, call: ast.Call, client: str) -> bool:
    if client.endswith("urlopen"):
        return True  # raises HTTPError itself
    parent = reading.parents.get(call)
    outer: ast.AST | None = call
    if isinstance(parent, ast.Await):
        outer, parent = parent, reading.parents.get(parent)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _STATUS
    if isinstance(parent, (ast.Return, ast.Yield, ast.Lambda)):
        return True  # whoever asked for the response looks at it
    names = {name for name, values in reading.assigned.items() if outer in values or call in values}
    attributes = [node for node in ast.walk(reading.tree) if isinstance(node, ast.Attribute) and node.attr in _STATUS]
    used = {node.value.id for node in attributes if isinstance(node.value, ast.Name)}
    returned = {node.value.id for node in ast.walk(reading.tree)
                if isinstance(node, (ast.Return, ast.Yield)) and isinstance(node.value, ast.Name)}  # fmt: skip
    handed = {
        each.id for other in reading.calls() if other is not call for each in other.args if isinstance(each, ast.Name)
    }
    return bool(names & (used | returned | handed)) or _client_raises(reading)


def _client_raises(reading: Reading) -> bool:
    """``aiohttp.ClientSession(raise_for_status=True)``, or an event hook that does."""
    return any(each.arg in ("raise_for_status", "event_hooks") for call in reading.calls() for each in call.keywords)


def _believed(reading: Reading, call: ast.Call) -> Iterator[str]:
    """``response.json()["a"]["b"]`` where no KeyError is expected and nothing was looked at."""
    for node in ast.walk(reading.tree):
        if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
            continue
        made = [value.func for value in reading.values(node.value) if isinstance(value, ast.Call)]
        answer = any(isinstance(each, ast.Attribute) and each.attr == "json" for each in made)
        if answer and not any(isinstance(each, ast.Try) for each in reading.around(node)) and not _looked_at(reading):
            yield f"the answer's fields are taken without looking whether they are there ({line_of(node)})"
            return
    del call


def _looked_at(reading: Reading) -> bool:
    names = {reading.dotted(each.func) for each in reading.calls()}
    membership = any(isinstance(op, (ast.In, ast.NotIn)) for node in ast.walk(reading.tree)
                     if isinstance(node, ast.Compare) for op in node.ops)  # fmt: skip
    return membership or "isinstance" in names or any(each.endswith((".get", "model_validate")) for each in names)


def _endless(reading: Reading, call: ast.Call) -> bool:
    for around in reading.around(call):
        if isinstance(around, ast.While) and isinstance(around.test, ast.Constant) and around.test.value:
            ends = [node for node in ast.walk(around) if isinstance(node, (ast.Break, ast.Raise))]
            returns = [node for node in ast.walk(around) if isinstance(node, ast.Return)]
            counted = any(isinstance(node, ast.Compare) for node in ast.walk(around))
            return not ends and not (returns and counted)
    return False


def _wanted(reading: Reading, subject: Subject) -> Iterator[str]:
    """What the specification asks for and the code shows no trace of."""
    spec = subject.spec
    if spec is None:
        return
    words = spec.text.lower()
    names = {node.attr if isinstance(node, ast.Attribute) else node.id for node in ast.walk(reading.tree)
             if isinstance(node, (ast.Attribute, ast.Name))}  # fmt: skip
    keywords = {each.arg or "" for call in reading.calls() for each in call.keywords}
    texts = " ".join(reading.texts()).lower()
    loops = any(isinstance(node, (ast.For, ast.While, ast.AsyncFor)) for node in ast.walk(reading.tree))
    decorated = any(getattr(node, "decorator_list", None) for node in ast.walk(reading.tree))
    if re.search(r"\bretr(?:y|ies|ied)\b|\battempts?\b", words) and not (
        loops or decorated or names & {"Retry", "HTTPAdapter"}
    ):
        yield "retries are asked for, and the request is sent once only"
    if re.search(r"\b429\b|rate[ -]limit|retry-after", words) and not (
        "retry-after" in texts or names & {"Retry", "too_many_requests", "TOO_MANY_REQUESTS"} or _number(reading, 429)
    ):
        yield "the rate limit is asked about, and neither 429 nor Retry-After is looked at"
    if re.search(r"\bbearer\b|\bapi[ -]keys?\b|\bauthenticat\w+|\boauth\w*|\btoken\b", words) and not (
        keywords & {"auth", "headers"} or "authorization" in texts or names & {"headers", "auth"}
    ):
        yield "authentication is asked for, and no header or auth is sent"


def _number(reading: Reading, value: int) -> bool:
    return any(isinstance(node, ast.Constant) and node.value == value for node in ast.walk(reading.tree))


STRATEGY = Strategy(
    "api",
    "code that calls a service over HTTP",
    fits,
    "api",
    context,
    (
        Level(
            "requests",
            45,
            10.0,
            static_check(look),
            about="requests have timeouts, their status is checked, retries end",
        ),
    ),
)
