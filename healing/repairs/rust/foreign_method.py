"""What it does
    Calls Rust's method for what another language calls otherwise: ``push`` for ``add`` and ``append``, ``len`` for
    ``length``, ``contains`` for ``includes``, ``to_uppercase`` for ``toUpperCase``.

Example
    ``found.add(candidate)`` for ``found: Vec<u32>``

Use instead
    ``found.push(candidate)``

When it stays silent
    The word means nothing here, or no such method fits the arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...compiled import rust
from ...compiled.brackets import closing_of, pieces
from ...compiled.syntax import up
from ...fault import Fault
from ...repair import Context, Draft, Repair

_FUNCTION = re.compile(r"^cannot find function `(?P<name>\w+)` in this scope")
#: A function of another language → what Rust has for it, with its arguments.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "len": ("{0}.len()",), "str": ("{0}.to_string()",), "string": ("{0}.to_string()",),
    "int": ("{0} as i64", "{0}.parse().unwrap()"),
    "float": ("{0} as f64",), "abs": ("{0}.abs()",), "max": ("{0}.max({1})", "*{0}.iter().max().unwrap()"),
    "min": ("{0}.min({1})", "*{0}.iter().min().unwrap()"), "range": ("0..{0}", "{0}..{1}"), "sqrt": ("{0}.sqrt()",),
    "pow": ("{0}.pow({1})", "{0}.powf({1})"), "sum": ("{0}.iter().sum()",), "append": ("{0}.push({1})",),
    "enumerate": ("{0}.iter().enumerate()",), "sorted": ("{0}.sort()",), "print": ('println!("{}", {0})',),
    "any": ("{0}.iter().any(|each| *each)",), "all": ("{0}.iter().all(|each| *each)",), "floor": ("{0}.floor()",),
    "round": ("{0}.round()",), "ceil": ("{0}.ceil()",), "ord": ("{0} as u32",), "chr": ("char::from({0})",),
}  # fmt: skip
_LACKS = re.compile(
    r"^no (?:method|field)(?: named)? `(?P<name>\w+)` (?:found for|on type) (?:[\w ]+ )?`(?P<type>[^`]+)`"
)
#: A word of another language in lower case without underscores → what Rust may call it: a method, with ``{}`` for the
#: arguments, or an expression with ``{owner}``.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "length": ("len()",), "size": ("len()",), "count": ("len()", "iter().count()"), "getlength": ("len()",),
    "add": ("push({})", "insert({})", "push_str({})"),
    "append": ("push({})", "push_str({})", "extend({})", "push_back({})"),
    "push": ("push_back({})", "push_str({})", "insert({})"), "pushback": ("push({})",), "pushfront": ("insert(0, {})",),
    "unshift": ("insert(0, {})",), "prepend": ("insert(0, {})", "insert_str(0, {})"), "shift": ("remove(0)",),
    "popfront": ("remove(0)",), "enqueue": ("push_back({})",), "dequeue": ("pop_front()",),
    "put": ("insert({})",), "set": ("insert({})",), "has": ("contains_key({})", "contains({})"),
    "haskey": ("contains_key({})",), "includes": ("contains({})",), "exists": ("contains_key({})", "contains({})"),
    "contains": ("contains_key({})", "iter().any(|each| each == {})"), "delete": ("remove({})",),
    "indexof": ("find({})", "iter().position(|each| *each == {})"), "index": ("iter().position(|each| *each == {})",),
    "touppercase": ("to_uppercase()",), "upper": ("to_uppercase()",), "toupper": ("to_uppercase()",),
    "tolowercase": ("to_lowercase()",), "lower": ("to_lowercase()",), "tolower": ("to_lowercase()",),
    "startswith": ("starts_with({})",), "endswith": ("ends_with({})",), "hasprefix": ("starts_with({})",),
    "strip": ("trim()",), "trimspace": ("trim()",), "tostring": ("to_string()",), "str": ("to_string()",),
    "charat": ("chars().nth({})",), "substring": ("get({}).unwrap_or_default()",), "slice": ("get({})",),
    "foreach": ("iter().for_each({})",), "map": ("iter().map({})",), "filter": ("iter().filter({})",),
    "reduce": ("iter().fold({})",), "some": ("iter().any({})",), "every": ("iter().all({})",),
    "any": ("iter().any({})",), "all": ("iter().all({})",), "enumerate": ("iter().enumerate()",),
    "sum": ("iter().sum()", "iter().sum::<{item}>()"),
    "max": ("iter().max()", "iter().copied().fold(f64::MIN, f64::max)"),
    "min": ("iter().min()",), "rev": ("iter().rev()",), "zip": ("iter().zip({})",), "take": ("iter().take({})",),
    "skip": ("iter().skip({})",), "reversed": ("iter().rev()",), "concat": ("extend({})",), "addall": ("extend({})",),
    "equals": ("eq(&{})",), "isempty": ("is_empty()",), "empty": ("is_empty()",), "clear": ("clear()",),
    "abs": ("abs()",), "pow": ("pow({})", "powi({})"), "sqrt": ("sqrt()",),
    "items": ("iter()",), "entries": ("iter()",),
    "join": ('iter().map(|each| each.to_string()).collect::<Vec<_>>().join({})', "collect::<Vec<_>>().join({})"),
    "replaceall": ("replace({})",), "first": ("iter().next()",), "getordefault": ("get({0}).copied().unwrap_or({1})",),
    "getordef": ("get({0}).copied().unwrap_or({1})",), "sorted": ("sort()",), "sort": ("collect::<Vec<_>>()",),
    "message": ("to_string()",), "getmessage": ("to_string()",), "iter": ("chars()", "into_iter()"),
}  # fmt: skip


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.code == "E0425" and (match := _FUNCTION.search(fault.message)):
        yield from _called(context, match["name"])
        return
    match = _LACKS.search(fault.message)
    if match is None or fault.code not in ("E0599", "E0609", "E0610", "E0624"):
        return
    forms = _WORDS.get(match["name"].replace("_", "").lower(), ())
    tree = rust.tree_of(context.text)
    member = up(tree.at(context.offset), "field_expression")
    if not forms:
        return
    call = member.parent if member is not None else None
    if member is not None and tree.field(member, "field") == match["name"]:
        field = member.child_by_field_name("field")
        start = tree.start(field) if field is not None else context.offset
        called = call is not None and call.type == "call_expression"
        arguments = call.child_by_field_name("arguments") if call is not None and called else None
        inside = [tree.of(each) for each in arguments.named_children] if arguments is not None else []
        end = tree.end(call) if call is not None and called else tree.end(member)
    else:  # within a macro, of whose arguments there is no tree
        start = context.offset
        plain = re.compile(rf"{match['name']}(?:\((?P<inside>[^()]*)\))?").match(context.text, start)
        if plain is None:
            return
        inside = [each.strip() for each in (plain["inside"] or "").split(",") if each.strip()]
        end = plain.end()
    for rank, form in enumerate(forms):
        if ("{}" in form) != bool(inside) and "{0}" not in form:
            continue
        if "{1}" in form and len(inside) != 2:
            continue
        for place, given in enumerate(_given(form, inside)):
            new = form.replace("{0}", inside[0] if inside else "").replace("{1}", inside[-1] if inside else "")
            new = new.replace("{}", given).replace("{item}", _item(match["type"]))
            if new != context.text[start:end]:
                yield context.edit(f"Write `{new[:60]}`", [(start, end, new)], 0.93 - 0.04 * rank - 0.02 * place)


def _called(context: Context, name: str) -> Iterator[Draft]:
    """``len(names)``: what other languages call as a function is a method here."""
    start, opening = context.offset, context.offset + len(name)
    closing = closing_of(context.text, opening) if context.text[opening : opening + 1] == "(" else -1
    given = [context.text[one:two] for one, two in pieces(context.text, opening + 1, closing)] if closing > 0 else []
    for rank, form in enumerate(_CALLED.get(name.lower(), ()) if given else ()):
        if ("{1}" in form) == (len(given) == 2):
            new = form.replace("{0}", given[0]).replace("{1}", given[-1])
            yield context.edit(f"Write `{new[:60]}`", [(start, closing + 1, new)], 0.93 - 0.05 * rank)


def _given(form: str, inside: list[str]) -> Iterator[str]:
    """The arguments as they are, and with the reference that Rust's method wants or does not want."""
    text = ", ".join(inside)
    yield text
    if "{}" in form and len(inside) == 1:
        yield text[1:] if text.startswith("&") else f"&{text}"
        if text.startswith('"'):
            yield f"{text}.to_string()"


def _item(kind: str) -> str:
    match = re.search(r"<([^<>]+)>|\[([^;\]]+)", kind)
    return (match[1] or match[2]).strip() if match else "_"


REPAIR = Repair("rust-foreign-method", "Call Rust's method for a foreign one", propose, languages=("rust",))
