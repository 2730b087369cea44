"""What text and bytes pass through: encodings, quoting, URLs, templates, serialisers, buffers, digests.

Invariant: a quoting is harmless for the interpreters that it is made for, and for no others.
"""

from __future__ import annotations

import re

from ..taint.fold import cut_open, formatted, reshaped
from ..taint.machine import Call, Machine
from ..taint.narrowing import narrow
from ..taint.objects import TABLE, replaced_by
from ..taint.values import NO, UNKNOWN, Obj, Value, constant, merged, sanitised
from . import TEXT, Function, Model, cleanses, merge, through


def _resolved(machine: Machine, call: Call) -> Value:
    """``gethostbyname(host)``: the address that the host of a URL has."""
    part = call.first.derived
    return Value(derived=part if part is not None and part[0] == "host" else None)


def _address(machine: Machine, call: Call) -> Value:
    """``ip_address(…)``: a test of it is one of the URL whose host it is."""
    part = call.first.derived
    _converting(machine, call)
    return Value(derived=("address", part[1]) if part is not None and part[0] == "host" else None)


def _converting(machine: Machine, call: Call) -> Value:
    """``int(text)``, ``UUID(text)``: whoever comes past it has a text of that form."""
    value = call.first
    if any(each is value for name, each in call.state.env.items() if name[:1] != "@"):
        narrow(call.state, value, lambda _: ())
    return UNKNOWN


def _urlparse(machine: Machine, call: Call) -> Value:
    value = call.first
    return Value(taints=value.taints, ext=("urllib.parse.ParseResult",), derived=("url", value))


#: How an address begins that is a part of another: it names no host, whatever follows.
_RELATIVE = re.compile(r"[?#]|/[^/\\]|[^:/?#\\]+[/?#]")


def _join_url(machine: Machine, call: Call) -> Value:
    """``urljoin(base, address)``: an address that begins with a host has nothing of the base."""
    base, url = call.arg(0, "base") or UNKNOWN, call.arg(1, "url") or UNKNOWN
    taints = merged((*machine.deep(base, call.state), *machine.deep(url, call.state)))
    prefix = url.const if isinstance(url.const, str) else url.prefix
    if _RELATIVE.match(prefix) or (isinstance(url.const, str) and "//" not in prefix and ":" not in prefix):
        prefix = f"{base.const.rstrip('/')}/" if isinstance(base.const, str) else base.prefix
    return machine.noted(Value(taints=taints, prefix=prefix), call.node)


def _quote(machine: Machine, call: Call) -> Value:
    value = call.first
    kinds = {"xss", "respsplit", "loginj", "ssrf", "cmdi", "sqli", "redirect", "xpathi", "ldapi"}
    if call.const("safe", 1) == "":
        kinds.add("pathtraver")
    return Value(taints=sanitised(value.taints, frozenset(kinds)), prefix="")


def _undoing(*kinds: str) -> Function:
    """A decoder: what a text was harmless for by being encoded, what is decoded of it is not."""
    undone = frozenset(kinds)

    def decoded(machine: Machine, call: Call) -> Value:
        own = [each._replace(safe=each.safe - undone) for each in machine.deep(call.first, call.state)]
        return machine.noted(Value(taints=reshaped(cut_open(merged(own)))), call.node)

    return Function(hook=decoded)


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
    made = machine.new(call.state, Obj("buffer", rest=call.first if call.args else None, full=False))
    return Value(ext=("io.StringIO",), refs=made.refs, taints=call.first.taints)


