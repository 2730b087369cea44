"""Any OpenAI-compatible endpoint by its address: OpenAI, Ollama, vLLM, llama.cpp, gateways.

Before a request: nothing without settings; the budget, from an estimate of the tokens; the record of what leaves the
machine. Its answer is text until the checks of every proposal have passed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ...analyzers.errors import Cancelled, Unavailable
from ...analyzers.store import open_store
from ..chat import Answer, Interrupted, Message, complete
from ..context import Context, context_of
from ..drafter import Declined, Draft, Drafter, Feedback, Task
from ..placement import Import, read_imports
from ..prices import Usage, estimated_tokens, price
from ..prompts import digest, fill, template
from ..proposal import ModelSettings
from ..redaction import mask
from ..specification import call_text
from ..writing import function_text

TEMPERATURE = 0.2
MAX_TOKENS = 2_000

_FENCE = re.compile(r"^[ \t]*(```|~~~)[ \t]*(\w*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)


def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
    settings = task.model
    if settings is None:
        return Declined("no model is configured (OPENAI_API_KEY, or OPENAI_BASE_URL for a local server)")
    if task.budget.never:
        return Declined("a model is configured, but the budget is 0: it is never called")
    if task.store is None:
        return Declined("the record of what leaves the machine cannot be written, so nothing is sent")
    if task.cancel():
        raise Cancelled
    context = context_of(task)
    messages, masked = _messages(task, context, feedback)
    tokens = estimated_tokens(*(each["content"] for each in messages))
    expected = price(Usage(tokens, MAX_TOKENS), settings.model, settings.base_url)
    if expected is None and not task.budget.allow_unknown_price:
        return Declined(f"the price of {settings.model} is not known, and the budget allows known prices only")
    if expected is not None and expected > task.budget.request_usd:
        return Declined(
            f"a call of {settings.model} may cost ${expected:.4f}, over the budget of ${task.budget.request_usd:.4f} "
            "a request"
        )
    with open_store(None, folder=task.store.folder) as purse:
        reserved = purse.reserve_spending(
            expected or 0.0, model=settings.model, day_usd=task.budget.day_usd, month_usd=task.budget.month_usd
        )
        if reserved is None:
            return Declined("the budget of the day or month is spent; no model was called")
        spent: float | None = 0.0
        try:
            answer, usage = _ask(task, settings, messages, masked, context)
            spent = price(usage, settings.model, settings.base_url)
        finally:
            purse.settle_spending(reserved, spent or 0.0)
    if isinstance(answer, Declined):
        return Declined(answer.reason, spent)
    return _read(task, settings, answer, messages, spent, expected is None)


def _ask(
    task: Task, settings: ModelSettings, messages: list[Message], masked: int, context: Context
) -> tuple[Answer | Declined, Usage]:
    """The answer or why there is none, and the tokens that were used. Raises Cancelled."""
    assert task.store is not None
    body = "\n".join(each["content"] for each in messages).encode("utf-8", "surrogatepass")
    task.store.record_egress(
        endpoint=shown_address(settings.base_url),
        model=settings.model,
        body=body,
        why=f"generate {task.spec.name}",
        files=context.files,
        masked=masked,
    )
    task.on_progress(f"asking {settings.model}")
    try:
        answer = complete(
            settings,
            messages,
            temperature=TEMPERATURE,
            max_tokens=MAX_TOKENS,
            cancel=task.cancel,
            on_progress=task.on_progress,
        )
    except Interrupted as error:
        if error.cancelled:
            raise Cancelled from error
        return Declined(str(error)), error.usage
    except Unavailable as error:
        return Declined(str(error)), Usage(0, 0)
    return answer, answer.usage


def shown_address(base_url: str) -> str:
    """The endpoint without credentials or query, for the record."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))


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
    method = bool(task.comment.class_name)
    signature = function_text(spec, ["..."], method=method, type_hints=task.request.include_type_hints).split(":\n")[0]
    examples = "\n".join(
        f"{spec.name}{call_text(each)} {'raises ' + each.raises if each.raises else '-> ' + repr(each.expected)}"
        for each in spec.examples
    )
    wants_tests = not spec.examples and task.request.include_tests
    values = {
        "kind": f"method of the class {task.comment.class_name}" if method else "function",
        "signature": signature,
        "description": hide(spec.text.strip() or spec.name),
        "examples": hide(examples) or "(none)",
        "path": context.path or "a new file",
        "context": context.text or "# nothing",
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


def _read(
    task: Task, settings: ModelSettings, answer: Answer, messages: list[Message], spent: float | None, unknown: bool
) -> Draft | Declined:
    if not answer.complete and answer.stopped != "length":
        return Declined(f"{settings.model} gave no answer ({answer.stopped})", spent)
    record = {
        "model": settings.model,
        "endpoint": shown_address(settings.base_url),
        "prompt_sha256": digest(*(each["content"] for each in messages)),
        "template_sha256": digest(template("system"), template("function"), template("repair")),
    }
    notes = ["the price of this model is not known"] if unknown else []
    code, tests = blocks(answer.text, task.spec.name)
    if not code:
        return Declined(f"{settings.model} answered without a function called {task.spec.name}", spent)
    function, imports = split_imports(code)
    return Draft(function, imports, 0.6, tests, True, tuple(notes), (), spent, record)


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
