"""A model, asked with the context and the prompt of the task; which one, and at what cost, is the governor's.

Its answer is text until the checks of every proposal have passed.

Invariant: of a file that may not be shown, no code and no tests are sent; a secret in the code that is to be changed
comes back as it was, or the answer is not used.
"""

from __future__ import annotations

from dataclasses import replace

from ..answers import Answer, blocks, named, read_answer, read_tests, schema_for, split_imports
from ..briefing import Brief, brief_for
from ..context import Context, context_of
from ..context.visible import shown_path
from ..drafter import Declined, Draft, Drafter, Feedback, Task
from ..generators import Choice, chosen
from ..governor import NO_MODEL, Means, ModelRequest, Purse, Reply, ask
from ..prices import estimated_tokens
from ..prompting import Prompt, prompt_for, prompt_for_tests
from ..prompts import record_of
from ..redaction import MASK, put_back, taken_out

__all__ = ["DRAFTER", "blocks", "split_imports"]

#: Tokens of an answer; more where a naive version or tests come along, and at most where long code is changed.
TOKENS, MORE_TOKENS, MOST_TOKENS = 2_000, 3_000, 8_000


def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
    if not task.models:  # before any context is gathered
        return Declined(NO_MODEL)
    files, hidden = _shown(task)
    if hidden:
        return Declined(f"{hidden} is ignored, holds secrets or lies outside of the workspace: a model is not shown it")
    rewritten = TOKENS // 2 + estimated_tokens(task.target.code) if task.target.kind == "selection" else 0
    if rewritten > MOST_TOKENS:
        return Declined(f"{task.spec.name} is too long to be written anew in one answer: select a part of it")
    purse = task.memo.setdefault("purse", Purse())  # of all rounds and opinions
    means = Means(task.models, task.budget, task.store, task.cancel, task.on_progress, purse=purse)
    choice = chosen(task)
    context = _context(task, choice)
    brief = brief_for(task, means)
    similar = task.memo.setdefault("similar", set[str]())  # drafts from answers to another question
    feedback = tuple(each for each in feedback if each.code not in similar)
    tests = not task.spec.examples and not task.target.tests and task.request.include_tests
    prompt = prompt_for(task, context, choice.strategy, brief.text, feedback, tests=tests)
    request = ModelRequest(
        prompt.messages,
        "repair" if feedback else "change" if task.target.kind == "selection" else "code",
        f"generate {task.spec.name}",
        tuple(dict.fromkeys((*context.files, *files))),
        prompt.masked,
        max(MORE_TOKENS if tests or choice.strategy.wants_naive else TOKENS, rewritten),
        similar_to="" if similar else prompt.similar_to,
        schema=schema_for(tests=tests, naive=choice.strategy.wants_naive),
        sample=task.sample,
    )
    reply = ask(request, means)
    cost = None if reply.cost_usd is None or brief.cost_usd is None else reply.cost_usd + brief.cost_usd
    if isinstance(reply, Declined):
        return replace(reply, cost_usd=cost)
    drafted = _read(task, reply, prompt, choice, brief, cost)
    if isinstance(drafted, Declined):
        return drafted
    if reply.cached == "similar":
        similar.update(each.code for each in (drafted, *drafted.alternatives))
    alone = not task.target.class_name and not task.sample and "tests" not in task.memo
    if tests and not drafted.tests and alone and task.sandbox is not None:
        drafted = _with_tests(task, drafted, brief, means, prompt.templates)
    return drafted


def _with_tests(task: Task, draft: Draft, brief: Brief, means: Means, used: tuple[str, ...]) -> Draft:
    """The draft with tests that are asked for alone, as its answer held none: nothing else would try it."""
    prompt = prompt_for_tests(task, brief.text)
    why = f"test {task.spec.name}"
    reply = ask(ModelRequest(prompt.messages, "tests", why, masked=prompt.masked, max_tokens=TOKENS), means)
    task.memo["tests"] = tests = read_tests(reply.text) if isinstance(reply, Reply) else ""
    cost = None if draft.cost_usd is None or reply.cost_usd is None else draft.cost_usd + reply.cost_usd
    return replace(draft, tests=tests, cost_usd=cost, record={**draft.record, **record_of((*used, *prompt.templates))})


def _shown(task: Task) -> tuple[tuple[str, ...], str]:
    """(files of which code or tests are sent besides the context's, the name of one that may not be shown)."""
    target, request = task.target, task.request
    sent = [request.path] if target.kind == "selection" else []
    sent += [target.tests_path] if target.tests and target.tests_path is not None else []
    found = [(each.name, shown_path(each, request.root)) for each in sent]
    return tuple(shown for _, shown in found if shown), next((name for name, shown in found if shown is None), "")


def _context(task: Task, choice: Choice) -> Context:
    """The context of the task, gathered once."""
    known = task.memo.get("context")
    if isinstance(known, Context):
        return known
    task.memo["context"] = found = context_of(task, more=choice.strategy.context)
    return found


def _read(
    task: Task, reply: Reply, prompt: Prompt, choice: Choice, brief: Brief, cost: float | None
) -> Draft | Declined:
    if not reply.complete and reply.stopped != "length":
        return Declined(f"{reply.model} gave no answer ({reply.stopped})", cost)
    kind = "class" if task.target.signature.startswith("class") else "def"
    answer = read_answer(reply.text, task.spec.name, kind=kind)
    if not answer.candidates:
        what = "class" if kind == "class" else "function"
        return Declined(f"{reply.model} answered without a {what} called {task.spec.name}", cost, reply.key)
    if not task.spec.name_given and not task.target.name:
        answer = named(answer, task.spec.name)
    secrets = taken_out(task.target.code)[1]
    codes = [each if MASK not in each else put_back(each, secrets) for each in answer.candidates]
    candidates = [each for each in codes if each is not None]
    if not candidates:
        return Declined(f"{reply.model} wrote the mask of a secret where no secret was", cost, reply.key)
    record = {
        "model": reply.model,
        "provider": reply.provider,
        "endpoint": reply.endpoint,
        "reply": reply.key,
        "prompt_sha256": prompt.sha256,
        "domain": choice.domain,
        "strategy": choice.strategy.name,
        "strategy_reasons": "; ".join(choice.reasons),
        **record_of(prompt.templates),
    }
    notes = [*reply.notes, *((brief.note,) if brief.note else ())]
    if choice.domain != "general":
        notes.append(f"written as {choice.domain} code ({'; '.join(choice.reasons)})")
    drafts = [_draft(each, answer, tuple(notes), cost, record, choice) for each in candidates]
    return replace(drafts[0], alternatives=tuple(drafts[1:]))


def _draft(
    code: str, answer: Answer, notes: tuple[str, ...], cost: float | None, record: dict[str, str], choice: Choice
) -> Draft:
    function, imports = split_imports(code)
    return Draft(
        function,
        imports,
        0.6,
        answer.tests,
        by_model=True,
        notes=notes,
        cost_usd=cost,
        record=record,
        extras={"naive": answer.naive} if answer.naive else {},
        checks=choice.checks,
    )


DRAFTER = Drafter("model", 50, propose, rounds=4)
