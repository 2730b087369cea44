"""Builtins and the parts of the standard library that values pass through: text, paths, encodings, collections."""

from __future__ import annotations

from ..taint.fold import formatted
from ..taint.guards import cleansed, narrow
from ..taint.machine import Call, Machine
from ..taint.program import Partial
from ..taint.values import NO, UNKNOWN, Obj, Value, attribute_key, constant, join_all, merged, sanitised
from . import TEXT, TYPED, WEB, Function, Model, Sink, cleanses, merge, returns, sinks, through

_NORMAL = frozenset({"normal"})


def _first(call: Call) -> Value:
    return call.args[0] if call.args else UNKNOWN


def _listed(kind: str):
    def hook(machine: Machine, call: Call) -> Value:
        value = _first(call)
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
    value = _first(call)
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


def _str(machine: Machine, call: Call) -> Value:
    value = _first(call)
    if value.const is not NO and isinstance(value.const, str | int):
        return constant(str(value.const))
    from ..taint.expressions import _shown  # pyright: ignore[reportPrivateUsage]

    shown = _shown(machine, value, call.node, call.state)
    taints = sanitised(machine.deep(shown, call.state), TEXT)
    return Value(taints=taints, prefix=value.prefix, derived=value.derived)


def _getattr(machine: Machine, call: Call) -> Value | None:
    import ast

    from ..taint.expressions import attribute

    owner, name = _first(call), call.const(1)
    if not isinstance(name, str):
        return Value(taints=owner.taints)
    node = ast.copy_location(ast.Attribute(ast.Name("", ast.Load()), name, ast.Load()), call.node)
    found = attribute(machine, node, owner, call.state)
    return join_all([found, call.args[2]]) if len(call.args) > 2 and not found.refs and not found.taints else found


def _setattr(machine: Machine, call: Call) -> Value:
    owner, name = _first(call), call.const(1)
    if len(call.args) > 1:
        machine.at_sink(Sink("massassign", ()), call.args[1].taints, call.node)
    value = call.args[2] if len(call.args) > 2 else UNKNOWN
    machine.put(owner, attribute_key(name) if isinstance(name, str) else NO, value, call.state)
    return constant(None)


def _map(machine: Machine, call: Call) -> Value:
    from ..taint.calls import apply

    elements = tuple(machine.element(each, call.state) for each in call.args[1:])
    result = apply(machine, _first(call), call.node, elements, {}, None, call.state)
    return machine.new(call.state, Obj("list", rest=result, full=False))


def _filter(machine: Machine, call: Call) -> Value:
    from ..taint.calls import apply

    element = machine.element(call.args[1], call.state) if len(call.args) > 1 else UNKNOWN
    apply(machine, _first(call), call.node, (element,), {}, None, call.state)
    return machine.new(call.state, Obj("list", rest=element, full=False))


def _zip(machine: Machine, call: Call) -> Value:
    pair = {position: machine.element(each, call.state) for position, each in enumerate(call.args)}
    inner = machine.new(call.state, Obj("tuple", pair))
    return machine.new(call.state, Obj("list", rest=inner, full=False))


def _enumerate(machine: Machine, call: Call) -> Value:
    inner = machine.new(call.state, Obj("tuple", {0: UNKNOWN, 1: machine.element(_first(call), call.state)}))
    return machine.new(call.state, Obj("list", rest=inner, full=False))


def _next(machine: Machine, call: Call) -> Value:
    return join_all([machine.element(_first(call), call.state), *call.args[1:]])


def _converting(machine: Machine, call: Call) -> Value:
    """``int(text)``, ``UUID(text)``: whoever comes past it has a text of that form."""
    value = _first(call)
    if any(each is value for name, each in call.state.env.items() if name[:1] != "@"):
        narrow(call.state, value, lambda _: ())
    return UNKNOWN


def _partial(machine: Machine, call: Call) -> Value:
    return Value(calls=(Partial(_first(call), call.args[1:], dict(call.kwargs)),))


