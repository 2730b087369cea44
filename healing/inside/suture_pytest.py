# pyright: basic
"""A pytest plug-in: one line of JSON for each test, and for each failure its traceback as Python prints it.

How a failure looks in pytest's own output takes most of the time of a failing test: after the first ``MANY`` it is one
line each.

A run that may be ended before its end tells now and then what is known so far, and how many seconds are ``left``.

With ``SUTURE_SELECT`` (a JSON file) only some tests are collected and run: ``first`` those that failed before, ``then``
some that passed, ``rest`` others that failed. The run ends as soon as it is known that all of the first, or the very
first of them, fail still, or that one of those that passed fails. If it says ``whole``, nothing is left out and nothing
changes its place: a run that comes to its end is the command's own.
"""

import json
import os
import time

import pytest
import suture_observe
import suture_watch

MANY = 25
#: Seconds between two tellings at least, and how many times as long as one of them takes; the first failures are told
#: at once.
PAUSE_S, TIMES, AT_ONCE = 1.0, 20, 5


class _Report:
    def __init__(self, config, many):
        self.config, self.many = config, many
        self.outcomes = {}
        self.failures = []
        self.cut_short = True
        self.next = float("inf") if suture_watch.left() is None else time.monotonic() + PAUSE_S
        try:
            self.timed = float(config.getini("faulthandler_timeout") or 0) > 0
        except (KeyError, ValueError):
            self.timed = False
        self.shorten()

    def shorten(self):
        if len(self.failures) >= self.many:
            self.config.option.tbstyle = "line"

    def pytest_runtest_logreport(self, report):
        before = self.outcomes.get(report.nodeid)
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped and before != "failed":
            self.outcomes[report.nodeid] = "skipped"
        elif report.when == "call" and before is None:
            self.outcomes[report.nodeid] = "passed"
        if report.when == "teardown" and time.monotonic() >= self.next:
            self.tell()

    def tell(self):
        began = time.monotonic()
        self.write(left=suture_watch.left())
        ended = time.monotonic()
        self.next = ended + max(PAUSE_S, TIMES * (ended - began))

    def write(self, **more):
        suture_observe.write({"kind": "pytest", "outcomes": self.outcomes, "failures": self.failures, **more})

    def pytest_runtest_logstart(self, nodeid):
        suture_watch.about(nodeid)

    def pytest_runtest_logfinish(self):
        suture_watch.about("")
        if self.timed:
            suture_watch.watch()

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = "failed"

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self, node, call, report):
        suture_watch.watch()
        error = call.excinfo.value
        # pytest wraps what an import raised; the original is its cause.
        while type(error).__name__ == "CollectError" and (error.__cause__ or error.__context__) is not None:
            error = error.__cause__ or error.__context__
        if len(self.failures) < 100:
            self.failures.append(
                {"id": report.nodeid, "text": suture_observe.text_of(error), "observed": suture_observe.observe(error)}
            )
            self.shorten()
            if len(self.failures) <= AT_ONCE and self.next < float("inf"):
                self.next = 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        # As after -x, after errors of the collection, or of pytest itself.
        ended = exitstatus not in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
        self.cut_short = bool(session.shouldfail or session.shouldstop) or not ended

    def pytest_unconfigure(self, config):
        chosen = config.pluginmanager.get_plugin("suture-select")
        self.write(cut_short=self.cut_short, stopped=chosen is not None and chosen.stopped)


class Select:
    def __init__(self, first, then, stop=True, rest=(), whole=False):
        self.first, self.rest, self.stop, self.whole = set(first), set(rest), stop, whole
        self.order = {name: at for at, name in enumerate([*first, *rest, *then])}
        self.files = {name.partition("::")[0] for name in self.order}
        self.session, self.wanted, self.results = None, set(), {}
        self.target, self.own = first[0] if first else None, set()
        self.stopped = False
        # Of the whole, what did not pass before is not lost.
        self.ends_nothing = {*rest, None} if whole else {*rest}

    def chosen(self, name):
        """What a test was chosen by: its own name, or that of a file or class which could not be collected before."""
        while name not in self.order and "::" in name:
            name = name.rpartition("::")[0]
        return name if name in self.order else None

    def pytest_ignore_collect(self, collection_path, config):
        if self.whole:
            return None
        try:
            name = collection_path.relative_to(config.rootpath).as_posix()
        except ValueError:
            return None
        if collection_path.is_dir():
            return None if any(each.startswith(name + "/") or name == "." for each in self.files) else True
        return None if name in self.files or not name.endswith(".py") else True

    def pytest_collection_modifyitems(self, session, config, items):
        self.session = session
        self.wanted = {item.nodeid for item in items if self.chosen(item.nodeid) in self.first}
        self.own = {item.nodeid for item in items if self.chosen(item.nodeid) == self.target}
        if self.whole:
            return
        kept = [item for item in items if self.chosen(item.nodeid) is not None]
        dropped = [item for item in items if self.chosen(item.nodeid) is None]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in kept if item.nodeid in self.wanted]
        others = [item for item in kept if self.chosen(item.nodeid) not in self.first]
        items += sorted(others, key=lambda item: self.chosen(item.nodeid) not in self.rest)

    def pytest_runtest_logreport(self, report):
        if report.failed or report.when == "call":
            ok = not report.failed and self.results.get(report.nodeid, True)
            self.results[report.nodeid] = ok
            if self.stop and self.session is not None and self.hopeless(report.nodeid, ok):
                self.stopped, self.session.shouldstop = True, "the tests that matter have failed"

    def hopeless(self, name, ok):
        if not ok and name not in self.wanted and self.chosen(name) not in self.ends_nothing:
            return True
        if not self.wanted <= set(self.results):
            return False
        return not any(self.results[each] for each in self.wanted) or not all(self.results[each] for each in self.own)


def pytest_configure(config):
    path = os.environ.get("SUTURE_SELECT")
    if path:
        with open(path, encoding="utf-8") as stream:
            chosen = json.load(stream)
        config.pluginmanager.register(Select(**chosen), "suture-select")
    # With pytest-xdist only the controller sees all reports.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Report(config, 0 if path else MANY), "suture-report")
