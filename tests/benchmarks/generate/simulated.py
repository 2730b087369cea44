"""The simulated model: what a model is taken to be, where no real one may be called. Documented in README.md.

It is asked through the real prompts and answers with text. It sees of the feedback what a model sees, and repairs a
fault only if the feedback names it.

Invariant: deterministic for a seed; nothing of Suture's verdicts reaches it but by the prompt.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import faults
from tasks import Task

from suture.codegen.governor import Declined, ModelRequest, Reply

#: An answer is faulty with this probability, and a faulty one has two faults with that one.
FAULTY, TWO = 0.6, 0.15
#: A further opinion makes the very same mistake as the first with this probability (models err alike).
ALIKE = 0.25
#: A fault that the feedback names is repaired with this probability; else another one takes its place.
REPAIRS = 0.75
#: A repair brings a new fault along with this probability.
RELAPSE = 0.05
#: A right answer gives way to a wrong one with this probability, once it is told that others differ.
GIVES_WAY = 0.15
#: A test that the model writes expects something wrong with this probability.
WRONG_TEST = 0.08

#: What names a fault of a kind in feedback, besides its own words.
NAMED: Mapping[str, str] = {
    "syntax": r"does not parse|does not compile",
    "invented": r"there is no module|has no |is not defined|undefined",
    "wrong_name": r"undefined|not defined|NameError|UnboundLocalError|no function called|cannot import",
    "insecure": r"security|S\d{3}|injection|eval|pickle|shell",
    "swallowed": r"swallow",
    "endless": r"did not end|does not end|hang|\w+Error|undefined",
    "off_by_one": r"a test failed|differ|the description says|raises|did not end|does not end|\w+Error|undefined",
    "wrong_operator": r"a test failed|differ|the description says|raises|did not end|does not end|\w+Error|undefined",
    "sql": r"a test failed|differ|raises|no such (?:table|column)|syntax error|\w+Error|undefined",
    "missing_edge": r"a test failed|differ|the description says|raises|did not end|does not end|\w+Error|undefined",
}


@dataclass(frozen=True)
class Fault:
    kind: str
    seed: int


@dataclass
class Given:
    """One answer of the model, for the score."""

    task: str
    sample: int
    round: int
    faults: tuple[str, ...]
    code: str


@dataclass
class Simulated:
    """``wrong(task, code)`` says whether code fails the hidden tests: a functional fault that does not is no fault."""

    tasks: Mapping[str, Task]
    wrong: Callable[[Task, str], bool]
    seed: int = 0
    given: list[Given] = field(default_factory=list[Given])
    _state: dict[tuple[str, int], tuple[Fault, ...]] = field(default_factory=dict[tuple[str, int], tuple[Fault, ...]])

    def ask(self, request: ModelRequest, _: object) -> Reply | Declined:
        if request.purpose == "prompt":
            return Declined("the simulated model makes no plans")
        match = re.search(r"(?:generate|test) (\w+)", request.why)
        assert match is not None
        task = self.tasks[match[1]]
        if request.purpose == "tests":
            if not task.tests:
                return Declined("the simulated model has no tests for it")
            return Reply(f"```python\n{self._tests(task)}```\n", "simulated", "simulated", "http://127.0.0.1:0", 0.0)
        told = [each["content"] for each in request.messages if each["role"] == "user"][1:]
        turn = len(told)
        rng = random.Random(f"{self.seed}/{task.name}/{request.sample}/{turn}")
        key = (task.name, request.sample)
        if not turn:
            present = self._first(task, request.sample, rng)
        else:
            present = self._repaired(task, self._state.get(key, ()), told[-1], request.sample, rng)
        self._state[key] = present
        code = self._code(task, present, request.sample)
        self.given.append(Given(task.name, request.sample, turn, tuple(each.kind for each in present), code))
        answer = f"Here is the function:\n\n```python\n{code}```\n"
        if task.tests and "plain pytest functions" in request.messages[1]["content"]:
            answer += f"\n```python\n{self._tests(task)}```\n"
        return Reply(answer, "simulated", "simulated", "http://127.0.0.1:0", 0.0)

    def _first(self, task: Task, sample: int, rng: random.Random) -> tuple[Fault, ...]:
        if sample and (task.name, 0) in self._first_faults and rng.random() < ALIKE:
            return self._first_faults[(task.name, 0)]
        made: tuple[Fault, ...] = ()
        if rng.random() < FAULTY:
            for _ in range(2 if rng.random() < TWO else 1):
                made = self._with_another(task, made, sample, rng)
        self._first_faults[(task.name, sample)] = made
        return made

    _first_faults: dict[tuple[str, int], tuple[Fault, ...]] = field(
        default_factory=dict[tuple[str, int], tuple[Fault, ...]]
    )

    def _with_another(
        self, task: Task, present: tuple[Fault, ...], sample: int, rng: random.Random, last: str = ""
    ) -> tuple[Fault, ...]:
        """One more fault: of a kind by the mix that finds a place in this code, and that does something wrong."""
        before = self._code(task, present, sample)
        mix = faults.MIX | (faults.SQL if re.search(r"(?m)^[^#]*\b(?:SELECT|UPDATE|INSERT)\b", before) else {})
        for _ in range(40):
            kind = rng.choices(list(mix), list(mix.values()))[0]
            if any(each.kind in ("syntax", kind) for each in present):
                continue
            made = (*present, Fault(kind, rng.randrange(10**6)))
            code = self._code(task, made, sample)
            if code in (before, last):
                continue
            if kind in faults.FUNCTIONAL and not self.wrong(task, code):
                continue
            return made
        return present

    def _repaired(
        self, task: Task, present: tuple[Fault, ...], told: str, sample: int, rng: random.Random
    ) -> tuple[Fault, ...]:
        said = re.sub(r"\nAnswer again.*", "", told, flags=re.DOTALL)
        kept: list[Fault] = []
        failed = 0
        for each in present:
            if not self._is_named(task, each, present, said, sample):
                kept.append(each)
            elif rng.random() >= REPAIRS:
                failed += 1
        after = tuple(kept)
        repaired = len(present) - len(kept) - failed
        gives_way = not present and "differ" in said and rng.random() < GIVES_WAY
        if failed or gives_way or (repaired and rng.random() < RELAPSE):
            last = self._code(task, present, sample)
            after = self._with_another(task, after, sample, rng, last)
        return after

    def _is_named(self, task: Task, fault: Fault, present: tuple[Fault, ...], said: str, sample: int) -> bool:
        if re.search(NAMED[fault.kind], said, re.IGNORECASE):
            return True
        made = faults.seed(self._right(task, sample), task.name, fault.kind, random.Random(fault.seed))
        return made is not None and any(re.search(rf"\b{re.escape(word)}\b", said) for word in made.named_by)

    def _right(self, task: Task, sample: int) -> str:
        return random.Random(f"{self.seed}/{task.name}/{sample}").choice(task.answers)

    def _code(self, task: Task, present: tuple[Fault, ...], sample: int) -> str:
        code = self._right(task, sample)
        for each in sorted(present, key=lambda fault: fault.kind == "syntax"):  # what is broken is not read any more
            made = faults.seed(code, task.name, each.kind, random.Random(each.seed))
            code = made.code if made is not None else code
        return code

    def _tests(self, task: Task) -> str:
        rng = random.Random(f"{self.seed}/{task.name}/tests")
        lines: list[str] = []
        for number, test in enumerate(task.tests):
            made = re.sub(r"(is|==) (.+)\Z", r"\1 None", test) if rng.random() < WRONG_TEST else test
            whole = made.startswith("def ")
            lines += [made] if whole else [f"def test_{task.name}_{number}():", f"    {made}"]
            lines += ["", ""]
        return "\n".join(lines).rstrip() + "\n"