def _contents(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    return Value(taints=machine.deep(receiver, call.state))


def _table(machine: Machine, call: Call) -> Value:
    """``str.maketrans(…)``: the characters that a text does not hold any more."""
    return Value(derived=(TABLE, constant(replaced_by(machine, call.args, call.state))))


def _digested(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    return Value(derived=receiver.derived if receiver.derived is not None and receiver.derived[0] == "digest" else None)


def _percent(machine: Machine, call: Call) -> Value:
    return formatted(machine, call.first, call.args[1] if len(call.args) > 1 else UNKNOWN, call.state)


_CONVERTING = (
    "builtins.int", "builtins.float", "uuid.UUID", "decimal.Decimal", "ipaddress.ip_network",
    "datetime.date.fromisoformat", "datetime.datetime.fromisoformat", "datetime.datetime.strptime",
    "fractions.Fraction",
)  # fmt: skip


#: What a text that is quoted for a URL is harmless for, and what may stand in it in another form.
_PERCENT = ("xss", "respsplit", "loginj", "cmdi", "sqli", "xpathi", "ldapi", "pathtraver", "-dots", "-absolute")

_B64 = ("cmdi", "sqli", "xss", "loginj", "respsplit", "ldapi", "xpathi", "codeinj", "redirect", "dos")


MODEL = Model(
    functions=merge(
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
        through(["pprint.pformat", "reprlib.repr"], 0, cleanses=("loginj", "respsplit")),
        through(
            [
                "codecs.decode",
                "codecs.encode",
                "textwrap.dedent",
                "textwrap.fill",
                "textwrap.shorten",
                "textwrap.indent",
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
                "unicodedata.normalize",
                "email.message_from_string",
                "email.message_from_bytes",
                "email.message_from_file",
                "tomllib.loads",
                "tomli.loads",
                "csv.reader",
                "csv.DictReader",
                "xmltodict.parse",
                "msgpack.unpackb",
                "urllib.parse.urldefrag",
                "urllib.parse.unquote_to_bytes",
                "quopri.decodestring",
                "bytes.fromhex",
                "shlex.split",
                "io.TextIOWrapper",
                "io.BufferedReader",
                "urllib.parse.parse_qs",
                "urllib.parse.parse_qsl",
                "inflection.underscore",
            ],
            "*",
        ),
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
        {name: Function(hook=_converting) for name in _CONVERTING},
        {
            "html.unescape": _undoing("xss"),
            # A text is no operator in a query of documents; what it is read as may be one.
            **{f"{each}.loads": _undoing(*TEXT) for each in ("json", "ujson", "orjson", "simplejson")},
            "json.load": _undoing(*TEXT),
            "xml.sax.saxutils.unescape": _undoing("xss"),
            **{name: _undoing(*_PERCENT) for name in ("urllib.parse.unquote", "urllib.parse.unquote_plus")},
            "builtins.str.maketrans": Function(hook=_table),
        },
        {
            name: Function(hook=_address)
            for name in ("ipaddress.ip_address", "ipaddress.IPv4Address", "ipaddress.IPv6Address")
        },
        {"socket.gethostbyname": Function(hook=_resolved)},
        {
            "urllib.parse.urlparse": Function(hook=_urlparse),
            **{
                name: Function(hook=_urlparse)
                for name in (
                    "urllib.parse.urlsplit",
                    "httpx.URL",
                    "yarl.URL",
                    "furl.furl",
                    "starlette.datastructures.URL",
                )
            },
            "urllib.parse.urljoin": Function(hook=_join_url),
            "urllib.parse.quote": Function(hook=_quote),
            "urllib.parse.quote_plus": Function(hook=_quote),
            "urllib.parse.urlencode": Function(
                hook=lambda machine, call: Value(
                    taints=sanitised(
                        machine.deep(call.first, call.state),
                        frozenset({"xss", "respsplit", "loginj", "ssrf", "cmdi", "sqli", "redirect", "pathtraver"}),
                    )
                )
            ),
            "string.Template": Function(
                hook=lambda machine, call: Value(
                    ext=("string.Template",), taints=call.first.taints, prefix=call.first.prefix
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
            "operator.mod": Function(hook=_percent),
            "operator.add": Function(through=(0, 1)),
            "operator.concat": Function(through=(0, 1)),
        },
    ),
)
