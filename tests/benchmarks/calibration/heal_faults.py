"""Faults for the calibration of healing: modules that are known to be right, each broken in one seeded place.

The modules are of the standard library (as the running interpreter has it) and of Suture itself; beside each stand
expressions that use it. What they give is recorded from the module as it is; a third of them is the visible check, all
of them are the hidden one. A fault counts only if the visible check fails because of it.

Invariant: nothing here knows a repair. The operators are slips that people make, not what is mended well.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import json
import keyword
import random
import re
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Expressions over a module, ``m``, by the module's name.
SUBJECTS: dict[str, str] = {
    "textwrap": """
m.wrap('the quick brown fox jumps over the lazy dog', 12)
m.fill('a b c d e f g h', 5)
m.dedent('    a\\n      b\\n    c')
m.indent('x\\ny\\n\\nz', '> ')
m.shorten('hello wide world of words', 14)
m.wrap('supercalifragilistic word', 8, break_long_words=False)
m.wrap('a-b-c-d-e-f', 4)
m.TextWrapper(width=20, initial_indent='* ', subsequent_indent='  ').wrap('one two three four five six seven')
m.wrap('tabs\\there and there', 10, expand_tabs=True, tabsize=4)
m.fill('x' * 25, 10)
m.TextWrapper(width=15, max_lines=2).wrap('this is a rather long text to be cut')
m.TextWrapper(fix_sentence_endings=True, width=40).wrap('One.  Two. three. Four')
""",
    "shlex": """
m.split('a "b c" d')
m.quote("it's")
m.join(['a b', 'c'])
m.split('x=1 # comment', comments=True)
m.split("a 'b\\\\c' d\\\\ e")
list(m.shlex('a=1;b', punctuation_chars=True))
list(m.shlex('foo (bar) "q"'))
m.split('')
m.quote('')
m.quote('plain')
""",
    "fnmatch": """
m.translate('*.p[yo]')
m.filter(['a.py', 'b.txt', 'c.pyo'], '*.py')
m.fnmatch('x.PY', '*.py')
m.fnmatchcase('ab', 'a?')
m.fnmatchcase('a-c', 'a[!b]c')
m.translate('a*b*c')
m.fnmatchcase('abc', '[a-c]*')
m.filter(['1', '22', '3'], '?')
""",
    "bisect": """
m.bisect_left([1, 2, 2, 3], 2)
m.bisect_right([1, 2, 2, 3], 2)
(lambda a: (m.insort_left(a, 4), a))([1, 5, 9])
(lambda a: (m.insort_right(a, 5), a))([1, 5, 9])
m.bisect_left([1, 3, 5, 7], 6, 1, 3)
m.bisect_right(['aa', 'b'], 1, key=len)
m.bisect_left(['aa', 'bbbb'], 3, key=len)
""",
    "heapq": """
(lambda h: (m.heapify(h), h))([5, 3, 8, 1])
m.nlargest(2, [4, 1, 9, 3])
m.nsmallest(3, [4, 1, 9, 3], key=lambda v: -v)
list(m.merge([1, 4], [2, 3], [0, 9]))
list(m.merge(['bb', 'a'], ['ccc'], key=len, reverse=True))
(lambda h: (m.heappush(h, 0), m.heappop(h), h))([1, 2, 3])
m.heapreplace([1, 5, 6], 4)
m.heappushpop([2, 7], 1)
m.nlargest(1, [2, 8, 3], key=lambda v: -v)
m.nsmallest(1, [])  if False else m.nsmallest(5, [2, 1])
""",
    "colorsys": """
m.rgb_to_hsv(0.2, 0.4, 0.4)
m.hsv_to_rgb(0.5, 0.5, 0.4)
m.rgb_to_hls(0.1, 0.6, 0.3)
m.hls_to_rgb(0.3, 0.4, 0.5)
m.rgb_to_yiq(0.1, 0.2, 0.3)
m.yiq_to_rgb(0.5, 0.1, -0.1)
m.hsv_to_rgb(0.9, 0.2, 1.0)
m.rgb_to_hsv(1, 1, 1)
m.hls_to_rgb(0.7, 0.9, 0.2)
""",
    "calendar": """
