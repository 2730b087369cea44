"""What it does
    Converts an operand or argument to the type that the operation takes: ``str`` beside text, ``int`` beside a
    number, ``list`` for what has no length or index, ``tuple`` and ``frozenset`` as keys, ``map(str, …)`` for a join,
    ``encode`` and ``decode`` between text and bytes.

Example
    ``"total: " + n``, ``len(group)`` of a ``groupby`` group

Use instead
    ``"total: " + str(n)``, ``len(list(group))``

When it stays silent
    The message does not say which type was expected, or the value is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..expressions import Expression, Tree, candidates, types_here
from ..fault import Fault
from ..origins import expected
from ..repair import Context, Draft, Repair

_CONCAT = re.compile(r'^can only concatenate (?P<want>\w+) \(not "(?P<got>[\w.]+)"\) to')
_OPERAND = re.compile(r"^unsupported operand type\(s\) for (?P<op>\S+?):? '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'")
_COMPARE = re.compile(r"^'\S+' not supported between instances of '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'")
_REPEAT = re.compile(r"^can't multiply sequence by non-int of type '(str|float|Decimal)'")
_LENGTH = re.compile(r"^object of type '(?P<got>[\w.]+)' has no len\(\)")
_SUBSCRIPT = re.compile(r"^'(?P<got>[\w.]+)' object is not (?:subscriptable|reversible)")
_HASH = re.compile(r"^(?:cannot use '(?P<other>\w+)' as .*)?unhashable type: '(?P<got>\w+)'")
_JOIN = re.compile(r"^sequence item \d+: expected (?:str instance|a bytes-like object), (?P<got>\w+) found")
_ITERABLE = re.compile(r"^(?:'(?P<got>int|float)' object is not iterable|argument of type '(?P<in>int|float)' is not)")
_BYTES = re.compile(r"bytes-like object is required, not 'str'|(?:must be|can't concat) (?:bytes|str to bytes)")
_TEXT = re.compile(r"(?:must be str, not bytes|argument should be .*str, not bytes|can't concat bytes to str)")
_ATTRIBUTE = re.compile(r"^'(?P<got>bytes|str)' object has no attribute '(?P<name>encode|decode)'")
_NUMBERS = frozenset({"int", "float", "complex", "bool"})
_MANY = frozenset({"list", "tuple", "set", "generator", "map", "filter", "dict_keys", "dict_values", "reversed"})
_LAZY = frozenset(
    {"map", "filter", "zip", "generator", "dict_keys", "dict_values", "dict_items", "_grouper", "reversed", "range"}
    | {"enumerate", "chain", "islice", "set", "frozenset", "list_iterator", "permutations", "combinations", "product"}
)


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception == "AttributeError":
        yield from _codec(context)
        return
    if fault.exception != "TypeError" or "NoneType" in fault.message:
        return
    if match := _CONCAT.match(fault.message):
        yield from _operands(context, match["want"], match["got"])
    elif match := _OPERAND.match(fault.message) or _COMPARE.match(fault.message):
        yield from _operands(context, match["left"], match["right"])
    elif fault.message.startswith("not enough arguments for format string"):
        yield from _marks(context)
        yield from _row(context)
    elif re.match(r"%\w format: .*, not list$", fault.message):
        yield from _row(context)
    elif match := _REPEAT.match(fault.message):
        yield from _factors(context, "int" if match[1] == "str" else "float")
    elif match := _LENGTH.match(fault.message):
        kind = match["got"].rpartition(".")[2]
        yield from _arguments(context, "list" if kind in _LAZY else "str", {"len"})
    elif match := _SUBSCRIPT.match(fault.message):
        kind = match["got"].rpartition(".")[2]
        if kind in _LAZY:
            yield from _wrap_fields(context, "subscript", "value", "list")
        elif kind in _NUMBERS:
            yield from _wrap_fields(context, "subscript", "value", "str")
    elif match := _HASH.match(fault.message):
        yield from _hashable(context, match["got"])
    elif _JOIN.match(fault.message):
        yield from _join(context)
    elif _ITERABLE.match(fault.message):
        yield from _iterable(context)
    elif _BYTES.search(fault.message):
        yield from _method(context, ".encode()", "str")
    elif _TEXT.search(fault.message):
        yield from _method(context, ".decode()", "bytes")


def _wrap(context: Context, tree: Tree, node: Node, function: str, prior: float) -> Draft:
    each = tree.expression(node)
    inner = each.text
    if node.type == "parenthesized_expression":
        inner = inner[1:-1]
    shown = each.text if len(each.text) <= 30 else each.text[:29] + "…"
    title = f"Convert `{shown}` with `{function}`"
    return context.edit(title, [(each.start, each.end, f"{function}({inner})")], prior)


def _operands(context: Context, left_type: str, right_type: str) -> Iterator[Draft]:
    """Converts the right operand to the left one's type, or the other way round."""
    tree = Tree(context.text)
    wants_float = any(re.search(r"(?<!['\"\w])\d+\.\d", each) for each in expected(context))
    found = candidates(context, "binary_operator", "comparison_operator", "augmented_assignment")
    for rank, each in enumerate(found[:4]):
        left, right = _sides(each)
        if left is None or right is None:
            continue
        malus = 0.0 if each.marked else 0.06 * rank
        if {left_type, right_type} == {"list", "str"} and operator_of(each) == "+":
            yield from _in_a_list(context, tree, right if left_type == "list" else left)
        if left_type == "str" and right_type in _MANY:
            yield from _joined(context, tree, each, left, right)
        elif left_type == "str":
            yield from _rest(context, tree, each, right, malus)
        for node, own, other in ((right, right_type, left_type), (left, left_type, right_type)):
            for function, prior in _conversions(own, other):
                partner = left if node is right else right
                if function == "str" and node.type in {"integer", "float"} and partner.type != "string":
                    prior = 0.5  # a number that is written there says that it is counted
                elif function in {"int", "float"} and partner.type in {"integer", "float"}:
                    prior += 0.06
                if function in {"int", "float"} and wants_float:
                    prior += 0.3 if function == "float" else -0.3
                if node is left and each.type == "augmented_assignment":
                    continue
                yield _wrap(context, tree, node, function, prior - malus)


