"""Classes of the standard library that can be made from simple arguments, and how to recognise them by use.

Tables only. Each class has telling values first (leap days, the ends of a range, zero, empty) and, where its
arguments are simple, a shape for random ones.

Invariant: no value reaches outside the scratch folder of the sandbox: paths are relative, nothing is opened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .plans import Made, Ref
from .shapes import BYTES, FLOAT, INT, STR, Lit, Num, Obj, Seq, Shape, Text, alt, replaced


def _made(callee: str, *arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(Made(callee, each) for each in arguments)


def _only(name: str, *plans: Any) -> Obj:
    """An object that is one of a few values."""
    return Obj(plans[0].callee if isinstance(plans[0], Made) else name, (), (), tuple(plans), name=name)


def _of(callee: str, arguments: tuple[Shape, ...], edges: tuple[Any, ...], required: int | None = None) -> Obj:
    return Obj(callee, arguments, (), edges, required)


_PATHS = (("a",), (".",), ("a/b",), ("a.txt",), ("a/b.tar.gz",), (".a",), ("a b",), ("é",))
_PATH_TEXT = Text("str", 1, 12, r"^[a-z0-9_ .\-]+(/[a-z0-9_ \-]+)*$")
_ZONES = (Ref("datetime.timezone.utc"), Made("datetime.timezone", (Made("datetime.timedelta", (-1, 68400)),)))
_DAY = (Num("int", 1900, 2100), Num("int", 1, 12), Num("int", 1, 28))
_CLOCK = (Num("int", 0, 23), Num("int", 0, 59), Num("int", 0, 59))

DATETIME = _of(
    "datetime.datetime",
    (*_DAY, *_CLOCK),
    _made(
        "datetime.datetime",
        (2000, 1, 1),
        (2024, 2, 29, 23, 59, 59),
        (2023, 12, 31),
        (1970, 1, 1),
        (2024, 3, 31, 2, 30),
        (1969, 12, 31, 23, 59, 59),
        (2000, 1, 1, 0, 0, 0, 999999),
        (1, 1, 1),
        (9999, 12, 31, 23, 59, 59),
    ),
    3,
)
#: The same with a time zone, or without: only for code that speaks of time zones.
AWARE = replace(DATETIME, kwargs=(("tzinfo", Lit((None, *_ZONES))),))
DATE = _of(
    "datetime.date",
    _DAY,
    _made("datetime.date", (2000, 1, 1), (2024, 2, 29), (1999, 12, 31), (2023, 3, 31), (1, 1, 1), (9999, 12, 31)),
)
TIME = _of("datetime.time", _CLOCK, _made("datetime.time", (0, 0), (12, 30), (23, 59, 59), (0, 0, 0, 1)), 2)
TIMEDELTA = _of(
    "datetime.timedelta",
    (Num("int", -1000, 1000), Num("int", 0, 86399), Num("int", 0, 999999)),
    _made("datetime.timedelta", (0,), (1,), (-1,), (0, 1), (0, 0, 1), (0, -1), (365,), (0, 3600), (0, 59), (0, 60)),
    1,
)
DECIMAL = _of(
    "decimal.Decimal",
    (Text("str", 1, 12, r"^-?[0-9]{1,6}(\.[0-9]{1,4})?$"),),
    _made("decimal.Decimal", ("0",), ("1",), ("-1",), ("0.1",), ("1.50",), ("0.005",), ("-0",), ("1E+3",), ("1E-7",)),
)
FRACTION = _of(
    "fractions.Fraction",
    (Num("int", -1000, 1000), Num("int", 1, 1000)),
    _made("fractions.Fraction", (0,), (1,), (-1,), (1, 2), (-3, 7)),
    1,
)
PATH = _of("pathlib.Path", (_PATH_TEXT,), _made("pathlib.Path", *_PATHS))
PURE_PATH = _of(
    "pathlib.PurePosixPath", (_PATH_TEXT,), _made("pathlib.PurePosixPath", *_PATHS, ("/",), ("..",), ("/a/../b",))
)
_LINES = ("", "a", "a\n", "a\nb\n", "\n", "a,b\n1,2\n", "a\r\nb", "é\n", "# a\n\nb = 1\n")
TEXT_FILE = _of("io.StringIO", (STR,), _made("io.StringIO", *[(each,) for each in _LINES]))
BINARY_FILE = _of(
    "io.BytesIO", (BYTES,), _made("io.BytesIO", (b"",), (b"a",), (b"a\n",), (b"\x00\xff",), (b"\x00" * 16,))
)
PATTERN = _only("re.Pattern", *_made("re.compile", ("a",), ("",), (r"\d+",), ("(a)|b",), ("(?P<n>a+)",)))
LOGGER = _only("logging.Logger", Made("logging.getLogger", ("suture",)))
RANDOM = _of("random.Random", (Num("int", 0, 100),), _made("random.Random", (0,)))
_ELEMENT = _of(
    "xml.etree.ElementTree.Element",
    (Text("str", 1, 8, "^[a-z]+$"),),
    _made("xml.etree.ElementTree.fromstring", ("<a/>",), ("<a>b</a>",), ("<a b='1'><c/>d</a>",)),
)
_DEQUE = Seq("deque", INT)

#: By qualified name.
STANDARD: dict[str, Shape] = {
    "datetime.date": DATE,
    "datetime.datetime": DATETIME,
    "datetime.time": TIME,
    "datetime.timedelta": TIMEDELTA,
    "datetime.timezone": _only("datetime.timezone", *_ZONES),
    "datetime.tzinfo": _only("datetime.tzinfo", *_ZONES),
    "zoneinfo.ZoneInfo": _only("zoneinfo.ZoneInfo", Made("zoneinfo.ZoneInfo", ("UTC",))),
    "time.struct_time": _only("time.struct_time", Made("time.gmtime", (0,)), Made("time.gmtime", (951782400,))),
    "decimal.Decimal": DECIMAL,
    "fractions.Fraction": FRACTION,
    "pathlib.Path": PATH,
    "pathlib.PosixPath": PATH,
    "pathlib._local.Path": PATH,
    "pathlib.PurePath": PURE_PATH,
    "pathlib.PurePosixPath": PURE_PATH,
    "pathlib._local.PurePath": PURE_PATH,
    "pathlib._local.PurePosixPath": PURE_PATH,
    "uuid.UUID": _only(
        "uuid.UUID",
        *_made("uuid.UUID", ("12345678-1234-5678-1234-567812345678",), ("00000000-0000-0000-0000-000000000000",)),
    ),
    "ipaddress.IPv4Address": _of(
        "ipaddress.IPv4Address",
        (Num("int", 0, 2**32 - 1),),
        _made("ipaddress.IPv4Address", ("127.0.0.1",), (0,), ("255.255.255.255",), ("10.0.0.1",)),
    ),
    "ipaddress.IPv6Address": _of(
        "ipaddress.IPv6Address", (Num("int", 0, 2**128 - 1),), _made("ipaddress.IPv6Address", ("::1",), ("::",))
    ),
    "ipaddress.IPv4Network": _only(
        "ipaddress.IPv4Network",
        *_made("ipaddress.IPv4Network", ("10.0.0.0/8",), ("0.0.0.0/0",), ("127.0.0.1/32",), ("192.168.0.0/31",)),
    ),
    "ipaddress.IPv6Network": _only("ipaddress.IPv6Network", *_made("ipaddress.IPv6Network", ("::/0",), ("::1/128",))),
    "re.Pattern": PATTERN,
    "re.Match": _only("re.Match", *_made("re.search", ("a", "a"), ("(a)(b)?", "a"), ("(?P<n>a)", "ba"))),
    "io.StringIO": TEXT_FILE,
    "io.TextIOBase": TEXT_FILE,
    "io.TextIOWrapper": TEXT_FILE,
    "io.IOBase": TEXT_FILE,
    "typing.TextIO": TEXT_FILE,
    "typing.IO": TEXT_FILE,
    "io.BytesIO": BINARY_FILE,
    "io.RawIOBase": BINARY_FILE,
    "io.BufferedIOBase": BINARY_FILE,
    "io.BufferedReader": BINARY_FILE,
    "io.BufferedWriter": BINARY_FILE,
    "typing.BinaryIO": BINARY_FILE,
    "builtins.range": _of(
        "range", (Num("int", 0, 50), Num("int", 0, 50)), _made("range", (0,), (1,), (3,), (2, 5), (5, 0, -1)), 1
    ),
    "builtins.slice": _only("slice", *_made("slice", (None,), (1,), (0, 2), (None, None, -1), (-1, None), (0, 0))),
    "builtins.memoryview": _of("memoryview", (BYTES,), _made("memoryview", (b"",), (b"a",))),
    "array.array": _only("array.array", *_made("array.array", ("i", []), ("i", [1, 2]), ("d", [0.5]))),
    "collections.Counter": _of("collections.Counter", (STR,), _made("collections.Counter", (), ("a",), ("aab",)), 0),
    "collections.ChainMap": _only("collections.ChainMap", *_made("collections.ChainMap", ({},), ({"a": 1}, {"a": 2}))),
    "collections.UserDict": _only("collections.UserDict", *_made("collections.UserDict", ({},), ({"a": 1},))),
    "collections.UserList": _only("collections.UserList", *_made("collections.UserList", ([],), ([1, 2],))),
    "types.SimpleNamespace": _only("types.SimpleNamespace", Made("types.SimpleNamespace")),
    "types.MappingProxyType": _only("types.MappingProxyType", *_made("types.MappingProxyType", ({},), ({"a": 1},))),
    "types.ModuleType": _only("types.ModuleType", Made("types.ModuleType", ("a",))),
    "argparse.Namespace": _only("argparse.Namespace", Made("argparse.Namespace")),
    "argparse.ArgumentParser": _only("argparse.ArgumentParser", Made("argparse.ArgumentParser", ("a",))),
    "configparser.ConfigParser": _only("configparser.ConfigParser", Made("configparser.ConfigParser")),
    "string.Template": _only("string.Template", *_made("string.Template", ("",), ("$a",))),
    "random.Random": RANDOM,
    "logging.Logger": LOGGER,
    "logging.LogRecord": _only(
        "logging.LogRecord", Made("logging.LogRecord", ("a", 20, "a.py", 1, "a %s", ("b",), None))
    ),
    "threading.Lock": _only("threading.Lock", Made("threading.Lock")),
    "thread.lock": _only("threading.Lock", Made("threading.Lock")),
    "threading.Event": _only("threading.Event", Made("threading.Event")),
    "queue.Queue": _only("queue.Queue", Made("queue.Queue")),
    "sqlite3.Connection": _only("sqlite3.Connection", Made("sqlite3.connect", (":memory:",))),
    "email.message.Message": _only(
        "email.message.Message", *_made("email.message_from_string", ("",), ("Subject: a\n\nb",), ("To: é\n",))
    ),
    "http.cookiejar.CookieJar": _only("http.cookiejar.CookieJar", Made("http.cookiejar.CookieJar")),
    "http.cookies.SimpleCookie": _only("http.cookies.SimpleCookie", *_made("http.cookies.SimpleCookie", (), ("a=b",))),
    "urllib.parse.ParseResult": _only(
        "urllib.parse.ParseResult", *_made("urllib.parse.urlparse", ("http://a/b?c=d#e",), ("",), ("a",))
    ),
    "urllib.parse.SplitResult": _only(
        "urllib.parse.SplitResult", *_made("urllib.parse.urlsplit", ("http://a:80/b?c=d#e",), ("",), ("a",))
    ),
    "xml.etree.ElementTree.Element": _ELEMENT,
    "ast.AST": _only("ast.AST", *_made("ast.parse", ("",), ("a = 1",), ("def f(a): return a",))),
    "ast.Module": _only("ast.Module", *_made("ast.parse", ("",), ("a = 1",), ("def f(a): return a",))),
    "inspect.Signature": _only("inspect.Signature", Made("inspect.signature", (Ref("lambda a, b=1: a"),))),
    "struct.Struct": _only("struct.Struct", *_made("struct.Struct", ("<I",), ("",))),
    "contextlib.AbstractContextManager": _only("contextlib.nullcontext", Made("contextlib.nullcontext")),
    "numpy.ndarray": _of("numpy.array", (Seq("list", FLOAT),), _made("numpy.array", ([],), ([0.0],), ([1.0, 2.0],))),
    "pandas.core.series.Series": _of(
        "pandas.Series", (Seq("list", FLOAT),), _made("pandas.Series", ([0.0],), ([1.0, 2.0],))
    ),
    "pandas.core.frame.DataFrame": _only(
        "pandas.DataFrame", *_made("pandas.DataFrame", ({"a": [1, 2], "b": [0.5, 1.5]},))
    ),
}

#: By bare name: protocols and abstract types that have no class of their own to make.
PROTOCOLS: dict[str, Shape] = {
    "SupportsInt": alt(INT, FLOAT),
    "SupportsFloat": alt(FLOAT, INT),
    "SupportsIndex": INT,
    "SupportsAbs": alt(INT, FLOAT),
    "SupportsRound": alt(FLOAT, INT),
    "SupportsBytes": BYTES,
    "SupportsComplex": FLOAT,
    "PathLike": PATH,
    "Buffer": BYTES,
    "ByteString": BYTES,
    "Number": alt(INT, FLOAT),
    "Real": alt(FLOAT, INT),
    "Rational": INT,
    "Integral": INT,
    "Complex": alt(FLOAT, INT),
}

#: What an object is of which a protocol asks one of these special methods, tried in order.
SPECIAL_METHODS: tuple[tuple[str, Shape], ...] = (
    ("__fspath__", PATH),
    ("__call__", Lit((Ref("lambda *args: args[0] if args else None"),))),
    ("__enter__", STANDARD["contextlib.AbstractContextManager"]),
    ("__setitem__", Seq("list", INT)),
    ("__getitem__", Seq("list", INT)),
    ("__iter__", Seq("list", INT)),
    ("__next__", Seq("iterator", INT)),
    ("__len__", Seq("list", INT)),
    ("__contains__", Seq("list", INT)),
    ("__float__", FLOAT),
    ("__bytes__", BYTES),
    ("__html__", STR),
    ("__str__", STR),
)
#: Arithmetic, comparison and hashing: whole numbers have all of it.
_NUMERIC = frozenset(
    (
        *("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "__hash__", "__add__", "__radd__", "__sub__"),
        *("__mul__", "__truediv__", "__floordiv__", "__mod__", "__neg__", "__abs__", "__int__", "__index__"),
        *("__bool__", "__round__"),
    )
)


def by_special_methods(asked: frozenset[str]) -> Shape | None:
    """What has the special methods that a protocol asks for; None if it asks for others too."""
    if not asked or not all(each.startswith("__") for each in asked):
        return None
    if asked <= _NUMERIC:
        return INT
    return next((shape for name, shape in SPECIAL_METHODS if name in asked), None)


def with_zones(shape: Shape) -> Shape:
    """Date-times with and without a time zone, for code that tells them apart."""
    return replaced(shape, lambda each: AWARE if each == DATETIME else each)


#: Types by their methods and attributes: (module, class, what tells it from others).
_TELLING: tuple[tuple[str, str, str], ...] = (
    ("datetime", "datetime", "strftime isoformat timestamp hour minute second timetuple astimezone tzinfo utcoffset"),
    ("datetime", "date", "weekday isoweekday toordinal isocalendar year month day"),
    ("datetime", "timedelta", "total_seconds microseconds days"),
    ("decimal", "Decimal", "quantize as_tuple is_nan to_integral_value"),
    ("fractions", "Fraction", "limit_denominator"),
    ("pathlib", "Path", "read_text write_text is_file is_dir exists iterdir stem suffix with_suffix joinpath rglob"),
    ("re", "Pattern", "fullmatch finditer groupindex match search"),
    ("re", "Match", "groupdict lastgroup group groups"),
    ("io", "StringIO", "readline readlines read write writelines getvalue seek tell"),
    ("logging", "Logger", "debug info warning error exception critical"),
    ("random", "Random", "randint choice shuffle randrange uniform sample random gauss"),
    ("uuid", "UUID", "hex urn"),
    ("collections", "deque", "appendleft popleft extendleft rotate"),
    ("collections", "Counter", "most_common elements"),
    ("email.message", "Message", "get_payload is_multipart get_content_type"),
    ("xml.etree.ElementTree", "Element", "findall findtext iterfind tag attrib"),
    ("sqlite3", "Connection", "cursor execute executemany commit rollback"),
    ("threading", "Lock", "acquire release locked"),
    ("configparser", "ConfigParser", "has_section has_option getboolean"),
)


def by_use(names: frozenset[str]) -> Shape | None:
    """The class of the standard library that has all the attributes ``names``, one of them telling."""
    import importlib

    for module, name, telling in _TELLING:
        if names & frozenset(telling.split()):
            cls: Any = getattr(importlib.import_module(module), name)
            known = frozenset(dir(cls if name != "Lock" else cls()))
            if names <= known:
                return _DEQUE if name == "deque" else STANDARD[f"{module}.{name}"]
    return None
