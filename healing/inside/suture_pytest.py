# pyright: basic
"""A pytest plug-in: one line of JSON for each test, and for each failure its traceback as Python prints it."""

import suture_observe


class _Report:
    def __init__(self):
        self.outcomes = {}
        self.failures = []

    def pytest_runtest_logreport(self, report):
        before = self.outcomes.get(report.nodeid)
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped and before != "failed":
            self.outcomes[report.nodeid] = "skipped"
        elif report.when == "call" and before is None:
            self.outcomes[report.nodeid] = "passed"

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = "failed"

    def pytest_exception_interact(self, node, call, report):
        error = call.excinfo.value
        # pytest wraps what an import raised; the original is its cause.
        while type(error).__name__ == "CollectError" and (error.__cause__ or error.__context__) is not None:
            error = error.__cause__ or error.__context__
        if len(self.failures) < 20:
            self.failures.append(
                {"id": report.nodeid, "text": suture_observe.text_of(error), "observed": suture_observe.observe(error)}
            )

    def pytest_unconfigure(self, config):
        suture_observe.write({"kind": "pytest", "outcomes": self.outcomes, "failures": self.failures})


def pytest_configure(config):
    # With pytest-xdist only the controller sees all reports.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Report(), "suture-report")