def operator_of(each: Expression) -> str:
    operator = each.field("operator")
    return operator.type.rstrip("=") if operator is not None else ""


def _in_a_list(context: Context, tree: Tree, side: Node) -> Iterator[Draft]:
    """``row + "" * missing``: text that stands for the items of a list is one of them."""
    stack = [side]
    while stack:
        node = stack.pop()
        if node.type in {"string", "concatenated_string"}:
            found = tree.expression(node)
            yield context.edit(f"Make a list of {found.text[:30]}", [(found.start, found.end, f"[{found.text}]")], 0.88)
        elif node.type in {"binary_operator", "parenthesized_expression"}:
            stack.extend(node.named_children)
        elif node.type in {"identifier", "attribute", "subscript"} and node is side:
            found = tree.expression(node)
            title = f"Make a list of `{found.text[:30]}`"
            yield context.edit(title, [(found.start, found.end, f"[{found.text}]")], 0.8)


def _marks(context: Context) -> Iterator[Draft]:
    """``"%s %d" % name, count``: what follows belongs to the format, too."""
    tree = Tree(context.text)
    for each in candidates(context, "binary_operator"):
        operator, left, right = each.field("operator"), each.field("left"), each.field("right")
        parent = each.node.parent
        if operator is None or left is None or right is None or parent is None or operator.type != "%":
            continue
        if left.type != "string" or parent.type not in {"argument_list", "expression_list", "tuple"}:
            continue
        marks = len(re.findall(r"%(?!%)[^a-zA-Z%]*[a-zA-Z]", tree.expression(left).text.replace("%%", "")))
        items = [child for child in parent.named_children if child.start_byte >= each.node.start_byte][1:marks]
        if len(items) == marks - 1 > 0:
            start, end = tree.expression(right).start, tree.expression(items[-1]).end
            edits = [(start, start, "("), (end, end, ")")]
            yield context.edit("Give the format all its values", edits, 0.95)


def _row(context: Context) -> Iterator[Draft]:
    """``"%s %d" % row``: a format takes its values from a tuple only."""
    tree, types = Tree(context.text), types_here(context)
    for each in candidates(context, "binary_operator"):
        operator, right = each.field("operator"), each.field("right")
        if operator is None or right is None or operator.type != "%" or right.type in {"tuple", "string", "integer"}:
            continue
        known = types.get(tree.expression(right).text)
        if known in {None, "list"} and right.type != "parenthesized_expression":
            yield _wrap(context, tree, right, "tuple", 0.9 if known else 0.7)


def _factors(context: Context, function: str) -> Iterator[Draft]:
    """``count * row["price"] * 1.2``: the factor that may be text, in a chain of operations."""
    tree, types = Tree(context.text), types_here(context)
    for each in candidates(context, "binary_operator")[:2]:
        sides = _sides(each)
        for side, other in (sides, sides[::-1]):
            if side is not None and other is not None and other.type in {"string", "list"}:
                yield _wrap(context, tree, side, "int", 0.9)  # so many times
        stack = [each.node]
        while stack:
            node = stack.pop()
            if node.type in {"binary_operator", "parenthesized_expression"}:
                stack.extend(node.named_children)
            elif node.type in {"identifier", "attribute", "subscript"}:
                known = types.get((node.text or b"").decode("utf-8", "replace"))
                if known in {None, "str"}:
                    yield _wrap(context, tree, node, function, 0.88 if known or node.type == "subscript" else 0.6)


