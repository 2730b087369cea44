"""A model is asked while the local drafters still search, so that its answer is not waited for twice.

It is asked once they have searched for :data:`HEAD_START_S` without a draft; the time in which a draft of theirs is
checked does not count. If one of them is offered after all, the model's answer is broken off; what it has cost until
then is said with the proposal.

Invariant: one question to the model is under way at most, and it is what would have been asked in its turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from .drafter import Declined, Draft, Drafter, Feedback, Task
from .governor import Purse

#: Seconds that local drafters search before a model is asked beside them: most of what synthesis finds, it finds in
#: less, and a model's answer takes some seconds.
HEAD_START_S = 0.15
#: Seconds that a model's answer has to break off.
END_S = 2.0

MODEL = "model"


@dataclass
class Beside:
    """One task's drafters; see :func:`beside`."""

    task: Task
    given: tuple[Drafter, ...]
    searched_s: float = 0.0
    stopped: threading.Event = field(default_factory=threading.Event)
    timer: threading.Timer | None = None
    asking: threading.Thread | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    taken: bool = False
    found: Draft | Declined | BaseException | None = None

    @property
    def drafters(self) -> tuple[Drafter, ...]:
        names = [each.name for each in self.given]
        if MODEL not in names[1:] or not self.task.models or self.task.budget.never:
            return self.given
        last = names.index(MODEL)
        return (*map(self._searching, self.given[:last]), self._asked(self.given[last]), *self.given[last + 1 :])

    def stop(self) -> float | None:
        """Breaks the answer off if nobody took it; what it has cost, in US dollars (None: not known)."""
        with self.lock:
            self.stopped.set()
        if self.timer is not None:
            self.timer.cancel()
        if self.asking is None or self.taken:
            return 0.0
        self.asking.join(END_S)
        purse = self.task.memo.get("purse")
        if self.asking.is_alive():
            return None
        return purse.known_usd if isinstance(purse, Purse) else 0.0

    def _searching(self, local: Drafter) -> Drafter:
        def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
            began = time.monotonic()
            if self.asking is None:
                model = next(each for each in self.given if each.name == MODEL)
                self.timer = threading.Timer(max(0.0, HEAD_START_S - self.searched_s), self._ask, (model,))
                self.timer.daemon = True
                self.timer.start()
            try:
                return local.propose(task, feedback)
            finally:
                self.searched_s += time.monotonic() - began
                if self.timer is not None:
                    self.timer.cancel()  # if it has not begun

        return replace(local, propose=propose)

    def _ask(self, model: Drafter) -> None:
        with self.lock:
            if self.asking is not None or self.taken or self.stopped.is_set():
                return
            self.asking = threading.current_thread()
        task = replace(self.task, cancel=lambda: self.stopped.is_set() or self.task.cancel())
        try:
            self.found = model.propose(task, ())
        except BaseException as error:  # noqa: BLE001 - raised where the answer is wanted
            self.found = error

    def _asked(self, model: Drafter) -> Drafter:
        def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
            with self.lock:  # from here on nobody else begins
                early = None if feedback or task.sample or self.taken else self.asking
                self.taken = True
            if early is None:
                return model.propose(task, feedback)
            early.join()
            if isinstance(self.found, BaseException):
                raise self.found
            assert self.found is not None
            return self.found

        return replace(model, propose=propose)


@contextmanager
def beside(task: Task, drafters: Sequence[Drafter]) -> Generator[Beside]:
    """The drafters for a task, in their order, with the model started early if it comes after others."""
    line = Beside(task, tuple(drafters))
    try:
        yield line
    finally:
        line.stop()
