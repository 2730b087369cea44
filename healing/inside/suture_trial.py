# pyright: basic, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportArgumentType=false
# pyright: reportCallIssue=false
# ruff: noqa: B905, BLE001, UP031
"""``python suture_trial.py SPEC``: runs one program many times in one sandbox job, each time with one file changed.

SPEC is a JSON file; the answer is JSON in ``SUTURE_TRIAL_OUT``. In mode ``trace`` the program is run once, and for each
test the lines that it ran are noted. In mode ``try`` every candidate (a file and the splices that change it) is run in
a forked child with a limit of its own, which tells which tests fail; ``suture_rivals`` then compares the survivors on
inputs near those of the tests.

A test is a pytest item, a method of a ``unittest`` case, or a statement of the main script. A statement that fails and
binds nothing (an ``assert``, a call) does not end the script here, so that those after it are heard too.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import time

ROOT = os.path.realpath(os.environ.get("SUTURE_ROOT", "."))
_MISSING = object()


class Stop(BaseException):
    """Enough is known of this child."""


class Judge:
    """Hears of each test. ``expected``: how each ended without a change; the first one lost ends the child."""

    def __init__(self, tracer=None, expected=None):
        self.tracer, self.expected = tracer, expected
        self.results, self.order, self.inner = {}, [], 0

    def begin(self, name):
        self.inner = len(self.order)
        if self.tracer is not None:
            self.tracer.start(name)

    def end(self, name, ok, error=""):
        if self.tracer is not None:
            self.tracer.stop()
        if name not in self.results:
            self.order.append(name)
        self.results[name] = (bool(ok), error)
        if self.expected is not None and not ok and self.expected.get(name, False):
            raise Stop()

    def hopeless(self, count, telling):
        """Whether the tests that tell most of a change were run, the first ``count`` ones, and fail still."""
        return count == telling and not any(ok for ok, _ in self.results.values())


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


# -- the programs -----------------------------------------------------------------------------------------------------


class Script:
    """``python FILE``, ``python -m MODULE`` and ``python -c CODE``."""

    def __init__(self, spec):
        self.spec = spec

    def prepare(self, work):
        """Calls ``work`` where children may be forked."""
        for name in self.spec.get("preload", ()):
            try:
                __import__(name)
            except BaseException:
                continue
        work(self)

    def change(self, candidate, known):
        pair = known.changed(candidate)
        code = replaced(known.code, *pair) if pair and same_header(candidate) else None
        override(known.path, spliced(known.path, candidate["splices"]), code)

    def play(self, judge, tests=None):
        kind, target, argv = self.spec["kind"], self.spec["target"], self.spec["argv"]
        sys.argv = ["-c" if kind == "code" else target, *argv]
        if kind == "script":
            path = os.path.abspath(target)
            sys.path[0] = os.path.dirname(path)
            data = OVERRIDDEN.get(os.path.realpath(path))
            if data is None:
                with open(path, "rb") as stream:
                    data = stream.read()
            if b"unittest" in data:
                watch_unittest(judge)
            play_statements(data, target, judge)
            return
        sys.path[0] = os.getcwd() if kind == "module" else ""
        if "unittest" in target:
            watch_unittest(judge)
        if kind == "code":
            play_statements(target.encode(), "<string>", judge)
            return
        import runpy

        before = len(judge.order)
        judge.begin("program")
        ok, error = ended(lambda: runpy.run_module(target, run_name="__main__", alter_sys=True))
        if len(judge.order) == before:
            judge.end("program", ok, error)


def ended(call):
    """(whether the program would exit with 0, the name of what it raised)."""
    try:
        call()
    except Stop:
        raise
    except SystemExit as error:
        return error.code in (None, 0), "SystemExit"
    except BaseException as error:
        return False, type(error).__name__
    return True, ""


def play_statements(data, path, judge):
    import ast
    import types

    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    if path == "<string>":
        del main.__dict__["__file__"]
    sys.modules["__main__"] = main
    tree = compile(data, path, "exec", ast.PyCF_ONLY_AST, True)
    flags = 0
    for each in tree.body:
        if isinstance(each, ast.ImportFrom) and each.module == "__future__":
            import __future__

            for alias in each.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    for number, each in enumerate(units(tree.body)):
        if isinstance(each, ast.ImportFrom) and each.module == "__future__":
            continue
        code = compile(ast.Module([each], []), path, "exec", flags, True)
        name, before = "%d" % number, len(judge.order)
        judge.begin(name)
        stopped = False
        try:
            exec(code, main.__dict__)
            ok, error = True, ""
        except Stop:
            raise
        except SystemExit as problem:
            ok, error, stopped = problem.code in (None, 0), "SystemExit", True
        except BaseException as problem:
            ok, error = False, type(problem).__name__
        if len(judge.order) == before or (not ok and not stopped):
            judge.end(name, ok, error)
        if stopped or (not ok and not isinstance(each, (ast.Assert, ast.Expr))):
            return


def units(body):
    """Statements of a script, those under ``if __name__ == "__main__"`` one by one."""
    import ast

    for each in body:
        test = each.test if isinstance(each, ast.If) and not each.orelse else None
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            yield from each.body
        else:
            yield each


def watch_unittest(judge):
    """Each method of a case counts as a test."""

    def patch(case):
        usual = case.run

        def run(self, result=None):
            if result is None:
                return usual(self, result)
            before = len(result.failures) + len(result.errors)
            judge.begin(self.id())
            try:
                return usual(self, result)
            finally:
                ok = len(result.failures) + len(result.errors) == before
                judge.end(self.id(), ok, "" if ok else "AssertionError")

        case.run = run

    import unittest

    patch(unittest.TestCase)


class Pytest:
    """Collected once; children run the items, with the code of live functions exchanged."""

    def __init__(self, spec):
        self.spec = spec

    def prepare(self, work):
        import pytest

        program = self

        class Loop:
            @pytest.hookimpl(tryfirst=True)
            def pytest_runtestloop(self, session):
                program.session = session
                program.items = {each.nodeid: each for each in session.items}
                hasten(session)
                work(program)
                return True

            @pytest.hookimpl(hookwrapper=True)
            def pytest_runtest_logreport(self, report):
                program.hear(report)
                yield

        self.judge = None
        sys.path[:1] = [os.getcwd()] if self.spec["target"] == "-m" else []
        arguments, plugins = [*self.spec["argv"], "-p", "no:cacheprovider"], [Loop()]
        if self.spec.get("select"):
            import suture_pytest

            plugins.append(suture_pytest.Select(self.spec["select"], (), stop=False))
        pytest.main(arguments, plugins=plugins)

    def hear(self, report):
        if report.failed:
            self.failed = str(report.longrepr)[:80] or "failed"

    def change(self, candidate, known):
        exchange(candidate, known)

    def play(self, judge, tests=None):
        chosen = [self.items[name] for name in tests if name in self.items] if tests else list(self.items.values())
        for number, item in enumerate(chosen):
            following = chosen[number + 1] if number + 1 < len(chosen) else None
            self.failed = ""
            judge.begin(item.nodeid)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            judge.end(item.nodeid, not self.failed, self.failed)
            if tests and judge.hopeless(number + 1, self.spec["telling"]):
                return


def hasten(session):
    """Nobody reads how a failure looks: it takes most of the time of a failing test."""

    def name(item, excinfo, *_, **__):
        return excinfo.type.__name__

    for kind in {type(each) for each in session.items}:
        kind.repr_failure = kind._repr_failure_py = name
    for plugin in ("assertion", "logging", "terminalreporter", "faulthandler", "warnings", "unraisableexception"):
        session.config.pluginmanager.unregister(name=plugin)


# -- another text for a file ------------------------------------------------------------------------------------------

OVERRIDDEN, CODES = {}, {}


def override(path, source, code=None):
    """The import system, and :func:`play_statements`, see ``source`` in place of the file; its ``code``, if known."""
    from importlib.machinery import SourceFileLoader

    if not OVERRIDDEN:
        data, stats, codes = SourceFileLoader.get_data, SourceFileLoader.path_stats, SourceFileLoader.get_code

        def get_code(self, name):
            found = CODES.get(os.path.realpath(self.path)) if CODES else None
            return codes(self, name) if found is None else found

        def get_data(self, name):
            found = OVERRIDDEN.get(os.path.realpath(name))
            return data(self, name) if found is None else found

        def path_stats(self, name):
            if os.path.realpath(name) in OVERRIDDEN:
                raise OSError("no bytecode for this text")
            return stats(self, name)

        SourceFileLoader.get_data, SourceFileLoader.path_stats = get_data, path_stats
        SourceFileLoader.get_code = get_code
    OVERRIDDEN[os.path.realpath(path)] = source
    if code is not None:
        CODES[os.path.realpath(path)] = code


def module_of(path):
    full = os.path.realpath(path)
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if isinstance(name, str) and os.path.realpath(name) == full:
            return module
    return None


def shape(code):
    """What a code object does, without the lines that it does it on."""
    constants = tuple(shape(each) if hasattr(each, "co_code") else (type(each), each) for each in code.co_consts)
    return (code.co_name, code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_flags,
            code.co_argcount, code.co_kwonlyargcount, getattr(code, "co_exceptiontable", b""))  # fmt: skip


def functions(code):
    """Code objects of the functions of a module and of its classes, in order."""
    for each in code.co_consts:
        if hasattr(each, "co_code"):
            if each.co_flags & 1:
                yield each
            else:
                yield from functions(each)


def live(path):
    """Function objects of a file, by the name and line of their code."""
    import gc
    import types

    full, found, same = os.path.realpath(path), {}, {}
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType):
            name = each.__code__.co_filename
            if name not in same:
                same[name] = os.path.realpath(name) == full
            if same[name]:
                found.setdefault((each.__code__.co_name, each.__code__.co_firstlineno), []).append(each)
    return found


class Known:
    """What the parent finds out once about a file that candidates change."""

    def __init__(self, path, running):
        self.path = path
        with open(path, "rb") as stream:
            self.data = stream.read()
        self.code = compile(self.data, path, "exec", 0, True)
        self.alive = live(path) if running else {}
        self.own = {(each.co_name, each.co_firstlineno): each for each in functions(self.code)}
        flag = 0
        if b"from __future__ import annotations" in self.data:
            import __future__

            flag = __future__.annotations.compiler_flag
        self.flag, self.chunks = flag, {}

    def chunk(self, data, candidate):
        """The functions of the one definition that a candidate changes, compiled by itself on its own lines."""
        start, end, line, wrap = candidate["chunk"][:4]
        text = b"\n" * max(line - (1 if wrap else 0), 0) + (wrap + "\n" if wrap else "").encode() + data[start:end]
        return list(functions(compile(text, self.path, "exec", self.flag, True)))

    def changed(self, candidate):
        """(before, after): code objects of the function that a candidate changes; None if it changes more."""
        start, end = candidate["chunk"][:2]
        grown = sum(
            len(text.encode("utf-8", "surrogatepass")) - (high - low) for low, high, text in candidate["splices"]
        )
        if not all(start <= low and high <= end for low, high, _ in candidate["splices"]):
            return None
        key = (start, end)
        if key not in self.chunks:
            self.chunks[key] = self.chunk(self.data, candidate)
        new = dict(candidate, chunk=[start, end + grown, *candidate["chunk"][2:4]])
        after = self.chunk(spliced(self.path, candidate["splices"]), new)
        if len(after) != len(self.chunks[key]):
            return None
        pairs = [(old, now) for old, now in zip(self.chunks[key], after) if shape(old) != shape(now)]
        if len(pairs) != 1:
            return None
        old = self.own.get((pairs[0][0].co_name, pairs[0][0].co_firstlineno))
        return None if old is None or shape(old) != shape(pairs[0][0]) else (old, pairs[0][1])


def replaced(code, old, new):
    """A module's code with another code object for one function."""
    if code is old:
        return new
    constants = tuple(replaced(each, old, new) if hasattr(each, "co_code") else each for each in code.co_consts)
    same = all(one is two for one, two in zip(constants, code.co_consts))
    return code if same else code.replace(co_consts=constants)