def _joined(context: Context, tree: Tree, each: Expression, left: Node, right: Node) -> Iterator[Draft]:
    """``", " + parts``: the text between the parts."""
    if each.type != "binary_operator":
        return
    text, parts = tree.expression(left), tree.expression(right)
    if right.type == "parenthesized_expression":
        return
    prior = 0.84 if left.type == "string" else 0.4
    for inner, less in ((parts.text, 0.0), (f"map(str, {parts.text})", 0.05)):
        title = f"Join `{parts.text[:30]}`"
        yield context.edit(title, [(text.start, parts.end, f"{text.text}.join({inner})")], prior - less)


def _rest(context: Context, tree: Tree, each: Expression, right: Node, malus: float) -> Iterator[Draft]:
    """``"missing " + a - b``: what follows the text belongs together."""
    operator, top = each.field("operator"), each.node
    if operator is None or operator.type != "+":
        return
    while top.parent is not None and top.parent.type == "binary_operator" and top.parent.named_children[0] == top:
        operator = top.parent.child_by_field_name("operator")
        if operator is None or operator.type not in {"+", "-"}:
            return
        top = top.parent
        start, end = tree.expression(right).start, tree.expression(top).end
        rest = context.text[start:end]
        if "\n" not in rest and '"' not in rest and "'" not in rest:
            shown = rest if len(rest) <= 30 else f"{rest[:29]}…"
            yield context.edit(f"Convert `{shown}` with `str`", [(start, end, f"str({rest})")], 0.7 - malus)


def _sides(each: Expression) -> tuple[Node | None, Node | None]:
    if each.type == "comparison_operator":
        children = each.node.named_children
        return (children[0], children[1]) if len(children) == 2 else (None, None)
    return each.field("left"), each.field("right")


def _conversions(own: str, other: str) -> Iterator[tuple[str, float]]:
    """Functions that turn a value of type ``own`` into one that goes with ``other``."""
    if other == "str" and own in _NUMBERS:
        yield "str", 0.88
    elif other == "str" and own not in {"bytes", "NoneType"}:
        yield "str", 0.6
    elif own == "str" and other in _NUMBERS:
        yield ("float" if other == "float" else "int"), 0.8
        if other == "int":
            yield "float", 0.5
    elif other in {"list", "tuple", "set", "frozenset"} and own != other:
        if own in {"list", "tuple", "set", "frozenset", *_LAZY}:
            yield other, 0.85
        elif other in {"list", "tuple"}:
            yield other, 0.2


def _arguments(context: Context, function: str, callees: set[str]) -> Iterator[Draft]:
    tree = Tree(context.text)
    for each in candidates(context, "call"):
        callee, arguments = each.field("function"), each.field("arguments")
        if callee is None or arguments is None or (callee.text or b"").decode("utf-8", "replace") not in callees:
            continue
        for node in arguments.named_children[:1]:
            yield _wrap(context, tree, node, function, 0.85)
            if function == "str":
                yield _wrap(context, tree, node, "list", 0.3)


def _wrap_fields(context: Context, kind: str, name: str, function: str) -> Iterator[Draft]:
    tree = Tree(context.text)
    for each in candidates(context, kind):
        node = each.field(name)
        if node is not None:
            yield _wrap(context, tree, node, function, 0.82)


def _hashable(context: Context, kind: str) -> Iterator[Draft]:
    function = {"list": "tuple", "set": "frozenset", "dict": "tuple"}.get(kind)
    if function is None:
        return
    tree = Tree(context.text)
    types = types_here(context)
    for each in candidates(context, "subscript", "call", "pair", "set"):
        nodes = {
            "subscript": each.node.children_by_field_name("subscript"),
            "pair": [node for node in (each.field("key"),) if node is not None],
            "set": each.node.named_children,
        }.get(each.type)
        if nodes is None:
            arguments = each.field("arguments")
            nodes = arguments.named_children[:1] if arguments is not None else []
        for node in nodes:
            known = types.get((node.text or b"").decode("utf-8", "replace"))
            prior = 0.8 if known == kind else 0.6 if known is None else 0.1
            yield _wrap(context, tree, node, function, prior + (0.05 if each.marked else 0.0))


def _join(context: Context) -> Iterator[Draft]:
    for each in candidates(context, "call"):
        callee, arguments = each.field("function"), each.field("arguments")
        if callee is None or arguments is None or not (callee.text or b"").endswith(b".join"):
            continue
        tree = Tree(context.text)
        node = arguments if arguments.type == "generator_expression" else next(iter(arguments.named_children), None)
        if node is None:
            continue
        inner = tree.expression(node)
        text = inner.text
        if node.type in {"generator_expression", "list_comprehension"}:
            body = node.child_by_field_name("body")
            if body is not None:
                yield _wrap(context, tree, body, "str", 0.9)
            continue
        yield context.edit("Convert the items with `map(str, …)`", [(inner.start, inner.end, f"map(str, {text})")], 0.9)


