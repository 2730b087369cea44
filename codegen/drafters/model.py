"""A model, asked with the context and the prompt of the task; which one, and at what cost, is the governor's.

Its answer is text until the checks of every proposal have passed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from ..context import Context, context_of
from ..drafter import Declined, Draft, Drafter, Feedback, Task
from ..governor import NO_MODEL, Means, ModelRequest, Reply, ask
from ..placement import Import, read_imports
from ..prompts import digest, fill, template
from ..provider import Message
from ..redaction import mask
from ..specification import call_text
from ..writing import function_text

_FENCE = re.compile(r"^[ \t]*(```|~~~)[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)


def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
    if not task.models:  # before any context is gathered
        return Declined(NO_MODEL)
    means = Means(task.models, task.budget, task.store, task.cancel, task.on_progress)
    context = context_of(task)
    messages, masked = _messages(task, context, feedback)
    purpose = "repair" if feedback else "code"
    request = ModelRequest(tuple(messages), purpose, f"generate {task.spec.name}", context.files, masked)
    reply = ask(request, means)
    return reply if isinstance(reply, Declined) else _read(task, reply, messages)


# --- the prompt ------------------------------------------------------------------------------------------------------


@dataclass
class _Masker:
    count: int = 0

    def __call__(self, text: str) -> str:
        masked, count = mask(text)
        self.count += count
        return masked


def _messages(task: Task, context: Context, feedback: tuple[Feedback, ...]) -> tuple[list[Message], int]:
    spec, hide = task.spec, _Masker(context.masked)
    method = bool(task.target.class_name)
    signature = function_text(spec, ["..."], method=method, type_hints=task.request.include_type_hints).split(":\n")[0]
    examples = "\n".join(
        f"{spec.name}{call_text(each)} {'raises ' + each.raises if each.raises else '-> ' + repr(each.expected)}"
        for each in spec.examples
    )
    wants_tests = not spec.examples and task.request.include_tests
    values = {
        "kind": f"method of the class {task.target.class_name}" if method else "function",
        "signature": signature,
        "description": hide(spec.text.strip() or spec.name),
        "examples": hide(examples) or "(none)",
        "path": context.path or "a new file",
        "context": context.text,
        "tests": _TESTS_WANTED.format(name=spec.name) if wants_tests else "",
    }
    messages: list[Message] = [
        {"role": "system", "content": template("system")},
        {"role": "user", "content": fill(template("function"), values).strip()},
    ]
    for each in feedback:
        messages.append({"role": "assistant", "content": f"```python\n{hide(each.code)}\n```"})
        told = {"check": each.check, "reason": hide(each.reason)}
        messages.append({"role": "user", "content": fill(template("repair"), told)})
    return messages, hide.count


_TESTS_WANTED = (
    "There are no examples: after the function, add a second fenced block with three to six plain pytest functions "
    "that call `{name}` (it is in scope; do not import it), from the description alone."
)


# --- the answer ------------------------------------------------------------------------------------------------------


def _read(task: Task, reply: Reply, messages: list[Message]) -> Draft | Declined:
    if not reply.complete and reply.stopped != "length":
        return Declined(f"{reply.model} gave no answer ({reply.stopped})", reply.cost_usd)
    record = {
        "model": reply.model,
        "endpoint": reply.endpoint,
        "prompt_sha256": digest(*(each["content"] for each in messages)),
        "template_sha256": digest(template("system"), template("function"), template("repair")),
    }
    code, tests = blocks(reply.text, task.spec.name)
    if not code:
        return Declined(f"{reply.model} answered without a function called {task.spec.name}", reply.cost_usd)
    function, imports = split_imports(code)
    return Draft(function, imports, 0.6, tests, True, reply.notes, (), reply.cost_usd, record)


def blocks(text: str, name: str) -> tuple[str, str]:
    """(the block that defines ``name``, the block of tests) of an answer in prose; empty texts if there is none."""
    found = [match[3] for match in _FENCE.finditer(text)] or [text]
    defines = re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b", re.MULTILINE)
    code = next((each for each in found if defines.search(each)), "")
    tests = next((each for each in found if each != code and re.search(r"^def test_", each, re.MULTILINE)), "")
    return _dedented(code), _dedented(tests)


def _dedented(text: str) -> str:
    import textwrap

    return textwrap.dedent(text.replace("\r\n", "\n").replace("\t", "    ")).strip("\n") + "\n" if text.strip() else ""


def split_imports(code: str) -> tuple[str, tuple[Import, ...]]:
    """The code without its leading imports, and those; what cannot be read is left where it is for the checks."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code, ()
    lines = code.split("\n")
    imports: list[Import] = []
    removed: set[int] = set()
    for node in tree.body:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            removed |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
            continue
        try:
            imports += read_imports([ast.unparse(node)])
        except ValueError:
            continue
        removed |= set(range(node.lineno - 1, node.end_lineno or node.lineno))
    kept = "\n".join(line for number, line in enumerate(lines) if number not in removed)
    return kept.strip("\n") + "\n", tuple(dict.fromkeys(imports))


DRAFTER = Drafter("openai-compatible", 50, propose, rounds=4)
