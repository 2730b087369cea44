"""The worker processes: cancel, crash, death with the server, lanes, losslessness of the pipe."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from suture.analyzers.errors import Bug, Unavailable, UserError
from suture.analyzers.findings import Edit, Evidence, FileEdit, Finding, Range, Related, Replacement
from suture.server import codec
from suture.server.workers import Workers

#: A child with jobs that misbehave in the ways real ones may.
CHILD = """
    import os, subprocess, sys, time
    from suture.analyzers.errors import Unavailable
    from suture.server import jobs

    def stubborn(params, context):
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        context.event({"child": child.pid})
        time.sleep(600)

    def polite(params, context):
        context.event({"started": True})
        while not context.cancelled():
            time.sleep(0.005)

    def dies(params, context):
        print("about to die", file=sys.stderr, flush=True)
        os._exit(7)

    def refuses(params, context):
        raise Unavailable("no network", "plug it in", retry_after=3.5)

    def breaks(params, context):
        return 1 / 0

    def prints(params, context):
        print("this must not reach the pipe")
        return params

    def naps(params, context):
        time.sleep(params["s"])
        return params["name"]

    def asks(params, context):
        heard = []
        answer = context.editor_model({"messages": []}, heard.append, context.cancelled)
        return {"heard": heard, **answer}

    jobs.JOBS.update({f.__name__: f for f in (asks, stubborn, polite, dies, refuses, breaks, prints, naps)})
    sys.exit(jobs.main())
