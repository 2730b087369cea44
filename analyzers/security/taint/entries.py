"""Functions that the outside calls: how frameworks fill their parameters, and what their types let through.

Invariant: a parameter that nobody is seen to fill is not untrusted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..models import TEXT, EntryPoint, Given
from .arguments import declared, named
from .calls import apply, is_unseen
from .machine import Frame, Machine
from .patterns import harmless_if_matched
from .program import Class, Function, Module
from .values import ALL, UNKNOWN, Obj, State, Value, apart, attribute_key, constant, join_all, sanitised

#: Types whose values cannot carry an attack.
_HARMLESS = frozenset(
    {
        "int", "float", "bool", "complex", "Decimal", "UUID", "UUID1", "UUID3", "UUID4", "UUID5", "date", "datetime",
        "time", "timedelta", "None", "NoneType", "IPv4Address", "IPv6Address", "IPvAnyAddress", "PositiveInt",
        "NonNegativeInt", "NegativeInt", "PositiveFloat", "NonNegativeFloat", "conint", "confloat", "condecimal",
        "StrictInt", "StrictBool", "StrictFloat", "Color", "PastDate", "FutureDate",
    }
)  # fmt: skip
_SEVERAL = frozenset({"list", "List", "set", "Set", "tuple", "Tuple", "Sequence", "frozenset", "Iterable"})
_NOTHING = Given()
_WRAPPERS = frozenset(
    {"Optional", "Union", "list", "List", "set", "Set", "tuple", "Tuple", "Sequence", "frozenset", "Iterable", "Mapped"}
)


def last_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Name):
        return node.id.rpartition(".")[2]
    return node.attr if isinstance(node, ast.Attribute) else ""


def harmless(machine: Machine, function_or_module: Module, annotation: ast.expr | None, far: int = 6) -> bool:
    """Does a type that the framework enforces let nothing harmful through? Of names for types, ``far`` are followed."""
    if annotation is None:
        return False
    if isinstance(annotation, ast.Constant):
        if annotation.value is None:
            return True
        return isinstance(annotation.value, str) and annotation.value in _HARMLESS
    if isinstance(annotation, ast.BinOp):
        return all(harmless(machine, function_or_module, each, far) for each in (annotation.left, annotation.right))
    if isinstance(annotation, ast.Subscript):
        name = last_name(annotation.value)
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        if name == "Literal":
            return True
        if name == "Annotated":
            return harmless(machine, function_or_module, parts[0], far)
        return name in _WRAPPERS and all(
            harmless(machine, function_or_module, each, far) for each in parts if not _ellipsis(each)
        )
    if isinstance(annotation, ast.Call):
        return last_name(annotation.func) in _HARMLESS
    if last_name(annotation) in _HARMLESS:
        return True
    value = _meaning(machine, function_or_module, annotation)
    if value is not None:
        for each in value.calls:
            if isinstance(each, Class) and any(base.startswith("enum.") for base in each.external()):
                return True
    alias = function_or_module.alias(annotation.id) if far and isinstance(annotation, ast.Name) else None
    return alias is not None and harmless(machine, *alias, far - 1)


def _ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == ""


def _meaning(machine: Machine, module: Module, node: ast.expr) -> Value | None:
    probe = Function(module, ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None)))
    return named(machine, probe, node)


def pattern_kinds(annotation: ast.expr | None, default: ast.expr | None) -> frozenset[str]:
    """What ``Query(pattern=…)``, ``Field(pattern=…)`` or ``constr(pattern=…)`` leaves harmless."""
    kinds: frozenset[str] = frozenset()
    for root in (annotation, default):
        for each in ast.walk(root) if root is not None else ():
            if (
                isinstance(each, ast.keyword)
                and each.arg in ("pattern", "regex")
                and isinstance(each.value, ast.Constant)
            ):
                kinds |= harmless_if_matched(str(each.value.value), "search")
    return kinds


def cleaned(machine: Machine, value: Value, kinds: frozenset[str]) -> Value:
    return replace(value, taints=sanitised(value.taints, kinds)) if kinds else value


def converted(
    machine: Machine, cls: Class, annotation: ast.expr | None, name: str, value: Value, state: State
) -> Value:
    """A field of a model, as validation leaves it."""
    if harmless(machine, cls.module, annotation):
        return Value(taints=())
    default = next(
        (
            each.value
            for each in cls.node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id == name
        ),
        None,
    )
    return cleaned(machine, value, pattern_kinds(annotation, default))


def class_of(machine: Machine, module: Module, annotation: ast.expr | None) -> Class | None:
    """The class of the program that an annotation names."""
    for each in ast.walk(annotation) if annotation is not None else ():
        if isinstance(each, ast.Name | ast.Attribute):
            value = _meaning(machine, module, each)
            for one in value.calls if value is not None else ():
                if isinstance(one, Class):
                    return one
    return None


def unseen(machine: Machine, module: Module, annotation: ast.expr | None) -> bool:
    """Does a type name something that is defined where nobody looks at the moment?"""
    return any(
        isinstance(each, ast.Name) and each.id and _meaning(machine, module, each) is None
        for each in (ast.walk(annotation) if annotation is not None else ())
    )


def _is_of_the_program(machine: Machine, module: Module, annotation: ast.expr | None) -> bool:
    """Does a type name a class that is imported, and that no library which the models know has?"""
    for each in ast.walk(annotation) if annotation is not None else ():
        value = _meaning(machine, module, each) if isinstance(each, ast.Name) and each.id[:1].isupper() else None
        for name in value.ext if value is not None else ():
            if name.partition(".")[0] not in _LIBRARIES and not name.isupper():
                return True
    return False


#: Where types come from that let anything through.
_LIBRARIES = frozenset(
    {"builtins", "typing", "typing_extensions", "collections", "fastapi", "starlette", "pydantic", "flask", "django"}
)


def body_of(machine: Machine, cls: Class, taint: Value, state: State, depth: int = 3) -> Value:
    """An instance of a model class whose fields the other side wrote."""
    made = machine.new(state, Obj("object", {}, None, cls, False))
    for name, owner in cls.fields():
        annotation = owner.annotations[name]
        inner = class_of(machine, owner.module, annotation) if depth else None
        if inner is not None and inner is not cls and not harmless(machine, owner.module, annotation):
            value = body_of(machine, inner, taint, state, depth - 1)
            if isinstance(annotation, ast.Subscript):
                value = machine.new(state, Obj("list", rest=value, full=False))
        else:
            value = apart(converted(machine, owner, annotation, name, taint, state))
            if value.taints:
                value = _validated(machine, owner, name, _several(machine, annotation, value, state), state)
        machine.put(made, attribute_key(name), value, state)
    return made


def _own_checks(machine: Machine, cls: Class, decorators: tuple[str, ...], name: str, state: State) -> list[Function]:
    """The methods of a class that look at one of its fields: ``@field_validator("name")``, ``@validates("name")``."""
    found: list[Function] = []
    for each in cls.node.body:
        if isinstance(each, ast.FunctionDef) and any(_looks_at(one, decorators, name) for one in each.decorator_list):
            method = cls.attribute(each.name, state)
            found += [one for one in method[0].calls if isinstance(one, Function)] if method is not None else []
    return found


def _validated(machine: Machine, cls: Class, name: str, value: Value, state: State) -> Value:
    """A field as the class's own validators of it leave it: what they return."""
    for each in _own_checks(machine, cls, ("field_validator", "validator"), name, state):
        value = apply(machine, Value(calls=(each,)), _call(each.node), (UNKNOWN, value), {}, None, state)
    return value


