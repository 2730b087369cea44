"""What it does
    Converts an expression to the type that is wanted, by the pair of types that the compiler names: a reference, a
    copy, a wrapper or what is inside of one, a text, a truth value, a collection.

Example
    ``if !queue.len() {``

Use instead
    ``if queue.len() == 0 {``

When it stays silent
    No usual conversion leads from the one type to the other. Numbers have a repair of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...compiled import rust
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_LABEL = re.compile(r"expected `(?P<want>[^`]+)`, found `(?P<have>[^`]+)`")
_NOTE = re.compile(r"expected [\w &]*?`(?P<want>[^`]+)`\s+found [\w &]*?`(?P<have>[^`]+)`")
_CAST = re.compile(r"^non-primitive cast: `(?P<have>[^`]+)` as `(?P<want>[^`]+)`")
_PATH = re.compile(r"\b(?:\w+::)+(?=\w)")
_LIFETIME = re.compile(r"'\w+ ")
_TEXTS = ("String", "&String", "&str", "&&str")
_LISTS = re.compile(r"&?(?:Vec|VecDeque|HashMap|HashSet|BTreeMap|BTreeSet|String|str)\b|&?\[")
_ITERATOR = re.compile(
    r"(?:Map|Filter|FilterMap|FlatMap|Rev|Skip|Take|Chars|Iter|IntoIter|Cloned|Copied|Enumerate|Zip|Chain|Split\w*|"
    r"Lines|Keys|Values|StepBy|TakeWhile|SkipWhile|Peekable|Windows|Chunks|Bytes|CharIndices|Range\w*)\b"
)
_SIMPLE = re.compile(r"[\w.:]+(?:::<[^()]*>)?(?:\([^()]*\)|\[[^\[\]]*\])*(?:\.\w+(?:\([^()]*\))?)*")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code == "E0605" and (match := _CAST.search(fault.message)):
        tree = rust.tree_of(context.text)
        node = up(tree.at(context.offset), "type_cast_expression")
        value = node.child_by_field_name("value") if node is not None else None
        if node is not None and value is not None:
            for new, prior in _conversions(tree.of(value), match["have"], match["want"], _result(context)):
                yield context.edit(f"Convert to {match['want'][:40]}", [(tree.start(node), tree.end(node), new)], prior)
        return
    if fault.code != "E0308" or fault.end_column <= fault.column:
        return
    start, end = context.offset, context.lines.offset(fault.line, fault.end_column)
    text = context.text[start:end]
    pairs = dict.fromkeys((match["want"], match["have"]) for match in _pairs(fault))
    result = _result(context)
    seen: set[str] = set()
    for want, have in pairs:
        want, have = (_LIFETIME.sub("", _PATH.sub("", each)) for each in (want, have))
        for new, prior in _conversions(text, have, want, result):
            if new not in seen and new != text:
                seen.add(new)
                yield context.edit(f"Convert to {want[:40]}: `{new[:60]}`", [(start, end, new)], prior)


def _pairs(fault: Fault) -> Iterator[re.Match[str]]:
    for pattern in (_NOTE, _LABEL):
        for note in fault.notes:
            if match := pattern.search(note):
                yield match


def _result(context: Context) -> str:
    function = up(rust.tree_of(context.text).at(context.offset), "function_item")
    return rust.signature(rust.tree_of(context.text), function).result if function is not None else ""


def _conversions(text: str, have: str, want: str, result: str) -> Iterator[tuple[str, float]]:
    """Expressions of the wanted type with how usual they are."""
    simple = _SIMPLE.fullmatch(text) is not None
    owner = text if simple else f"({text})"
    base = have.lstrip("&").removeprefix("mut ").strip()
    inner = _inside(have)
    if want == "bool":
        yield from _truths(text, owner, have)
    if want == f"&{have}" or (have == "String" and want == "&str"):
        yield f"&{owner}", 0.9
    if want == f"&mut {have}":
        yield f"&mut {owner}", 0.9
    if have.startswith("&") and want == base:
        yield f"*{owner}", 0.86
        yield f"{owner}.clone()", 0.84
    if want == "String":
        if base in ("str", "String", "char", "bool") or base in rust.NUMBERS:
            yield f"{owner}.to_string()", 0.92
        elif base == "Vec<char>" or _ITERATOR.match(base):
            yield f"{owner}.{'iter().' if base.startswith('Vec') else ''}collect()", 0.88
        elif re.fullmatch(r"Vec<(?:String|&str)>|\[&str; \d+\]", base):
            yield f'{owner}.join("")', 0.5
        elif base == "Cow<str>":
            yield f"{owner}.into_owned()", 0.9
        yield f"{owner}.to_string()", 0.6
    if want == "&str" and base == "char":
        yield f"&{owner}.to_string()", 0.8
    if want == "char" and base in ("str", "String") and (match := re.fullmatch(r'"(\\?[^"])"', text)):
        yield "'" + match[1].replace("'", "\\'") + "'", 0.95
    if want == "char" and base == "u8":
        yield f"char::from({'*' if have.startswith('&') else ''}{text})", 0.9
    if want.startswith("Option<"):
        wanted = _inside(want)
        if have == wanted or wanted == "_" or (have == "&str" and wanted == "&str"):
            yield f"Some({text})", 0.92
        elif have.startswith("Result<"):
            yield f"{owner}.ok()", 0.85
        elif have.startswith("Option<&"):
            yield f"{owner}.copied()", 0.88
            yield f"{owner}.cloned()", 0.86
        elif have == "&str" and wanted == "String":
            yield f"Some({owner}.to_string())", 0.88
        elif not have.startswith("Option<") and have not in ("()", "_"):
            yield f"Some({text})", 0.7
    if want.startswith("Result<"):
        if have.startswith("Option<"):
            yield f'{owner}.ok_or("there is none".into())', 0.5
        elif have.startswith("Result<"):
            yield f"{owner}.map_err(|error| error.to_string())", 0.8
            yield f"Ok({owner}?)", 0.7
        elif have not in ("()", "_"):
            yield f"Ok({text})", 0.88
    if have.startswith(("Option<", "Result<")) and (inner == want or inner.lstrip("&") == want):
        if re.match(rf"(?:\w+::)*{have.partition('<')[0]}\b", result):
            yield f"{owner}?", 0.9
        follow = ".copied()" if inner.startswith("&") and want in rust.NUMBERS else (
            ".cloned()" if inner.startswith("&") and not want.startswith("&") else "")  # fmt: skip
        yield f"{owner}{follow}.unwrap_or_default()", 0.6
    if wrapped := re.match(r"(Box|Rc|Arc|RefCell|Cell|Mutex|RwLock)<(.+)>$", want):
        if wrapped[2] == have or wrapped[2].startswith("dyn "):
            yield f"{wrapped[1]}::new({text})", 0.9
        elif deeper := re.match(r"(Box|Rc|Arc|RefCell|Cell|Mutex|RwLock)<(.+)>$", wrapped[2]):
            yield f"{wrapped[1]}::new({deeper[1]}::new({text}))", 0.88
    if have.startswith(("Box<", "Rc<", "Arc<", "&Box<")) and inner == want:
        yield f"*{owner}", 0.85
        yield f"(*{owner}).clone()", 0.7
    yield from _collections(owner, text, have, want, base)
    if want in rust.NUMBERS and not want.startswith("f"):
        if base == "bool":
            yield f"{want}::from({text})", 0.9
        elif want == "usize" and _LISTS.match(have):
            yield f"{owner}.len()", 0.85
        elif base == "char" and want in ("u32", "u8"):
            yield f"{owner} as {want}", 0.85
    if re.match(rf"fn\([^)]*\) -> {re.escape(want)}(?: \{{|$)", have):
        yield f"{text}()", 0.92
    if re.fullmatch(r"[A-Z]\w*(?:<.*>)?", want) and want not in ("String",) and not want.startswith("Option"):
        yield f"{owner}.into()", 0.5


def _truths(text: str, owner: str, have: str) -> Iterator[tuple[str, float]]:
    """What of a value tells whether there is any; its negation where the text begins with ``!``."""
    negated = text.startswith("!")
    owner = text[1:].strip() if negated else owner
    if have.lstrip("&") in rust.NUMBERS:
        zero = "0.0" if have.lstrip("&").startswith("f") else "0"
        star = "*" if have.startswith("&") else ""
        yield f"{star}{owner} {'==' if negated else '!='} {zero}", 0.95
    elif have.startswith("Option<"):
        yield f"{owner}.{'is_none' if negated else 'is_some'}()", 0.93
    elif have.startswith("Result<"):
        yield f"{owner}.{'is_err' if negated else 'is_ok'}()", 0.9
    elif _LISTS.match(have) or have in _TEXTS:
        yield f"{'' if negated else '!'}{owner}.is_empty()", 0.93


def _collections(owner: str, text: str, have: str, want: str, base: str) -> Iterator[tuple[str, float]]:
    listed = re.match(r"(?:Vec|VecDeque|HashSet|BTreeSet)<(.+)>$", want)
    if listed is None:
        return
    if base.startswith("[") and want.startswith("Vec<"):
        yield f"{owner}.to_vec()", 0.9
    if base == "String" and listed[1] == "u8":
        yield f"{owner}.into_bytes()", 0.85
    elif base == "str" and listed[1] == "u8":
        yield f"{owner}.as_bytes().to_vec()", 0.85
    elif base in ("str", "String") and listed[1] == "char":
        yield f"{owner}.chars().collect()", 0.92
    elif _ITERATOR.match(base):
        yield f"{owner}.collect()", 0.9
    elif re.match(r"(?:Vec|\[).*&str", base) and listed[1] == "String":
        yield f"{owner}.iter().map(|each| each.to_string()).collect()", 0.88
    elif re.match(r"Vec|VecDeque|HashSet|BTreeSet|\[", base):
        yield f"{owner}.into_iter().collect()", 0.88
        yield f"{owner}.iter().cloned().collect()", 0.84
    elif have == listed[1]:
        yield f"vec![{text}]", 0.8


def _inside(kind: str) -> str:
    """The first parameter of a generic type."""
    _, _, rest = kind.partition("<")
    depth = 0
    for place, char in enumerate(rest):
        depth += (char in "<([") - (char in ">)]")
        if depth < 0 or (char == "," and depth == 0):
            return rest[:place].strip()
    return ""


REPAIR = Repair("rust-conversion", "Convert an expression to the type that is wanted", propose, languages=("rust",))