def _wraps(machine: Machine, call: Call) -> Value:
    return UNKNOWN


def _reduce(machine: Machine, call: Call) -> Value:
    from ..taint.calls import apply

    element = machine.element(call.args[1], call.state) if len(call.args) > 1 else UNKNOWN
    start = call.args[2] if len(call.args) > 2 else element
    once = apply(machine, _first(call), call.node, (start, element), {}, None, call.state)
    return join_all([start, apply(machine, _first(call), call.node, (once, element), {}, None, call.state)])


def _thread(machine: Machine, call: Call) -> Value | None:
    from ..taint.calls import apply

    target = call.arg("target", 1)
    args = call.arg("args", 3)
    if target is None:
        return None
    objects = [obj for _, obj in machine.objects(args, call.state)] if args is not None else []
    values = tuple(objects[0].fields.values()) if objects and objects[0].full else ()
    star = machine.element(args, call.state) if args is not None and not values else None
    keywords = call.arg("kwargs")
    named = [obj for _, obj in machine.objects(keywords, call.state)] if keywords is not None else []
    extra = {str(key): value for obj in named for key, value in obj.fields.items()}
    apply(machine, target, call.node, values, extra, star, call.state)
    return UNKNOWN


def _join_path(machine: Machine, call: Call) -> Value:
    """``os.path.join``: an absolute part throws away what stands before it."""
    taints = []
    prefix = call.args[0].prefix if call.args else ""
    for position, each in enumerate(call.args):
        own = machine.deep(each, call.state)
        taints += own
        if position and isinstance(each.const, str) and each.const.startswith("/"):
            taints, prefix = list(own), each.const
    if call.star is not None:
        taints += call.star.taints
    return machine.noted(Value(taints=merged(taints), prefix=prefix), call.node)


def _real(machine: Machine, call: Call) -> Value:
    """A path without ``..`` and links: what it begins with says where it is."""
    value = _first(call) if call.receiver is None else call.receiver
    taints = sanitised(value.taints, _NORMAL)
    return Value(taints=taints, ext=value.ext, derived=("real", value), prefix=value.prefix)


def _common(machine: Machine, call: Call) -> Value:
    """``os.path.commonpath([base, path])``: equal to the base, it says that the path is inside."""
    for _, obj in machine.objects(_first(call), call.state):
        for each in obj.elements():
            if each.taints and any("normal" in taint.safe for taint in each.taints):
                return Value(derived=("common", each))
    return UNKNOWN


def _basename(machine: Machine, call: Call) -> Value:
    value = _first(call)
    return Value(taints=sanitised(value.taints, frozenset({"pathtraver", "-dots", "-absolute"})))


def _path(machine: Machine, call: Call) -> Value:
    found = _join_path(machine, call)
    return Value(taints=found.taints, prefix=found.prefix, ext=("pathlib.Path",))


def _relative_to(machine: Machine, call: Call) -> Value:
    """``path.relative_to(base)`` raises if the path is elsewhere."""
    receiver = call.receiver
    if receiver is None:
        return UNKNOWN
    if any("normal" in taint.safe for taint in receiver.taints):
        narrow(call.state, receiver, cleansed(frozenset({"pathtraver"})))
        return Value(taints=sanitised(receiver.taints, frozenset({"pathtraver"})), ext=("pathlib.Path",))
    return Value(taints=receiver.taints, ext=("pathlib.Path",))


def _urlparse(machine: Machine, call: Call) -> Value:
    value = _first(call)
    return Value(taints=value.taints, ext=("urllib.parse.ParseResult",), derived=("url", value))


def _quote(machine: Machine, call: Call) -> Value:
    value = _first(call)
    kinds = {"xss", "respsplit", "loginj", "ssrf", "cmdi", "sqli", "redirect", "xpathi", "ldapi"}
    if call.const("safe", 1) == "":
        kinds.add("pathtraver")
    return Value(taints=sanitised(value.taints, frozenset(kinds)), prefix="")