def checked_by(
    machine: Machine, cls: Class, decorators: tuple[str, ...], name: str, value: Value, state: State
) -> Value:
    """A field behind methods that raise if they do not like it: what they return is not asked for."""
    for each in _own_checks(machine, cls, decorators, name, state):
        state.env["\0checked"] = value
        apply(machine, Value(calls=(each,)), _call(each.node), (UNKNOWN, value), {}, None, state)
        value = state.env.pop("\0checked")
    return value


def _looks_at(decorator: ast.expr, decorators: tuple[str, ...], name: str) -> bool:
    if not isinstance(decorator, ast.Call) or last_name(decorator.func) not in decorators:
        return False
    return any(isinstance(each, ast.Constant) and each.value in (name, "*") for each in decorator.args)


def parameter(machine: Machine, function: Function, arg: ast.arg, given: Given, state: State) -> Value:
    """The value that a framework passes to a parameter."""
    if given.shared:
        return machine.program.common(given.ext)
    if given.ext:
        taints = (machine.taint(given.source, arg, arg.arg),) if given.source else ()
        return Value(ext=(given.ext,), taints=taints)
    if given.depends is not None:
        found = _dependency(machine, function, given.depends, state)
        cls = class_of(machine, function.module, arg.annotation) if _blank(found) else None
        return found if cls is None else machine.program.instance(machine, cls, state)
    if given.made_of:
        found = function.cls.attribute(given.made_of, state) if function.cls is not None else None
        classes = [each for each in found[0].calls if isinstance(each, Class)] if found is not None else []
        return join_all(machine.program.instance(machine, each, state) for each in classes) if classes else UNKNOWN
    if not given.source:
        return declared(machine, function, arg.annotation, state) if arg.annotation is not None else UNKNOWN
    if harmless(machine, function.module, arg.annotation) or given.cleanses >= ALL:
        return UNKNOWN
    value = Value(taints=(machine.taint(given.source, arg, arg.arg),))
    if last_name(arg.annotation) in ("str", "bytes"):
        value = Value(taints=sanitised(value.taints, TEXT))
    cls = class_of(machine, function.module, given.model)
    if machine.in_unit and _is_of_the_program(machine, function.module, arg.annotation):
        return UNKNOWN  # an enumeration, perhaps: only the program knows
    if cls is None and machine.in_unit and unseen(machine, function.module, arg.annotation):
        return UNKNOWN  # a model of which only the module knows what it lets through
    if cls is not None:
        made = body_of(machine, cls, value, state)
        return _several(machine, given.model, made, state)
    value = cleaned(machine, value, given.cleanses | pattern_kinds(arg.annotation, function.default_of(arg.arg)))
    return _several(machine, arg.annotation, value, state)