m.isleap(2000), m.isleap(1900), m.isleap(2024)
m.leapdays(1990, 2010)
m.weekday(2024, 2, 29)
m.monthrange(2023, 2)
m.monthcalendar(2024, 2)
m.TextCalendar(0).formatmonth(2021, 3)
list(m.Calendar(6).iterweekdays())
m.timegm((2020, 1, 2, 3, 4, 5))
list(m.Calendar().itermonthdays2(2022, 5))[:5]
m.HTMLCalendar().formatweekheader()
m.TextCalendar(6).formatweek([(1, 0), (2, 1)], 3)
""",
    "posixpath": """
m.join('a', 'b', '../c')
m.normpath('/a/./b//../c/')
m.split('/x/y.txt')
m.splitext('a.tar.gz'), m.splitext('.bashrc')
m.relpath('/a/b/c', '/a/d')
m.commonpath(['/a/b/c', '/a/b/d/e'])
m.basename('/q/w/'), m.dirname('/q/w')
m.isabs('/x'), m.isabs('x')
m.commonprefix(['abcd', 'abxy'])
m.expandvars('$NOT_SET_HERE/x')
m.normpath('../../a/..')
""",
    "string": """
m.capwords('hello big world')
m.Template('$a and ${b} $$').substitute(a=1, b=2)
m.Template('$a $c').safe_substitute(a=1)
m.Formatter().format('{0}-{x!r:>4}', 'q', x='z')
m.Template('$x ${y}').get_identifiers()
m.Formatter().vformat('{a[0]}{b.real}', (), {'a': [5], 'b': 2})
m.capwords('a-b-c', '-')
""",
    "graphlib": """
list(m.TopologicalSorter({'d': ['b', 'c'], 'b': ['a'], 'c': ['a']}).static_order())
(lambda t: (t.add(1, 2), t.prepare(), t.get_ready(), t.is_active()))(m.TopologicalSorter())
(lambda t: (t.prepare(), t.get_ready(), t.done('x'), t.get_ready()))(m.TopologicalSorter({'y': ['x']}))
list(m.TopologicalSorter({1: [2], 2: [3], 3: []}).static_order())
bool(m.TopologicalSorter({1: []}))
""",
    "getopt": """
m.getopt(['-a', '-b', 'x', 'rest'], 'ab:')
m.getopt(['--long', '--value=3', 'z'], '', ['long', 'value='])
m.gnu_getopt(['x', '-a', 'y'], 'a')
m.getopt(['--val', '3'], '', ['value='])
m.long_has_args('fo', ['foo', 'bar='])
m.short_has_arg('b', 'ab:')
m.gnu_getopt(['-ab', '--', '-c'], 'abc')
""",
    "quopri": """
m.encodestring(b'caf\\xe9 = x')
m.decodestring(b'caf=E9 =3D x')
m.encodestring(b'a b_c', quotetabs=True)
m.decodestring(b'a=20b=\\nc')
m.ishex(b'F'), m.ishex(b'g')
m.unhex(b'3D')
m.encodestring(b'x' * 90)
m.decodestring(b'a_b', header=True)
""",
    "reprlib": """
m.repr(list(range(20)))
m.repr('x' * 60)
m.repr({i: i for i in range(9)})
m.Repr().repr_int(10 ** 60, 1)
m.repr((1,))
m.repr({3, 1, 2, 9, 8, 7, 6, 5})
m.repr([[[[[[[[1]]]]]]]])
m.repr(frozenset([1]))
""",
    "fractions": """
