"""The messages for a task: templates, filled with what the target says, the context and the strategy's guidance.

Invariant: every text that comes from the workspace or from a person is masked before it goes into a message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .context import Context
from .drafter import Feedback, Task
from .generators.strategy import Strategy
from .prompts import digest, filled, template
from .provider import Message
from .redaction import mask
from .specification import call_text
from .writing import function_text

_SOURCES = {"comment": "comment", "stub": "docstring", "failing_test": "failing test", "selection": "request"}

_TESTS_WANTED = (
    "There are no examples: after the function, add a further fenced block with three to six plain pytest functions "
    "{use}, from the description alone."
)


@dataclass
class Masker:
    """Masks texts and counts what it masked."""

    count: int = 0

    def __call__(self, text: str) -> str:
        masked, count = mask(text)
        self.count += count
        return masked


@dataclass(frozen=True, slots=True)
class Prompt:
    """``templates`` are the names of those it was made from; ``similar_to`` is the text by which an earlier answer may
    stand for this one, empty if none may."""

    messages: tuple[Message, ...]
    masked: int
    templates: tuple[str, ...]
    similar_to: str = ""

    @property
    def sha256(self) -> str:
        return digest(*(each["content"] for each in self.messages))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a task asks for, in words that a template takes."""

    name: str
    kind: str
    signature: str
    description: str
    examples: str
    source: str
    given: str
    code: str = ""
    hide: Masker = field(default_factory=Masker)


def asked(task: Task) -> Asked:
    """The parts of a prompt that come from the target and its specification, masked."""
    spec, target, hide = task.spec, task.target, Masker()
    method = bool(target.class_name)
    is_class = target.signature.startswith("class")
    written = function_text(spec, ["..."], method=method, type_hints=task.request.include_type_hints)
    signature = target.signature or written.split(":\n")[0]
    examples = "\n".join(
        f"{spec.name}{call_text(each)} {'raises ' + each.raises if each.raises else '-> ' + repr(each.expected)}"
        for each in spec.examples
    )
    given: list[str] = []
    if target.kind == "stub":
        given.append(f"It stands there as a stub; its signature stays as it is:\n```python\n{hide(target.code)}\n```")
    if target.tests:
        given.append(f"These tests must pass:\n```python\n{hide(target.tests).strip()}\n```")
    return Asked(
        spec.name,
        "class" if is_class else f"method of the class {target.class_name}" if method else "function",
        hide(signature),
        hide(spec.text.strip() or target.docstring.strip() or spec.name),
        hide(examples) or "(none)",
        _SOURCES.get(target.kind, "comment"),
        "\n".join(given),
        hide(target.code),
        hide,
    )


def _use(task: Task) -> str:
    """What tests do with what they test."""
    outer = task.target.class_name
    if not outer:
        return f"that call `{task.spec.name}` (it is in scope; do not import it)"
    return f"of `{outer}.{task.spec.name}` (`{outer.partition('.')[0]}` is in scope; do not import it)"


def _described(parts: Asked, brief: str) -> dict[str, str]:
    """What is asked for, in the words of every template."""
    return {
        "kind": parts.kind,
        "name": parts.name,
        "signature": parts.signature,
        "source": parts.source,
        "description": parts.description,
        "brief": f"\nWorked out from it (the description itself counts where they differ):\n{brief}\n" if brief else "",
    }


def prompt_for(
    task: Task, context: Context, strategy: Strategy, brief: str, feedback: tuple[Feedback, ...], *, tests: bool
) -> Prompt:
    """The messages of one round. ``brief`` is what was worked out from a complex description; ``tests``: the model is
    to write some."""
    parts = asked(task)
    main: Literal["change", "function"] = "change" if task.target.kind == "selection" else "function"
    values = {
        **_described(parts, brief),
        "examples": parts.examples,
        "given": parts.given,
        "code": parts.code,
        "guidance": filled(strategy.template, {"name": parts.name}),
        "path": context.path or "a new file",
        "context": context.text,
        "tests": _TESTS_WANTED.format(use=_use(task)) if tests else "",
    }
    messages: list[Message] = [
        {"role": "system", "content": template("system").strip()},
        {"role": "user", "content": filled(main, values)},
    ]
    for each in feedback:
        messages.append({"role": "assistant", "content": f"```python\n{parts.hide(each.code)}\n```"})
        told = {"check": each.check, "reason": parts.hide(each.reason)}
        messages.append({"role": "user", "content": filled("repair", told)})
    used = ("system", main, strategy.template, *(("meta",) if brief else ()), *(("repair",) if feedback else ()))
    # Only examples or tests of one's own can tell whether an answer to another description fits this one.
    judged = bool(task.spec.examples or task.target.tests)
    similar = (
        ""
        if feedback or not judged
        else "\n".join((parts.description, parts.signature, parts.examples, digest(context.text)))
    )
    return Prompt(tuple(messages), context.masked + parts.hide.count, used, similar)


def prompt_for_tests(task: Task, brief: str) -> Prompt:
    """The message that asks for tests alone. The code is not shown: they are to be independent of it."""
    parts = asked(task)
    return Prompt(
        ({"role": "user", "content": filled("tests", _described(parts, brief))},), parts.hide.count, ("tests",)
    )
