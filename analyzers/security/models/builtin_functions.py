"""Builtin functions: conversions, containers, and those that run text as code.

Invariant: a conversion that raises for any other text leaves nothing of it.
"""

from __future__ import annotations

import ast

from ..taint.attributes import attribute, shown
from ..taint.calls import apply
from ..taint.machine import Call, Machine
from ..taint.narrowing import narrow
from ..taint.values import NO, UNKNOWN, Obj, Value, attribute_key, constant, join_all, sanitised
from . import TEXT, TYPED, WEB, Function, Model, Sink, cleanses, merge, sinks, through


def _listed(kind: str):
    def hook(machine: Machine, call: Call) -> Value:
        value = call.first
        objects = machine.objects(value, call.state)
        if len(objects) == 1 and not value.taints and objects[0][1].kind in ("list", "tuple", "set") and kind != "set":
            return machine.new(
                call.state, Obj(kind, objects[0][1].fields, objects[0][1].rest, None, objects[0][1].full)
            )
        if not call.args:
            return machine.new(call.state, Obj(kind))
        return machine.new(call.state, Obj(kind, rest=machine.element(value, call.state), full=False))

    return hook


def _dict(machine: Machine, call: Call) -> Value:
    obj = Obj("dict")
    value = call.first
    for _, other in machine.objects(value, call.state):
        if other.kind == "dict":
            obj = Obj("dict", other.fields, other.rest, None, other.full)
        else:
            for pair in other.elements():
                for _, each in machine.objects(pair, call.state):
                    key, stored = each.get(0), each.get(1) or UNKNOWN
                    known = key is not None and isinstance(key.const, str | int)
                    obj = obj.put(key.const, stored) if known and key is not None else obj.blur(stored)
    if value.taints:
        obj = obj.blur(Value(taints=value.taints)).put("\0keys", Value(taints=value.taints))
    for name, each in call.kwargs.items():
        obj = obj.put(name, each)
    if call.star is not None:
        obj = obj.blur(call.star)
    return machine.new(call.state, obj)


def _bool(machine: Machine, call: Call) -> Value:
    """``bool(test)``: it is true where the test is, and says the same."""
    value = call.first
    tells = value.derived is not None and value.derived[0].startswith("match:")
    return Value(cond=value.cond, derived=value.derived if tells else None)


def _str(machine: Machine, call: Call) -> Value:
    value = call.first
    if value.const is not NO and isinstance(value.const, str | int):
        return constant(str(value.const))
    taints = sanitised(machine.deep(shown(machine, value, call.node, call.state), call.state), TEXT)
    return Value(taints=taints, prefix=value.prefix, derived=value.derived)


def _getattr(machine: Machine, call: Call) -> Value | None:
    owner, name = call.first, call.const(1)
    if not isinstance(name, str):
        return Value(taints=owner.taints)
    node = ast.copy_location(ast.Attribute(ast.Name("", ast.Load()), name, ast.Load()), call.node)
    found = attribute(machine, node, owner, call.state)
    return join_all([found, call.args[2]]) if len(call.args) > 2 and not found.refs and not found.taints else found


def _setattr(machine: Machine, call: Call) -> Value:
    owner, name = call.first, call.const(1)
    if len(call.args) > 1:
        machine.at_sink(Sink("massassign", ()), call.args[1].taints, call.node)
    value = call.args[2] if len(call.args) > 2 else UNKNOWN
    machine.put(owner, attribute_key(name) if isinstance(name, str) else NO, value, call.state)
    return constant(None)


def _map(machine: Machine, call: Call) -> Value:
    elements = tuple(machine.element(each, call.state) for each in call.args[1:])
    result = apply(machine, call.first, call.node, elements, {}, None, call.state)
    return machine.new(call.state, Obj("list", rest=result, full=False))


def _filter(machine: Machine, call: Call) -> Value:
    element = machine.element(call.args[1], call.state) if len(call.args) > 1 else UNKNOWN
    apply(machine, call.first, call.node, (element,), {}, None, call.state)
    return machine.new(call.state, Obj("list", rest=element, full=False))


def _zip(machine: Machine, call: Call) -> Value:
    pair = {position: machine.element(each, call.state) for position, each in enumerate(call.args)}
    inner = machine.new(call.state, Obj("tuple", pair))
    return machine.new(call.state, Obj("list", rest=inner, full=False))


def _enumerate(machine: Machine, call: Call) -> Value:
    inner = machine.new(call.state, Obj("tuple", {0: UNKNOWN, 1: machine.element(call.first, call.state)}))
    return machine.new(call.state, Obj("list", rest=inner, full=False))


def _next(machine: Machine, call: Call) -> Value:
    return join_all([machine.element(call.first, call.state), *call.args[1:]])


_CLEANSING = (
    "int", "float", "bool", "len", "abs", "round", "hash", "id", "ord", "sum", "range", "type", "isinstance", "complex",
    "hasattr", "callable", "issubclass", "divmod", "pow", "hex", "bin", "oct", "dir",
)  # fmt: skip


def _walked(machine: Machine, call: Call) -> Value:
    """Whoever goes over all of a tree looks for what must not be in it."""
    narrow(call.state, call.first, lambda _: ())
    return UNKNOWN


