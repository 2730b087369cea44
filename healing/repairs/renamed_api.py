"""What it does
    Replaces a function that was moved, renamed or removed by what does the same today. The list is from the "What's
    New" pages of Python 3.0 to 3.14, and from what people bring along from other libraries and languages.

Example
    ``itertools.izip(a, b)``, ``table.has_key(k)``

Use instead
    ``zip(a, b)``, ``k in table``

When it stays silent
    The name is not in the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..imports import import_splice
from ..names import missing_attribute, undefined_name
from ..repair import Context, Draft, Repair

#: module.function → (what does the same, module that it needs).
MOVED: dict[str, tuple[str, str]] = {
    "itertools.izip": ("zip", ""),
    "itertools.imap": ("map", ""),
    "itertools.ifilter": ("filter", ""),
    "itertools.izip_longest": ("itertools.zip_longest", "itertools"),
    "fractions.gcd": ("math.gcd", "math"),
    "time.clock": ("time.perf_counter", "time"),
    "inspect.getargspec": ("inspect.getfullargspec", "inspect"),
    "string.maketrans": ("str.maketrans", ""),
    "string.letters": ("string.ascii_letters", "string"),
    "os.getcwdu": ("os.getcwd", "os"),
    "os.errno": ("errno", "errno"),
    "sys.maxint": ("sys.maxsize", "sys"),
    "cgi.escape": ("html.escape", "html"),
    "asyncio.async": ("asyncio.ensure_future", "asyncio"),
    "asyncio.coroutine": ("types.coroutine", "types"),
    "collections.Iterable": ("collections.abc.Iterable", "collections.abc"),
    "collections.Iterator": ("collections.abc.Iterator", "collections.abc"),
    "collections.Mapping": ("collections.abc.Mapping", "collections.abc"),
    "collections.MutableMapping": ("collections.abc.MutableMapping", "collections.abc"),
    "collections.Sequence": ("collections.abc.Sequence", "collections.abc"),
    "collections.Callable": ("collections.abc.Callable", "collections.abc"),
    "collections.Hashable": ("collections.abc.Hashable", "collections.abc"),
    "math.abs": ("abs", ""),
    "math.round": ("round", ""),
    "math.max": ("max", ""),
    "math.min": ("min", ""),
    "math.sum": ("sum", ""),
    "types.StringType": ("str", ""),
    "types.ListType": ("list", ""),
    "base64.encodestring": ("base64.encodebytes", "base64"),
    "base64.decodestring": ("base64.decodebytes", "base64"),
    "urllib.urlencode": ("urllib.parse.urlencode", "urllib.parse"),
    "urllib.quote": ("urllib.parse.quote", "urllib.parse"),
    "urllib.unquote": ("urllib.parse.unquote", "urllib.parse"),
    "urllib.urlopen": ("urllib.request.urlopen", "urllib.request"),
    "platform.dist": ("platform.freedesktop_os_release", "platform"),
    "unittest.makeSuite": ("unittest.defaultTestLoader.loadTestsFromTestCase", "unittest"),
    "ast.Num": ("ast.Constant", "ast"),
    "ast.Str": ("ast.Constant", "ast"),
    "np.float": ("float", ""),
    "np.int": ("int", ""),
    "np.bool": ("bool", ""),
    "np.object": ("object", ""),
}
#: (type, attribute) → attributes that do the same, most likely first.
ATTRIBUTES: dict[tuple[str, str], tuple[str, ...]] = {
    ("PosixPath", "basename"): ("name", "stem"),
    ("PosixPath", "filename"): ("name",),
    ("PosixPath", "dirname"): ("parent",),
    ("PosixPath", "directory"): ("parent",),
    ("PosixPath", "extension"): ("suffix",),
    ("PosixPath", "ext"): ("suffix",),
    ("PosixPath", "isfile"): ("is_file",),
    ("PosixPath", "isdir"): ("is_dir",),
    ("PosixPath", "listdir"): ("iterdir",),
    ("PosixPath", "join"): ("joinpath",),
    ("PosixPath", "read"): ("read_text",),
    ("PosixPath", "write"): ("write_text",),
    ("str", "toLowerCase"): ("lower",),
    ("str", "toUpperCase"): ("upper",),
    ("str", "trim"): ("strip",),
    ("str", "startsWith"): ("startswith",),
    ("str", "endsWith"): ("endswith",),
    ("str", "indexOf"): ("find",),
    ("str", "isnum"): ("isdigit", "isnumeric"),
    ("list", "push"): ("append",),
    ("list", "unshift"): ("append",),
    ("list", "indexOf"): ("index",),
    ("list", "concat"): ("extend",),
    ("set", "append"): ("add",),
    ("dict", "iteritems"): ("items",),
    ("dict", "iterkeys"): ("keys",),
    ("dict", "itervalues"): ("values",),
    ("Thread", "isAlive"): ("is_alive",),
    ("array.array", "tostring"): ("tobytes",),
    ("xml.etree.ElementTree.Element", "getchildren"): ("__iter__",),
    ("generator", "next"): ("__next__",),
}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    found = missing_attribute(fault)
    module = found[1] if found and found[0] == "module" else undefined_name(fault)
    if module:
        yield from _functions(context, module)
    if found and found[0] == "type":
        yield from _attributes(context, found[1], found[2])


def _functions(context: Context, module: str) -> Iterator[Draft]:
    local = {module: module}
    for match in re.finditer(r"^[ \t]*import[ \t]+([\w.]+)[ \t]+as[ \t]+(\w+)", context.text, re.MULTILINE):
        local[match[2]] = match[1]
    line = context.lines.line(context.fault.line) if context.fault.line >= 0 else ""
    for match in re.finditer(r"\b(\w+)\.(\w+)\b", line):
        meant = MOVED.get(f"{local.get(match[1], match[1])}.{match[2]}")
        if meant is None or local.get(match[1], match[1]) != module:
            continue
        new, needs = meant
        pattern = re.compile(rf"\b{re.escape(match[0])}\b")
        edits = [(each.start(), each.end(), new) for each in pattern.finditer(context.text)]
        if needs and not re.search(rf"^[ \t]*import[ \t]+{re.escape(needs)}\b", context.text, re.MULTILINE):
            edits.append(import_splice(context.text, f"import {needs}"))
        yield context.edit(f"Replace `{match[0]}` by `{new}`", edits, 0.97)


def _attributes(context: Context, owner: str, name: str) -> Iterator[Draft]:
    line = context.lines.bounds(context.fault.line)
    for match in re.finditer(rf"\.({re.escape(name)})\b", context.text[line[0] : line[1]]):
        start, end = line[0] + match.start(1), line[0] + match.end(1)
        kind = "PosixPath" if owner in {"WindowsPath", "PurePosixPath"} else owner
        for rank, meant in enumerate(ATTRIBUTES.get((kind, name), ())):
            yield context.edit(f"Replace `.{name}` by `.{meant}`", [(start, end, meant)], 0.9 - 0.1 * rank)
        if name == "has_key":
            yield from _has_key(context)


def _has_key(context: Context) -> Iterator[Draft]:
    pattern = re.compile(r"([\w.\[\]'\"]+)\.has_key\(((?:[^()]|\([^()]*\))*)\)")
    edits = [(each.start(), each.end(), f"{each[2]} in {each[1]}") for each in pattern.finditer(context.text)]
    if edits:
        yield context.edit("Ask with `in`", edits, 0.93)


REPAIR = Repair("renamed-api", "Replace what was moved, renamed or removed by what does the same today", propose)