def same_header(candidate):
    """Whether a candidate leaves defaults, decorators and the like alone, which are evaluated by the module."""
    low = candidate["chunk"][4] if len(candidate["chunk"]) > 4 else candidate["chunk"][0]
    return all(start >= low for start, _, _ in candidate["splices"])


def exchange(candidate, known):
    """Give the live functions of a module the code that they have in a candidate; run the module anew if more than
    a function's body differs; leave it to the import if it is not loaded yet."""
    path = known.path
    module, pair = module_of(path), known.changed(candidate)
    source = spliced(path, candidate["splices"])
    if module is None:
        override(path, source, replaced(known.code, *pair) if pair and same_header(candidate) else None)
        return
    if pair is not None and same_header(candidate):
        try:
            for each in known.alive.get((pair[0].co_name, pair[0].co_firstlineno), ()):
                each.__code__ = pair[1]
            return
        except ValueError:  # another number of closed-over names
            pass
    new = compile(source, path, "exec", 0, True)
    before = dict(module.__dict__)
    exec(new, module.__dict__)
    changed = {id(value): module.__dict__[name] for name, value in before.items()
               if name in module.__dict__ and module.__dict__[name] is not value and callable(value)}  # fmt: skip
    for other in list(sys.modules.values()):
        for name, value in list(getattr(other, "__dict__", {}).items()):
            if id(value) in changed and other is not module:
                setattr(other, name, changed[id(value)])


