# pyright: basic
# ruff: noqa: B905, BLE001, UP031
"""What are expressions worth where the tests evaluate them? Asked by synthesis from observed values.

The program was instrumented: before the value of a suspicious expression is taken, ``__suture_probe__`` is called with
its number. There a child is forked that enumerates expressions over what is in scope, smallest first, and evaluates
them; the program itself goes on as if nothing had been asked. The program is played three times: to count the
evaluations, to ask at some of those in failing tests, which make the pool of expressions, and at some in passing ones.
What gives the same values at all of them is one class (observational equivalence), told by its likeliest member.

Invariant: expressions are evaluated in forked children only, each with a limit on its time, that write no files, start
nothing, and share no position in an open file with the program.
"""

import contextlib
import io
import itertools
import json
import os
import select
import signal
import stat
import sys
import threading
import time
import types
import zlib

import suture_children
import suture_pool

#: Evaluations of one expression that are asked in a play: of one test, and in all.
OF_TEST, OF_PLAY = 2, 3
#: Processor time of one expression, and of a child (seconds).
ONE_S, CHILD_S = 0.02, 0.3
#: Times that a child is forked anew behind an expression that changed what is in scope.
ANEW = 2
RAISED = "!"
CODE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
#: What is equal to what stands there, and yet another: who changes one does not change the other.
COPIES = frozenset(form % suture_pool.THERE for form in ("list(%s)", "dict(%s)", "set(%s)", "%s.copy()"))
#: Names of a module whose values are looked at, and items of an iterator that are kept.
OUTER, KEPT = 30, 1000
#: What the interpreter tells ahead of what others would notice (https://docs.python.org/3/library/audit_events.html).
NOTICED = frozenset(
    (
        *("os.chmod", "os.chown", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.link", "os.mkdir"),
        *("os.posix_spawn", "os.remove", "os.rename", "os.rmdir", "os.setxattr", "os.spawn", "os.symlink", "os.system"),
        *("os.truncate", "os.utime", "pty.spawn", "signal.pthread_kill", "socket.bind", "socket.connect"),
        *("socket.sendmsg", "socket.sendto", "subprocess.Popen"),
    )
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Slow(BaseException):
    """An expression takes too long; a program that handles its errors does not handle this."""


class Refused(BaseException):
    """An expression does what others would notice."""


def values(program, spec, answer):
    """``holes``: for each probe that was reached, its classes: {"text", "prior", …}, see :func:`classes` and
    :func:`guarding`."""
    suture_children.ready()
    end = time.monotonic() + spec["budget_s"]
    counted = told(lambda: play(program, Counting()), spec)
    if not isinstance(counted, dict):
        return
    expected, pools, rows = spec["expected"], {}, {}
    for wanted in (False, True):
        chosen = ordinals(counted["counts"], expected, wanted)
        asking = Asking(spec, chosen, pools, end)
        found = told(lambda asking=asking: play(program, asking), spec)
        if not isinstance(found, dict):
            return
        for number, pool in found["pools"].items():
            pools.setdefault(int(number), pool)
        for number, stops in found["rows"].items():
            rows.setdefault(int(number), []).extend((wanted, row) for row in stops)
    answer["holes"] = {}
    for number, pool in pools.items():
        guard = spec["probes"][number]["role"] == "guard"
        if number in rows:
            answer["holes"][str(number)] = (guarding if guard else classes)(pool, rows[number])


def told(body, spec):
    """What a child tells that plays the program."""
    found = []
    pool = suture_children.Pool(1, lambda _, result, seconds: found.append(result))
    pool.add(0, spec["budget_s"] + spec["child_s"], body)
    pool.finish()
    return found[0] if found else None


def play(program, probing):
    import builtins

    import suture_trial

    class Hearing(suture_trial.Judge):
        def begin(self, name):
            probing.test = name
            suture_trial.Judge.begin(self, name)

    builtins.__dict__["__suture_probe__"] = probing
    with contextlib.suppress(BaseException):
        program.play(Hearing(), None)
    return probing.heard()


class Counting:
    """How often each test comes to each probe."""

    def __init__(self):
        self.test, self.counts = "", {}

    def __call__(self, number):
        of = self.counts.setdefault(number, {})
        of[self.test] = of.get(self.test, 0) + 1

    def heard(self):
        return {"counts": self.counts}


def ordinals(counts, expected, wanted):
    """Probe → {test: the evaluations that are asked}: the last, the first and one between, of few tests."""
    chosen = {}
    for number, tests in counts.items():
        of, left = {}, OF_PLAY
        for name, many in tests.items():
            if expected.get(name) is wanted and left > 0:
                places = sorted({many, 1, (many + 1) // 2}, key=lambda each, many=many: (each != many, each))
                own = places[: min(left, OF_TEST)]
                of[name] = own
                left -= len(own)
        if of:
            chosen[int(number)] = of
    return chosen


class Asking:
    """Asks at the evaluations that were chosen; the first one of a probe without a pool makes it."""

    def __init__(self, spec, chosen, pools, end):
        self.spec, self.chosen, self.pools, self.end = spec, chosen, pools, end
        self.test, self.at, self.made, self.rows, self.codes = "", {}, {}, {}, {}
        self.busy = False

    def __call__(self, number):
        wanted = self.chosen.get(number)
        if wanted is None or self.busy or self.test not in wanted:
            return
        key = (number, self.test)
        self.at[key] = self.at.get(key, 0) + 1
        if self.at[key] not in wanted[self.test] or threading.active_count() > 1 or time.monotonic() > self.end:
            return
        frame, self.busy = sys._getframe(1), True
        try:
            self.ask(number, frame)
        except Exception:  # no child can be forked, or the program waited for it: nothing is known then
            return
        finally:
            self.busy = False

    def ask(self, number, frame):
        hole = self.spec["probes"][number]
        pool = self.pools.get(number) or self.made.get(number)
        if pool is None:
            file = dict(self.spec["files"][hole["path"]], modules=self.spec["modules"], literals=hole["literals"])
            known = forked(lambda: suture_pool.pool(*scope_of(frame), hole, file))
            if not known or not isinstance(known[0], list):
                return
            pool = self.made[number] = known[0]
        if number not in self.codes:
            self.codes[number] = [(compiled(each[2]), each[3]) for each in pool]
        row, begin, anew, strict = [], 0, 0, False
        while begin < len(pool) and anew < ANEW:
            part = forked(lambda begin=begin, strict=strict: evaluated(frame, self.codes[number], hole, begin, strict))
            if part == [None] and not strict:
                strict = True
                continue
            got = part[0] if part and isinstance(part[0], list) else []
            row += got
            begin, anew = begin + max(len(got), 1), anew + 1
            if len(row) < begin:
                row.append(None)  # it took too long, or ended the child
        row += [None] * (len(pool) - len(row))
        self.rows.setdefault(number, []).append(row)

    def heard(self):
        return {"pools": self.made, "rows": self.rows}


def forked(body):
    """[What a child answers]; nothing if it died."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        suture_children.child(writer, CHILD_S, lambda: fenced(writer, body))
    os.close(writer)
    data, end = b"", time.monotonic() + 4 * CHILD_S
    while True:
        if not select.select([reader], [], [], max(end - time.monotonic(), 0))[0]:
            os.kill(pid, signal.SIGKILL)
            break
        more = os.read(reader, 1 << 16)
        if not more:
            break
        data += more
    os.close(reader)
    os.waitpid(pid, 0)
    try:
        return [json.loads(data)]
    except ValueError:
        return []


def fenced(writer, body):
    """In a child: what others would notice is refused, and open files are its own, to be read."""
    import suture_trial

    sys.stdout = sys.stderr = io.StringIO()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for name in suture_trial.open_files() or ():
        with contextlib.suppress(OSError):
            number, own = int(name), nowhere
            kind = os.fstat(number).st_mode
            if number in (writer, nowhere) or stat.S_ISDIR(kind):
                continue
            with contextlib.suppress(OSError):
                if stat.S_ISREG(kind):
                    own = os.open("/proc/self/fd/" + name, os.O_RDONLY)
                    os.lseek(own, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
            os.dup2(own, number, inheritable=False)
            if own != nowhere:
                os.close(own)

    def hook(event, given):
        if event in NOTICED or (event == "open" and isinstance(given[2], int) and given[2] & WRITING):
            raise Refused(event)

    sys.addaudithook(hook)
    return body()


def scope_of(frame):
    """(names of the function and of those around it, names of the module)."""
    local, inner = dict(frame.f_locals), frame
    while inner.f_back is not None and inner.f_code in inner.f_back.f_code.co_consts:
        inner = inner.f_back
        local = dict(inner.f_locals, **local)
    if frame.f_locals is frame.f_globals:
        local = {key: value for key, value in local.items() if not key.startswith("__")}
    return local, frame.f_globals


def compiled(text):
    text = "(%s,)" % text if text[0] == "*" and text[1] != "*" else "dict(%s)" % text if text[0] == "*" else text
    try:
        return compile(text, "<synthesis>", "eval", 0, True)
    except (SyntaxError, ValueError):
        return None


def late(*_):
    raise Slow


def evaluated(frame, codes, hole, begin, strict):
    """[signature, kind] of each expression from ``begin`` on, up to the first that changes what is in scope; None if
    one did so that was thought not to, which ``strict`` finds out. What stands there is evaluated once, ahead of all.
    """
    local, outer = scope_of(frame)
    space, row, truth = dict(outer, **local), [], hole["role"] in ("condition", "guard")
    signal.signal(signal.SIGVTALRM, late)
    there = one(compiled(hole["text"]), space, truth, "", suture_pool.THERE)
    lazy, items_of = {}, {}
    for name in (*local, suture_pool.THERE):
        value = space.get(name)
        if is_lazy(value):  # one may have several names
            lazy[name] = items_of[id(value)] = items_of.get(id(value)) or kept(value)
    before, unsure = state(local, outer), False
    for code, pure in codes[begin:]:
        if unsure and not pure:
            unsure = False
            if state(local, outer) != before:
                return None
        for name, items in lazy.items():
            space[name] = again(*items)
        row.append(
            there if not row and not begin else one(code, space, truth, hole["asked"]) if code is not None else None
        )
        unsure = pure and not strict
        if not unsure and state(local, outer) != before:
            row[-1] = None
            break
    return None if unsure and state(local, outer) != before else row


def is_lazy(value):
    """Whether a value is used up by whoever looks at what it holds."""
    kind = type(value)
    return kind is types.GeneratorType or (kind.__module__ in ("builtins", "itertools") and hasattr(kind, "__next__"))


def kept(value):
    """(the first items of an iterator, itself behind them)."""
    items = []
    signal.setitimer(signal.ITIMER_VIRTUAL, ONE_S)
    try:
        for each in itertools.islice(value, KEPT):
            items.append(each)
    except BaseException:
        return items, ()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return items, value


def again(items, rest):
    yield from items
    yield from rest


def state(local, outer):
    """What the names are worth that an expression may change."""
    own = [value for value in local.values() if not isinstance(value, types.ModuleType)]
    told = (value for name, value in outer.items() if name[:2] != "__" and not issubclass(type(value), CODE))
    return [mark(value) for value in (*own, *itertools.islice(told, OUTER))]


def one(code, space, truth, asked="", name=""):
    """[signature, kind] of an expression; None if it takes too long. It has to have the attribute ``asked``; its value
    is kept under ``name``."""
    signal.setitimer(signal.ITIMER_VIRTUAL, ONE_S, ONE_S)  # again, where the program handles whatever is raised
    try:
        value = eval(code, space)
        if name:
            space[name] = value
        if asked and not hasattr(value, asked):
            return [RAISED + "AttributeError", ""]
        return [repr(bool(value)) if truth else mark(value), type(value).__name__]
    except Slow:
        return None
    except BaseException as error:
        return [RAISED + type(error).__name__, ""]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def mark(value):
    return "%08x" % zlib.crc32(suture_pool.shown(value).encode("utf-8", "replace"))


def classes(pool, rows):
    """One entry for each class of expressions that differs from the one that stands there at a failing evaluation, and
    raises at none; the pool's first is what stands there."""
    found = {}
    firsts = [row[0] for _, row in rows]
    for number, (text, prior, asked, _) in enumerate(pool):
        if not number:
            continue
        cells = [row[number] for _, row in rows]
        if any(each is None or each[0].startswith(RAISED) for each in cells):
            continue
        failing = [(cell, first) for (ok, _), cell, first in zip(rows, cells, firsts) if not ok]
        passing = [(cell, first) for (ok, _), cell, first in zip(rows, cells, firsts) if ok]
        special = text[0] == "*" or asked in COPIES
        if not special and not any(first is None or cell[0] != first[0] for cell, first in failing):
            continue
        key = (special and text, *(each[0] for each in cells))
        agrees = sum(first is not None and cell[0] == first[0] for cell, first in passing)
        kinds = {first[1] for _, first in passing if first is not None and first[1]} or {
            first[1] for _, first in failing if first is not None and first[1]
        }
        kinds.discard("NoneType")
        one = {
            "text": text, "prior": prior, "agrees": agrees, "passing": len(passing),
            "fits": not kinds or {each[1] for each in cells} <= kinds,
        }  # fmt: skip
        if key not in found or found[key]["prior"] < prior:
            found[key] = one
    return sorted(found.values(), key=lambda each: -each["prior"])[:60]


def guarding(pool, rows):
    """Conditions that hold at the last evaluation of a failing test, or another, and at none of a passing one."""
    found = {}
    for number, (text, prior, _, _) in enumerate(pool):
        cells = [(ok, row[number]) for ok, row in rows]
        if not number or any(cell is None for _, cell in cells):
            continue
        key = tuple(cell[0] for _, cell in cells)
        holds = any(not ok and cell[0] == "True" for ok, cell in cells)
        if (
            holds
            and not any(ok and cell[0] == "True" for ok, cell in cells)
            and not any(RAISED in each for each in key)
        ):
            one = {"text": text, "prior": prior * (1.5 if "False" in key else 0.5)}
            if key not in found or found[key]["prior"] < one["prior"]:
                found[key] = one
    return sorted(found.values(), key=lambda each: -each["prior"])[:12]
