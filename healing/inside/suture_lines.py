# pyright: basic, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportCallIssue=false
# ruff: noqa: BLE001
"""Which lines of the workspace each test runs, and which exceptions pass through them: with ``sys.monitoring`` where
there is one, which stops to ask once a line was heard of, with ``sys.settrace`` before Python 3.12."""

import os
import sys

ROOT = os.path.realpath(os.environ.get("SUTURE_ROOT", "."))
_MISSING = object()


def inside(path):
    """The path relative to the root, for a file of the workspace."""
    full = os.path.realpath(path)
    if not full.startswith(ROOT + os.sep):
        return None
    name = full[len(ROOT) + 1 :].replace(os.sep, "/")
    parts = name.split("/")
    if any(part.startswith(".") or part in ("site-packages", "node_modules") for part in parts):
        return None
    return name


#: Exceptions that are noted, and characters of one's text: a longer one is not told.
MOST_RAISED, MOST_TEXT = 200, 50_000


class Tracer:
    """Lines of the workspace that each test runs, and the exceptions that pass through them, caught or not."""

    def __init__(self):
        self.known, self.lines, self.now = {}, {}, None
        self.raised, self.test, self.last = {}, "", None

    def start(self, name):
        self.test = name
        self.now = self.lines.setdefault(name, {})
        if hasattr(sys, "monitoring"):
            tool, events = 4, sys.monitoring.events
            if sys.monitoring.get_tool(tool) is None:
                sys.monitoring.use_tool_id(tool, "suture")
                sys.monitoring.register_callback(tool, events.LINE, self._monitor)
                sys.monitoring.register_callback(tool, events.RAISE, self._raise)
            sys.monitoring.set_events(tool, events.LINE | events.RAISE)
            sys.monitoring.restart_events()
        else:
            sys.settrace(self._call)

    def stop(self):
        self.last = None
        if hasattr(sys, "monitoring"):
            if sys.monitoring.get_tool(4) is not None:
                sys.monitoring.set_events(4, 0)
        else:
            sys.settrace(None)

    def _name(self, path):
        found = self.known.get(path, _MISSING)
        if found is _MISSING:
            found = self.known[path] = None if path.startswith("<") else inside(path)
        return found

    def _monitor(self, code, line):
        name = self._name(code.co_filename)
        if name is not None:
            self.now.setdefault(name, set()).add(line)
        return sys.monitoring.DISABLE

    def _call(self, frame, event, argument):
        name = self._name(frame.f_code.co_filename)
        if name is None:
            return None
        seen = self.now.setdefault(name, set())

        def step(frame, event, argument):
            if event == "line":
                seen.add(frame.f_lineno)
            elif event == "exception":
                self._hear(frame, argument[1], argument[2])
            return step

        return step

    def _raise(self, code, offset, error):
        if self._name(code.co_filename) is not None:
            self._hear(sys._getframe(1), error, error.__traceback__)

    def _hear(self, frame, error, trail):
        """Notes an exception where it first enters the workspace's code, with the calls that led there."""
        if error is self.last or not isinstance(error, Exception) or isinstance(error, StopIteration):
            return
        self.last = error
        key = (type(error).__name__, self._name(frame.f_code.co_filename), frame.f_lineno)
        known = self.raised.get(key)
        if known is not None:
            known["tests"].add(self.test)
        elif len(self.raised) < MOST_RAISED:
            import traceback

            above = traceback.walk_stack(frame if trail is None else frame.f_back)
            calls = [each for each in above if self._name(each[0].f_code.co_filename) is not None]
            try:
                inner = traceback.TracebackException(type(error), error, trail)
                inner.stack[:0] = traceback.StackSummary.extract(reversed(calls))
                inner.__cause__ = inner.__context__ = None
                text = "".join(inner.format())
                self.raised[key] = {"tests": {self.test}, "text": text if len(text) <= MOST_TEXT else ""}
            except Exception:  # what a program raises may not like to be printed
                self.raised[key] = {"tests": {self.test}, "text": ""}
