# pyright: basic
# ruff: noqa: B023, B905, BLE001, UP031
"""Do changes that all pass the tests also do the same elsewhere? Asked on inputs near those of the tests.

The tests are run once more to note the arguments of the changed functions; arguments near them are made (one more, one
less, an element dropped, doubled, exchanged), and each survivor answers all of them in a child of its own.
"""

import contextlib
import copy
import os
import random
import re
import signal
import sys
import types

import suture_children
import suture_exchange as exchange

MOST_CALLS, INPUTS, LIMIT_S = 24, 70, 0.05
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class Slow(Exception):
    pass


def compare(program, spec, survivors, known):
    """{"groups": [[the survivors (indices) that change one function], …], "answers": {index: [text, …]},
    "before": [[what the unchanged function answers], …], "inputs": [[text, …], …]}."""
    changed, codes = {}, {}
    for number in survivors:
        one = spec["candidates"][number]
        try:
            pair = known[one["path"]].changed(one)
        except SyntaxError:
            continue
        if pair is not None:
            place = (known[one["path"]].path, pair[0].co_name, pair[0].co_firstlineno)
            changed.setdefault(place, []).append(number)
            codes[number] = pair[1]
    if spec.get("hang") and codes:
        one = spec["candidates"][next(iter(codes))]
        program.change(
            one, known[one["path"]], known[one["path"]].changed(one)
        )  # as it is, it would not come to an end
    calls = observe(program, changed)
    answer = {"groups": [], "answers": {}, "before": [], "inputs": []}
    for place, numbers in changed.items():
        seen = calls.get(place)
        if not seen:
            continue
        inputs = near(seen)
        answer["groups"].append(numbers)
        answer["inputs"].append([shown(each) for each in inputs])
        found = {}
        pool = suture_children.Pool(spec["jobs"], lambda key, result, _, found=found: found.__setitem__(key, result))
        loaded = exchange.live(place[0])[0].get(place[1:], [None])[0]
        for number in numbers if spec.get("hang") else [-1, *numbers]:
            source = b"" if number < 0 else exchange.spliced(place[0], spec["candidates"][number]["splices"])
            pool.add(
                number, 1.5, lambda number=number, source=source: answers(loaded, codes.get(number), source, inputs)
            )
        pool.finish()
        before = found.pop(-1, None)
        answer["before"].append(before if isinstance(before, list) else None)
        for number, result in found.items():
            answer["answers"][str(number)] = result if isinstance(result, list) else None
    return answer


def observe(program, changed):
    """Copies of the arguments with which the tests call the changed functions, by (path, name, line)."""
    calls = {}
    wanted = {(name, line): (path, name, line) for path, name, line in changed}
    paths = {}

    def profile(frame, event, argument):
        if event != "call":
            return
        code = frame.f_code
        place = wanted.get((code.co_name, code.co_firstlineno))
        if place is None:
            return
        if code.co_filename not in paths:
            paths[code.co_filename] = os.path.realpath(code.co_filename)
        seen = calls.setdefault(place, [])
        if paths[code.co_filename] != os.path.realpath(place[0]) or len(seen) >= MOST_CALLS:
            return
        if code.co_flags & 0x0C or any(name not in frame.f_locals for name in code.co_varnames[: code.co_argcount]):
            return
        sys.setprofile(None)
        with contextlib.suppress(BaseException):
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            seen.append(copy.deepcopy({name: frame.f_locals[name] for name in names}))
        sys.setprofile(profile)

    import suture_trial

    judge = suture_trial.Judge()
    sys.setprofile(profile)
    with contextlib.suppress(BaseException):
        program.play(judge, None)
    sys.setprofile(None)
    return {place: seen for place, seen in calls.items() if seen}


def answers(function, code, source, inputs):
    """What the function answers to each input, with the code of a survivor (None: as it is)."""
    if function is None:
        return None
    if code is not None:
        try:
            function.__code__ = code
        except ValueError:
            return None
        defaults(function, source, code)

    def late(*_):
        raise Slow

    signal.signal(signal.SIGVTALRM, late)
    told = []
    for each in inputs:
        random.seed(0)
        try:
            given = copy.deepcopy(each)
        except BaseException:
            told.append("?")
            continue
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
        try:
            value = function(**given)
            if isinstance(value, types.GeneratorType):
                value = [item for item, _ in zip(value, range(1000))]
            elif isinstance(value, types.CoroutineType):
                import asyncio

                value = asyncio.run(value)
            text = "=%s" % brief(value)
        except Slow:
            text = "!slow"
        except BaseException as error:
            text = "!%s" % type(error).__name__
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        try:
            told.append("%s;%s" % (text, brief([given[key] for key in sorted(given) if mutable(given[key])])))
        except BaseException:
            told.append(text)
    return told


def defaults(function, source, code):
    """A default that became ``None`` in the new text becomes it here too."""
    import ast

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if first == code.co_firstlineno and len(node.args.defaults) == len(function.__defaults__ or ()):
                function.__defaults__ = tuple(
                    ast.literal_eval(each) if isinstance(each, ast.Constant) else value
                    for each, value in zip(node.args.defaults, function.__defaults__ or ())
                )


def mutable(value):
    return not isinstance(value, (int, float, str, bytes, bool, type(None), tuple, frozenset))