def _several(machine: Machine, annotation: ast.expr | None, value: Value, state: State) -> Value:
    """What a type such as ``list[str]`` makes of values of one kind."""
    for each in _alternatives(annotation):
        if isinstance(each, ast.Subscript) and last_name(each.value) in _SEVERAL:
            return machine.new(state, Obj("list", rest=value, full=False))
    return value


def _alternatives(annotation: ast.expr | None) -> Iterator[ast.expr]:
    """``A`` and ``B`` of ``A | B``, ``Optional[A]``, ``Annotated[A, …]``."""
    if isinstance(annotation, ast.BinOp):
        yield from _alternatives(annotation.left)
        yield from _alternatives(annotation.right)
    elif isinstance(annotation, ast.Subscript) and last_name(annotation.value) in ("Optional", "Annotated", "Union"):
        inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        for each in inner[:1] if last_name(annotation.value) == "Annotated" else inner:
            yield from _alternatives(each)
    elif annotation is not None:
        yield annotation


def _blank(value: Value) -> bool:
    return not (value.taints or value.refs or value.ext or value.calls)


def _dependency(machine: Machine, function: Function, node: ast.expr, state: State) -> Value:
    """``Depends(dependency)``: the result of the dependency, whose parameters are filled in the same way."""
    value = machine.eval(node, state)
    results: list[Value] = []
    for each in value.calls:
        if isinstance(each, Function):
            point = point_of(machine, each, dependency=True)
            args = arguments(machine, each, point, state)
            result = apply(machine, Value(calls=(each,)), _call(node), (), args, None, state)
            results.append(machine.element(result, state) if each.generator else result)
        elif isinstance(each, Class):
            found = each.attribute("__init__", state)
            init = (
                next((one for one in found[0].calls if isinstance(one, Function)), None) if found is not None else None
            )
            if init is not None:
                args = arguments(machine, init, point_of(machine, init, dependency=True), state)
                results.append(apply(machine, Value(calls=(each,)), _call(node), (), args, None, state))
            else:
                results.append(body_of(machine, each, Value(taints=(machine.taint("web", node, each.name),)), state))
    return join_all(results)


def _call(node: ast.AST) -> ast.Call:
    return ast.copy_location(ast.Call(ast.Name("", ast.Load()), [], []), node)