def spliced(path, splices, cache={}):  # noqa: B006 - one file is changed hundreds of times
    if path not in cache:
        with open(path, "rb") as stream:
            cache[path] = stream.read()
    data = cache[path]
    parts, at = [], 0
    for start, end, text in sorted(splices):
        parts += (data[at:start], text.encode("utf-8", "surrogatepass"))
        at = end
    return b"".join((*parts, data[at:]))


# -- children ---------------------------------------------------------------------------------------------------------


def child(write, limit, body):
    """Runs in the fork, and never returns."""
    try:
        import gc

        gc.disable()
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, limit)
        with contextlib.suppress(OSError, ValueError):
            with open("/proc/self/statm") as stream:
                used = int(stream.read().split()[0]) * resource.getpagesize()
            hard = resource.getrlimit(resource.RLIMIT_AS)[1]
            resource.setrlimit(resource.RLIMIT_AS, (used + (256 << 20), hard))
        answer = body()
        data = json.dumps(answer).encode()
        while data:
            data = data[os.write(write, data) :]
    except BaseException as error:
        os.write(write, json.dumps({"fault": "%s: %s" % (type(error).__name__, error)}).encode())
    finally:
        os._exit(0)


class Pool:
    """Children, a few at a time. ``done(key, answer or None, seconds)`` hears of each."""

    def __init__(self, jobs, done):
        self.jobs, self.done, self.running = jobs, done, {}

    def add(self, key, limit, body):
        while len(self.running) >= self.jobs:
            self.wait()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            child(writer, limit, body)
        os.close(writer)
        self.running[reader] = [key, pid, time.monotonic(), 3 * limit + 0.5, b""]

    def wait(self):
        import select

        ready = select.select(list(self.running), [], [], 0.05)[0]
        now = time.monotonic()
        for reader in list(self.running):
            key, pid, began, patience, data = self.running[reader]
            if reader in ready:
                more = os.read(reader, 1 << 16)
                if more:
                    self.running[reader][4] = data + more
                    continue
            elif now - began < patience:
                continue
            else:
                os.kill(pid, signal.SIGKILL)
            del self.running[reader]
            os.close(reader)
            os.waitpid(pid, 0)
            try:
                answer = json.loads(data) if data else None
            except ValueError:
                answer = None
            self.done(key, answer, now - began)

    def finish(self):
        while self.running:
            self.wait()