def _iterable(context: Context) -> Iterator[Draft]:
    """``for i in n`` → ``range(n)``; ``in n`` and ``set(n)`` of a number are about its digits."""
    tree = Tree(context.text)
    types = types_here(context)
    for each in candidates(context, "for_statement", "for_in_clause"):
        node = each.field("right")
        if node is not None and node.start_point[0] <= context.fault.line:
            known = types.get((node.text or b"").decode("utf-8", "replace"))
            yield _wrap(context, tree, node, "range", 0.82 if known in {None, "int"} else 0.1)
            yield _wrap(context, tree, node, "str", 0.5)
            if node.type == "call" and (node.text or b"").startswith(b"len"):
                yield _wrap(context, tree, node, "range", 0.9)
    for each in candidates(context, "call"):
        callee, arguments = each.field("function"), each.field("arguments")
        if callee is None or arguments is None or callee.type != "identifier" or arguments.named_child_count != 1:
            continue
        node = arguments.named_children[0]
        name = (callee.text or b"").decode("utf-8", "replace")
        if name in {"list", "tuple", "set", "sorted", "sum", "map", "max", "min", "any", "all", "join"}:
            yield _wrap(context, tree, node, "str", 0.6)
            yield _wrap(context, tree, node, "range", 0.45)
            if name == "list":
                found = tree.expression(callee)
                yield context.edit("Use `str` instead of `list`", [(found.start, found.end, "str")], 0.5)


def _method(context: Context, call: str, own: str) -> Iterator[Draft]:
    """Appends ``.encode()`` or ``.decode()`` to operands and arguments that are, or may be, of type ``own``."""
    tree = Tree(context.text)
    types = types_here(context)
    for each in candidates(context, "call", "binary_operator", "assignment"):
        nodes: list[Node] = []
        if each.type == "call":
            arguments = each.field("arguments")
            nodes = list(arguments.named_children) if arguments is not None else []
        elif each.type == "binary_operator":
            nodes = [node for node in (each.field("left"), each.field("right")) if node is not None]
        for node in nodes:
            if node.type in {"integer", "float", "keyword_argument"}:
                continue
            found = tree.expression(node)
            known = types.get(found.text)
            prior = 0.85 if known == own else 0.55 if known is None else 0.1
            text = f"({found.text})" if node.type in {"binary_operator", "conditional_expression"} else found.text
            title = f"Convert `{found.text[:30]}` with `{call}`"
            yield context.edit(title, [(found.start, found.end, f"{text}{call}")], prior)


def _codec(context: Context) -> Iterator[Draft]:
    """``'bytes' object has no attribute 'encode'``: the value is what the method would give; or it was not meant to be
    of this type, and the function that returned it should have converted it."""
    match = _ATTRIBUTE.match(context.fault.message)
    if match is None:
        return
    tree = Tree(context.text)
    for each in candidates(context, "call"):
        callee = each.field("function")
        owner = callee.child_by_field_name("object") if callee is not None else None
        attribute = callee.child_by_field_name("attribute") if callee is not None else None
        if owner is None or attribute is None or (attribute.text or b"").decode() != match["name"]:
            continue
        found = tree.expression(owner)
        title = f"Remove `.{match['name']}()`: it is {match['got']} already"
        yield context.edit(title, [(found.end, each.end, "")], 0.6)
        other = "decode" if match["name"] == "encode" else "encode"
        yield from _returns(context, f".{other}()", each.text)


def _returns(context: Context, call: str, near: str) -> Iterator[Draft]:
    """Appends a conversion to what the other functions of the file return whose result may have come here."""
    tree = Tree(context.text)
    coding = re.search(r"\(\s*(['\"][\w-]+['\"])\s*\)$", near)
    suffix = f"{call[:-1]}{coding[1]})" if coding else call
    stack: list[Node] = [tree.tree.root_node]
    wanted = "b64encode|hexlify|encode|digest|read|compress|pack|getvalue|dumps|b32encode|b16encode|urlsafe_b64encode"
    while stack:
        node = stack.pop()
        stack.extend(node.children)
        if node.type != "return_statement" or not node.named_children:
            continue
        value = tree.expression(node.named_children[0])
        if call == ".decode()" and re.search(rf"(?:\b|_)(?:{wanted})\(", value.text) and value.type == "call":
            title = f"Convert what is returned with `{suffix}`"
            yield context.edit(title, [(value.end, value.end, suffix)], 0.66)


REPAIR = Repair("missing-conversion", "Convert a value to the type that the operation takes", propose)