def _template(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    taints = [*receiver.taints]
    for each in (*call.args, *call.kwargs.values()):
        taints += machine.deep(each, call.state)
    return Value(taints=merged(taints), prefix=receiver.prefix.partition("$")[0])


def _writer(machine: Machine, call: Call) -> Value:
    """``buffer.write(text)``: the buffer holds it from now on."""
    receiver = call.receiver
    if receiver is not None and call.args:
        machine.put(receiver, NO, call.args[0], call.state)
    return UNKNOWN


def _buffer(machine: Machine, call: Call) -> Value:
    made = machine.new(call.state, Obj("buffer", rest=_first(call) if call.args else None, full=False))
    return Value(ext=("io.StringIO",), refs=made.refs, taints=_first(call).taints)


def _contents(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    return Value(taints=machine.deep(receiver, call.state))


def _digested(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    return Value(derived=receiver.derived if receiver.derived is not None and receiver.derived[0] == "digest" else None)


def _container(kind: str):
    def hook(machine: Machine, call: Call) -> Value:
        value = call.args[-1] if call.args and call.name.endswith("deque") else UNKNOWN
        objects = machine.objects(value, call.state)
        if objects and objects[0][1].kind in ("list", "tuple"):
            return machine.new(
                call.state, Obj(kind, objects[0][1].fields, objects[0][1].rest, None, objects[0][1].full)
            )
        return machine.new(
            call.state, Obj(kind, rest=Value(taints=value.taints) if value.taints else None, full=not value.taints)
        )

    return hook


def _default_dict(machine: Machine, call: Call) -> Value:
    return machine.new(call.state, Obj("dict", full=False))


def _named_tuple(machine: Machine, call: Call) -> Value:
    return UNKNOWN


def _asdict(machine: Machine, call: Call) -> Value:
    obj = Obj("dict")
    for _, each in machine.objects(_first(call), call.state):
        for key, value in each.fields.items():
            if isinstance(key, str) and key.startswith("\0"):
                obj = obj.put(key[1:], value)
    return machine.new(call.state, obj)


def _percent(machine: Machine, call: Call) -> Value:
    return formatted(machine, _first(call), call.args[1] if len(call.args) > 1 else UNKNOWN, call.state)


#: Conversions that raise for any other text.
_CONVERTING = (
    "builtins.int", "builtins.float", "uuid.UUID", "decimal.Decimal", "ipaddress.ip_address", "ipaddress.IPv4Address",
    "ipaddress.ip_network", "datetime.date.fromisoformat", "datetime.datetime.fromisoformat",
    "datetime.datetime.strptime", "fractions.Fraction",
)  # fmt: skip
_CLEANSING = (
    "int", "float", "bool", "len", "abs", "round", "hash", "id", "ord", "sum", "range", "type", "isinstance", "complex",
    "hasattr", "callable", "issubclass", "divmod", "pow", "hex", "bin", "oct", "dir",
)  # fmt: skip
_B64 = ("cmdi", "sqli", "xss", "loginj", "respsplit", "ldapi", "xpathi", "codeinj", "redirect", "dos")

MODEL = Model(
    functions=merge(
        cleanses([f"builtins.{name}" for name in _CLEANSING]),
        cleanses(
            [
                "uuid.UUID",
                "decimal.Decimal",
                "ipaddress.ip_address",
                "ipaddress.IPv4Address",
                "ipaddress.ip_network",
                "datetime.date.fromisoformat",
                "datetime.datetime.fromisoformat",
                "datetime.datetime.strptime",
                "fractions.Fraction",
                "binascii.crc32",
                "zlib.crc32",
                "zlib.adler32",
                "time.strptime",
                "dateutil.parser.parse",
                "hashlib.pbkdf2_hmac",
                "hashlib.scrypt",
                "secrets.compare_digest",
                "math.floor",
                "math.ceil",
                "math.sqrt",
                "statistics.mean",
                "ast.literal_eval",
                "unicodedata.category",
            ]
        ),
        through(
            ["builtins.repr", "builtins.ascii", "pprint.pformat", "reprlib.repr"], 0, cleanses=("loginj", "respsplit")
        ),
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
                "copy.copy",
                "copy.deepcopy",
                "codecs.decode",
                "codecs.encode",
                "textwrap.dedent",
                "textwrap.fill",
                "textwrap.shorten",
                "textwrap.indent",
                "html.unescape",
                "base64.b64decode",
                "base64.urlsafe_b64decode",
                "base64.decodebytes",
                "base64.b32decode",
                "base64.standard_b64decode",
                "binascii.unhexlify",
                "binascii.a2b_base64",
                "zlib.decompress",
                "gzip.decompress",
                "bz2.decompress",
                "lzma.decompress",
                "urllib.parse.unquote",
                "urllib.parse.unquote_plus",
                "unicodedata.normalize",
                "email.message_from_string",
                "email.message_from_bytes",
                "email.message_from_file",
                "json.loads",
                "json.load",
                "ujson.loads",
                "orjson.loads",
                "simplejson.loads",
                "tomllib.loads",
                "tomli.loads",
                "csv.reader",
                "csv.DictReader",
                "typing.cast",
                "sys.intern",
                "os.fspath",
                "os.fsencode",
                "os.fsdecode",
                "os.path.normcase",
                "os.path.expanduser",
                "os.path.expandvars",
                "itertools.chain",
                "itertools.chain.from_iterable",
                "builtins.iter",
                "builtins.reversed",
                "itertools.islice",
                "asyncio.wait_for",
                "asyncio.shield",
                "xmltodict.parse",
                "urllib.parse.urljoin",
                "msgpack.unpackb",
                "contextlib.closing",
                "contextlib.nullcontext",
                "asyncio.gather",
                "heapq.nlargest",
                "urllib.parse.urldefrag",
                "urllib.parse.unquote_to_bytes",
                "quopri.decodestring",
                "bytes.fromhex",
                "builtins.bytes.fromhex",
                "builtins.str.join",
                "posixpath.normpath",
                "shlex.split",
                "io.TextIOWrapper",
                "io.BufferedReader",
                "urllib.parse.parse_qs",
                "urllib.parse.parse_qsl",
                "inflection.underscore",
                "more_itertools.first",
                "yarl.URL",
                "toolz.first",
            ],
            "*",
        ),
        through(["typing.cast"], 1),
        through(["os.path.dirname", "os.path.splitdrive", "ntpath.basename"], 0),
        cleanses(
            [
                "base64.b64encode",
                "base64.urlsafe_b64encode",
                "binascii.hexlify",
                "base64.b32encode",
                "base64.standard_b64encode",
            ],
            *_B64,
        ),
        cleanses(["base64.urlsafe_b64encode", "binascii.hexlify", "base64.b32encode"], "pathtraver"),
        through(
            ["json.dumps", "ujson.dumps", "simplejson.dumps", "orjson.dumps"],
            0,
            cleanses=("loginj", "respsplit", "sqli-quote"),
        ),
        cleanses(["shlex.quote", "shlex.join", "pipes.quote", "subprocess.list2cmdline"], "cmdi"),
        cleanses(
            [
                "html.escape",
                "xml.sax.saxutils.escape",
                "xml.sax.saxutils.quoteattr",
                "cgi.escape",
                "werkzeug.utils.escape",
            ],
            "xss",
        ),
        cleanses(
            [
                "os.path.exists",
                "os.path.isfile",
                "os.path.isdir",
                "os.path.getsize",
                "os.path.isabs",
                "os.path.samefile",
                "os.path.islink",
            ]
        ),
        {
            **{name: Function(hook=_converting) for name in _CONVERTING},
            "builtins.str": Function(hook=_str),
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
            "builtins.vars": Function(hook=_asdict),
            "builtins.input": Function(source="cli"),
            "builtins.raw_input": Function(source="cli"),
            "builtins.exit": Function(leaves=True),
            "builtins.quit": Function(leaves=True),
            "sys.exit": Function(leaves=True),
            "os._exit": Function(leaves=True),
            "os.abort": Function(leaves=True),
            "functools.partial": Function(hook=_partial),
            "functools.partialmethod": Function(hook=_partial),
            "functools.reduce": Function(hook=_reduce),
            "functools.wraps": Function(hook=_wraps),
            "threading.Thread": Function(hook=_thread),
            "multiprocessing.Process": Function(hook=_thread),
            "threading.Timer": Function(applies=1),
            "asyncio.to_thread": Function(applies=0),
            "asyncio.create_task": Function(through=(0,)),
            "asyncio.run": Function(through=(0,)),
            "asgiref.sync.sync_to_async": Function(hook=lambda machine, call: _first(call)),
            "asgiref.sync.async_to_sync": Function(hook=lambda machine, call: _first(call)),
            "*.run_in_executor": Function(applies=1),
            "*.submit": Function(applies=0),
            "*.apply_async": Function(applies=0),
            "*.call_soon": Function(applies=0),
            "*.run_sync": Function(applies=0),
            "anyio.to_thread.run_sync": Function(applies=0),
            "starlette.concurrency.run_in_threadpool": Function(applies=0),
            "atexit.register": Function(applies=0),
            "os.path.join": Function(hook=_join_path),
            "os.path.realpath": Function(hook=_real),
            "os.path.abspath": Function(hook=_real),
            "os.path.normpath": Function(hook=_real),
            "os.path.commonpath": Function(hook=_common),
            "os.path.commonprefix": Function(hook=_common),
            "os.path.basename": Function(hook=_basename),
            "os.path.splitext": Function(
                hook=lambda machine, call: Value(taints=_first(call).taints, derived=("extension", _first(call)))
            ),
            "os.path.split": Function(
                hook=lambda machine, call: machine.new(
                    call.state, Obj("tuple", {0: Value(taints=_first(call).taints), 1: _basename(machine, call)})
                )
            ),
            "pathlib.Path": Function(hook=_path),
            "pathlib.Path.resolve": Function(hook=_real),
            "pathlib.Path.absolute": Function(through=("self",), returns="pathlib.Path"),
            "pathlib.Path.joinpath": Function(through=("self", "*"), returns="pathlib.Path"),
            "pathlib.Path.with_suffix": Function(through=("self",), returns="pathlib.Path"),
            "pathlib.Path.with_name": Function(through=("self", 0), returns="pathlib.Path"),
            "pathlib.Path.expanduser": Function(through=("self",), returns="pathlib.Path"),
            "pathlib.Path.as_posix": Function(through=("self",)),
            "pathlib.Path.relative_to": Function(hook=_relative_to),
            "urllib.parse.urlparse": Function(hook=_urlparse),
            "urllib.parse.urlsplit": Function(hook=_urlparse),
            "urllib.parse.quote": Function(hook=_quote),
            "urllib.parse.quote_plus": Function(hook=_quote),
            "urllib.parse.urlencode": Function(
                hook=lambda machine, call: Value(
                    taints=sanitised(
                        machine.deep(_first(call), call.state),
                        frozenset({"xss", "respsplit", "loginj", "ssrf", "cmdi", "sqli", "redirect", "pathtraver"}),
                    )
                )
            ),
            "string.Template": Function(
                hook=lambda machine, call: Value(
                    ext=("string.Template",), taints=_first(call).taints, prefix=_first(call).prefix
                )
            ),
            "string.Template.substitute": Function(hook=_template),
            "string.Template.safe_substitute": Function(hook=_template),
            "io.StringIO": Function(hook=_buffer),
            "io.BytesIO": Function(hook=_buffer),
            "io.StringIO.write": Function(hook=_writer),
            "io.StringIO.getvalue": Function(hook=_contents),
            "io.StringIO.read": Function(hook=_contents),
            "hmac.new": Function(
                hook=lambda machine, call: Value(
                    ext=("hashlib.hash",),
                    derived=("digest", call.args[1]) if len(call.args) > 1 and call.args[1].taints else None,
                )
            ),
            "hmac.digest": Function(
                hook=lambda machine, call: Value(
                    derived=("digest", call.args[1]) if len(call.args) > 1 and call.args[1].taints else None
                )
            ),
            "hashlib.hash.hexdigest": Function(hook=_digested),
            "hashlib.hash.digest": Function(hook=_digested),
            "hmac.compare_digest": Function(hook=lambda machine, call: UNKNOWN),
            "collections.deque": Function(hook=_container("list")),
            "queue.Queue": Function(hook=_container("list")),
            "queue.SimpleQueue": Function(hook=_container("list")),
            "asyncio.Queue": Function(hook=_container("list")),
            "collections.defaultdict": Function(hook=_default_dict),
            "collections.OrderedDict": Function(hook=_dict),
            "types.SimpleNamespace": Function(
                hook=lambda machine, call: machine.new(
                    call.state,
                    Obj(
                        "object",
                        {attribute_key(name): each for name, each in call.kwargs.items()},
                        call.star,
                        None,
                        False,
                    ),
                )
            ),
            "dataclasses.asdict": Function(hook=_asdict),
            "dataclasses.replace": Function(hook=lambda machine, call: _replaced(machine, call)),
            "collections.namedtuple": Function(hook=_named_tuple),
            "operator.mod": Function(hook=_percent),
            "operator.add": Function(through=(0, 1)),
            "operator.concat": Function(through=(0, 1)),
            "traceback.format_exc": Function(source="error"),
            "traceback.format_exception": Function(source="error"),
            "sys.exc_info": Function(source="error"),
        },
        returns({"pathlib.PurePath": "pathlib.Path"}),
        sinks(
            "codeinj",
            TYPED,
            {
                "builtins.eval": (0, "source"),
                "builtins.exec": (0, "source"),
                "builtins.compile": (0, "source"),
                "code.interact": (0,),
                "timeit.timeit": (0, "stmt"),
                "asteval.Interpreter.eval": (0,),
                "code.InteractiveInterpreter.runsource": (0,),
                "code.InteractiveInterpreter.runcode": (0,),
                "pandas.eval": (0,),
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
                "importlib.import_module": (0, "name"),
                "runpy.run_path": (0,),
                "runpy.run_module": (0,),
                "pydoc.locate": (0,),
                "django.utils.module_loading.import_string": (0,),
                "werkzeug.utils.import_string": (0,),
                "importlib.util.spec_from_file_location": (1,),
            },
        ),
        {"builtins.print": Function(sinks=(Sink("xss", ("*",), frozenset({"cgi"})),))},
    ),
    aliases={
        "posixpath": "os.path",
        "ntpath": "os.path",
        "pathlib.PosixPath": "pathlib.Path",
        "pathlib.PurePosixPath": "pathlib.Path",
        "pathlib.PurePath": "pathlib.Path",
        "anyio.Path": "pathlib.Path",
        "builtins.open": "open",
        "io.open": "open",
        "typing_extensions": "typing",
        "multiprocessing.Queue": "queue.Queue",
        "queue.LifoQueue": "queue.Queue",
        "collections.Counter": "builtins.dict",
        "functools.cached_property": "builtins.property",
    },
    hints=(r"\b(?:raw_)?input\(",),
)


def _replaced(machine: Machine, call: Call) -> Value:
    for _, obj in machine.objects(_first(call), call.state):
        for name, value in call.kwargs.items():
            obj = obj.put(attribute_key(name), value)
        return machine.new(call.state, obj)
    return _first(call)
