"""Targets spread over the workers of a Dask cluster: every target is answered for exactly once, whoever dies.

What travels is a frozen :class:`Parcel` a target; the workspace itself only if a worker does not see the same files
at the same path (see :mod:`.shipping`). What dies with a worker is begun again by another (the scheduler's own
doing); an answer counts when it has arrived here.

Invariant: code of the workspace runs in each worker's own sandbox; a worker without one answers so.
Invariant: when the iteration ends, however it ends, the workers stop, close their sandboxes and forget the files.
Deliberately no cluster of its own: an address is given, and its transport (TLS, say) is Dask's configuration.
"""

from __future__ import annotations

import importlib
import queue
import shutil
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import SutureError, Unavailable, UserError
from ..sandbox.interface import CancelCheck, Sandbox
from .campaign import Happened, Note, Told
from .campaign_worker import Job, events_of
from .collecting import base_text
from .events import Done, Event, FuzzFinding, Progress
from .shipping import Survey, pack, survey, unpack

#: Seconds to wait for the scheduler, and for a first worker.
CONNECT_S = 10.0
#: Seconds after which a worker closes a sandbox that nobody uses.
IDLE_S = 30.0
LOST = "what was found until then is kept; run it again for the rest"
INSTALL = "pip install 'suture[cluster]'"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A job as it travels. ``digest`` names the workspace's content, ``base_text`` replaces the job's ``base``."""

    campaign: str
    job: Job
    digest: str
    base_text: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The findings of a job, then its :class:`Done`; no events: the worker does not see the files and needs them."""

    events: tuple[Event, ...]
    worker: str = ""


def run_on_cluster(
    jobs: Sequence[Job], address: str, *, total_s: float | None = None, cancel: CancelCheck | None = None
) -> Iterator[Happened]:
    """What happens while the cluster at ``address`` does ``jobs``. Events of a job come together, when it is done.

    ``total_s``: the wall time for everything; budgets shrink to fit, what is not done by then is not answered.
    Raises UserError if ``distributed`` is not installed, Unavailable if there is no such cluster."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise UserError("--scheduler needs the package distributed", INSTALL) from error
    return _run(distributed, jobs, address, total_s, cancel)


def _run(
    distributed: Any, jobs: Sequence[Job], address: str, total_s: float | None, cancel: CancelCheck | None
) -> Iterator[Happened]:
    client = _connect(distributed, address)
    try:
        _check_workers(client, address)
        run = _Run(client, uuid.uuid4().hex, jobs, total_s, cancel)
        try:
            yield from run.happenings()
        finally:
            run.stop()
    finally:
        with suppress(Exception):  # the scheduler may be gone
            client.close(timeout=2)


def _connect(distributed: Any, address: str) -> Any:
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise Unavailable(
            f"there is no Dask scheduler at {address}: {error}", "start one with: dask scheduler"
        ) from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError as error:
        client.close()
        raise Unavailable(f"the scheduler at {address} has no workers", f"start some: dask worker {address}") from error
    return client


def _check_workers(client: Any, address: str) -> None:
    """All workers have this version of Suture; otherwise pickles would mean different things."""
    ours = version("suture")
    try:
        theirs: dict[str, str] = client.run(_version)
    except Exception as error:
        raise Unavailable(
            f"the workers at {address} cannot import suture: {error}", "install the same version where they run"
        ) from error
    other = {where: each for where, each in theirs.items() if each != ours}
    if other:
        where, which = next(iter(other.items()))
        raise Unavailable(
            f"the worker {where} has suture {which}, and this is {ours}", "install the same version there"
        )


@dataclass
class _Run:
    """One campaign on a connected client."""

    client: Any
    ident: str
    jobs: Sequence[Job]
    total_s: float | None
    cancel: CancelCheck | None
    finished: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue[Any])
    waiting: dict[str, tuple[Parcel, Any]] = field(default_factory=dict[str, tuple[Parcel, Any]])
    surveys: dict[Path, Survey] = field(default_factory=dict[Path, Survey])
    archives: dict[Path, Any] = field(default_factory=dict[Path, Any])
    workers: set[str] = field(default_factory=set[str])

    def happenings(self) -> Iterator[Happened]:
        ends = None if self.total_s is None else time.monotonic() + self.total_s
        for parcel in self._parcels():
            self._submit(parcel, None)
        self.workers = self._living()
        while self.waiting:
            if (self.cancel is not None and self.cancel()) or (ends is not None and time.monotonic() > ends):
                return
            try:
                future = self.finished.get(timeout=0.25)
            except queue.Empty:
                if self.client.status not in ("running", "connecting"):
                    raise Unavailable("the connection to the scheduler was lost", LOST) from None
                yield from self._deaths()
                continue
            yield from self._deaths()
            yield from self._take(future)

    def stop(self) -> None:
        """End what still runs, everywhere."""
        with suppress(Exception):  # the scheduler may be gone; then the workers end by themselves
            if self.waiting:
                self.client.cancel([future for _, future in self.waiting.values()], force=True)
            self.client.run(forget, self.ident, on_error="ignore")

    def _parcels(self) -> Iterator[Parcel]:
        threads = max(1, sum(self.client.nthreads().values()))
        share = None if self.total_s is None else max(1.0, self.total_s * threads / len(self.jobs))
        for job in self.jobs:
            if job.root not in self.surveys:
                self.surveys[job.root] = survey(job.root)
            text = base_text(job.path, job.base) if job.base is not None else None
            budget = job.budget_s if share is None else min(job.budget_s, share)
            yield Parcel(self.ident, replace(job, base=None, budget_s=budget), self.surveys[job.root].digest, text)

    def _submit(self, parcel: Parcel, archive: Any) -> None:
        key = f"suture-fuzz-{self.ident}-{len(self.waiting)}-{uuid.uuid4().hex[:8]}"
        future = self.client.submit(answer, parcel, archive, key=key, pure=False)
        self.waiting[key] = (parcel, future)
        future.add_done_callback(self.finished.put)

    def _take(self, future: Any) -> Iterator[Happened]:
        parcel, _ = self.waiting.pop(future.key)
        try:
            result: Answer = future.result(timeout=parcel.job.budget_s * 3 + 60)
        except Exception as error:  # noqa: BLE001 - whatever a cluster may say is this target's answer
            yield Told(parcel.job, Done(parcel.job.name, 0, 0.0, "environment", 0, _said(error)))
            return
        if not result.events:
            self._submit(parcel, self._archive(parcel.job.root))
            return
        for event in result.events:
            yield Told(parcel.job, event)

    def _archive(self, root: Path) -> Any:
        """The packed workspace as a task of the cluster: unlike scattered data it survives its worker."""
        if root not in self.archives:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that the graph is large is known
                self.archives[root] = self.client.submit(
                    _same, pack(self.surveys[root]), key=f"suture-files-{self.ident}-{len(self.archives)}", pure=False
                )
        return self.archives[root]

    def _living(self) -> set[str]:
        try:
            return set(self.client.scheduler_info(n_workers=-1)["workers"])
        except Exception as error:
            raise Unavailable(f"the connection to the scheduler was lost: {error}", LOST) from error

    def _deaths(self) -> Iterator[Note]:
        living = self._living()
        for gone in sorted(self.workers - living):
            yield Note(f"the worker {gone} is gone; others take what it had")
        self.workers = living


def _said(error: Exception) -> str:
    if type(error).__name__ == "KilledWorker":
        return "several workers in a row died while they were at this target"
    return f"the cluster could not do it: {type(error).__name__}: {error}".partition("\n")[0]


# -- on the workers

_lock = threading.Lock()
_idle: list[Sandbox] = []
_stopped: set[str] = set()
_places: dict[tuple[str, Path], Path | None] = {}
_scratches: dict[str, Path] = {}
_timer: threading.Timer | None = None


def _version() -> str:
    return version("suture")


def _same(data: bytes) -> bytes:
    return data


def answer(parcel: Parcel, archive: bytes | None) -> Answer:
    """Do a job on a worker of the cluster."""
    place = _place(parcel, archive)
    if place is None:
        return Answer(())
    job = parcel.job
    moved = replace(job, root=place, path=place / job.path.relative_to(job.root))
    events: list[Event] = []
    try:
        with _base_file(parcel) as base, _sandbox(parcel.campaign) as sandbox:
            for event in events_of(replace(moved, base=base), sandbox, lambda: parcel.campaign in _stopped):
                if not isinstance(event, Progress):
                    events.append(_home(event, job))
    except SutureError as error:
        return Answer((Done(job.name, 0, 0.0, "environment", 0, str(error)),))
    return Answer(tuple(events))


def _home(event: Event, job: Job) -> Event:
    """Paths as they are where the job came from."""
    return replace(event, path=str(job.path)) if isinstance(event, FuzzFinding) else event


def _place(parcel: Parcel, archive: bytes | None) -> Path | None:
    """The folder here that holds the workspace's files; None if there is none and nothing to unpack."""
    key = (parcel.campaign, parcel.job.root)
    with _lock:
        if _places.get(key) is None:
            root = parcel.job.root
            if parcel.job.path.is_file() and survey(root).digest == parcel.digest:
                _places[key] = root
            elif archive is not None:
                folder = _scratch(parcel.campaign) / parcel.digest[:16] / (root.name or "root")
                unpack(archive, folder)
                _places[key] = folder
            else:
                _places[key] = None
        return _places[key]


