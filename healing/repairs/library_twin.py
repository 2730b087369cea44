# ruff: noqa: E501
"""What it does
    Takes the function of a library that does the same for the other kind of value: ``json.loads`` for text and
    ``json.load`` for files, ``dumps`` and ``dump``, aware moments beside aware ones, ``next`` with an end, text
    files for text and binary ones for bytes.

Example
    ``json.load(text)``, ``datetime.now() - created`` with an aware ``created``

Use instead
    ``json.loads(text)``, ``datetime.now(timezone.utc) - created``

When it stays silent
    The message is none of those that such a mix-up gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..fault import Fault
from ..grammar import Splice
from ..imports import import_splice
from ..origins import Site, mendable, walk
from ..repair import Context, Draft, Repair

#: (exception, message, (what to look for on the line or in the function, what to put there, weight)).
TWINS: tuple[tuple[str, str, tuple[tuple[str, str, float], ...]], ...] = (
    ("AttributeError", r"'(?:str|bytes)' object has no attribute 'read'",
     ((r"\b(json|pickle|tomllib|marshal|plistlib)\.load\(", r"\1.loads(", 0.95), (r"(?<![\w.])load\(", "loads(", 0.6))),
    ("TypeError", r"the JSON object must be str|a bytes-like object is required, not '\w*IO\w*'|not TextIOWrapper|not _io",
     ((r"\b(json|pickle|tomllib|marshal)\.loads\(", r"\1.load(", 0.95),)),
    ("TypeError", r"dump\(\) missing 1 required positional argument: 'fp'|dump\(\) missing .*'file'",
     ((r"\b(json|pickle)\.dump\(", r"\1.dumps(", 0.95),)),
    ("TypeError", r"dumps\(\) takes 1 positional argument but 2|dumps\(\) takes at most 1",
     ((r"\b(json|pickle)\.dumps\(", r"\1.dump(", 0.95),)),
    ("AttributeError", r"'\w+' object has no attribute 'write'",
     ((r"\b(json|pickle)\.dump\(", r"\1.dumps(", 0.8),)),
    ("TypeError", r"a bytes-like object is required, not 'str'",
     ((r"(['\"])wb\1", r"\1w\1", 0.84), (r"(['\"])ab\1", r"\1a\1", 0.84), (r"(['\"])rb\1", r"\1r\1", 0.78),
      (r"\bBytesIO\(", "StringIO(", 0.7))),
    ("TypeError", r"write\(\) argument must be str, not bytes|string argument expected, got 'bytes'",
     ((r"(['\"])w\1", r"\1wb\1", 0.84), (r"(['\"])a\1", r"\1ab\1", 0.84), (r"\bStringIO\(", "BytesIO(", 0.8))),
    ("TypeError", r"iterator should return strings, not bytes|cannot use a string pattern on a bytes",
     ((r"(['\"])rb\1", r"\1r\1", 0.86),)),
    ("UnsupportedOperation", r"not writable", ((r"(['\"])r\1", r"\1w\1", 0.8), (r"(open\([^(),]+)\)", r'\1, "w")', 0.86))),
    ("UnsupportedOperation", r"not readable", ((r"(['\"])w\1", r"\1r\1", 0.85), (r"(['\"])a\1", r"\1r\1", 0.8))),
    ("ValueError", r"binary mode doesn't take an? (?:encoding|newline|errors) argument",
     ((r"(['\"])([rwa])b\1", r"\1\2\1", 0.9), (r",\s*encoding=[^,)]+", "", 0.8))),
    ("StopIteration", r"", ((r"\bnext\(([\w.]+)\)", r"next(\1, None)", 0.8), (r"\bnext\((\([^()]*(?:\([^()]*\)[^()]*)*\))\)", r"next(\1, None)", 0.8))),
    ("TypeError", r"offset-naive and offset-aware", (
        (r"\bdatetime\.now\(\)", "datetime.now(timezone.utc)", 0.93),
        (r"\bdatetime\.utcnow\(\)", "datetime.now(timezone.utc)", 0.93),
        (r"\bdatetime\.today\(\)", "datetime.now(timezone.utc)", 0.9),
        (r"\bdatetime\.fromtimestamp\(([^(),]+)\)", r"datetime.fromtimestamp(\1, timezone.utc)", 0.9),
        (r"\bdatetime\((\d[^()]*)\)", r"datetime(\1, tzinfo=timezone.utc)", 0.84),
        (r"(\bdatetime\.(?:strptime|fromisoformat)\([^()]*\))", r"\1.replace(tzinfo=timezone.utc)", 0.9),
    )),
    ("TypeError", r"'datetime\.(?:datetime|date)' and 'datetime\.(?:date|datetime)'|can't compare datetime.datetime to datetime.date",
     ((r"\bdatetime\.now\(\)", "datetime.now().date()", 0.7), (r"\bdate\.today\(\)", "datetime.now()", 0.6))),
    ("AttributeError", r"'re\.Pattern' object has no attribute 'group|'NoneType' object has no attribute 'group",
     ((r"\.match\(", ".search(", 0.62),)),
    ("AttributeError", r"'list' object has no attribute '(?:split|strip|lower|upper|replace)'", ()),
    ("TypeError", r"can only (?:concatenate|join) an iterable|sequence item 0: expected str instance, list",
     ((r"\.join\((\w+)\)", r".join(map(str, \1))", 0.6),)),
    ("TypeError", r"'Decimal' and 'float'|'decimal.Decimal' and 'float'",
     ((r"(?<![\w.'\"])(\d+)\.0+(?![\w'\"])", r"\1", 0.92), (r"(?<![\w.'\"])(\d+\.\d+)(?![\w'\"])", r'Decimal("\1")', 0.93),)),
    ("TypeError", r"'float' and '(?:decimal\.)?Decimal'", ((r"(?<![\w.'\"])(\d+\.\d+)(?![\w'\"])", r'Decimal("\1")', 0.93),)),
    ("TypeError", r"Object of type \w+ is not JSON serializable",
     ((r"(\bjson\.dumps?\((?:[^()]|\([^()]*\))*)\)", r"\1, default=str)", 0.6),)),
    ("UnicodeDecodeError", r"byte 0xf[ef] in position 0", ((r"(['\"])(?:utf-?8|ascii)\1", r"\1utf-16\1", 0.93),)),
    ("UnicodeEncodeError", r"", ((r"\.encode\((['\"]ascii['\"])\)", r'.encode(\1, "ignore")', 0.7),)),
    ("TypeError", r"list indices must be integers or slices, not str", ((r"\bcsv\.reader\(", "csv.DictReader(", 0.9),)),
    ("AttributeError", r"'list' object has no attribute '(?:get|items|keys|values|pop)'", ((r"\bcsv\.reader\(", "csv.DictReader(", 0.86),)),
    ("Error", r"iterable expected, not \w+", ((r"\.writerows\(", ".writerow(", 0.93),)),
    ("KeyError", r"^\d+$", ((r"\bcsv\.DictReader\(", "csv.reader(", 0.8),)),
    ("UnicodeDecodeError", r"", ((r"(['\"])ascii\1", r"\1utf-8\1", 0.9), (r"(\bopen\([^(),]+)\)", r'\1, encoding="utf-8")', 0.7),
                                 (r"(['\"])utf-8\1", r"\1latin-1\1", 0.6))),
    ("UnicodeEncodeError", r"", ((r"(['\"])(?:ascii|latin-1)\1", r"\1utf-8\1", 0.92), (r"(\bopen\([^(),]+, ['\"]w['\"])\)", r'\1, encoding="utf-8")', 0.8))),
    ("LookupError", r"unknown encoding", ((r"(['\"])u?tf[-_]?8?\1", r"\1utf-8\1", 0.9), (r"(['\"])utf\d?8?\1", r"\1utf-8\1", 0.8))),
    ("RuntimeError", r"deque mutated|list changed size|Set changed size|changed size during iteration|OrderedDict mutated",
     ((r"\bin ([\w.]+(?:\.(?:keys|items|values)\(\))?):", r"in list(\1):", 0.88),)),
    ("RuntimeError", r"asyncio\.run\(\) cannot be called|This event loop is already running", ((r"\basyncio\.run\(", "await (", 0.8),)),
    ("RuntimeError", r"generator raised StopIteration", ((r"\braise StopIteration\b(?:\(\))?", "return", 0.95), (r"\bnext\(([\w.]+)\)", r"next(\1, None)", 0.6),
        (r"^([ \t]+)([^\n]*\bnext\([\w.]+\)[^\n]*)$", r"\1try:\n\1    \2\n\1except StopIteration:\n\1    return", 0.74))),
    ("FrozenInstanceError", r"", ((r"\bself\.(\w+) = (.+)$", r'object.__setattr__(self, "\1", \2)', 0.7), (r"@dataclass\(frozen=True\)", "@dataclass", 0.5))),
    ("TypeError", r"arg 2 must be a (?:type|class)", ((r"\b(isinstance|issubclass)\((.+?), \[([^\[\]\n]+)\]\)", r"\1(\2, (\3))", 0.95),)),
    ("TypeError", r"first argument must be callable", (
        (r"\bdefaultdict\(\[\]", "defaultdict(list", 0.95), (r"\bdefaultdict\(\{\}", "defaultdict(dict", 0.95),
        (r"\bdefaultdict\(0", "defaultdict(int", 0.95), (r"\bdefaultdict\(set\(\)", "defaultdict(set", 0.95))),
    ("TypeError", r"^iter\(\) returned non-iterator", ((r"(?<=return )(self\.[\w.]+)$", r"iter(\1)", 0.9),)),
    ("TypeError", r"object is not an iterator", ((r"\bnext\(([\w.]+)(?=[,)])", r"next(iter(\1))", 0.5),)),
    ("TypeError", r"requires a 'super' object|descriptor '__init__'", ((r"\bsuper\.__init__\(", "super().__init__(", 0.96),)),
    ("TypeError", r"__init__\(\) takes|__init__\(\) got multiple values", ((r"super\(\)\.__init__\(self(?:, )?", "super().__init__(", 0.93),)),
    ("TypeError", r"__exit__\(\) takes", ((r"(def __a?exit__\(self)\)", r"\1, *exception)", 0.96),)),
    ("TypeError", r"sequence item \d+: expected str instance, bytes", (
        (r"(?<![bB\w])(\"[^\"\n]*\"|'[^'\n]*')\.join\(", r"b\1.join(", 0.9),)),
    ("TypeError", r"sequence item \d+: expected a bytes-like object, str", (
        (r"\bb(\"[^\"\n]*\"|'[^'\n]*')\.join\(", r"\1.join(", 0.9),)),
    ("TypeError", r"sequence index must be integer, not 'slice'", ((r"(?<![\w.])([\w.]+)(\[[^\]\n]*:[^\]\n]*\])", r"list(\1)\2", 0.9),)),
    ("TypeError", r"'\w*Path' and 'str'", ((r" \+ (f?['\"])/?", r" / \1", 0.93), (r"(?<=\w) \+ (?=\w)", " / ", 0.7))),
    ("TypeError", r"'str' and '\w*Path'", ((r"(?<=['\"\w]) \+ (?=\w)", " / ", 0.5),)),
    ("KeyError", r"", ((r"\.substitute\(", ".safe_substitute(", 0.7),)),
    ("ProgrammingError", r"Incorrect number of bindings|parameters are of unsupported type", (
        (r", \(([\w.]+|\"[^\"\n]*\"|'[^'\n]*')\)(?=\))", r", (\1,)", 0.95), (r"(execute\([^\n]*['\"\w]), ([\w.]+)\)", r"\1, (\2,))", 0.85))),
    ("FileNotFoundError", r"", ((r"\.mkdir\((?:exist_ok=True)?\)", ".mkdir(parents=True, exist_ok=True)", 0.93),
                                (r"\bos\.mkdir\(([^()\n]+)\)", r"os.makedirs(\1, exist_ok=True)", 0.93))),
    ("FileExistsError", r"", ((r"\.mkdir\(\)", ".mkdir(exist_ok=True)", 0.93), (r"\.mkdir\(parents=True\)", ".mkdir(parents=True, exist_ok=True)", 0.93),
                              (r"\bos\.(?:mkdir|makedirs)\(([^(),\n]+)\)", r"os.makedirs(\1, exist_ok=True)", 0.93))),
    ("TypeError", r"missing \d+ required positional arguments?: ", ((r"(?<=\breturn )(wrapper|wrapped|inner|decorator|decorate|decorated)\(\)", r"\1", 0.86),)),
    ("TypeError", r"'tuple' object does not support item assignment", ()),
)  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    for exception, message, rules in TWINS:
        if exception != kind or not re.search(message, fault.message):
            continue
        for site in mendable(context)[:4]:
            for pattern, new, weight in rules:
                yield from _matches(site, re.compile(pattern, re.MULTILINE), new, weight)


def _matches(site: Site, pattern: re.Pattern[str], new: str, weight: float) -> Iterator[Draft]:
    """On the line first, then in the function, then in the module."""
    start = site.start
    stop = site.text.find("\n", start)
    stop = len(site.text) if stop < 0 else stop
    low, high = site.span(site.function)
    tokens = _strings(site) if "['\\\"]" not in pattern.pattern else []
    for match in pattern.finditer(site.text):
        if any(a < match.start() < b for a, b in tokens):
            continue
        here = start <= match.start() < stop
        inside = low <= match.start() < high
        malus = 0.05 * site.away + (0.0 if here else 0.04 if inside else 0.12)
        replaced = match.expand(new)
        edits: list[Splice] = [(match.start(), match.end(), replaced)]
        for name, statement in (
            ("timezone", "from datetime import timezone"),
            ("Decimal(", "from decimal import Decimal"),
        ):
            if name in replaced and not re.search(rf"\b{re.escape(name.rstrip('('))}\b", site.text):
                edits.append(import_splice(site.text, statement))
        yield site.edit(f"Write `{replaced[:50]}`", edits, weight - malus)


def _strings(site: Site) -> list[tuple[int, int]]:
    return [site.span(node) for node in walk(site.tree.tree.root_node) if node.type == "string"]


REPAIR = Repair("library-twin", "Take the library's function for the other kind of value", propose)
