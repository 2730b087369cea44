"""The text of a function and of its tests, from a specification."""

from __future__ import annotations

import builtins
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from .examples import Example
from .specification import Parameter, Specification, call_text

_WIDTH = 100

#: What a hint may be made of without an import.
_BUILT_IN = frozenset({"None", *(name for name, value in vars(builtins).items() if isinstance(value, type))})


def function_text(spec: Specification, body: Sequence[str], *, method: bool = False, type_hints: bool = True) -> str:
    """``def name(parameters) -> hint:``, a docstring from the description, and the body. Four spaces a level."""
    parameters = ["self"] if method else []
    star = False
    for each in spec.parameters:
        if each.keyword_only and not star:
            parameters.append("*")
            star = True
        parameters.append(parameter_text(each, type_hints))
    returns = f" -> {spec.returns}" if type_hints and spec.returns else ""
    head = f"def {spec.name}({', '.join(parameters)}){returns}:"
    if spec.header:
        head = f"{spec.header}:"
    elif len(head) > _WIDTH:
        head = "\n".join([f"def {spec.name}(", *(f"    {each}," for each in parameters), f"){returns}:"])
    lines = [head, *docstring(spec.description), *(f"    {line}" for line in body)]
    return "\n".join(lines) + "\n"


def parameter_text(parameter: Parameter, type_hints: bool = True) -> str:
    hint = f": {parameter.hint}" if type_hints and parameter.hint else ""
    if not parameter.default:
        return f"{parameter.name}{hint}"
    return f"{parameter.name}{hint} = {parameter.default}" if hint else f"{parameter.name}={parameter.default}"


def docstring(description: str, indent: str = "    ") -> list[str]:
    """The description as a docstring, wrapped; nothing if there is none."""
    text = " ".join(description.split()).strip()
    if not text:
        return []
    text = text[0].upper() + text[1:]
    if text[-1] not in ".!?":
        text += "."
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    if text.endswith('"'):
        text += " "
    if len(indent) + len(text) + 6 <= _WIDTH:
        return [f'{indent}"""{text}"""']
    lines = textwrap.wrap(text, _WIDTH - len(indent) - 3, break_long_words=False, break_on_hyphens=False)
    return [f'{indent}"""{lines[0]}', *(indent + line for line in lines[1:]), f'{indent}"""']


# --- tests -----------------------------------------------------------------------------------------------------------


def example_tests(
    spec: Specification, module: str, *, class_name: str = "", examples: Sequence[Example] | None = None
) -> str:
    """A pytest file with a case for each example; empty without examples."""
    chosen = spec.examples if examples is None else examples
    results = [each for each in chosen if not each.raises]
    errors = [each for each in chosen if each.raises]
    if not chosen:
        return ""
    subject = class_name.partition(".")[0] or spec.name
    importable = all(part.isidentifier() for part in module.split("."))
    imports = (
        ["import pytest"] if errors or len(results) > 1 or any(_approximate(each.expected) for each in results) else []
    )
    if importable:
        load = f"from {module} import {subject}"
    else:  # a file whose name is not an identifier can still be imported by its name
        imports.insert(0, "import importlib")
        load = f'{subject} = importlib.import_module("{module}").{subject}'
    call = _Call(spec.name, class_name, spec.header.startswith("async "))
    if call.is_async:
        imports = ["import asyncio", *([""] if imports else []), *imports]
    lines = [f'"""Examples of {spec.name}, from the comment that it was written from."""', ""]
    lines += [*imports, ""] if imports else []
    lines += [load, ""]
    if len(results) == 1:
        lines += ["", f"def test_{spec.name}() -> None:", f"    assert {_assertion(call, results[0])}", ""]
    elif results:
        lines += _parametrised(spec, call, results)
    for number, each in enumerate(errors, 1):
        suffix = f"_{number}" if len(errors) > 1 else ""
        lines += ["", f"def test_{spec.name}_raises_{each.raises}{suffix}() -> None:",
                  f"    with pytest.raises({each.raises}):", f"        {call.text(call_text(each))}", ""]  # fmt: skip
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Call:
    """How a test calls the function."""

    name: str
    class_name: str = ""
    is_async: bool = False

    def text(self, arguments: str) -> str:
        """The call with ``arguments``, brackets included."""
        subject = f"{self.class_name}.__new__({self.class_name})." if self.class_name else ""
        written = f"{subject}{self.name}{arguments}"
        return f"asyncio.run({written})" if self.is_async else written


def _parametrised(spec: Specification, call: _Call, examples: Sequence[Example]) -> list[str]:
    names = [f"argument{position + 1}" for position in range(len(examples[0].args))]
    for position, each in enumerate(spec.parameters[: len(names)]):
        names[position] = each.name
    if "expected" in names or any(len(each.args) != len(names) or each.kwargs for each in examples):
        lines: list[str] = ["", f"def test_{spec.name}() -> None:"]
        return [*lines, *(f"    assert {_assertion(call, each)}" for each in examples), ""]
    heads = ", ".join(f'"{name}"' for name in [*names, "expected"])
    rows = [f"        ({', '.join(repr(value) for value in [*each.args, each.expected])})," for each in examples]
    floats = any(_approximate(each.expected) for each in examples)
    expected = "pytest.approx(expected)" if floats else "expected"
    hints = [parameter_text(Parameter(name, "object")) for name in names]
    for position, each in enumerate(spec.parameters[: len(names)]):
        hints[position] = f"{names[position]}: {_known(each.hint)}"
    arguments = f"({', '.join(names)})"
    hints.append(f"expected: {_known(spec.returns)}")
    return [
        "",
        "@pytest.mark.parametrize(",
        f"    ({heads}),",
        "    [",
        *rows,
        "    ],",
        ")",
        f"def test_{spec.name}({', '.join(hints)}) -> None:",
        f"    assert {call.text(arguments)} == {expected}",
        "",
    ]


def _known(hint: str) -> str:
    """A hint that means something in a file of tests, which imports no types."""
    names = set(re.findall(r"[A-Za-z_]\w*", hint))
    return hint if names and names <= _BUILT_IN else "object"


def _assertion(call: _Call, example: Example) -> str:
    written = call.text(call_text(example))
    if example.expected is None or isinstance(example.expected, bool):
        return f"{written} is {example.expected!r}"
    if _approximate(example.expected):
        return f"{written} == pytest.approx({example.expected!r})"
    return f"{written} == {example.expected!r}"


def _approximate(value: object) -> bool:
    """Whether a result holds floats and has a shape that ``pytest.approx`` accepts."""
    if isinstance(value, float):
        return True
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        plain = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in items)
        return plain and any(isinstance(each, float) for each in items)
    return False