def brief(value):
    if isinstance(value, float):
        return "%.9g" % value
    if isinstance(value, (set, frozenset)):
        return "%s(%s)" % (type(value).__name__, ",".join(sorted(map(brief, value))))
    if type(value) in (list, tuple):
        return "%s[%s]" % (type(value).__name__, ",".join(map(brief, value[:500])))
    if type(value) is dict:
        return "{%s}" % ",".join("%s:%s" % (brief(key), brief(value[key])) for key in list(value)[:500])
    if type(value).__repr__ is object.__repr__ and hasattr(value, "__dict__"):
        return "%s%s" % (type(value).__name__, brief(vars(value)))
    return _ADDRESS.sub("", repr(value))[:4000]


def shown(arguments):
    return ", ".join("%s=%s" % (key, brief(value)) for key, value in arguments.items() if key != "self")[:200]


# -- inputs -----------------------------------------------------------------------------------------------------------


def near(seen):
    """Arguments like those that were seen: themselves, and small changes of them."""
    rng = random.Random(20)
    lengths = sizes(seen)
    made, keys = [], set()
    for step in range(INPUTS * 6):
        if len(made) >= INPUTS:
            break
        base = seen[step % len(seen)]
        try:
            each = copy.deepcopy(base)
            if step >= len(seen):
                names = [name for name in each if name not in ("self", "cls")]
                for name in rng.sample(names, rng.randint(min(1, len(names)), len(names))):
                    pool = [call[name] for call in seen if name in call]
                    each[name] = alter(each[name], pool, rng)
                for number, whole in lengths:
                    each[number] = len(each[whole])
            key = brief(list(each.items()))
        except BaseException:
            continue
        if key not in keys:
            keys.add(key)
            made.append(each)
    return made


def sizes(seen):
    """(number, whole): parameters that are the length of another in every call."""
    pairs = []
    for number in seen[0]:
        for whole in seen[0]:
            if number != whole and all(
                type(call.get(number)) is int
                and hasattr(call.get(whole), "__len__")
                and len(call[whole]) == call[number]
                for call in seen
            ):
                pairs.append((number, whole))
                break
    return pairs


def alter(value, pool, rng):
    """A value of the same type, near this one; ``pool`` are values that stood in the same place."""
    if len(pool) > 1 and rng.random() < 0.15:
        return copy.deepcopy(rng.choice(pool))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        numbers = [each for each in pool if isinstance(each, int)]
        new = rng.choice((value + 1, value - 1, value + 2, value * 2, value // 2, value + rng.randint(1, 9), 1, 2, 3))
        if min(numbers, default=0) >= 0:
            new = abs(new)
        return new if new or min(numbers, default=0) <= 0 or rng.random() < 0.3 else 1
    if isinstance(value, float):
        new = rng.choice((value + 1, value - 1, value * 2, value / 2, value + rng.random()))
        return abs(new) if all(not isinstance(each, float) or each >= 0 for each in pool) else new
    if isinstance(value, (str, bytes)):
        return alter_text(value, pool, rng)
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(alter_rows(list(value), pool, rng))
    if type(value) in (set, frozenset):
        rows = sorted(value, key=repr)
        return type(value)(alter_rows(rows, pool, rng))
    if type(value) is dict:
        new = dict(value)
        keys = list(new)
        kind = rng.randrange(3)
        if keys and kind == 0:
            del new[rng.choice(keys)]
        elif keys and kind == 1:
            key = rng.choice(keys)
            new[key] = alter(new[key], list(value.values()), rng)
        elif keys:
            new[alter(rng.choice(keys), keys, rng)] = copy.deepcopy(value[rng.choice(keys)])
        return new
    return value


def alter_text(value, pool, rng):
    empty = value[:0]
    alphabet = [each[at : at + 1] for each in pool if type(each) is type(value) for at in range(len(each))] or [value]
    at = rng.randrange(len(value)) if value else 0
    kind = rng.randrange(7)
    if kind == 0:
        return value[:at] + value[at + 1 :]
    if kind == 1:
        return value[:at] + rng.choice(alphabet) + value[at:]
    if kind == 2:
        return value[:at] + rng.choice(alphabet) + value[at + 1 :]
    if kind == 3:
        return value[::-1]
    if kind == 4:
        return value[at:] + value[:at]
    if kind == 5:
        return value[:at] + value[at : at + 1] + value[at:]
    return empty if rng.random() < 0.3 else value[at:]


def alter_rows(rows, pool, rng):
    at = rng.randrange(len(rows)) if rows else 0
    others = [item for each in pool if isinstance(each, (list, tuple)) for item in each] or rows
    same = {type(each) for each in rows} if rows else set()
    kind = rng.randrange(8)
    if kind == 0 and rows and len(same) == 1:
        del rows[at]
    elif kind == 1 and rows and len(same) == 1:
        rows.insert(rng.randrange(len(rows) + 1), copy.deepcopy(rows[at]))
    elif kind in (2, 3, 4) and rows:
        rows[at] = alter(rows[at], rows if len(same) == 1 else [rows[at]], rng)
    elif kind == 5 and len(same) == 1:
        rng.shuffle(rows)
    elif kind == 6 and others and len(same) <= 1:
        rows.append(copy.deepcopy(rng.choice(others)))
    elif kind == 7 and len(same) == 1:
        rows = rows[: rng.randrange(len(rows) + 1)]
    return rows