m.Fraction(6, 4), m.Fraction('0.125'), m.Fraction(1.5)
m.Fraction(1, 3) + m.Fraction(1, 6)
m.Fraction(3, 4) // m.Fraction(1, 5)
m.Fraction(355, 113).limit_denominator(50)
m.Fraction(-7, 2) % 3
round(m.Fraction(22, 7), 2)
m.Fraction(1, 2) ** -3
m.Fraction(5, 3) > 1.5, m.Fraction(1, 2) == 0.5
divmod(m.Fraction(7, 2), m.Fraction(2, 3))
str(m.Fraction(-3, 9)), hash(m.Fraction(4, 2))
m.Fraction(2, 3) * 3 - m.Fraction(1, 9) / 2
m.Fraction.from_float(0.75).as_integer_ratio()
""",
    "statistics": """
m.mean([1, 2, 3, 4]), m.median([5, 1, 4])
m.median_low([1, 3, 5, 7]), m.median_high([1, 3, 5, 7])
m.mode(['a', 'b', 'b']), m.multimode([1, 1, 2, 2])
m.pvariance([1, 2, 3, 4]), m.variance([1, 2, 3, 5])
m.quantiles([1, 2, 3, 4, 5, 6], n=3)
m.linear_regression([1, 2, 3], [2, 4, 6.5])
m.harmonic_mean([40, 60], weights=[1, 2])
m.median_grouped([1, 2, 2, 3, 4, 4, 4])
m.correlation([1, 2, 3], [3, 2, 1.5])
m.NormalDist(5, 2).cdf(6), m.NormalDist(5, 2).overlap(m.NormalDist(6, 1))
m.fmean([1.5, 2.5], [1, 3]), m.geometric_mean([2, 8])
m.quantiles([3, 1, 2], method='inclusive')
""",
    "difflib": """
m.get_close_matches('appel', ['ape', 'apple', 'peach'])
m.SequenceMatcher(None, 'abxcd', 'abcd').get_opcodes()
list(m.unified_diff(['a', 'b'], ['a', 'c'], lineterm=''))
list(m.ndiff(['one\\n', 'two\\n'], ['ore\\n', 'tree\\n']))
round(m.SequenceMatcher(None, 'private', 'privet').ratio(), 4)
m.SequenceMatcher(None, 'qabx', 'abycdf').find_longest_match()
list(m.context_diff(['a\\n'], ['b\\n'], 'f', 'g'))
list(m.restore(m.ndiff(['x\\n'], ['y\\n']), 1))
""",
    "pprint": """
m.pformat({'b': [1] * 40, 'a': 'x' * 50}, width=40)
m.pformat([['deep', ['er']]] * 4, depth=1)
m.pformat({'k': {'n': tuple(range(30))}}, compact=True)
m.saferepr({2: 1, 1: 2})
m.isreadable([1, 'a']), m.isrecursive([1])
m.pformat('a long text ' * 10, width=30)
m.pformat({3, 1, 2})
""",
    "ipaddress": """
m.ip_address('10.0.0.1') + 5
m.ip_network('192.168.0.0/29').num_addresses, list(m.ip_network('192.168.0.0/30').hosts())
m.ip_address('::1').is_loopback, m.ip_address('2001:db8::5').exploded
list(m.ip_network('10.0.0.0/30').subnets())
m.ip_network('10.0.0.0/24').supernet(2)
list(m.summarize_address_range(m.ip_address('10.0.0.0'), m.ip_address('10.0.0.6')))
list(m.collapse_addresses([m.ip_network('10.0.0.0/25'), m.ip_network('10.0.0.128/25')]))
m.ip_interface('1.2.3.4/16').network, m.ip_address('1.2.3.4') in m.ip_network('1.2.0.0/16')
m.ip_address('fe80::1').compressed, m.ip_address(281470681743361).ipv4_mapped
list(m.ip_network('10.0.0.0/29').address_exclude(m.ip_network('10.0.0.4/30')))
""",
    "html.parser": """
