"""Runs the taint engine: over all files of a review, or over one definition as it is typed.

Over a program, every module that can hold a source is run, then every function that the outside calls, then those
that nobody called. Where one of them stores what another reads, all are run once more.
Over one definition only that definition is seen: what its module's helpers do is not known, and where it matters
nothing is said.

Invariant: the order of files does not change what is found.
"""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from ...syntax import ModuleFacts, Unit
from ..models import EntryPoint, Sign, knowledge
from .entries import point_of, run_entry
from .expressions import EXPRESSIONS
from .lower import Lowering
from .machine import Flow, Frame, Machine, Run
from .program import Class, Function, Mentioned, Module, Program
from .statements import STATEMENTS
from .values import Value, constant

_COMMANDS = re.compile(r"\bos\.(?:system|popen)\b|\bshell\s*=|getoutput|subprocess_shell|exec_command")

#: Each match of it holds one of these.
_COMMAND_WORDS = ("os.system", "os.popen", "shell", "getoutput", "exec_command")
_WORD = re.compile(r"\w+")
#: What may be an attribute: whitespace, comments and ends of lines may stand behind the dot.
_ATTRIBUTE = re.compile(r"\.(?:[\s\\]|#[^\r\n]*)*(\w+)")

log = logging.getLogger(__name__)

#: How often the functions of a program are run until what they store for each other is stable.
ROUNDS = 2


def may_hold_source(text: str) -> bool:
    """Is there any sign of a source in a module? (Where there is none, nothing needs to be run.)"""
    return any(sign.in_module(text) for sign in knowledge().signs)


def reads_source(text: str, packages: AbstractSet[str], signs: Iterable[Sign] | None = None) -> bool:
    """Is there any sign of a source in a definition, in a module that imports ``packages``? ``signs``: those that its
    module holds somewhere, if they are known."""
    asked = knowledge().signs if signs is None else signs
    return any((not sign.packages or sign.packages & packages) and sign.in_text(text) for sign in asked)


@lru_cache(maxsize=1)
def signs_of(data: bytes) -> Sequence[Sign]:
    """The signs that a module holds somewhere: its definitions hold no others."""
    text = data.decode("utf-8", "replace")
    return [sign for sign in knowledge().signs if sign.in_text(text)]


def machine_for(program: Program) -> Machine:
    return Machine(program, knowledge(), (EXPRESSIONS, STATEMENTS))


def flows_of_program(
    paths: Iterable[str], read: Callable[[str], str | None], starts: Iterable[str]
) -> tuple[list[Flow], Program]:
    """The flows of a program that begin in the files ``starts``."""
    program = Program(paths, read)
    machine = machine_for(program)
    signs, runs = _Signs(), _Runs(machine)
    for _ in range(ROUNDS):
        program.changed = False
        runs.begin()
        late: list[Function] = []
        for path in sorted(starts):
            module = program.module(path)
            if module is None:
                continue
            machine.steps = 0
            _load(machine, module)
            runs.also_reached(machine.run)
            for function in module.functions:
                point = point_of(machine, function)
                if point is not None:
                    runs.run(function, point)
                else:
                    late.append(function)
        for function in _near_a_source(machine, late, signs):
            if function not in runs.reached:
                runs.run(function, None)
        # Commands that are put together of what a function is given, where nobody is seen to call it.
        machine.asks_parameters = True
        for function in late:
            if function not in machine.called and signs.runs_commands(function.module):
                runs.run(function, None)
        machine.asks_parameters = False
        if not program.changed:
            break
    # Modules are run once, whatever is run again.
    found = dict.fromkeys((*machine.flows, *program.flows()))
    return [each for each in found if each.ticket not in machine.withdrawn], program