"""


@pytest.fixture
def command(tmp_path: Path) -> tuple[str, ...]:
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(CHILD))
    return (sys.executable, str(script))


@pytest.fixture
def play(command: tuple[str, ...]) -> Callable[[Callable[[Workers], Awaitable[None]]], None]:
    """Runs a coroutine with workers, and sees that none of their processes is left afterwards."""

    def runner(story: Callable[[Workers], Awaitable[None]]) -> None:
        async def whole() -> None:
            workers = Workers(command=command)
            try:
                await asyncio.wait_for(story(workers), 150)
            finally:
                pids = workers.pids
                workers.close()
                await asyncio.sleep(0.2)
                assert not [pid for pid in pids if lives(pid)]

        asyncio.run(whole())

    return runner


def lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] != "Z"


async def until(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        await asyncio.sleep(0.01)
    return true()


Play = Callable[[Callable[[Workers], Awaitable[None]]], None]


def test_a_child_starts_only_when_it_is_needed_and_stays_warm(play: Play) -> None:
    async def story(workers: Workers) -> None:
        assert workers.pids == ()
        first = await workers.run("ping", {})
        second = await workers.run("ping", {})
        assert first == second
        assert workers.pids == (first["pid"],)

    play(story)


def test_cancelling_a_stubborn_job_answers_at_once_and_kills_what_it_started(play: Play) -> None:
    async def story(workers: Workers) -> None:
        took: list[float] = []
        left: list[float] = []
        while (min(took, default=1.0) >= 0.2 or min(left) >= 1.0) and len(took) < 8:  # on a busy machine not each time
            grandchildren: list[int] = []
            heard = grandchildren.append
            task = asyncio.create_task(
                workers.run("stubborn", {}, on_event=lambda event, heard=heard: heard(event["child"]))
            )
            assert await until(lambda: bool(grandchildren))  # noqa: B023
            (old,) = workers.pids
            begin = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            took.append(time.monotonic() - begin)
            child = grandchildren[0]
            assert await until(lambda: not lives(old) and not lives(child))  # noqa: B023
            left.append(time.monotonic() - begin)
            assert (await workers.run("ping", {}))["pid"] != old
        assert min(took) < 0.2
        assert min(left) < 1.0

    play(story)


def test_cancelling_a_job_that_listens_keeps_its_child_warm(play: Play) -> None:
    async def story(workers: Workers) -> None:
        started: list[object] = []
        task = asyncio.create_task(workers.run("polite", {}, on_event=started.append))
        assert await until(lambda: bool(started))
        before = workers.pids
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.1)
        assert (await workers.run("ping", {}))["pid"] == before[0]

    play(story)


def test_a_child_that_dies_is_a_clear_error_and_the_next_job_works(play: Play) -> None:
    async def story(workers: Workers) -> None:
        with pytest.raises(Unavailable, match=r"worker process for dies ended with status 7: about to die"):
            await workers.run("dies", {})
        assert await workers.run("ping", {})

    play(story)


def test_a_killed_child_is_named_by_its_signal(play: Play) -> None:
    async def story(workers: Workers) -> None:
        started: list[object] = []
        task = asyncio.create_task(workers.run("polite", {}, on_event=started.append))
        assert await until(lambda: bool(started))
        os.kill(workers.pids[0], signal.SIGSEGV)
        with pytest.raises(Unavailable, match="SIGSEGV"):
            await task

    play(story)


def test_a_job_that_takes_too_long_is_stopped(play: Play) -> None:
    async def story(workers: Workers) -> None:
        with pytest.raises(Unavailable, match="took longer than"):
            await workers.run("stubborn", {}, timeout_s=0.8)
        assert await workers.run("ping", {})

    play(story)


def test_errors_keep_their_kind_across_the_pipe(play: Play) -> None:
    async def story(workers: Workers) -> None:
        with pytest.raises(Unavailable, match="no network") as raised:
            await workers.run("refuses", {})
        assert (raised.value.hint, raised.value.retry_after) == ("plug it in", 3.5)
        with pytest.raises(Bug, match="ZeroDivisionError"):
            await workers.run("breaks", {})
        with pytest.raises(UserError, match="unknown job"):
            await workers.run("nonsense", {})

    play(story)


def test_what_a_library_prints_and_odd_text_do_not_harm_the_pipe(play: Play) -> None:
    async def story(workers: Workers) -> None:
        value = {"text": "é\U0001f600\ud800\u2028\n" + "x" * 200_000}
        assert await workers.run("prints", value) == value

    play(story)


def test_a_busy_analysis_lane_does_not_delay_the_interactive_one(play: Play) -> None:
    async def story(workers: Workers) -> None:
        slow = asyncio.create_task(workers.run("stubborn", {}, lane="analysis"))
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(workers.run("ping", {}), 60)
        assert not slow.done()
        slow.cancel()

    play(story)


def test_a_proof_holds_up_no_review_and_is_gone_when_it_is_cancelled(play: Play) -> None:
    async def story(workers: Workers) -> None:
        started: list[int] = []
        proof = asyncio.create_task(
            workers.run("stubborn", {}, lane="proofs", on_event=lambda event: started.append(event["child"]))
        )
        assert await until(lambda: bool(started))
        (old,) = workers.pids
        review = await asyncio.wait_for(workers.run("ping", {}, lane="analysis"), 60)
        assert review["pid"] != old
        assert not proof.done()
        proof.cancel()
        assert await until(lambda: not lives(old) and not lives(started[0]))

    play(story)


def test_urgent_work_goes_first_within_a_lane(play: Play) -> None:
    async def story(workers: Workers) -> None:
        order: list[str] = []

        async def one(name: str, priority: int) -> None:
            order.append(await workers.run("naps", {"s": 0.02, "name": name}, lane="analysis", priority=priority))

        first = asyncio.create_task(one("running", 0))
        await asyncio.sleep(0.05)
        await asyncio.gather(first, one("later", 1), one("sooner", 0))
        assert order == ["running", "sooner", "later"]

    play(story)


def test_children_die_when_the_server_is_killed(command: tuple[str, ...], tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text(
        textwrap.dedent(
            f"""
            import asyncio
            from suture.server.workers import Workers

            async def main():
                workers = Workers(command={command!r})
                await workers.run("stubborn", {{}}, on_event=lambda e: print(*workers.pids, e["child"], flush=True))

            asyncio.run(main())
            """
        )
    )
    with subprocess.Popen([sys.executable, str(server)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child, grandchild = (int(each) for each in process.stdout.readline().split())
        try:
            process.kill()
            process.wait()
            end = time.monotonic() + 2
            while time.monotonic() < end and lives(child):
                time.sleep(0.02)
            assert not lives(child)
        finally:
            if lives(grandchild):  # a plain `sleep` without the sandbox's own parent-death signal
                os.kill(grandchild, signal.SIGKILL)


def test_the_codec_loses_nothing() -> None:
    evidence = (Evidence("ran", "ran: 1 → 0", {"command": ["python", "x.py"], "seconds": 0.25}),)
    finding = Finding(
        "/a/b.py",
        Range(1, 2, 3, 4),
        "sql-injection",
        "sqli",
        "tainted",
        "high",
        0.123456789,
        "security",
        (89, 20),
        "bind it",
        evidence,
        (Related("/a/c.py", Range(0, 0, 0, 1), "source"),),
        ("B608",),
    )
    assert codec.finding_from_json(codec.finding_to_json(finding)) == finding
    edit = Edit(
        "Import json",
        (FileEdit("/a/b.py", "0" * 64, (Replacement(0, 0, "import json\n"),)),),
        0.9,
        True,
        False,
        evidence,
        "missing-import",
    )
    assert codec.edit_from_json(codec.edit_to_json(edit)) == edit


def test_a_job_asks_the_editors_model_and_hears_its_pieces_in_order(play: Play) -> None:
    async def answer(request: Mapping[str, Any], part: Callable[[str], None]) -> Mapping[str, Any]:
        for piece in ("one ", "two"):
            part(piece)
            await asyncio.sleep(0)
        return {"text": "one two", "asked": dict(request)}

    async def story(workers: Workers) -> None:
        assert await workers.run("asks", {}) == {"heard": [], "error": "nobody here answers", "reason": "none"}
        workers.answer_question = answer
        answered = await workers.run("asks", {})
        assert answered == {"heard": ["one ", "two"], "text": "one two", "asked": {"messages": []}}

    play(story)


def test_a_question_that_cannot_be_put_is_answered_all_the_same(play: Play) -> None:
    async def answer(request: Mapping[str, Any], part: Callable[[str], None]) -> Mapping[str, Any]:
        raise ValueError("a mistake in the server")

    async def story(workers: Workers) -> None:
        workers.answer_question = answer
        assert (await workers.run("asks", {}, timeout_s=20))["reason"] == "failed"

    play(story)


def test_a_cancelled_job_withdraws_its_question(play: Play) -> None:
    asked: list[bool] = []
    withdrawn: list[bool] = []

    async def answer(request: Mapping[str, Any], part: Callable[[str], None]) -> Mapping[str, Any]:
        asked.append(True)
        try:
            await asyncio.sleep(60)
        finally:
            withdrawn.append(True)
        return {}

    async def story(workers: Workers) -> None:
        workers.answer_question = answer
        task = asyncio.ensure_future(workers.run("asks", {}))
        assert await until(lambda: bool(asked), 20)
        task.cancel()
        assert await until(lambda: bool(withdrawn))

    play(story)