def point_of(machine: Machine, function: Function, dependency: bool = False) -> EntryPoint | None:
    """How the outside calls a function, as far as a model knows."""
    for entry in machine.knowledge.entries:
        point = entry(function)
        if point is not None:
            return point
    if dependency:
        from ..models.fastapi import parameters_of

        return EntryPoint(parameters_of(function))
    return None


def arguments(machine: Machine, function: Function, point: EntryPoint | None, state: State) -> dict[str, Value]:
    found: dict[str, Value] = {}
    known: Mapping[str, Given] = point.parameters if point is not None else {}
    for arg in function.own_parameters():
        if arg.arg in known:
            found[arg.arg] = parameter(machine, function, arg, known[arg.arg], state)
        elif point is None and not harmless(machine, function.module, arg.annotation):
            value = declared(machine, function, arg.annotation, state) if arg.annotation is not None else UNKNOWN
            if value is UNKNOWN and machine.asks_parameters and arg.arg not in ("self", "cls"):
                # Nobody is seen to call it: whoever will, decides.
                value = Value(taints=(machine.taint("parameter", arg, arg.arg),))
            found[arg.arg] = value
    return found


def run_entry(machine: Machine, function: Function, point: EntryPoint | None) -> None:
    """Interprets a function as the outside calls it: through its decorators, then (if they lose it) by itself."""
    program = machine.program
    state = program.state()
    machine.steps = 0
    frame = Frame(function.module, None)
    machine.frames.append(frame)
    try:
        frame.state = state
        receiver = ()
        if function.cls is not None and function.kind != "static":
            receiver = (_receiver(machine, function.cls, point, state),)
        if machine.in_unit and point is not None and _unseen_decorator(machine, function, state):
            # It may have looked at what it passes on.
            unsure = {name: replace(each, source="") for name, each in point.parameters.items()}
            point = replace(point, parameters=unsure)
        args = arguments(machine, function, point, state)
        known: Mapping[str, Given] = point.parameters if point is not None else {}
        spec = function.node.args
        if spec.kwarg is not None and spec.kwarg.arg in known:
            taint = machine.taint(known[spec.kwarg.arg].source, spec.kwarg, spec.kwarg.arg)
            args[f"*{spec.kwarg.arg}"] = Value(taints=(taint,))
        names = [each.arg for each in function.own_parameters()]
        positional = tuple(args.get(name, UNKNOWN) for name in names)
        decorated = function.decorated
        machine.entry_of = (function, point.returns if point is not None else "")
        machine.run.reached.discard(function)
        if decorated is not None and function not in decorated.calls and decorated.calls:
            keywords = dict(zip(names, positional, strict=True))
            if point is not None:  # a decorator may fill in the others
                keywords = {name: value for name, value in keywords.items() if name in known or name == names[0]}
            first = len(receiver) or (1 if names and names[0] in ("request", "req") else 0)
            lead = receiver or tuple(keywords.pop(name) for name in names[:first])
            if not first and names and names[0] not in known:
                keywords.pop(names[0], None)
            apply(machine, decorated, _call(function.node), lead, keywords, None, state)
        if function not in machine.run.reached:
            star = args.get(f"*{spec.kwarg.arg}") if spec.kwarg is not None else None
            # What is known of one keyword of those that ``**`` collects.
            more = {name: UNKNOWN for name, each in known.items() if each == _NOTHING and name not in names}
            keywords = more if spec.kwarg is not None else {}
            apply(
                machine, Value(calls=(function,)), _call(function.node), (*receiver, *positional), keywords, star, state
            )
        program.absorb(state)
    finally:
        machine.entry_of = None
        machine.frames.pop()


def _unseen_decorator(machine: Machine, function: Function, state: State) -> bool:
    """Is there a decorator of which a lone definition shows nothing but its name?"""
    for decorator in function.decorators:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Name) and is_unseen(machine, target.id, state):
            return True
    return False


def _receiver(machine: Machine, cls: Class, point: EntryPoint | None, state: State) -> Value:
    """The instance that a framework calls; where its base is not seen, what the entry point says it is."""
    found = machine.program.instance(machine, cls, state)
    if point is None or not point.receiver or point.receiver in map(machine.knowledge.canonical, found.ext):
        return found
    return replace(found, ext=(*found.ext, point.receiver))


__all__ = ["arguments", "constant", "converted", "harmless", "last_name", "point_of", "run_entry"]
