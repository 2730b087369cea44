"""Slips inside an expression: an operator, a bound, a constant, a name, an argument, a method that should be another.

The numbers are priors: roughly how often such a slip is what is wrong with an expression of that kind, compared with
the others (frequent one-line bugs as counted by ManySStuBs4J, Karampatsis and Sutton, 2020; the rest are guesses).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from .tree import Function, Mutation, enclosing, is_load

COMPARISONS = {
    "<": {"<=": 0.9, ">": 0.7, ">=": 0.5, "!=": 0.15},
    "<=": {"<": 0.9, ">=": 0.7, ">": 0.5, "==": 0.15},
    ">": {">=": 0.9, "<": 0.7, "<=": 0.5, "!=": 0.15},
    ">=": {">": 0.9, "<=": 0.7, "<": 0.5, "==": 0.15},
    "==": {"!=": 0.8, "<=": 0.2, ">=": 0.2, "<": 0.1, ">": 0.1},
    "!=": {"==": 0.8, "<": 0.25, ">": 0.25, "<=": 0.1, ">=": 0.1},
    "in": {"not in": 0.8},
    "not in": {"in": 0.8},
    "is": {"is not": 0.8},
    "is not": {"is": 0.8},
}
ARITHMETIC = {
    "+": {"-": 0.8, "*": 0.5, "/": 0.1, "//": 0.1, "%": 0.1},
    "-": {"+": 0.8, "*": 0.2, "/": 0.15, "//": 0.15, "%": 0.15},
    "*": {"/": 0.5, "+": 0.5, "**": 0.4, "//": 0.4, "-": 0.15, "%": 0.1},
    "/": {"//": 0.7, "*": 0.5, "%": 0.4, "-": 0.15, "+": 0.1},
    "//": {"%": 0.7, "/": 0.7, "*": 0.3, "-": 0.1, "+": 0.1},
    "%": {"//": 0.7, "/": 0.4, "*": 0.2, "-": 0.1, "+": 0.1},
    "**": {"*": 0.6, "+": 0.1},
    "&": {"|": 0.6, "^": 0.4, "-": 0.1},
    "|": {"&": 0.6, "^": 0.4, "-": 0.1},
    "^": {"&": 0.4, "|": 0.4, "**": 0.4},
    "<<": {">>": 0.7},
    ">>": {"<<": 0.7},
}
#: Names that are taken for one another.
TWINS = (
    ("min", "max"), ("any", "all"), ("sum", "max", "len", "min"), ("floor", "ceil", "round"), ("append", "extend"),
    ("add", "update", "discard"), ("upper", "lower"), ("startswith", "endswith"), ("find", "rfind"),
    ("index", "rindex"), ("lstrip", "rstrip", "strip"), ("split", "rsplit"), ("union", "intersection", "difference"),
    ("issubset", "issuperset"), ("keys", "values", "items"), ("isdigit", "isalpha", "isalnum"), ("isupper", "islower"),
    ("pop", "popleft"), ("append", "appendleft"), ("sin", "cos", "tan"), ("heappush", "heappop"), ("ljust", "rjust"),
    ("int", "round", "float"), ("list", "set", "sorted", "tuple"), ("partition", "rpartition"), ("sum", "prod"),
    ("bisect_left", "bisect_right"), ("title", "capitalize"), ("prefix", "suffix"), ("removeprefix", "removesuffix"),
    ("head", "tail"), ("first", "last"), ("left", "right"), ("start", "end", "stop"), ("width", "height"),
    ("rows", "cols"), ("row", "col"), ("next", "prev", "previous"), ("true", "false"), ("before", "after"),
    ("degrees", "radians"), ("search", "match", "fullmatch"), ("product", "permutations", "combinations"),
    ("permutations", "combinations", "combinations_with_replacement"), ("log", "log2", "log10"), ("minimum", "maximum"),
    ("takewhile", "dropwhile"), ("chr", "ord"), ("sorted", "reversed"), ("load", "loads"), ("dumps", "loads"),
    ("encode", "decode"), ("insort_left", "insort_right"), ("nlargest", "nsmallest"), ("filter", "filterfalse"),
    ("zip", "zip_longest"),
)  # fmt: skip
_TWIN = re.compile(r"[a-z]+|[A-Z][a-z]*")


def slips(function: Function) -> Iterator[Mutation]:
    """Mutations of all expressions of a function."""
    constants = _constants(function)
    for node in function.own:
        handler = _HANDLERS.get(node.type)
        if handler is not None:
            yield from handler(function, node)
        if node.type in ("integer", "float"):
            yield from _number(function, node, constants)
        elif node.type == "string":
            yield from _string(function, node, constants)


def change(function: Function, node: Node, new: str, prior: float, operator: str, title: str = "") -> Mutation:
    old = function.text(node)
    shown = title or f"Use {_short(new)} instead of {_short(old)}"
    return Mutation(shown, ((node.start_byte, node.end_byte, new),), node.start_point[0], prior, operator)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else f"{line[:45]}…"


def _comparison(function: Function, node: Node) -> Iterator[Mutation]:
    for each in node.children:
        for new, prior in COMPARISONS.get(each.type, {}).items():
            yield change(function, each, new, prior, "comparison")
    operands = node.named_children
    if len(operands) == 2:
        left, right = operands
        for each, prior in ((right, 0.25), (left, 0.2)):
            if each.type in ("identifier", "call", "binary_operator", "subscript", "attribute"):
                yield from _off_by_one(function, each, prior)


def _binary(function: Function, node: Node) -> Iterator[Mutation]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None or left.type == "string":
        return
    for new, prior in ARITHMETIC.get(operator.type, {}).items():
        yield change(function, operator, new, prior, "arithmetic")
    if operator.type in ("-", "/", "//", "%", "**", "<<", ">>"):
        swapped = f"{_atom(function, right)} {operator.type} {_atom(function, left)}"
        yield change(function, node, swapped, 0.35, "operands")
    if right.type == "integer" and operator.type in ("+", "-"):
        yield change(function, node, function.text(left), 0.55, "off-by-one")
    else:
        yield change(function, node, function.text(left), 0.1, "operand")
        yield change(function, node, function.text(right), 0.1, "operand")


def _boolean(function: Function, node: Node) -> Iterator[Mutation]:
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is None or left is None or right is None:
        return
    yield change(function, operator, "or" if operator.type == "and" else "and", 0.8, "boolean")
    yield change(function, node, function.text(left), 0.2, "operand")
    yield change(function, node, function.text(right), 0.2, "operand")
    for each in (left, right):
        if each.type not in ("not_operator", "comparison_operator", "boolean_operator"):
            yield change(function, each, f"not {_atom(function, each)}", 0.5, "negation")


def _not(function: Function, node: Node) -> Iterator[Mutation]:
    argument = node.child_by_field_name("argument")
    if argument is not None:
        yield change(function, node, function.text(argument), 0.85, "negation")


def _unary(function: Function, node: Node) -> Iterator[Mutation]:
    argument = node.child_by_field_name("argument")
    if argument is not None:
        yield change(function, node, function.text(argument), 0.5, "sign")


def _condition(function: Function, node: Node) -> Iterator[Mutation]:
    """``if``, ``elif``, ``while``: the condition negated."""
    condition = node.child_by_field_name("condition")
    if condition is not None:
        yield from negated(function, condition, 0.7)


def negated(function: Function, node: Node, prior: float) -> Iterator[Mutation]:
    if node.type in ("not_operator", "comparison_operator"):
        return  # their own slips say the same
    inner = node.named_children[0] if node.type == "parenthesized_expression" and node.named_children else node
    if node.type == "parenthesized_expression" and inner.type in ("not_operator", "comparison_operator"):
        return
    if inner.type == "boolean_operator":
        prior *= 0.5
        right = inner.child_by_field_name("right")
        if right is not None and right.type == "parenthesized_expression":
            yield change(function, right, f"not {function.text(right)}", prior, "negation")
    yield change(function, node, f"not {_atom(function, node)}", prior, "negation")


def _if_clause(function: Function, node: Node) -> Iterator[Mutation]:
    """The filter of a comprehension."""
    for each in node.named_children[:1]:
        yield from negated(function, each, 0.6)


def _conditional(function: Function, node: Node) -> Iterator[Mutation]:
    if len(node.named_children) == 3:
        yes, condition, no = node.named_children
        swapped = ((yes.start_byte, yes.end_byte, function.text(no)), (no.start_byte, no.end_byte, function.text(yes)))
        yield Mutation("Swap the two branches", swapped, node.start_point[0], 0.6, "branches")
        yield from negated(function, condition, 0.2)


def _call(function: Function, node: Node) -> Iterator[Mutation]:
    called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or arguments is None:
        return
    name = called.child_by_field_name("attribute") if called.type == "attribute" else called
    if arguments.type == "generator_expression":
        if function.text(called) in ("any", "all") and arguments.named_children:
            yield from negated(function, arguments.named_children[0], 0.45)
        if name is not None:
            yield from _twin(function, name)
        return
    given = [each for each in arguments.named_children if each.type != "comment"]
    plain = [each for each in given if each.type not in ("keyword_argument", "list_splat", "dictionary_splat")]
    for first, second in pairwise(plain):
        if function.text(first) != function.text(second):
            splices = (
                (first.start_byte, first.end_byte, function.text(second)),
                (second.start_byte, second.end_byte, function.text(first)),
            )
            title = f"Swap {_short(function.text(first))} and {_short(function.text(second))}"
            yield Mutation(title, splices, node.start_point[0], 0.4, "arguments")
    if name is None:
        return
    yield from _twin(function, name)
    word = function.text(name)
    if word == "range" and plain:
        yield from _range(function, plain)
    elif word in ("sorted", "sort"):
        yield from _sorted(function, arguments, given)
    elif word == "append" and len(plain) == 1:
        inner = function.text(plain[0])
        if plain[0].type == "list" and len(plain[0].named_children) == 1:
            yield change(function, plain[0], inner[1:-1].strip(), 0.4, "argument")
    elif word == "pop":
        if not plain:
            yield change(function, arguments, "(0)", 0.4, "argument")
        elif function.text(plain[0]) == "0":
            yield change(function, arguments, "()", 0.4, "argument")
    elif word == "abs" and len(plain) == 1:
        yield change(function, node, f"({function.text(plain[0])})", 0.3, "call")
    elif word == "enumerate" and len(plain) == 1:
        yield change(function, arguments, f"({function.text(plain[0])}, 1)", 0.35, "argument")
    elif called.type == "identifier" and len(plain) == 1 and len(given) == 1:
        yield change(function, node, f"({function.text(plain[0])})", 0.08, "call")
    for each in plain:
        if each.type in ("identifier", "call", "attribute", "subscript") and word not in ("range", "print", "len"):
            yield from _off_by_one(function, each, 0.12)


def _range(function: Function, arguments: list[Node]) -> Iterator[Mutation]:
    stop = arguments[0] if len(arguments) == 1 else arguments[1]
    yield from _off_by_one(function, stop, 0.75, beyond=0.25 if _is_length(function, stop) else 0.75)
    if len(arguments) >= 2:
        yield from _off_by_one(function, arguments[0], 0.45)
        if arguments[0].type != "integer":
            yield change(function, arguments[0], "0", 0.25, "range")
    else:
        yield change(function, stop, f"1, {function.text(stop)}", 0.45, "range")
        yield change(function, stop, f"1, {function.text(stop)} + 1", 0.45, "range")


def _sorted(function: Function, arguments: Node, given: list[Node]) -> Iterator[Mutation]:
    if not any(function.text(each).startswith("reverse") for each in given):
        inner = function.text(arguments)[1:-1].rstrip().rstrip(",")
        new = f"({inner}, reverse=True)" if inner else "(reverse=True)"
        yield change(function, arguments, new, 0.45, "order", "Sort in the other direction")


def _is_length(function: Function, node: Node) -> bool:
    """Whether it is ``len(x)``, behind which there is nothing."""
    return node.type == "call" and function.text(node).startswith("len(")


def _off_by_one(function: Function, node: Node, prior: float, beyond: float = 0.0) -> Iterator[Mutation]:
    """One more (``beyond`` is its prior, if another) and one less; the removal of a one that is there is a slip of the
    sum itself."""
    text = function.text(node)
    if node.type == "integer":
        return  # a slip of the number itself
    beyond = beyond or prior
    if re.search(r"[+-]\s*1$", text):
        prior, beyond = 0.4 * prior, 0.4 * beyond
    inner = text if node.type not in ("conditional_expression", "lambda", "comparison_operator") else f"({text})"
    yield change(function, node, f"{inner} + 1", beyond, "off-by-one")
    yield change(function, node, f"{inner} - 1", prior, "off-by-one")


def _twin(function: Function, node: Node) -> Iterator[Mutation]:
    """``min`` for ``max``, also as a part of a name that exists."""
    word = function.text(node)
    for family in TWINS:
        if word in family:
            for each in family:
                if each != word:
                    yield change(function, node, each, 0.9 if len(family) == 2 else 0.5, "twin")


def _subscript(function: Function, node: Node) -> Iterator[Mutation]:
    value, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
    if value is None or index is None:
        return
    if index.type == "slice":
        yield from _slice(function, index)
        return
    if index.type in ("identifier", "binary_operator", "call", "subscript", "attribute"):
        yield from _off_by_one(function, index, 0.35)
    if function.text(index) == "0":
        yield change(function, index, "-1", 0.6, "index")
    elif function.text(index) == "-1":
        yield change(function, index, "0", 0.6, "index")
    inner = value.child_by_field_name("subscript") if value.type == "subscript" else None
    if inner is not None and function.text(inner) != function.text(index):
        splices = (
            (inner.start_byte, inner.end_byte, function.text(index)),
            (index.start_byte, index.end_byte, function.text(inner)),
        )
        yield Mutation("Swap the two indices", splices, node.start_point[0], 0.45, "index")


def _slice(function: Function, node: Node) -> Iterator[Mutation]:
    text = function.text(node)
    parts = [part.strip() for part in text.split(":")] if text.count(":") <= 2 and "[" not in text else []
    if not parts:
        return
    start, stop, *step = parts
    tail = f":{step[0]}" if step else ""
    options: list[tuple[str, float]] = []
    if start:
        options += [(f":{stop}{tail}", 0.3), (f"{start} + 1:{stop}{tail}", 0.4), (f"{start} - 1:{stop}{tail}", 0.35)]
    else:
        options += [(f"1:{stop}{tail}", 0.4)]
    if stop:
        options += [(f"{start}:{stop} + 1{tail}", 0.5), (f"{start}:{stop} - 1{tail}", 0.45), (f"{start}:{tail}", 0.35)]
        if not start:
            options += [(f"{stop}:{tail}", 0.5)]
    else:
        options += [(f"{start}:-1{tail}", 0.4)]
        if start:
            options += [(f":{start}{tail}", 0.5)]
    if not step:
        options += [(f"{start}:{stop}:-1", 0.3)]
    elif step[0] == "-1":
        options += [(f"{start}:{stop}", 0.4)]
    for new, prior in options:
        if new != text:
            yield change(function, node, new, prior, "slice")


def _boolean_constant(function: Function, node: Node) -> Iterator[Mutation]:
    yield change(function, node, "False" if node.type == "true" else "True", 0.75, "constant")


def _identifier(function: Function, node: Node) -> Iterator[Mutation]:
    """Another variable in its place."""
    if not is_load(node) or function.node.type == "module":
        return
    parent = node.parent
    if parent is not None and parent.type == "call" and parent.child_by_field_name("function") == node:
        return
    word = function.text(node)
    others = [name for name in function.visible(node) if name != word and name not in ("self", "cls")]
    crowd = max(len(others), 1)
    known = word in function.bound
    for name in others:
        prior = (0.55 if known else 0.1) / crowd**0.5
        if name in function.unused:
            prior = 0.95
        elif _repeated(function, node):
            prior *= 1.5
        if parent is not None and parent.type == "return_statement":
            prior *= 1.3
        yield change(function, node, name, min(prior, 0.95), "variable")


def _repeated(function: Function, node: Node) -> bool:
    """Whether the very neighbour is the same name: ``gcd(a, a)``, ``n * n``."""
    parent = node.parent
    if parent is None or parent.type not in ("argument_list", "binary_operator", "comparison_operator"):
        return False
    word = function.text(node)
    return any(each.id != node.id and function.text(each) == word for each in parent.named_children)


def _attribute(function: Function, node: Node) -> Iterator[Mutation]:
    """Another attribute of ``self`` that the function's class is seen to have."""
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if owner is None or name is None or function.text(owner) not in ("self", "cls"):
        return
    if node.parent is not None and node.parent.type == "call" and node.parent.child_by_field_name("function") == node:
        return
    others = self_names(function) - {function.text(name)}
    for other in sorted(others):
        yield change(function, name, other, 0.4 / max(len(others), 1) ** 0.5, "attribute")


