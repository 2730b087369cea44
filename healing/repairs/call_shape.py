# ruff: noqa: E501
"""What it does
    Gives a call the arguments that fit: two of them swapped, one too many dropped, one that is missing passed from
    what is in scope, a tuple spread with ``*``. Looks at every call that led to the fault, and at functions of
    libraries too.

Example
    ``items.insert(value, 0, None)``, ``isinstance(str, name)``, ``function(args)``

Use instead
    ``items.insert(value, 0)``, ``isinstance(name, str)``, ``function(*args)``

When it stays silent
    The fault is neither about the number of arguments nor about the type of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from ..fault import Fault
from ..origins import Site, arguments_of, callee, field_of, functions_named, mendable
from ..repair import Context, Draft, Repair
from ..scopes import scopes_at
from .wrong_arguments import by_name_only, literal_kinds

_MANY = re.compile(r"^(?:[\w.]+\(?\)? )?(?:expected|takes) (?:exactly |at most |from \d+ to )?(?P<takes>\d+|one|no) "
                   r"(?:positional )?arguments?,? (?:but |\()?(?:got )?(?P<given>\d+)|^[\w.]+ expected (?:at most |exactly )?"
                   r"(?P<most>\d+) arguments?, got (?P<got>\d+)|takes no arguments \((?P<some>\d+) given\)|takes no keyword")  # fmt: skip
_FEW = re.compile(r"missing (?:\d+ )?required (?:positional )?argument|takes exactly \w+ arguments? \(\d+ given\)|"
                  r"expected (?:at least |exactly )?\d+ arguments?, got \d+|missing required argument|must have at least|"
                  r"^pack expected \d+ items for packing")  # fmt: skip
#: Functions whose arguments are often in one list.
_SPREADING = frozenset({"zip", "chain", "gather", "join", "merge", "product", "zip_longest", "union", "intersection"})
_NUMBERS = {"one": 1, "no": 0, "two": 2, "three": 3}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    kind = fault.exception.rpartition(".")[2]
    if kind not in {"TypeError", "AttributeError", "ValueError", "IndexError", "KeyError", "IsADirectoryError",
                    "FileNotFoundError", "ZeroDivisionError", "OverflowError", "error"} and "bad yield" not in fault.message:  # fmt: skip
        return
    few = kind in {"TypeError", "error"} and _FEW.search(fault.message) is not None
    many = kind == "TypeError" and _too_many(fault.message)
    for site in mendable(context)[:3]:
        if re.search(r"^Replacement index \d+ out of range", fault.message):
            yield from _values_of_format(site)
        if fault.message.startswith("not all arguments converted"):
            yield from _one_value(site)
        for rank, call in enumerate(site.nodes("call")[:5]):
            malus = 0.05 * site.away + 0.04 * rank
            yield from _spread(site, call, few, malus)
            if many and not site.away:
                yield from _dropped(site, call, malus)
            if few and not site.away:
                yield from _passed(context, site, call, malus)
            if kind != "KeyError" or site.away:
                yield from _swapped(site, call, fault.message, malus)


def _values_of_format(site: Site) -> Iterator[Draft]:
    """``"{} {}".format(pair)``: the values are in one."""
    for call in site.nodes("call"):
        given = arguments_of(call)
        if callee(call) == "format" and len(given) == 1 and given[0].type in {"identifier", "attribute", "call"}:
            start = site.span(given[0])[0]
            yield site.edit(f"Spread `{site.code(given[0])[:30]}`", [(start, start, "*")], 0.9)


def _one_value(site: Site) -> Iterator[Draft]:
    """``"%s" % pair``: the pair is one value."""
    for node in site.nodes("binary_operator"):
        operator, right = field_of(node, "operator"), field_of(node, "right")
        if operator is None or right is None or operator.type != "%" or right.type == "tuple":
            continue
        if site.kind(right) in {None, "tuple"}:
            text = site.code(right)
            yield site.put(f"Format `{text[:30]}` as one value", right, f"({text},)", 0.86 if site.kind(right) else 0.6)


def _too_many(message: str) -> bool:
    match = _MANY.search(message)
    if match is None:
        return False
    takes, given = match["takes"] or match["most"] or "0", match["given"] or match["got"] or match["some"] or "1"
    return int(given) > (_NUMBERS[takes] if takes in _NUMBERS else int(takes))


def _swapped(site: Site, call: Node, message: str, malus: float) -> Iterator[Draft]:
    plain = [
        each for each in arguments_of(call) if each.type not in {"keyword_argument", "list_splat", "dictionary_splat"}
    ]
    if call.child_by_field_name("arguments") is None or not 2 <= len(plain) <= 4:
        return
    sure = callee(call) in {"isinstance", "issubclass"} and "arg 2" in message
    for first, second in pairwise(plain):
        a, b = site.code(first), site.code(second)
        if a == b:
            continue
        prior = 0.95 if sure else 0.5 if len(plain) == 2 else 0.36
        edits = [(*site.span(first), b), (*site.span(second), a)]
        yield site.edit(f"Swap the arguments `{a[:20]}` and `{b[:20]}`", edits, prior - malus)


def _dropped(site: Site, call: Node, malus: float) -> Iterator[Draft]:
    items = arguments_of(call)
    if callee(call) in {"append", "add", "appendleft", "put"} and len(items) > 1:
        start, end = site.span(items[0])[0], site.span(items[-1])[1]
        edits = [(start, start, "("), (end, end, ")")]
        yield site.edit("Make one value of the arguments", edits, 0.9 - malus)
    if any(by_name_only(each) for each in functions_named(site.text, callee(call))):
        malus += 0.1  # it may be meant for one of these
    for index, item in enumerate(items):
        start, end = site.span(item)
        if index + 1 < len(items):
            end = site.span(items[index + 1])[0]
        elif index:
            start = site.span(items[index - 1])[1]
        text = site.code(item)
        twin = any(site.code(other) == text for other in items if other is not item)
        constant = item.type in {"none", "integer", "string", "true", "false", "keyword_argument"}
        prior = 0.62 + 0.08 * twin + 0.1 * constant + 0.04 * (index == len(items) - 1) - malus
        yield site.edit(f"Remove the argument `{text[:30]}`", [(start, end, "")], prior)


def _spread(site: Site, call: Node, few: bool, malus: float) -> Iterator[Draft]:
    """A parameter that collects arguments was passed on as one."""
    function = site.function
    parameters = field_of(function, "parameters")
    stars: dict[str, str] = {}
    for each in parameters.named_children if parameters is not None else []:
        if each.type in {"list_splat_pattern", "dictionary_splat_pattern"}:
            stars[site.code(each).lstrip("*")] = "*" if each.type.startswith("list") else "**"
    for item in arguments_of(call):
        text = site.code(item)
        start = site.span(item)[0]
        if text in stars:
            yield site.edit(f"Spread `{text}`", [(start, start, stars[text])], 0.88 - malus)
            continue
        if item.type == "generator_expression" and callee(call) in {"gather", "wait", "chain"}:
            text = text if text.startswith("(") else f"({text})"
            yield site.put("Spread what is made one by one", item, f"(*{text})", 0.9 - malus)
            continue
        packed = callee(call) in {"pack", "pack_into"} and item == arguments_of(call)[-1] and few
        fits = packed or (few and len(arguments_of(call)) == 1) or callee(call) in _SPREADING
        if fits and item.type in {"identifier", "attribute", "call", "subscript"}:
            known = site.kind(item)
            likely = 0.6 if known in {"tuple", "list"} else 0.42 if known is None else 0.2
            yield site.edit(f"Spread `{text[:30]}`", [(start, start, "*")], likely - malus)


def _passed(context: Context, site: Site, call: Node, malus: float) -> Iterator[Draft]:
    """A variable of the function, where a library's function says that an argument is missing."""
    arguments = field_of(call, "arguments")
    items = arguments_of(call)
    if arguments is None or arguments.type != "argument_list":
        return
    start = site.span(call)[0]
    local: list[str] = []
    for scope in scopes_at(site.text, start):
        if scope.kind in {"function", "comprehension"}:
            local += sorted(scope.names)
    given = {site.code(each) for each in items}
    names = [each for each in dict.fromkeys(local) if each not in given | {"self", "cls"}]
    names = [each for each in names if site.types.get(each) not in {"function", "module", "type"}]
    callee_node = field_of(call, "function")
    owner = site.code(callee_node).partition(".")[0] if callee_node is not None else ""
    stop = site.span(arguments)[1] - 1
    said = "\n".join(site.text.split("\n")[call.start_point[0] : call.end_point[0] + 1])
    asked = {name: _is_asked_near(site, name, said, callee(call)) for name in names}
    names.sort(key=lambda name: -asked[name])
    for rank, name in enumerate([each for each in names if each != owner][:6]):
        prior = 0.55 + asked[name] - 0.02 * rank - malus
        if name in context.fault.message:
            prior += 0.3
        own = site.types.get(name, "").rpartition(".")[2]
        for index in range(len(items) + 1):
            kinds = literal_kinds(site.tree, callee(call), index)
            if kinds and own and own not in kinds:
                continue  # all other calls pass another kind of value there
            if index < len(items):
                place = site.span(items[index])[0]
                edit = (place, place, f"{name}, ")
            else:
                edit = (stop, stop, f", {name}" if items else name)
            yield site.edit(f"Pass `{name}`", [edit], prior - 0.03 * (index != len(items)))


def _is_asked_near(site: Site, name: str, said: str, function: str) -> float:
    """How much likelier a variable is meant: an item of it is taken in the same lines, whose number is asked for."""
    if function == "len" and site.types.get(name, "").rpartition(".")[2] in {"int", "float", "bool", "NoneType"}:
        return -0.2
    return 0.1 if re.search(rf"(?<![\w.]){re.escape(name)}\[", said) else 0.0


REPAIR = Repair("call-shape", "Swap, drop, pass or spread the arguments of a call", propose)