(lambda p: (p.feed('<a href="x&amp;y">t</a>'), p.get_starttag_text()))(m.HTMLParser())
(lambda p: (p.feed('<p>q<!-- c --><br/>'), p.getpos()))(m.HTMLParser())
[b for b in [m.HTMLParser(convert_charrefs=False)] if not b.feed('a &lt; b &#65;')][0].rawdata
(lambda p: (p.feed('<script>a<b</script>'), p.cdata_elem))(m.HTMLParser())
(lambda p: (p.feed('<x y=1 z>'), p.getpos()))(m.HTMLParser())
""",
    "urllib.parse": """
m.urlparse('http://u:p@h.com:80/a;b?c=d#e')
m.urljoin('http://a/b/c/d', '../e')
m.quote('a b/ü'), m.unquote('a%20b%C3%BC')
m.urlencode({'a': [1, 2], 'b': 'x y'}, doseq=True)
m.parse_qs('a=1&a=2&b=%20')
m.urlunsplit(('http', 'h', '/p', 'q=1', ''))
m.urldefrag('http://x/y#z')
m.urlsplit('//h:8080/x').port, m.urlsplit('http://[::1]:5/').hostname
m.quote_plus('a b&c'), m.unquote_plus('a+b%26c')
m.parse_qsl('x=1;y=2&z', keep_blank_values=True)
m.urljoin('http://a/b/', '//g?x')
""",
    "configparser": """
(lambda c: (c.read_string('[a]\\nx = 1\\ny: on'), c.getint('a', 'x'), c.getboolean('a', 'y')))(m.ConfigParser())
(lambda c: (c.read_string('[DEFAULT]\\nd=/h\\n[s]\\np=%(d)s/q\\n'), c['s']['p']))(m.ConfigParser())
(lambda c: (c.read_dict({'s': {'k': '5'}}), c.get('s', 'n', fallback='z'), c.items('s')))(m.ConfigParser())
(lambda c: (c.read_string('[a]\\nm = 1\\n  2\\n'), c['a']['m']))(m.RawConfigParser())
(lambda c: (c.add_section('q'), c.set('q', 'w', 'e'), c.remove_option('q', 'w'), c.has_section('q')))(m.ConfigParser())
(lambda c: (c.read_string('[a]\\nx=${y}\\ny=7'), c['a']['x']))(m.ConfigParser(interpolation=m.ExtendedInterpolation()))
""",
    "suture.healing.spelling": """
m.distance('lenght', 'length')
m.distance('abc', 'xyz')
m.closest('pritn', ['print', 'point', 'sprint'])
m.closest('q', ['length'])
m.closest('Total', ['total', 'totals'])
m.similarity('colour', 'color')
m.closest('getname', ['get_name', 'set_name'])
""",
    "suture.healing.lexer": """
[(t.kind, t.text) for t in m.lex('x = foo(1, "a")  # c')]
[(t.kind, t.text) for t in m.lex('s = "open')]
[(t.kind, t.text) for t in m.lex("if a<=b: c**=2")]
[(t.kind, t.text) for t in m.lex("f'''x\\ny'''")]
[(t.kind, t.text) for t in m.lex("0x1F + 1_000.5e3j")]
[(t.kind, t.text) for t in m.lex("a ? b")]
""",
}


@dataclass(frozen=True)
class Case:
    """A broken program. ``files`` are those that the healer sees, ``name`` is the file that was broken."""

    id: str
    subject: str
    group: str
    operator: str
    name: str
    original: str
    files: dict[str, str]
    command: tuple[str, ...]
    hidden: str


@dataclass(frozen=True)
class Subject:
    """A module that is right, and what its expressions give: (expression, repr)."""

    module: str
    name: str
    text: str
    checks: tuple[tuple[str, str], ...]


def subject(module: str) -> Subject:
    """The module's text and its recorded answers. An expression that fails on the module itself is left out."""
    text = inspect.getsource(importlib.import_module(module))
    name = "lib_" + module.rpartition(".")[2]
    expressions = [line for line in SUBJECTS[module].strip().split("\n") if line]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.py").write_text(text, "utf-8")
        program = f"import {name} as m, json\nfound = []\nfor each in {expressions!r}:\n"
        program += (
            "    try: found.append((each, repr(eval(each))))\n    except Exception: pass\nprint(json.dumps(found))"
        )
        done = _run(Path(folder), [sys.executable, "-c", program])
    found = Subject(module, name, text, tuple((a, b) for a, b in json.loads(done.stdout)))
    if not _as_before(found, text):
        raise ValueError(f"{module} does not pass its own checks")
    return found


