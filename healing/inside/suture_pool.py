# pyright: basic
# ruff: noqa: BLE001, UP031
"""Small expressions over what is in scope at one place of a running program, likely ones first.

Enumerated bottom-up (as in SemFix, Nopol and DynaMoth): names, attributes and constants; one function, method, item or
operator over these and over the expression that stands there. Values only decide what is worth writing: an attribute
that an object has, a key that a table has, operands of one kind. Invariant: this runs in a forked child.
"""

import inspect
import types

#: Expressions of a pool, and values that are combined.
MOST, ATOMS = 160, 20
#: … where only their truth counts, so that hardly any of them differ.
MOST_TRUE = 450
NUMBERS = (int, float, complex)
PLAIN = (int, float, complex, str, bytes, bool, type(None))
#: What is made of a value by functions that are always there, by its kind, and methods without arguments.
MADE = {
    "str": ("int", "float", "len", "list"), "int": ("str", "float", "range", "abs"), "float": ("int", "round", "str"),
    "list": ("len", "tuple", "set", "sorted", "sum", "max", "min"), "tuple": ("list", "len", "set", "sum"),
    "set": ("sorted", "list", "len"), "frozenset": ("sorted", "list", "len"), "dict": ("list", "len", "sorted"),
    "generator": ("list", "sorted", "sum", "tuple"), "Decimal": ("float", "str", "int"), "deque": ("list", "len"),
}  # fmt: skip
METHODS = {
    "str": ("strip", "lower", "upper", "split", "splitlines", "title"), "bytes": ("decode",),
    "dict": ("items", "values", "keys", "copy"), "list": ("copy",), "OrderedDict": ("items", "values", "keys"),
    "defaultdict": ("items", "values", "keys"), "Counter": ("items", "values", "most_common"), "Match": ("group", "end",
    "start", "groups"), "set": ("copy",), "PosixPath": ("read_text", "resolve", "exists"),
}  # fmt: skip
#: Values within one that are looked at, items of each, and characters of a text.
LOOKED, ITEMS, CHARACTERS = 2000, 200, 4000


def shown(value, depth=6, left=None):
    """A text that is the same for values that nobody can tell apart; ``left``: how many more are looked at."""
    kind = type(value)
    if kind in (bool, type(None)):
        return repr(value)
    if kind is int:
        return "%x" % value  # of a long one the decimal digits are refused
    if kind in (str, bytes):
        return repr(value) if len(value) < CHARACTERS else "%r…%d…%d" % (value[:CHARACTERS], len(value), hash(value))
    if kind is float:
        return "%.9gf" % value
    left = [LOOKED] if left is None else left
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        return "%s@%d" % (kind.__name__, id(value))

    def each_of(values):
        more = ["…%d" % len(values)] if len(values) > ITEMS else []
        return more + [shown(each, depth - 1, left) for each in list(values)[:ITEMS]]

    try:
        if kind in (set, frozenset):
            return "%s(%s)" % (kind.__name__, ",".join(sorted(each_of(value))))
        if isinstance(value, (list, tuple)) or kind.__name__ == "deque":
            return "%s[%s]" % (kind.__name__, ",".join(each_of(value)))
        if isinstance(value, dict):
            pairs = list(dict.items(value))
            inside = [shown(a, depth - 1, left) + ":" + shown(b, depth - 1, left) for a, b in pairs[:ITEMS]]
            return "%s{%d,%s}" % (kind.__name__, len(pairs), ",".join(inside))
        if isinstance(value, types.MethodType):
            return "%s@%d" % (kind.__name__, id(value.__func__))
        if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, type, types.ModuleType)):
            return "%s@%d" % (kind.__name__, id(value))
        own = getattr(value, "__dict__", None)
        if kind.__repr__ is object.__repr__ or own:
            names = list(own.items())[:60] if own else []
            names += [(name, getattr(value, name, None)) for name in slots(kind)]
            inside = ",".join(name + "=" + shown(each, depth - 1, left) for name, each in names)
            return "%s<%s>" % (kind.__name__, inside or id(value))
        return shown(repr(value))
    except Exception:
        return "%s@%d" % (kind.__name__, id(value))


def holds(value):
    """Whether a value counts as true; None for one that does not tell, as an array of several numbers."""
    try:
        return bool(value)
    except Exception:
        return None


def slots(kind):
    found = []
    for each in kind.__mro__:
        listed = each.__dict__.get("__slots__", ())
        found += [listed] if isinstance(listed, str) else list(listed)
    return found


def of_program(value, spec):
    return type(value).__module__ in spec["modules"] or type(value).__module__ == "__main__"