def self_names(function: Function) -> set[str]:
    """Attributes that are assigned to ``self`` anywhere in the class around a method."""
    node = function.node.parent
    while node is not None and node.type != "class_definition":
        node = node.parent
    if node is None:
        return set()
    return set(re.findall(r"\bself\.([A-Za-z_]\w*)\s*(?:[-+*/|&]?=(?!=)|:)", function.text(node)))


def _augmented(function: Function, node: Node) -> Iterator[Mutation]:
    operator = node.child_by_field_name("operator")
    if operator is None:
        return
    for new, prior in ARITHMETIC.get(operator.type[:-1], {}).items():
        yield change(function, operator, f"{new}=", prior * 0.9, "arithmetic")
    yield change(function, operator, "=", 0.4, "assignment")


def _assignment(function: Function, node: Node) -> Iterator[Mutation]:
    """``=`` that should add to what is there; a target that should be another variable."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type not in ("identifier", "subscript", "attribute"):
        return
    text = function.text(left)
    if left.type == "identifier":
        later = function.bound.get(text, node.start_byte) < node.start_byte
        for name in function.visible(node):
            if name != text and later and name not in function.parameters and name not in ("self", "cls"):
                yield change(function, left, name, 0.25 if name not in function.unused else 0.6, "target")
    else:
        later = enclosing(node, "for_statement", "while_statement") is not None
    if later and right.type not in ("list", "dictionary", "none", "true", "false"):
        equals = next((each for each in node.children if each.type == "="), None)
        if equals is not None:
            yield change(function, equals, "+=", 0.5, "assignment")
            yield change(function, equals, "-=", 0.15, "assignment")
    if right.type in ("binary_operator", "identifier", "call"):
        yield from _off_by_one(function, right, 0.2)


def _return(function: Function, node: Node) -> Iterator[Mutation]:
    for each in node.named_children[:1]:
        if each.type in ("identifier", "call", "binary_operator", "subscript"):
            yield from _off_by_one(function, each, 0.3)
        if each.type in ("call", "identifier", "boolean_operator"):
            yield change(function, each, f"not {_atom(function, each)}", 0.4, "negation")


def _constants(function: Function) -> list[str]:
    """Numbers and strings that the file mentions in this function."""
    seen = [function.text(each) for each in function.own if each.type in ("integer", "float", "string")]
    return list(dict.fromkeys(seen))


def _number(function: Function, node: Node, constants: list[str]) -> Iterator[Mutation]:
    text = function.text(node)
    try:
        value: float = int(text, 0) if node.type == "integer" else float(text)
    except ValueError:
        return
    options: dict[str, float] = {}
    if node.type == "integer":
        small = abs(value) <= 3
        options = {str(int(value) + 1): 0.75 if small else 0.5, str(int(value) - 1): 0.75 if small else 0.5}
        if value == 1:
            options |= {"-1": 0.35, "2": 0.5}
        elif value == 0:
            options |= {"1": 0.75, "-1": 0.35}
        options.setdefault("0", 0.25)
        options.setdefault("1", 0.25)
        options.setdefault("2", 0.12)
        if value > 2:
            options |= {str(int(value) * 10): 0.12, str(int(value) * 2): 0.12, str(int(value) // 2): 0.12}
            if value % 10 == 0:
                options[str(int(value) // 10)] = 0.15
        options.setdefault(str(-int(value)), 0.12)
    else:
        options = {repr(value + 1): 0.3, repr(value - 1): 0.3, repr(value * 2): 0.2, repr(value / 2): 0.2}
        options |= {repr(value * 10): 0.2, repr(value / 10): 0.2, repr(1 - value): 0.25}
    for other in constants:
        if other[:1].isdigit() and other != text:
            options[other] = max(options.get(other, 0.0), 0.3)
    if node.parent is not None and node.parent.type == "unary_operator":
        options = {new: prior for new, prior in options.items() if not new.startswith("-")}
    for new, prior in options.items():
        if new != text:
            yield change(function, node, f"({new})" if new.startswith("-") and _tight(node) else new, prior, "constant")


def _tight(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "binary_operator"


def _string(function: Function, node: Node, constants: list[str]) -> Iterator[Mutation]:
    text = function.text(node)
    if node.parent is not None and node.parent.type == "expression_statement":
        return
    if text in ("''", '""'):
        yield change(function, node, text[0] + " " + text[0], 0.4, "constant")
    elif text in ("' '", '" "'):
        yield change(function, node, text[0] * 2, 0.4, "constant")
    crowd = 0
    for other in constants:
        if other[:1] in "'\"" and other != text and len(other) < 20 and crowd < 4 and len(text) < 20:
            crowd += 1
            yield change(function, node, other, 0.2, "constant")
    if 2 < len(text) < 40 and text[0] in "'\"":
        for twin in (text.upper(), text.lower()):
            if twin != text:
                yield change(function, node, twin, 0.1, "constant")


def _atom(function: Function, node: Node) -> str:
    text = function.text(node)
    bare = ("identifier", "call", "attribute", "subscript", "integer", "float", "string", "parenthesized_expression")
    return text if node.type in bare else f"({text})"


_HANDLERS = {
    "comparison_operator": _comparison,
    "binary_operator": _binary,
    "boolean_operator": _boolean,
    "not_operator": _not,
    "unary_operator": _unary,
    "if_statement": _condition,
    "elif_clause": _condition,
    "while_statement": _condition,
    "if_clause": _if_clause,
    "conditional_expression": _conditional,
    "call": _call,
    "subscript": _subscript,
    "true": _boolean_constant,
    "false": _boolean_constant,
    "identifier": _identifier,
    "attribute": _attribute,
    "augmented_assignment": _augmented,
    "assignment": _assignment,
    "return_statement": _return,
}