class _Runs:
    """The runs of entries. In a further round, one that would see nothing new is not repeated: it found what it found,
    and reached what it reached."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._last: dict[tuple[Function, bool], Run] = {}
        self.reached: set[Function] = set()  # in this round, by whatever was run

    def begin(self) -> None:
        """A new round."""
        machine = self._machine
        machine.round += 1
        machine.memo = {key: each for key, each in machine.memo.items() if each.lasts}
        machine.flows.clear()
        machine.run.reached.clear()
        self.reached.clear()

    def also_reached(self, run: Run) -> None:
        """What was run besides."""
        self.reached |= run.reached

    def run(self, function: Function, point: EntryPoint | None) -> None:
        machine = self._machine
        key = function, machine.asks_parameters
        known = self._last.get(key)
        if known is not None and not machine.program.outdated(known):
            machine.flows += known.flows
            self.reached |= known.reached
            return
        made = self._last[key] = Run(machine.program.clock)
        outer = machine.noting(made)
        found = len(machine.flows)
        _guarded(machine, function, point)
        machine.noting(outer)
        made.flows = tuple(machine.flows[found:])
        self.reached |= made.reached


class _Signs:
    """Signs of a source in functions, and the names that they mention: each function is searched once."""

    def __init__(self) -> None:
        self._names: dict[int, Mentioned] = {}
        self._words: dict[int, Mentioned] = {}
        self._reads: dict[int, tuple[int, bool]] = {}
        self._commands: dict[int, bool] = {}
        self._of_modules: dict[int, Sequence[Sign]] = {}

    def names(self, function: Function) -> Mentioned:
        found = self._names.get(id(function))
        if found is None:
            try:
                found = function.names()
            except RecursionError:  # nested too deep to be followed: nothing is said about this function alone
                found = Mentioned(frozenset(), frozenset())
            self._names[id(function)] = found
        return found

    def words(self, function: Function) -> Mentioned:
        """Words of its text: more than the names and the attributes that it mentions, and found at once."""
        found = self._words.get(id(function))
        if found is None:
            text = function.text
            found = Mentioned(frozenset(_WORD.findall(text)), frozenset(_ATTRIBUTE.findall(text)))
            self._words[id(function)] = found
        return found

    def reads_source(self, function: Function) -> bool:
        module = function.module
        packages = len(module.packages)  # it only grows
        known = self._reads.get(id(function))
        if known is None or known[0] != packages:
            text = function.text
            found = any(
                (not sign.packages or sign.packages & module.packages) and sign.in_text(text)
                for sign in self._in(module)
            )
            known = self._reads[id(function)] = packages, found
        return known[1]

    def runs_commands(self, module: Module) -> bool:
        """Does a module put commands together?"""
        found = self._commands.get(id(module))
        if found is None:
            text = module.text
            said = any([word in text for word in _COMMAND_WORDS])  # most modules hold none: a fast look
            found = self._commands[id(module)] = said and _COMMANDS.search(text) is not None
        return found

    def _in(self, module: Module) -> Sequence[Sign]:
        """The signs that a module holds somewhere: its functions hold no others."""
        found = self._of_modules.get(id(module))
        if found is None:
            found = [sign for sign in knowledge().signs if sign.in_text(module.text)]
            self._of_modules[id(module)] = found
        return found


def _near_a_source(machine: Machine, functions: Sequence[Function], signs: _Signs) -> list[Function]:
    """Functions that read a source, or that mention a function or a variable which does, however far away."""
    near = _Near()
    for module in {id(each.module): each.module for each in functions}.values():
        state = machine.program.state()
        near.variables |= {name for name, value in module.env.items() if machine.deep(value, state)}
    far: list[Function] = []
    for each in functions:
        if each.name in near.variables or signs.reads_source(each):
            near.add(each)
        else:
            far.append(each)
    waiting = [(each, signs.words(each)) for each in far]
    grown = True
    while grown:
        grown = [
            each for each, words in waiting if near.mentioned(each, words) and near.mentioned(each, signs.names(each))
        ]
        for each in grown:
            near.add(each)
        waiting = [pair for pair in waiting if pair[0] not in near.functions]
    return [each for each in functions if each in near.functions]


class _Near:
    """Functions near a source. A method is mentioned as an attribute, or by its name within its own class; a function
    of a module by either."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.functions: set[Function] = set()
        self._names: set[str] = set()  # of all of them
        self._plain: set[str] = set()  # of those that are no methods
        self._of_class: dict[Class, set[str]] = {}

    def add(self, function: Function) -> None:
        self.functions.add(function)
        self._names.add(function.name)
        if function.cls is None:
            self._plain.add(function.name)
        else:
            self._of_class.setdefault(function.cls, set()).add(function.name)

    def mentioned(self, function: Function, said: Mentioned) -> bool:
        """Does a function that mentions this mention what is near?"""
        names, attributes = said
        if not (attributes.isdisjoint(self._names) and names.isdisjoint(self._plain)):
            return True
        if not (names.isdisjoint(self.variables) and attributes.isdisjoint(self.variables)):
            return True
        return function.cls is not None and not names.isdisjoint(self._of_class.get(function.cls, ()))


def _load(machine: Machine, module: Module) -> None:
    depth = len(machine.frames)
    try:
        machine.program.load(machine, module)
    except Exception:  # its functions may still be looked at
        log.exception("the statements of %s could not be followed", module.path)
        del machine.frames[depth:]


def _guarded(machine: Machine, function: Function, point: EntryPoint | None) -> None:
    """Runs an entry; one that the engine trips over costs only itself."""
    depth = len(machine.frames)
    try:
        run_entry(machine, function, point)
    except Exception:  # whatever it is, the other functions are still to be looked at
        log.exception("the flow of values in %s of %s could not be followed", function.name, function.module.path)
        del machine.frames[depth:]
        machine.active.clear()


def flows_of_unit(unit: Unit) -> list[Flow]:
    """The flows inside one definition."""
    if unit.kind == "class":
        return []
    program = Program((), lambda _: None)
    module = Module(program, unit.path, "")
    module.loaded = True
    module.env = _environment(unit.facts)
    module.packages = {
        origin.lstrip(".").partition(".")[0] for origin in unit.facts.imports.values() if not origin.startswith(".")
    }
    machine = machine_for(program)
    machine.in_unit = True
    frame = Frame(module)
    machine.frames.append(frame)
    node = unit.node
    around = node.parent
    if around is not None and around.type == "decorated_definition" and unit.kind == "function":
        node = around
    lowered = Lowering(unit.data).statement(node)
    state = program.state()
    machine.block(lowered, state)
    program.base.update(state.heap)
    module.env.update(state.env)
    machine.frames.pop()
    method = "." in unit.name
    for function in list(module.functions):
        if method:
            function.kind = ""
        run_entry(machine, function, point_of(machine, function))
    return [each for each in machine.flows if each.ticket not in machine.withdrawn]


def _result_of(text: str) -> Value:
    """What an expression of literals comes to, as far as operators of plain values go."""
    program = Program((), lambda _: None)
    machine = machine_for(program)
    machine.frames.append(Frame(Module(program, "", "")))
    return Value(const=machine.eval(ast.parse(text, mode="eval").body, program.state()).const)


def _environment(facts: ModuleFacts) -> dict[str, Value]:
    env: dict[str, Value] = {}
    for name, origin in facts.imports.items():
        if not origin.startswith("."):
            env[name] = Value(ext=(origin,))
    for name, text in facts.literals.items():
        if name not in env:
            try:
                value = ast.literal_eval(text)
            except ValueError:
                env[name] = _result_of(text)
                continue
            except (SyntaxError, MemoryError, RecursionError):
                continue
            env[name] = (
                constant(value) if isinstance(value, str | int | float | bool | bytes | tuple | type(None)) else Value()
            )
    return env