def fields(value, spec):
    """Attributes of an object of the program, or that the program reads of others."""
    kind = type(value)
    if isinstance(value, (type, types.ModuleType, types.FunctionType, *PLAIN)):
        return []
    try:
        names = list(getattr(value, "__dict__", {})) + slots(kind)
    except Exception:  # an object that answers for another may refuse
        return []
    names += [name for name in dir(kind) if name in spec["attributes"]]
    if of_program(value, spec):
        names += [name for name in dir(kind) if isinstance(inspect.getattr_static(kind, name, None), property)]
    if not of_program(value, spec) and kind.__module__ != "builtins":
        names += [name for name in dir(kind) if name[0] != "_"]
    hidden = "__" if of_program(value, spec) else "_"
    names = [name for name in dict.fromkeys(names) if isinstance(name, str) and not name.startswith(hidden)]
    return [name for name in names if not callable(inspect.getattr_static(kind, name, None))][:20]


def required(function):
    """(names of the parameters without a default, of those with one); None if that is not known."""
    try:
        given = [each for each in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return None
    usual = [each for each in given if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    if any(each.kind == each.KEYWORD_ONLY and each.default is each.empty for each in given):
        return None
    return [e.name for e in usual if e.default is e.empty], [e.name for e in usual if e.default is not e.empty]


def value_of(text, space):
    try:
        return True, eval(text, space)
    except BaseException:
        return False, None


def atoms(local, outer, hole, spec):
    """(text, value, prior) of names, attributes, constants."""
    found = []
    for name, value in local.items():
        if isinstance(value, types.ModuleType) or not name.isidentifier():
            continue
        if name not in ("self", "cls") and not isinstance(value, (type, types.FunctionType)):
            found.append((name, value, 0.3))
        for field in fields(value, spec):
            try:
                found.append(("%s.%s" % (name, field), getattr(value, field), 0.24 if name == "self" else 0.25))
            except Exception:
                continue
    for name, value in outer.items():
        if name in spec["constants"] and name not in local and not callable(value):
            found.append((name, value, 0.12))
    for text in spec["literals"]:
        found.append((text, eval(text), 0.06))
    if "self" in local:
        found.append(("self", local["self"], 0.1))
    near = {text: place for place, text in enumerate(hole["near"])}
    return sorted(found, key=lambda each: (-each[2], near.get(each[0], 99)))[: 2 * ATOMS]


def callables(local, outer, hole, spec):
    """(text, required, optional, prior) of functions, classes and methods of the program and what it imports."""
    found = []
    for name in spec["callables"]:
        value = local.get(name, outer.get(name))
        if callable(value):
            shape = required(value)
            if shape is None and isinstance(value, type):
                shape = ([], ["value"])
            if shape is not None:
                found.append((name, shape, 0.15))
    for owner, value in list(local.items()):
        if isinstance(value, (type, types.ModuleType)) or not of_program(value, spec):
            continue
        for name in dir(type(value)):
            method = inspect.getattr_static(type(value), name, None)
            if isinstance(method, (types.FunctionType, staticmethod, classmethod)) and not name.startswith("__"):
                shape = required(getattr(value, name))
                if shape is not None and name != hole["function"]:
                    found.append(("%s.%s" % (owner, name), shape, 0.15 if owner == "self" else 0.1))
    return found


#: Stands for the value of the expression that is there, which is taken once.
THERE = "_suture_there"
LITERAL = "0123456789'\"[{(-"


def pool(local, outer, hole, spec):
    """[[text, prior, what to evaluate, whether nothing of the program is called], …], what stands there first."""
    space, text = dict(outer, **local), hole["text"]
    known = atoms(local, outer, hole, spec)  # before what stands there is evaluated, which may change something
    for part in hole["parts"]:
        fine, value = value_of(part, space)
        if fine:
            known.append((part, value, 0.2))
    fine, now = value_of(text, space)
    space[THERE] = now
    texts = {}

    def add(expression, prior, asked=None, pure=True):
        if expression != text and len(expression) < 160 and prior > texts.get(expression, (0.0,))[0]:
            texts[expression] = (prior, asked or expression, pure)

    if isinstance(now, types.ModuleType):
        return []
    if hole["role"] == "guard":
        for expression, prior in conditions(known[:ATOMS]):
            add(expression, 2 * prior)
        for expression, value, prior in known[:ATOMS]:
            if expression[0] not in LITERAL and not isinstance(value, (type, types.FunctionType)):
                add(expression, 0.3 * prior)
                add("not %s" % expression, 0.5 * prior)
        for name, (needed, more), prior in callables(local, outer, hole, spec):
            for given in arguments(needed, more, known):
                add("%s(%s)" % (name, ", ".join(given)), 0.5 * prior, pure=False)
        return told(texts, MOST_TRUE)
    plain = hole["tight"] and "(" not in text
    share = 1.0 if plain else 0.15
    for expression, _, prior in known:
        inside = expression in hole["parts"]
        add(expression, (0.6 if inside else share) * prior, pure=not inside or "(" not in expression)
    tight = text if hole["tight"] else "(%s)" % text
    calls = callables(local, outer, hole, spec)
    if fine:
        wrapped = lambda expression, prior, pure=True: add(  # noqa: E731
            expression.replace(THERE, text if loose(expression) else tight), prior, expression, pure
        )
        grown(wrapped, THERE, now, 0.4, known, calls, space, spec)
        there(wrapped, now, hole, known)
    elif hole["role"] != "condition":
        guarded(add, text, hole, known)
    for expression, value, prior in known[:ATOMS]:
        if not isinstance(value, bool) and value is not None and expression[0] not in LITERAL:
            grown(add, expression, value, share * 0.4 * prior, known[:10], calls, space, spec)
    if hole["role"] == "condition":
        for expression, prior in conditions(known[:ATOMS]):
            add(expression, 0.6 * share * prior)
            if fine:
                add("%s and %s" % (tight, expression), 0.5 * prior, "%s and %s" % (THERE, expression))
                add("%s or %s" % (tight, expression), 0.4 * prior, "%s or %s" % (THERE, expression))
            add("%s and %s" % (expression, tight), 0.5 * prior, pure="(" not in text)
        for expression, _, prior in known[:ATOMS]:
            add("not %s" % expression, 0.2 * prior)
    for name, (needed, more), prior in calls:
        for given in arguments(needed, more, known):
            add("%s(%s)" % (name, ", ".join(given)), 0.6 * share * prior * (1.0 if given else 0.6), pure=False)
    return told(texts, MOST_TRUE if hole["role"] == "condition" else MOST)


def told(texts, most):
    ordered = sorted(texts.items(), key=lambda each: -each[1][0])[:most]
    ordered.sort(key=lambda each: not each[1][2])
    return [["", 1.0, THERE, False], *([key, *rest] for key, rest in ordered)]


def loose(expression):
    """Whether the value that stands there is put between brackets, which bind tighter than anything."""
    return "(%s)" % THERE in expression or "(%s," % THERE in expression or "[%s]" % THERE in expression


def there(add, now, hole, known):
    """What may be done with the value that stands there: called, spread, asked whether it is there, replaced."""
    if callable(now) and not isinstance(now, type):
        add("%s()" % THERE, 0.5, False)
    if hole["role"] == "argument":
        if isinstance(now, (list, tuple)):
            add("*%s" % THERE, 0.2)
        elif isinstance(now, dict) and all(isinstance(each, str) for each in now):
            add("**%s" % THERE, 0.25)
    if hole["role"] == "condition":
        if not isinstance(now, bool):
            add("%s is not None" % THERE, 0.35)
            add("%s is None" % THERE, 0.1)
        add("not %s" % THERE, 0.2)
    else:
        for expression, value, prior in known[:ATOMS]:
            if now is None or (type(value) is type(now) and holds(now) is False and holds(value)):
                add("%s or %s" % (THERE, expression), 0.4 * prior)
                if expression[0] not in LITERAL:
                    add("%s if %s is not None else %s" % (expression, expression, THERE), 0.2 * prior)
        if isinstance(now, (list, dict, set)):
            add("%s(%s)" % (type(now).__name__, THERE), 0.1)


def guarded(add, text, hole, known):
    """What raises, where a condition says that it may be taken, and a constant elsewhere."""
    others = [each for each, _, _ in known if each in ("0", "''", "None", "[]", "{}", "False")] + ["0.0"]
    inside = set(hole["names"])
    for expression, value, _ in known[:ATOMS]:
        if expression.partition(".")[0] not in inside or expression[0] in LITERAL:
            continue
        tests = ["%s is not None" % expression] if value is None else [] if holds(value) is not False else [expression]
        for test in tests:
            for number, other in enumerate(others):
                add("%s if %s else %s" % (text, test, other), 0.12 * 0.9**number, pure="(" not in text)


def arguments(needed, more, known):
    """Arguments for parameters, by their names."""
    by_name = {text.rpartition(".")[2]: text for text, _, _ in reversed(known) if text[:1].isalpha() or text[:1] == "_"}
    if not needed and not more:
        return [()]
    if all(name in by_name for name in needed):
        found = [tuple(by_name[name] for name in needed)]
        if more and more[0] in by_name:
            found.append((*found[0], by_name[more[0]]))
        return found
    return []


def grown(add, text, value, prior, known, calls, space, spec):
    """One step more than an expression."""
    kind = type(value).__name__
    for name in MADE.get(kind, ()):
        add("%s(%s)" % (name, text), 0.4 * prior)
    for name in METHODS.get(kind, ()):
        add("%s.%s()" % (text, name), 0.35 * prior)
    if value is not None:
        for name, (needed, more), share in calls:
            if len(needed) == 1 or (not needed and more):
                add("%s(%s)" % (name, text), 4 * share * prior / (4 + len(calls)) ** 0.5, pure=False)
    own = fields(value, spec)
    for name in own:
        add("%s.%s" % (text, name), prior / max(len(own), 2) ** 0.5)
    if not isinstance(value, (*PLAIN, type, types.ModuleType)):
        for name in spec["methods"]:
            if callable(getattr(type(value), name, None)):
                add("%s.%s()" % (text, name), 0.5 * prior, pure=False)
    sized = isinstance(value, (list, tuple, str))
    if sized and value:
        for index in ("0", "-1", "1:", ":-1"):
            add("%s[%s]" % (text, index), 0.25 * prior)
    if sized or isinstance(value, dict):
        for expression, index, share in known:
            if isinstance(value, dict):
                with_key = isinstance(index, (str, int, tuple)) and not isinstance(index, bool)
                if with_key and index in value:
                    add("%s[%s]" % (text, expression), prior * share)
                if with_key:
                    add("%s.get(%s)" % (text, expression), 0.6 * prior * share)
            elif type(index) is int and expression[0] not in LITERAL:
                add("%s[%s]" % (text, expression), 0.6 * prior * share)
                add("%s[:%s]" % (text, expression), 0.3 * prior * share)
                add("%s[%s:]" % (text, expression), 0.3 * prior * share)
                add("%s[-%s:]" % (text, expression), 0.3 * prior * share)
    numeric = isinstance(value, NUMBERS) or kind in ("Decimal", "Fraction", "date", "datetime", "timedelta")
    if isinstance(value, bool) or (callable(value) and not own):
        return
    if numeric and isinstance(value, (int, float)):
        add("%s + 1" % text, 0.2 * prior)
        add("%s - 1" % text, 0.2 * prior)
    for expression, other, share in known:
        if expression == text or isinstance(other, bool):
            continue
        if numeric and (isinstance(other, NUMBERS) or type(other) is type(value)):
            for sign in "+-*" if expression not in ("0", "1") else "":
                add("%s %s %s" % (text, sign, expression), 0.25 * prior * share)
            for sign in ("//", "/", "%"):
                add("%s %s %s" % (text, sign, expression), 0.1 * prior * share)
            for name in ("max", "min"):
                add("%s(%s, %s)" % (name, text, expression), 0.15 * prior * share)
        elif type(other) is type(value) and isinstance(value, (str, list, tuple)) and other:
            add("%s + %s" % (text, expression), 0.4 * prior * share)
            add("%s + %s" % (expression, text), 0.4 * prior * share)
        elif isinstance(value, (set, frozenset)) and type(other) is type(value):
            for sign in "|-&":
                add("%s %s %s" % (text, sign, expression), 0.2 * prior * share)
        elif isinstance(value, list) and not isinstance(other, (list, dict)):
            add("%s + [%s]" % (text, expression), 0.1 * prior * share)


def conditions(known):
    """(text, prior) of comparisons of what is of one kind."""
    for place, (left, one, prior) in enumerate(known):
        fixed = left[0] in LITERAL or left in ("None", "True", "False")
        if not fixed and (one is None or not isinstance(one, (bool, int, float))):
            yield "%s is None" % left, 0.2 * prior
            yield "%s is not None" % left, 0.2 * prior
        for right, two, share in known[place + 1 :]:
            like, weight = type(one) is type(two), prior * share
            if fixed and (right[0] in LITERAL or right in ("None", "True", "False")):
                continue
            if like and not isinstance(one, (bool, type(None))):
                yield "%s == %s" % (left, right), 0.8 * weight
                yield "%s != %s" % (left, right), 0.6 * weight
            if isinstance(one, NUMBERS) and isinstance(two, NUMBERS) and not isinstance(one, bool):
                for sign in ("<", "<=", ">", ">="):
                    yield "%s %s %s" % (left, sign, right), 0.8 * weight
            for inner, part, outer, whole in ((left, one, right, two), (right, two, left, one)):
                holds = isinstance(whole, (list, tuple, set, frozenset, dict)) or type(whole) is type(part) is str
                if holds and outer[0] not in LITERAL and part is not None and not isinstance(part, (list, dict)):
                    yield "%s in %s" % (inner, outer), 0.6 * weight
                    yield "%s not in %s" % (inner, outer), 0.6 * weight