def cases(chosen: Subject, count: int, seed: int) -> Iterator[Case]:
    """``count`` faults of a subject, the groups in turn (logic twice, where wrong offers come from); places that the
    visible check does not notice are left out."""
    rng = random.Random(f"{seed}:{chosen.module}")
    turns = ["syntax", "names", "runtime", "logic", "logic"]
    number, tried = 0, 0
    while number < count and tried < 40 * count:
        operator = rng.choice([name for name, group in GROUPS.items() if group == turns[number % len(turns)]])
        tried += 1
        broken = OPERATORS[operator](chosen.text, rng)
        if broken is None or broken == chosen.text:
            continue
        style = rng.choice(["script", "script", "pytest"])
        visible = [each for each in chosen.checks if rng.random() < 0.34] or list(chosen.checks[:1])
        files, command = _program(chosen, broken, visible, style)
        if not fails(files, command):
            continue
        number += 1
        ident = f"{chosen.module}:{operator}:{number}"
        hidden = _script(chosen.name, chosen.checks)
        name = f"{chosen.name}.py"
        yield Case(ident, chosen.module, GROUPS[operator], operator, name, chosen.text, files, command, hidden)


def right(case: Case, text: str) -> bool:
    """Whether all checks give what they gave before with this text of the module."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / case.name).write_text(text, "utf-8")
        (Path(folder) / "hidden.py").write_text(case.hidden, "utf-8")
        done = _run(Path(folder), [sys.executable, "-B", "hidden.py"])
    return done.returncode == 0 and done.stdout.endswith("all as before\n")


def _as_before(chosen: Subject, text: str) -> bool:
    hidden = _script(chosen.name, chosen.checks)
    return right(Case("", "", "", "", f"{chosen.name}.py", "", {}, (), hidden), text)


def fails(files: dict[str, str], command: tuple[str, ...]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        done = _run(Path(folder), [sys.executable, "-B", *command[1:]])
    return done.returncode != 0


def _run(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 0, "", "")


def _program(
    chosen: Subject, broken: str, visible: list[tuple[str, str]], style: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    name = f"{chosen.name}.py"
    if style == "script":
        return {name: broken, "main.py": _script(chosen.name, visible)}, ("python", "main.py")
    tests = [f"import {chosen.name} as m\n"]
    for number, (expression, value) in enumerate(visible):
        tests.append(f"\n\ndef test_{number}():\n    assert repr(({expression})) == {value!r}\n")
    return {name: broken, "test_it.py": "".join(tests)}, ("python", "-m", "pytest", "-q", "test_it.py")


def _script(name: str, checks: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    lines = [f"import {name} as m\n\n"]
    lines += [f"assert repr(({expression})) == {value!r}\n" for expression, value in checks]
    return "".join([*lines, "print('all as before')\n"])


# -- operators -------------------------------------------------------------------------------------------------------

Operator = Callable[[str, random.Random], str | None]


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    return [each for each in tokenize.generate_tokens(io.StringIO(text).readline) if each.type not in skip]


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column


def _replaced(text: str, token: tokenize.TokenInfo, new: str) -> str:
    start, end = _offset(text, *token.start), _offset(text, *token.end)
    return text[:start] + new + text[end:]


def _token(wanted: Callable[[tokenize.TokenInfo], bool], new: Callable[[str, random.Random], str]) -> Operator:
    def apply(text: str, rng: random.Random) -> str | None:
        found = [each for each in _tokens(text) if wanted(each)]
        if not found:
            return None
        chosen = rng.choice(found)
        return _replaced(text, chosen, new(chosen.string, rng))

    return apply


def _typo(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    ways = [word[:at] + word[at + 1 :], word[:at] + word[at] * 2 + word[at + 1 :], word.swapcase()]
    if len(word) > 2:
        at = rng.randrange(len(word) - 1)
        ways.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
        ways.append(word.replace("_", "") if "_" in word else f"{word}s")
    good = [each for each in ways if each.isidentifier() and each != word and not keyword.iskeyword(each)]
    return rng.choice(good) if good else f"{word}x"


def _node(
    kind: type[ast.AST] | tuple[type[ast.AST], ...], new: Callable[[ast.AST, str, random.Random], str | None]
) -> Operator:
    """Replaces the text of one node of this kind; ``new`` is given the node and its text."""

    def apply(text: str, rng: random.Random) -> str | None:
        found = [each for each in ast.walk(ast.parse(text)) if isinstance(each, kind) and hasattr(each, "lineno")]
        rng.shuffle(found)
        for each in found[:20]:
            old = ast.get_source_segment(text, each)
            if old is None or "\n" in old:
                continue
            made = new(each, old, rng)
            if made is None or made == old:
                continue
            line = text.split("\n")[each.lineno - 1]  # type: ignore[attr-defined]
            column = len(line.encode()[: each.col_offset].decode())  # type: ignore[attr-defined]
            start = _offset(text, each.lineno, column)  # type: ignore[attr-defined]
            return text[:start] + made + text[start + len(old) :]
        return None

    return apply


def _line(wanted: str, new: Callable[[str, random.Random], str]) -> Operator:
    def apply(text: str, rng: random.Random) -> str | None:
        lines = text.split("\n")
        found = [number for number, line in enumerate(lines) if re.search(wanted, line)]
        if not found:
            return None
        at = rng.choice(found)
        lines[at] = new(lines[at], rng)
        return "\n".join(lines)

    return apply


def _drop_import(text: str, rng: random.Random) -> str | None:
    lines = text.split("\n")
    found = [
        number for number, line in enumerate(lines) if re.match(r"(?:import|from) [\w.]+(?: import [\w, ]+)?$", line)
    ]
    return None if not found else "\n".join(lines[: (at := rng.choice(found))] + lines[at + 1 :])


def _fewer(node: ast.AST, old: str, rng: random.Random) -> str | None:
    assert isinstance(node, ast.Call)
    if not node.args or node.keywords or "=" in old:
        return None
    names = [ast.unparse(each) for each in node.args]
    names.pop(rng.randrange(len(names)))
    return f"{ast.unparse(node.func)}({', '.join(names)})"


def _swapped(node: ast.AST, old: str, rng: random.Random) -> str | None:
    del old, rng
    assert isinstance(node, ast.Call)
    if len(node.args) < 2 or node.keywords:
        return None
    names = [ast.unparse(each) for each in (node.args[1], node.args[0], *node.args[2:])]
    return f"{ast.unparse(node.func)}({', '.join(names)})"


def _unwrapped(node: ast.AST, old: str, rng: random.Random) -> str | None:
    del old, rng
    assert isinstance(node, ast.Call)
    plain = isinstance(node.func, ast.Name) and node.func.id in {"str", "int", "len", "list", "tuple", "iter", "range"}
    return ast.unparse(node.args[0]) if plain and len(node.args) == 1 else None


def _uncalled(node: ast.AST, old: str, rng: random.Random) -> str | None:
    del old, rng
    assert isinstance(node, ast.Call)
    return (
        ast.unparse(node.func) if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords else None
    )


def _other_attribute(node: ast.AST, old: str, rng: random.Random) -> str | None:
    assert isinstance(node, ast.Attribute)
    return f"{old[: -len(node.attr)]}{_typo(node.attr, rng)}"


def _turned(pairs: dict[str, str]) -> Operator:
    return _token(lambda each: each.string in pairs, lambda old, rng: pairs[old])


def _number(old: str, rng: random.Random) -> str:
    return str(int(old) + rng.choice([-1, 1]))


_COMPOUND = r"^\s*(?:if|for|while|def|class|else|elif|try|with)\b.*:$"

NAME, OP, STRING = tokenize.NAME, tokenize.OP, tokenize.STRING

OPERATORS: dict[str, Operator] = {
    # syntax
    "colon lost": _line(_COMPOUND, lambda line, rng: line[:-1]),
    "bracket lost": _token(lambda each: each.string in {"(", ")", "[", "]", "{", "}"}, lambda old, rng: ""),
    "bracket doubled": _token(lambda each: each.string in {")", "]", "("}, lambda old, rng: old * 2),
    "wrong bracket": _turned({")": "]", "]": ")", "}": ")"}),
    "comma lost": _token(lambda each: each.string == ",", lambda old, rng: ""),
    "quote lost": _token(lambda each: each.type == STRING and len(each.string) > 2, lambda old, rng: old[:-1]),
    "assignment in a test": _line(r"^\s*(?:if|while) .* == ", lambda line, rng: line.replace(" == ", " = ", 1)),
    "keyword misspelt": _token(
        lambda each: each.string in {"def", "return", "for", "in", "while", "elif", "import", "not", "lambda"}, _typo
    ),
    "other language": _turned({"and": "&&", "or": "||", "not": "!", "elif": "else if", "None": "null"}),
    "line moved": _line(
        r"^ {4,}\S", lambda line, rng: f" {line}" if rng.random() < 0.5 else line[rng.choice([1, 2]) :]
    ),
    "block lost its indent": _line(r"^ {8,}return\b", lambda line, rng: line[4:]),
    # names
    "name misspelt": _token(
        lambda each: each.type == NAME and len(each.string) > 2 and not keyword.iskeyword(each.string), _typo
    ),
    "import lost": _drop_import,
    "attribute misspelt": _node(ast.Attribute, _other_attribute),
    # type: ignore[attr-defined]
    "self lost": _token(lambda each: each.string == "self", lambda old, rng: "this"),
    # runtime
    "argument lost": _node(ast.Call, _fewer),
    "arguments swapped": _node(ast.Call, _swapped),
    "conversion lost": _node(ast.Call, _unwrapped),
    "call lost": _node(ast.Call, _uncalled),
    "return lost": _line(r"^\s+return \w", lambda line, rng: line.replace("return ", "", 1)),
    "index too far": _node(
        ast.Subscript,
        lambda node, old, rng: re.sub(r"\[(-?\d+)\]$", lambda m: f"[{int(m[1]) + rng.choice([1, 2, -1])}]", old),
    ),
    # logic
    "comparison turned": _turned({"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not"}),
    "sum turned": _turned({"+": "-", "-": "+", "*": "+", "//": "/", "%": "//", "+=": "-=", "-=": "+="}),
    "off by one": _token(lambda each: each.type == tokenize.NUMBER and each.string.isdigit(), _number),
    "and for or": _turned({"and": "or", "or": "and"}),
    "not lost": _token(lambda each: each.string == "not", lambda old, rng: ""),
    "truth turned": _turned({"True": "False", "False": "True"}),
    "min for max": _turned(
        {"min": "max", "max": "min", "any": "all", "all": "any", "append": "extend", "lstrip": "rstrip"}
    ),
    "break for continue": _turned({"break": "continue", "continue": "break"}),
}

_SYNTAX = list(OPERATORS).index("name misspelt")
_NAMES, _RUNTIME = list(OPERATORS).index("argument lost"), list(OPERATORS).index("comparison turned")
GROUPS = {
    name: "syntax" if at < _SYNTAX else "names" if at < _NAMES else "runtime" if at < _RUNTIME else "logic"
    for at, name in enumerate(OPERATORS)
}
