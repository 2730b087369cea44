"""What a target's property tests are made of, worked out in the sandbox: strategies and the claims that apply.

Invariant: the target's module is imported here and nothing of it is called.
It decides from what is written (annotations, docstrings, names), as the oracle does, and takes only what is stated or
usual enough that a person would write the test too; whether it holds, a run says.
"""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any, cast

from .annotations import Unsupported
from .contract import read_contract
from .domain import Domain
from .loading import CannotLoad, load
from .running import Runner
from .shapes import Parameter
from .strategy_source import Strategies, Unreadable
from .subject import open_subject

#: Pairs of names of which the second undoes the first.
_PAIRS = (
    *(("encode", "decode"), ("escape", "unescape"), ("quote", "unquote"), ("dumps", "loads"), ("pack", "unpack")),
    *(("compress", "decompress"), ("serialize", "deserialize"), ("serialise", "deserialise"), ("dump", "load")),
    *(("encrypt", "decrypt"), ("to_", "from_"), ("format", "parse")),
)
_IDEMPOTENT = re.compile(
    r"\b(?:normali[sz]e[ds]?|canonicali[sz]e[ds]?|slugify|dedupe|deduplicate|dedent|sorted|unique|strip)(?:\b|_)"
)
_PLAIN = (int, str, bool, float, bytes, list, dict, tuple, set, frozenset)


def describe(payload: Mapping[str, Any], emit: Callable[[Any], None]) -> dict[str, Any]:
    """``status`` and, if it is ``ok``: parameters with strategies, the claims, and the names that tests import."""
    try:
        module = load(payload["path"], payload["module"], tuple(payload["search"]))
    except CannotLoad as error:
        return {"status": "environment", "reason": str(error)}
    name = str(payload["name"])
    place = module.__file__ or payload["path"]
    try:
        subject = open_subject(module, name, place, payload["root"], payload["source"], Runner())
    except (Unsupported, LookupError) as error:
        return {"status": "unsupported", "reason": str(error)}
    if subject.is_class:
        return {"status": "unsupported", "reason": f"{name} is a class; property tests are written for its methods"}
    strategies = Strategies()
    domain = subject.call.domain
    parameters = [each for each in domain.parameters if each.kind != "var_keyword"]
    try:
        written = [_parameter(strategies, each) for each in parameters]
        if subject.call.method and written and written[0]["name"] == "self":
            owner = name.rpartition(".")[0].rpartition(".")[2].lower()
            taken = {each["name"] for each in written}
            written[0] = {**written[0], "kind": "receiver", "name": "target" if owner in taken else owner}
    except Unreadable as error:
        return {"status": "unsupported", "reason": f"there is no readable strategy for {error}"}
    function = inspect.unwrap(subject.call.function)
    return {
        "status": "ok",
        "parameters": written,
        "flavour": _flavour(function),
        "exceptions": sorted(_documented(domain) | _raised(domain)),
        "annotation": ast.unparse(domain.node.returns) if domain.node is not None and domain.node.returns else "",
        "returns": _returns(domain.returns) if not _flavour(function) else "",
        "round_trip": _inverse(module, name, domain, parameters),
        "idempotent": _idempotent(name, domain, parameters),
        "left_alone": domain.contract.left_alone,
        "own": sorted(strategies.own),
        "modules": sorted(strategies.modules),
        "certainty": subject.certainty,
    }


def _parameter(strategies: Strategies, parameter: Parameter) -> dict[str, Any]:
    source = strategies.write(parameter.shape)
    if parameter.kind == "var_positional":
        source = f"st.lists({source}, max_size=5)"
    return {"name": parameter.name, "kind": parameter.kind, "strategy": source}


def _flavour(function: Any) -> str:
    if inspect.iscoroutinefunction(function):
        return "async"
    if inspect.isasyncgenfunction(function):
        return "async-generator"
    return "generator" if inspect.isgeneratorfunction(function) else ""


def _documented(domain: Domain) -> set[str]:
    return {name for name in domain.contract.exceptions if name.isidentifier()}


def _raised(domain: Domain) -> set[str]:
    """Raised on purpose in the target's own body, so part of what it does."""
    found: set[str] = set()
    for node in ast.walk(domain.node) if domain.node is not None else ():
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id[:1].isupper():
                found.add(raised.id)
    return found


def _returns(annotation: Any) -> str:
    """The second argument of ``isinstance`` for the return annotation; empty where that cannot be said plainly."""
    if annotation is None or annotation is type(None):
        return "type(None)"
    options = typing.get_args(annotation) if _is_union(annotation) else (annotation,)
    names: list[str] = []
    for each in options:
        kind: Any = typing.get_origin(each) or each
        if each is type(None):
            names.append("type(None)")
        elif isinstance(kind, type) and kind in _PLAIN:
            names += ["int", "float"] if kind is float else [cast("type[Any]", kind).__name__]
        else:
            return ""
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _is_union(annotation: Any) -> bool:
    import types

    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _inverse(module: Any, name: str, domain: Domain, parameters: list[Parameter]) -> str:
    """A function of the module that undoes the target: an equation in a docstring, or a pair of names of which one
    says so."""
    contract, required = domain.contract, [each for each in parameters if each.kind == "positional"]
    if "." in name or len(required) != 1 or len(parameters) != 1:
        return ""
    if contract.equation and contract.equation[1] == name and hasattr(module, contract.equation[0]):
        return contract.equation[0]
    for first, second in _PAIRS:
        end = "" if first.endswith("_") else r"(?=_|s?$|\d)"
        other = re.sub(rf"(?:^|(?<=_)){first}{end}", second, name, count=1)
        function = getattr(module, other, None)
        if other != name and inspect.isfunction(function):
            about = read_contract(inspect.getdoc(function) or "")
            if contract.inverse or about.inverse or about.equation == (other, name):
                return other
    return ""


def _idempotent(name: str, domain: Domain, parameters: list[Parameter]) -> bool:
    if "." in name or len(parameters) != 1 or parameters[0].kind != "positional":
        return False
    doc = domain.contract.text
    if re.search(r"\bnot idempotent\b", doc, re.IGNORECASE):
        return False
    return bool(re.search(r"\bidempotent\b", doc, re.IGNORECASE) or _IDEMPOTENT.search(name))
