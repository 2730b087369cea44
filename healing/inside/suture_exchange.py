# pyright: basic, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false, reportArgumentType=false
# pyright: reportCallIssue=false
# ruff: noqa: B905
"""Another text for a file of a program that is loaded already, or is about to be.

Where a change is one function's body, the function's code is exchanged and nothing else; anything more is compiled as a
whole, and the module is run anew. Invariant: nothing here runs code of the workspace but :func:`exchange`, which is
called in a child only.
"""

import os
import sys

OVERRIDDEN, CODES = {}, {}
#: The empty tuple, of which there is one only.
ALIKE = ()


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


def modules_of(*paths):
    """The loaded modules of each file: of one that is imported by two names there are two."""
    found = [{} for _ in paths]
    own, same = {os.path.realpath(path): one for path, one in zip(paths, found)}, {}
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if isinstance(name, str):
            if name not in same:
                same[name] = own.get(os.path.realpath(name))
            if same[name] is not None:
                same[name][id(module)] = module
    return [list(each.values()) for each in found]


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


def live(*paths):
    """Function objects of each file, by the name and line of their code."""
    import gc
    import types

    found = [{} for _ in paths]
    own, same = {os.path.realpath(path): one for path, one in zip(paths, found)}, {}
    gc.unfreeze()  # what is frozen is not told
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType):
            name = each.__code__.co_filename
            if name not in same:
                same[name] = own.get(os.path.realpath(name))
            if same[name] is not None:
                same[name].setdefault((each.__code__.co_name, each.__code__.co_firstlineno), []).append(each)
    return found


def held(module):
    """Where other modules hold what a module binds: name → (module, its name for it). Not what may be one and the same
    by chance, as small numbers are; and of what was made elsewhere only what bears the same name, and not its maker."""
    alike = (type(sys), str, bytes, int, float, type(None), type(...), type(NotImplemented))
    names = {
        id(value): name
        for name, value in module.__dict__.items()
        if not name.startswith("__") and not isinstance(value, alike) and value is not ALIKE
    }
    found = {}
    for other in list(sys.modules.values()):
        for its, value in list(getattr(other, "__dict__", {}).items()) if other is not module else ():
            name = names.get(id(value))
            if name is not None:
                maker = getattr(value, "__module__", module.__name__)
                if maker == module.__name__ or (its == name and maker != other.__name__):
                    found.setdefault(name, []).append((other, its))
    return found


class Known:
    """What the parent finds out once about a file that candidates change."""

    def __init__(self, path, alive=None, modules=()):
        """``alive`` and ``modules``: what is loaded of it."""
        self.path = path
        with open(path, "rb") as stream:
            self.data = stream.read()
        self.code = compile(self.data, path, "exec", 0, True)
        self.alive = alive or {}
        self.held = [(module, held(module)) for module in modules]
        self.own = {(each.co_name, each.co_firstlineno): each for each in functions(self.code)}
        flag = 0
        if b"from __future__ import annotations" in self.data:
            import __future__

            flag = __future__.annotations.compiler_flag
        self.flag, self.chunks = flag, {}

    def chunk(self, data, candidate):
        """The one definition that a candidate changes, compiled by itself on its own lines."""
        start, end, line, wrap = candidate["chunk"][:4]
        text = b"\n" * max(line - (1 if wrap else 0), 0) + (wrap + "\n" if wrap else "").encode() + data[start:end]
        return compile(text, self.path, "exec", self.flag, True)

    def looked_at(self, candidate):
        """(what the definition does after a change, the code objects (before, after) of the function that is changed).
        The second is None if more than one function's code is, or nothing of it, or what it closes over; the first too
        if the change reaches beyond the definition. Raises what a text raises that cannot be compiled."""
        start, end = candidate["chunk"][:2]
        grown = sum(
            len(text.encode("utf-8", "surrogatepass")) - (high - low) for low, high, text in candidate["splices"]
        )
        if not all(start <= low and high <= end for low, high, _ in candidate["splices"]):
            return None, None
        key = (start, end)
        if key not in self.chunks:
            whole = self.chunk(self.data, candidate)
            self.chunks[key] = (shape(whole), list(functions(whole)))
        new = dict(candidate, chunk=[start, end + grown, *candidate["chunk"][2:4]])
        compiled = self.chunk(spliced(self.path, candidate["splices"]), new)
        does, before, after = shape(compiled), self.chunks[key][1], list(functions(compiled))
        pairs = [(old, now) for old, now in zip(before, after) if shape(old) != shape(now)]
        if len(after) != len(before) or len(pairs) != 1:
            return does, None
        if pairs[0][0].co_freevars != pairs[0][1].co_freevars:
            return does, None  # what is around it has to hand it in: the class, say, for super()
        old = self.own.get((pairs[0][0].co_name, pairs[0][0].co_firstlineno))
        return does, None if old is None or shape(old) != shape(pairs[0][0]) else (old, pairs[0][1])

    def changed(self, candidate):
        """(before, after): code objects of the function that a candidate changes; None if it changes more."""
        return self.looked_at(candidate)[1]

    def as_before(self, candidate):
        """What the definition does without the change, to compare :meth:`looked_at` with."""
        return self.chunks[tuple(candidate["chunk"][:2])][0]


def known_of(paths, running):
    """What is found out of each file; of all of them in one go where the program runs already."""
    if not running:
        return [Known(path) for path in paths]
    return [Known(*each) for each in zip(paths, live(*paths), modules_of(*paths))]


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


def swapped(candidate, known, pair):
    """Whether the live functions of a loaded module got the code that they have in a candidate (``pair``)."""
    if pair is None or not same_header(candidate):
        return False
    try:
        for each in known.alive.get((pair[0].co_name, pair[0].co_firstlineno), ()):
            each.__code__ = pair[1]
    except ValueError:  # another number of closed-over names
        return False
    return True


def laid(candidate, known, pair):
    """Leave a candidate's text to the import of its module."""
    source = spliced(known.path, candidate["splices"])
    override(known.path, source, replaced(known.code, *pair) if pair and same_header(candidate) else None)


def exchange(candidate, known, pair):
    """Give the live functions of a module the code that they have in a candidate; run the module anew if more than
    a function's body differs; leave it to the import if it is not loaded yet."""
    if not known.held:
        laid(candidate, known, pair)
        return
    is_swapped = swapped(candidate, known, pair)
    if is_swapped and not candidate.get("anew"):
        return
    new = compile(spliced(known.path, candidate["splices"]), known.path, "exec", 0, True)
    for module, places in known.held:
        try:
            rerun(module, new, places)
        except Exception:
            if not is_swapped:
                raise
            # It enters itself somewhere, say, where it is known already.


def rerun(module, code, held):
    """Run a module anew, and tell those who hold what it binds. Where it raises something, all is as before."""
    before = dict(module.__dict__)
    try:
        exec(code, module.__dict__)
    except Exception:
        module.__dict__.clear()
        module.__dict__.update(before)
        raise
    for name, places in held.items():
        value = module.__dict__.get(name, before[name])
        if value is not before[name]:
            for other, its in places:
                setattr(other, its, value)


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