def _of_a_frame(call: Call) -> bool:
    """A frame of pandas runs what it is asked (``@name.method()``); its ``query`` is known by what else it is given."""
    return not _OF_FRAMES.isdisjoint(call.kwargs)


_BUT_CODE = (
    "xss", "sqli", "cmdi", "pathtraver", "ssrf", "redirect", "loginj", "respsplit", "xpathi", "ldapi", "template",
    "deserialization", "trustbound", "massassign", "nosqli", "xxe",
)  # fmt: skip
_OF_FRAMES = frozenset({"engine", "local_dict", "global_dict", "resolvers", "inplace"})


MODEL = Model(
    functions=merge(
        cleanses([f"builtins.{name}" for name in _CLEANSING]),
        through(["builtins.repr", "builtins.ascii"], 0, cleanses=("loginj", "respsplit")),
        through(
            [
                "builtins.bytes",
                "builtins.bytearray",
                "builtins.memoryview",
                "builtins.format",
                "builtins.min",
                "builtins.max",
            ],
            "*",
        ),
        through(
            [
                "builtins.chr",
                "typing.cast",
                "sys.intern",
                "builtins.iter",
                "builtins.reversed",
                "builtins.bytes.fromhex",
                "builtins.str.join",
            ],
            "*",
        ),
        through(["typing.cast"], 1),
        # What is parsed is only something to be run.
        through(["ast.parse"], 0, cleanses=_BUT_CODE),
        through(["builtins.compile", "ast.Module", "ast.Expression", "ast.Interactive"], 0, "source", "body"),
        through(["ast.fix_missing_locations", "codeop.compile_command"], 0),
        {"ast.walk": Function(hook=_walked), "ast.NodeVisitor.visit": Function(hook=_walked)},
        {
            "builtins.str": Function(hook=_str),
            "builtins.bool": Function(hook=_bool),
            "builtins.list": Function(hook=_listed("list")),
            "builtins.tuple": Function(hook=_listed("tuple")),
            "builtins.sorted": Function(hook=_listed("list")),
            "builtins.set": Function(hook=_listed("set")),
            "builtins.frozenset": Function(hook=_listed("set")),
            "builtins.dict": Function(hook=_dict),
            "builtins.getattr": Function(hook=_getattr),
            "builtins.setattr": Function(hook=_setattr),
            "builtins.map": Function(hook=_map),
            "builtins.filter": Function(hook=_filter),
            "builtins.zip": Function(hook=_zip),
            "builtins.enumerate": Function(hook=_enumerate),
            "builtins.next": Function(hook=_next),
            "builtins.anext": Function(hook=_next),
            "builtins.input": Function(source="cli"),
            "builtins.raw_input": Function(source="cli"),
            "builtins.exit": Function(leaves=True),
            "builtins.quit": Function(leaves=True),
            "sys.exit": Function(leaves=True),
            "os._exit": Function(leaves=True),
            "os.abort": Function(leaves=True),
            "traceback.format_exc": Function(source="error"),
            "traceback.format_exception": Function(source="error"),
            "sys.exc_info": Function(source="error"),
        },
        # Behind a package that the program names there is only what is installed in it.
        sinks("codeinj", WEB, {"importlib.import_module": (0, "name")}, part="start"),
        sinks(
            "codeinj",
            TYPED,
            {
                "builtins.eval": (0, "source"),
                "builtins.exec": (0, "source"),
                "code.interact": (0,),
                "timeit.timeit": (0, "stmt"),
                "asteval.Interpreter.eval": (0,),
                "code.InteractiveInterpreter.runsource": (0,),
                "code.InteractiveInterpreter.runcode": (0,),
                "pandas.eval": (0,),
                "pandas.DataFrame.query": (0, "expr"),
                "pandas.DataFrame.eval": (0, "expr"),
                "numexpr.evaluate": (0,),
                "cffi.verify": (0,),
                "types.FunctionType": (0,),
            },
        ),
        sinks(
            "codeinj",
            WEB,
            {
                "builtins.__import__": (0, "name"),
                "runpy.run_path": (0,),
                "runpy.run_module": (0,),
                "pydoc.locate": (0,),
                "django.utils.module_loading.import_string": (0,),
                "werkzeug.utils.import_string": (0,),
                "importlib.util.spec_from_file_location": (1,),
            },
        ),
        {
            "*.query": Function(sinks=(Sink("codeinj", (0, "expr"), WEB, "", _of_a_frame),)),
            "builtins.print": Function(sinks=(Sink("xss", ("*",), frozenset({"cgi"})),)),
        },
    ),
    aliases={
        "builtins.open": "open",
        "io.open": "open",
        "typing_extensions": "typing",
        **{f"itertools.{name}": "builtins.zip" for name in ("zip_longest", "product")},
        **{f"itertools.{name}": "builtins.filter" for name in ("takewhile", "dropwhile", "filterfalse")},
        "itertools.starmap": "builtins.map",
        "ast.NodeTransformer": "ast.NodeVisitor",
    },
    hints=(r"\b(?:raw_)?input\(",),
)
