"""The specification of a target: what its words say, and what its signature says better."""

from __future__ import annotations

from dataclasses import replace

from ..examples import find_calls
from ..specification import Parameter, Specification, specify
from . import definitions as defs
from .definitions import Parsed
from .target import Target


def specified(target: Target, words: str = "") -> Specification:
    """``words``, or the target's own, read as a specification of the target's function."""
    text = words or target.text
    spec = specify(text)
    if not target.name:
        return spec
    examples = tuple(each.example for each in find_calls(text) if each.name == target.name)
    spec = replace(spec, name=target.name, name_given=True, examples=examples)
    if not target.signature or target.signature.startswith("class"):
        return spec
    parsed = Parsed.of(f"{target.signature}:\n    pass\n")
    node = next(iter(defs.top_definitions(parsed))).node
    hint = node.child_by_field_name("return_type")
    return replace(
        spec,
        parameters=_parameters(parsed, node, target),
        returns=parsed.text(hint) if hint is not None else spec.returns,
        header=target.signature if target.kind == "stub" else "",
    )


def _parameters(parsed: Parsed, node: defs.Node, target: Target) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    after_star = False
    given = list(defs.arguments(parsed, node))
    if target.class_name and not any(each.startswith("@staticmethod") for each in target.decorators):
        given = given[1:]
    for each in given:
        if each.kind:
            after_star = after_star or each.kind == "*"
            continue
        found.append(Parameter(each.name, each.hint, each.default, keyword_only=after_star))
    return tuple(found)
