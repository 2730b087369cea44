"""The program that is interpreted: its modules, functions and classes, and what the outside calls.

Modules are parsed and run (abstractly) when something first asks for one of their names. A module's objects are the
base of every state; what a function changes in them is joined in, so that a value which one request stores is seen by
the next.

Invariant: reads only the texts that it was given.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ...syntax import parse
from . import lower_expressions as _expressions
from . import lower_statements as _statements
from .lower import FUNCTIONS, Lowering, is_generator
from .values import SHARED, UNKNOWN, Base, Heap, Obj, State, Value, attribute_key, join, join_objects

if TYPE_CHECKING:
    from .machine import Flow, Frame, Machine, Run

assert _expressions
assert _statements  # they fill the tables of what is lowered

#: Modules that are run on behalf of one review.
MAX_MODULES = 4000

#: As the parser counts lines.
_LINE_END = re.compile(r"\n|\r(?!\n)")

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_BUILTINS = frozenset(dir(builtins))


class Mentioned(NamedTuple):
    """What a definition mentions: plain names, and attributes of something."""

    names: frozenset[str]
    attributes: frozenset[str]


@dataclass(slots=True, eq=False)
class Function:
    """A function of the program. ``parent`` is the frame that a nested function sees."""

    module: Module
    node: AnyFunction
    cls: Class | None = None
    parent: Frame | None = None
    defaults: list[Value] = field(default_factory=list[Value])
    keyword_defaults: list[Value | None] = field(default_factory=list[Any])
    kind: str = ""  # static, class, property, context
    generator: bool = False
    decorated: Value | None = None  # what the name is bound to
    number: int = 0  # those of objects that were made before are less

    @property
    def name(self) -> str:
        return "<lambda>" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def text(self) -> str:
        """Its lines, with those of its decorators."""
        first = min((each.lineno for each in (*self.decorators, self.node)), default=1)
        return "\n".join(self.module.lines[first - 1 : getattr(self.node, "end_lineno", first)])

    def names(self) -> Mentioned:
        """The names and the attributes that it mentions."""
        names: set[str] = set()
        attributes: set[str] = set()
        waiting: list[Any] = [self.node]
        while waiting:
            each = waiting.pop()
            kind = each.__class__
            if kind is ast.Name:
                names.add(each.id)
                continue
            if kind is ast.Attribute:
                attributes.add(each.attr)
            elif kind in FUNCTIONS:
                assert each.body is not None  # lowered when it is asked for
            elif kind is list:
                waiting += each
                continue
            elif not isinstance(each, ast.AST):
                continue
            waiting += [one for one in each.__dict__.values() if isinstance(one, ast.AST | list)]
        return Mentioned(frozenset(names), frozenset(attributes))

    @property
    def decorators(self) -> list[ast.expr]:
        return [] if isinstance(self.node, ast.Lambda) else self.node.decorator_list

    @property
    def parameters(self) -> list[ast.arg]:
        """All named parameters, in order; not ``*args`` and ``**kwargs``."""
        args = self.node.args
        return [*args.posonlyargs, *args.args, *args.kwonlyargs]

    def own_parameters(self) -> list[ast.arg]:
        """Parameters without ``self`` or ``cls``."""
        found = self.parameters
        return found[1:] if self.cls is not None and self.kind != "static" and found else found

    def default_of(self, name: str) -> ast.expr | None:
        args = self.node.args
        positional = [*args.posonlyargs, *args.args]
        for arg, default in zip(reversed(positional), reversed(args.defaults), strict=False):
            if arg.arg == name:
                return default
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=False):
            if arg.arg == name:
                return default
        return None


@dataclass(slots=True, eq=False)
class Class:
    """A class of the program. Its attributes are the fields of the object ``number``."""

    module: Module
    node: ast.ClassDef
    bases: list[Value]
    number: int
    annotations: dict[str, ast.expr]
    instance: Value | None = None
    _ancestors: tuple[Class, ...] | None = None
    _external: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        return self.node.name

    def ancestors(self) -> tuple[Class, ...]:
        """The class and its bases in the program, nearest first."""
        found = self._ancestors
        if found is None:
            found = self._ancestors = tuple(self._above(frozenset()))
        return found

    def _above(self, seen: frozenset[int]) -> Iterator[Class]:
        if id(self) in seen:
            return
        yield self
        for base in self.bases:
            for each in base.calls:
                if isinstance(each, Class):
                    yield from each._above(seen | {id(self)})

    def external(self) -> tuple[str, ...]:
        """The names of bases that libraries define."""
        found = self._external
        if found is None:
            names = [name for each in self.ancestors() for base in each.bases for name in base.ext]
            found = self._external = tuple(dict.fromkeys(names))
        return found

    def attribute(self, name: str, state: State) -> tuple[Value, Class] | None:
        key = attribute_key(name)
        self.module.program.base.reads.add(key)
        find = state.heap.find
        for each in self._ancestors or self.ancestors():
            obj = find(each.number)
            if obj is not None and key in obj.fields:
                return obj.fields[key], each
        return None

    def fields(self) -> list[tuple[str, Class]]:
        """Annotated fields in the order of a dataclass: those of bases first."""
        found: dict[str, Class] = {}
        for each in reversed(list(self.ancestors())):
            for name in each.annotations:
                found[name] = each
        return list(found.items())


@dataclass(slots=True, eq=False)
class Bound:
    """A method with its receiver."""

    function: Function
    receiver: Value


@dataclass(slots=True, eq=False)
class Partial:
    """A callable with some of its arguments."""

    callee: Value
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]


class Module:
    """A file of the program."""

    def __init__(self, program: Program, path: str, text: str) -> None:
        self.program = program
        self.path = path
        self.text = text
        self.env: dict[str, Value] = {}
        self.loading = False
        self.loaded = False
        self.functions: list[Function] = []
        self.flows: tuple[Flow, ...] = ()  # in its statements, which are run once
        self.packages: set[str] = set()  # top-level names of what it imports from elsewhere
        self._body: list[ast.stmt] | None = None
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        if self._lines is None:
            self._lines = _LINE_END.split(self.text) if "\r" in self.text else self.text.split("\n")
        return self._lines

    @property
    def aliases(self) -> dict[str, ast.expr]:
        """Names of types: ``Name = Literal[…]`` and ``type Name = …``."""
        return {
            each.targets[0].id: each.value
            for each in self.body
            if isinstance(each, ast.Assign)
            and isinstance(each.targets[0], ast.Name)
            and isinstance(each.value, ast.Subscript | ast.BinOp | ast.Name)
        }

    def alias(self, name: str, far: int = 4) -> tuple[Module, ast.expr] | None:
        """What a name of a type stands for, and the module that says so: here, or where it is imported from."""
        found = self.aliases.get(name)
        if found is not None:
            return self, found
        for each in self.body if far else ():
            if not isinstance(each, ast.ImportFrom):
                continue
            original = next((one.name for one in each.names if (one.asname or one.name) == name), None)
            place = self.absolute(each.module or "", each.level) if original is not None else ""
            module = self.program.module(place[5:]) if place.startswith("file:") else None
            if module is not None and module is not self and original is not None:
                return module.alias(original, far - 1)
        return None

    @property
    def body(self) -> list[ast.stmt]:
        if self._body is None:
            data = self.text.encode("utf-8", "surrogatepass")
            self._body = Lowering(data).module(parse(data).root_node)
        return self._body

    def name(self, name: str) -> Value | None:
        """What a global name means; builtins are named ``builtins.…``."""
        self.program.base.reads.add((self.path, name))
        found = self.env.get(name)
        if found is not None:
            return found
        return Value(ext=(f"builtins.{name}",)) if name in _BUILTINS else None

    def store(self, name: str, value: Value) -> None:
        """A function assigns to a global name."""
        old = self.env.get(name)
        new = value if old is None else join(old, value)
        if old is None or old.taints != new.taints:
            self.program.changed = True
            self.program.wrote((self.path, name))
        self.env[name] = new

    def adopt(self, name: str, value: Value, state: State) -> None:
        """A function stores something in a global of which nothing was known: it is an object from now on."""
        for number in value.refs:
            obj = state.heap.find(number)
            if obj is not None:
                self.program.base.setdefault(number, obj)
        if name in self.env:
            self.program.wrote((self.path, name))
            self.env[name] = value

    def absolute(self, name: str, level: int) -> str:
        """The module that an import names: ``file:PATH`` in the program, else its dotted name."""
        if level:
            folder = posixpath.dirname(self.path)
            for _ in range(level - 1):
                folder = posixpath.dirname(folder)
            target = posixpath.join(folder, *name.split(".")) if name else folder
            return self.program.file_of(target) or f"dir:{target}"
        found = self.program.resolve(name, self.path)
        if found is None:
            self.packages.add(name.partition(".")[0])
        return found or name


class Program:
    """All files of a review. ``read`` gives the text of a path, or None."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], str | None]) -> None:
        self.paths = frozenset(paths)
        self._read = read
        self._modules: dict[str, Module | None] = {}
        self.base = Base()
        self.base.reads, self.base.touched = set(), set()
        self.changed = False
        self.clock = 0
        #: What was written, by the clock: keys, and attributes if only these.
        self._log: list[tuple[Any, str | None]] = []
        self._number = 0
        self.used: set[str] = set()
        self.asked: set[str] = set()  # candidates for imports, there or not
        self._files: dict[str, str | None] = {}  # by target
        self.notes: dict[str, object] = {}  # what models worked out about the whole program
        self._common: dict[str, Value] = {}

    @property
    def latest(self) -> int:
        """The number that was given last."""
        return self._number

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def wrote(self, key: Any, attribute: str | None = None) -> None:
        """Notes that an object (by number; or only an attribute of it, by its key) or a global name (by path and name)
        is not what it was."""
        self.clock += 1
        self._log.append((key, attribute))

    def outdated(self, run: Run) -> bool:
        """Was anything that a run looked at written since it began? What was looked through once is not again."""
        if run.looked == self.clock:
            return False
        reads = run.reads
        for number in range(max(run.begun, run.looked), self.clock):
            key, attribute = self._log[number]
            if key in reads and (attribute is None or attribute in reads):
                return True
        run.looked = self.clock
        return False

    def _unseen(self, key: Any, since: int) -> None:
        """What was written to an object since it was made was seen by nobody without it."""
        self._log[since:] = [(None, None) if each[0] == key else each for each in self._log[since:]]

    def state(self) -> State:
        return State({}, Heap.over(self.base))

    def flows(self) -> Iterator[Flow]:
        """What was found in the statements of modules."""
        for module in self._modules.values():
            yield from module.flows if module is not None else ()

    def module(self, path: str) -> Module | None:
        if path not in self._modules:
            text = self._read(path) if path in self.paths and len(self._modules) < MAX_MODULES else None
            self._modules[path] = Module(self, path, text) if text is not None else None
            if text is not None:
                self.used.add(path)
        return self._modules[path]

    # -- imports

    def file_of(self, target: str) -> str | None:
        """``file:…`` for a module or package at a path without its ending."""
        if target not in self._files:
            self._files[target] = self._file_of(target)
        return self._files[target]

    def _file_of(self, target: str) -> str | None:
        for candidate in (f"{target}.py", f"{target}/__init__.py"):
            self.asked.add(candidate)
            if candidate in self.paths:
                return f"file:{candidate}"
        return None

    def resolve(self, name: str, importer: str) -> str | None:
        """The file that ``import name`` means, looked for beside the importer and in every folder above."""
        if not name:
            return None
        way = name.replace(".", "/")
        folder = posixpath.dirname(importer)
        while True:
            found = self.file_of(posixpath.join(folder, way))
            if found is not None and found != f"file:{importer}":
                return found
            above = posixpath.dirname(folder)
            if above == folder or not folder:
                return None
            folder = above

    def imported(self, machine: Machine, name: str) -> Value:
        """What ``import name`` binds."""
        return Value(ext=(machine.frame.module.absolute(name, 0),))

    def member(self, machine: Machine, module: str, name: str) -> Value:
        """``from module import name``."""
        if module.startswith("file:"):
            path = module[5:]
            self.base.reads.add((path, name))
            found = self.globals(machine, path).get(name)
            if found is not None:
                return found
            if path.endswith("/__init__.py"):
                inner = self.file_of(posixpath.join(posixpath.dirname(path), name))
                if inner is not None:
                    return Value(ext=(inner,))
            return UNKNOWN
        if module.startswith("dir:"):
            inner = self.file_of(posixpath.join(module[4:], name))
            return Value(ext=(inner,)) if inner is not None else UNKNOWN
        inner = self.resolve(f"{module}.{name}", machine.frame.module.path)
        return Value(ext=(inner or f"{module}.{name}",))

    def star(self, machine: Machine, module: str) -> dict[str, Value]:
        if not module.startswith("file:"):
            return {}
        found = self.globals(machine, module[5:])
        self.base.reads.update((module[5:], name) for name in found)
        return {name: value for name, value in found.items() if not name.startswith("_")}

    def globals(self, machine: Machine, path: str) -> dict[str, Value]:
        """The global names of a file, which is run first."""
        module = self.module(path)
        if module is None:
            return {}
        self.load(machine, module)
        return module.env

    def load(self, machine: Machine, module: Module) -> None:
        """Runs the statements of a module, once."""
        if module.loaded or module.loading:
            return
        from .machine import Frame, Run

        module.loading = True
        made = Run(self.clock, len(machine.frames))
        outer, first = machine.noting(made), len(machine.flows)
        state = State(module.env, Heap.over(self.base))
        frame = Frame(module)
        machine.frames.append(frame)
        try:
            end = machine.block(module.body, state)
        finally:
            machine.frames.pop()
            module.loading, module.loaded = False, True
            machine.noting(outer)
            outer.reached |= made.reached
            module.flows = tuple(machine.flows[first:])
        last = end if end is not None else frame.state or state
        module.env.update(last.env)
        for number, obj in last.heap.items():
            old = self.base.get(number)
            if old is not obj:
                self.base[number] = obj
                if old is not None:
                    self._compare(number, old, obj, last.heap)
        made.begun = self.clock  # what the module itself wrote is no news to it

    def absorb(self, state: State) -> None:
        """Joins what a function changed in objects of modules into them."""
        for number, obj in state.heap.items():
            old = self.base.get(number)
            if old is None or old is obj:
                continue
            new = join_objects(old, obj)
            self.base[number] = new
            reachable = [ref for value in new.everything() for ref in value.refs]
            while reachable:
                ref = reachable.pop()
                inner = state.heap.get(ref)
                if ref not in self.base and inner is not None:
                    self.base[ref] = inner
                    reachable += [each for value in inner.everything() for each in value.refs]
            self._compare(number, old, new, state.heap)

    def _compare(self, number: int, old: Obj, new: Obj, heap: Heap) -> None:
        """Notes what is new in an object of a module."""
        before = {taint.origin for value in old.everything() for taint in value.taints}
        after = {taint.origin for value in new.everything() for taint in value.taints}
        # A further field that holds nothing to follow tells the next round nothing.
        added = [
            key
            for key in new.fields.keys() - old.fields.keys()
            if (each := new.fields[key]).taints or each.calls or each.refs or each.ext
        ]
        self.changed = self.changed or before != after or bool(added)
        if before != after or self._holds_taints([new.fields[key] for key in added], heap):
            self.wrote(number)
        for key in added:
            # Who does not ask for an attribute does not see it.
            self.wrote(number, key if isinstance(key, str) and key[:1] == "\0" else None)

    @staticmethod
    def _holds_taints(values: list[Value], heap: Heap) -> bool:
        seen: set[int] = set()
        while values:
            value = values.pop()
            if value.taints:
                return True
            for number in value.refs:
                obj = heap.find(number) if number not in seen else None
                seen.add(number)
                values += obj.everything() if obj is not None else ()
        return False

    # -- definitions

    def define(self, machine: Machine, node: AnyFunction, state: State, cls: Class | None = None) -> Value:
        """The value of a function definition, its decorators applied."""
        frame = machine.frame
        function = Function(frame.module, node, cls, frame if frame.function is not None else None)
        frame.closures = True
        function.defaults = [machine.eval(each, state) for each in node.args.defaults]
        function.keyword_defaults = [
            machine.eval(each, state) if each is not None else None for each in node.args.kw_defaults
        ]
        function.number = self.next_number()
        value = Value(calls=(function,))
        if isinstance(node, ast.Lambda):
            return value
        function.generator = is_generator(node)
        if frame.function is None or frame.entry:
            frame.module.functions.append(function)
        for decorator in reversed(node.decorator_list):
            value = self._decorated(machine, function, decorator, value, state)
        function.decorated = value
        return value

    def _decorated(
        self, machine: Machine, function: Function, decorator: ast.expr, value: Value, state: State
    ) -> Value:
        made = machine.eval(decorator, state)
        name = decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
        if name in ("staticmethod", "classmethod"):
            function.kind = name.removesuffix("method")
        elif name in ("property", "cached_property", "hybrid_property", "setter"):
            function.kind = "property"
        elif name in ("contextmanager", "asynccontextmanager"):
            function.kind = "context"
        if any(isinstance(each, Function | Bound | Class | Partial) for each in made.calls):
            from .calls import apply

            wrapped = apply(
                machine, made, ast.copy_location(ast.Call(decorator, [], []), decorator), (value,), {}, None, state
            )
            return wrapped if wrapped.calls or wrapped.refs else value
        return value

    def define_class(self, machine: Machine, node: ast.ClassDef, state: State) -> Value:
        """The value of a class definition: its body is run, its names become attributes."""
        number = self.next_number()
        bases = [machine.eval(each, state) for each in node.bases]
        annotations = {
            each.target.id: each.annotation
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        }
        cls = Class(machine.frame.module, node, bases, number, annotations)
        state.heap[number] = Obj("class", full=False)
        inner = State({**state.env}, state.heap)
        names: dict[str, Value] = {}
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                names[statement.name] = self.define(machine, statement, inner, cls)
                inner.env[statement.name] = names[statement.name]
                continue
            before = dict(inner.env)
            after = machine.block([statement], inner)
            inner = after if after is not None else inner
            names.update({name: value for name, value in inner.env.items() if before.get(name) is not value})
        state.heap = inner.heap
        fields = {attribute_key(name): value for name, value in names.items()}
        state.heap[number] = Obj("class", fields, full=False)
        value = Value(calls=(cls,), refs=(number,))
        for decorator in node.decorator_list:
            machine.eval(decorator, state)
        return value

    def match_args(self, value: Value) -> list[str]:
        """The names that positional patterns of a class stand for."""
        for each in value.calls:
            if isinstance(each, Class):
                return [name for name, _ in each.fields()]
        return []

    def common(self, ext: str) -> Value:
        """The one object that stands for every one of a kind that a framework hands around (a request, an
        application): what one function stores in it, another finds there."""
        known = self._common.get(ext)
        if known is None:
            number = self.next_number()
            self.base[number] = Obj(SHARED, full=False)
            known = self._common[ext] = Value(refs=(number,), ext=(ext,))
        return known

    def instance(self, machine: Machine, cls: Class, state: State) -> Value:
        """The one object that stands for every instance which a framework makes of a class."""
        from .calls import invoke

        if cls.instance is None:
            number = self.next_number()
            ext = cls.external()
            cls.instance = Value(refs=(number,), ext=tuple(each for each in ext if not each.startswith("builtins.")))
            self.base[number] = Obj("object", {}, None, cls, False)
            found = cls.attribute("__init__", state)
            function = next((each for each in found[0].calls if isinstance(each, Function)), None) if found else None
            if function is not None:
                inner, made = self.state(), self.clock
                unknown = tuple(UNKNOWN for _ in function.own_parameters())
                call = ast.Call(ast.Name("", ast.Load()), [], [])
                invoke(
                    machine, function, (cls.instance, *unknown), {}, None, ast.copy_location(call, function.node), inner
                )
                self.absorb(inner)
                self._unseen(number, made)
        return cls.instance


__all__ = ["Bound", "Class", "Function", "Module", "Partial", "Program", "replace"]