# -- the two modes ----------------------------------------------------------------------------------------------------


def trace(program, answer):
    tracer = Tracer()
    before = set(sys.modules)
    judge = Judge(tracer)
    try:
        program.play(judge)
    except BaseException as error:  # what was heard until then counts
        answer["ended"] = type(error).__name__
    tracer.stop()
    answer["tests"] = [
        {"id": name, "ok": judge.results[name][0], "error": judge.results[name][1],
         "lines": {path: sorted(lines) for path, lines in tracer.lines.get(name, {}).items()}}
        for name in judge.order
    ]  # fmt: skip
    answer["raised"] = [
        {"text": each["text"], "tests": sorted(each["tests"])} for each in tracer.raised.values() if each["text"]
    ]
    outside = []
    for name in sorted(set(sys.modules) - before):
        path = getattr(sys.modules[name], "__file__", None)
        if "." not in name and name != "__main__" and (path is None or inside(path) is None):
            outside.append(name)
    answer["modules"] = outside[:200]


def attempt(program, spec, answer):
    expected, failing = spec["expected"], spec["failing"]
    end = time.monotonic() + spec["budget_s"]
    outcomes = [None] * len(spec["candidates"])
    running = isinstance(program, Pytest)
    known = {
        name: Known(os.path.join(ROOT, name), running) for name in sorted({each["path"] for each in spec["candidates"]})
    }
    answer["outcomes"] = outcomes

    def run(number):
        def body():
            judge = Judge(expected=expected)
            lost, begin = False, time.thread_time()
            tests = None
            if number >= 0:
                one = spec["candidates"][number]
                program.change(one, known[one["path"]])
                tests = one.get("tests")
            try:
                program.play(judge, [*failing, *tests] if tests is not None else None)
            except Stop:
                lost = True
            if spec.get("hang"):
                fine = bool(judge.results) and all(ok for ok, _ in judge.results.values())
                return {"lost": not fine, "won": [], "all": fine}
            won = [name for name in failing if judge.results.get(name, (False, ""))[0]]
            cpu = time.thread_time() - begin
            return {"lost": lost, "won": won, "all": len(won) == len(failing) and not lost, "cpu": cpu}

        return body

    took = [spec["child_s"]]
    if not spec.get("hang"):
        base = Pool(1, lambda _, result, seconds: took.append(result["cpu"]) if result and "cpu" in result else None)
        base.add(-1, spec["child_s"], run(-1))
        base.finish()
    limit = min(spec["child_s"], 0.15 + 8 * took[-1])
    answer["base_s"] = took[-1]

    def done(number, result, seconds):
        if result and "fault" in result:  # a change that does not compile, mostly
            answer["fault"], result = result["fault"], None
        outcomes[number] = result or {"lost": True, "won": [], "all": False}

    import gc

    gc.collect()
    gc.freeze()
    pool = Pool(spec["jobs"], done)
    for number in range(len(outcomes)):
        if time.monotonic() > end:
            answer["cut"] = number
            break
        pool.add(number, limit, run(number))
    pool.finish()
    survivors = [n for n, each in enumerate(outcomes) if each and each["all"]][: spec["most_rivals"]]
    if len(survivors) > 0:
        import suture_rivals

        found = []
        pool = Pool(1, lambda _, result, seconds: found.append(result))
        pool.add(0, 4.0, lambda: suture_rivals.compare(program, spec, survivors, known))
        pool.finish()
        answer["rivals"] = found[0] if found and "groups" in (found[0] or {}) else None


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        spec = json.load(stream)
    out = os.environ["SUTURE_TRIAL_OUT"]
    for name in ("SUTURE_TRIAL_OUT", "SUTURE_REPORT"):
        os.environ.pop(name, None)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    answer = {}

    def work(program):
        if spec["mode"] == "trace":
            trace(program, answer)
        else:
            attempt(program, spec, answer)

    program = Pytest(spec) if spec["kind"] == "pytest" else Script(spec)
    owner = os.getpid()
    try:
        program.prepare(work)
    except BaseException as error:
        answer["error"] = "%s: %s" % (type(error).__name__, error)
    if os.getpid() == owner:
        with open(out, "w", encoding="utf-8") as stream:
            json.dump(answer, stream)
    os._exit(0)


if __name__ == "__main__":
    sys.modules["suture_trial"] = sys.modules["__main__"]
    main()