def _scratch(campaign: str) -> Path:
    """This process's folder for a campaign, below the worker's own."""
    if campaign not in _scratches:
        parent: str | None = None
        with suppress(ValueError, ImportError):  # not inside a task of a worker
            distributed: Any = importlib.import_module("distributed")
            parent = distributed.get_worker().local_directory
        _scratches[campaign] = Path(tempfile.mkdtemp(prefix="suture-", dir=parent))
    return _scratches[campaign]


@contextmanager
def _base_file(parcel: Parcel) -> Generator[str | None]:
    if parcel.base_text is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="suture-base-") as folder:
        file = Path(folder, parcel.job.path.name)
        file.write_text(parcel.base_text, encoding="utf-8", errors="surrogatepass", newline="")
        yield str(file)


@contextmanager
def _sandbox(campaign: str) -> Generator[Sandbox]:
    """A warm sandbox for this thread alone; kept for the next job, closed when nobody comes."""
    global _timer
    from ..sandbox import open_sandbox

    with _lock:
        sandbox = _idle.pop() if _idle else None
    opened = sandbox or open_sandbox()
    try:
        yield opened
    finally:
        with _lock:
            _idle.append(opened)
            if _timer is not None:
                _timer.cancel()
            _timer = threading.Timer(0.0 if campaign in _stopped else IDLE_S, _close_idle)
            _timer.daemon = True
            _timer.start()


def _close_idle() -> None:
    with _lock:
        closing = _idle[:]
        _idle.clear()
    for sandbox in closing:
        sandbox.close()


def forget(campaign: str) -> None:
    """The campaign is over: running jobs stop, sandboxes close, its files go."""
    _stopped.add(campaign)

    def clean() -> None:
        _close_idle()
        with _lock:
            for key in [each for each in _places if each[0] == campaign]:
                del _places[key]
            folder = _scratches.pop(campaign, None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    # Not in the worker's event loop, which must go on hearing the scheduler.
    _soon(clean)


def _soon(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()
