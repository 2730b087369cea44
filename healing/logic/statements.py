"""Slips of whole statements: at the wrong depth, in the wrong order, not there, or there for nothing.

A statement that is missing is written from what the function leaves undone: an accumulator that is made and returned
but never fed, a parameter that is never read, a table that is filled for its first index only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from ...analyzers.syntax import named_nodes
from .operators import self_names
from .tree import COMPREHENSIONS, Function, Mutation, enclosing, is_load

_LOOPS = ("for_statement", "while_statement")
_COMPOUND = ("if_statement", "for_statement", "while_statement", "try_statement", "with_statement")


def statements(function: Function) -> Iterator[Mutation]:
    """Mutations of the statements of a function."""
    for node in function.own:
        if node.type == "return_statement":
            yield from _moved(function, node)
        elif node.type in ("break_statement", "continue_statement"):
            yield from _jump(function, node)
        elif node.type == "block":
            yield from _block(function, node)
        elif node.type == "if_statement":
            yield from _if(function, node)
        elif node.type == "expression_statement":
            yield from _for_nothing(function, node)
    if function.node.type == "function_definition":
        yield from _missing_return(function)
        yield from _mutable_defaults(function)
        yield from _missing_updates(function)


def _line(function: Function, node: Node, new: str, prior: float, operator: str, title: str) -> Mutation:
    """The statement's own lines replaced."""
    start, end = function.line_start(node), function.line_end(node)
    return Mutation(title, ((start, end, new),), node.start_point[0], prior, operator)


def insert(function: Function, at: int, line: int, indent: str, text: str, prior: float, operator: str) -> Mutation:
    """New lines before the byte ``at``, which is the start of a line or the end of the file."""
    first = "" if at == 0 or function.data[at - 1 : at] == b"\n" else "\n"
    new = first + "".join(f"{indent}{part}\n" for part in text.split("\n"))
    return Mutation(f"Add {' '.join(text.split())}", ((at, at, new),), line, prior, operator)


def _moved(function: Function, node: Node) -> Iterator[Mutation]:
    """A ``return`` (or another last statement) out of the blocks around it."""
    if not function.alone(node):
        return
    text = function.text(node)
    if "\n" in text:
        return
    start, end = function.line_start(node), function.line_end(node)
    block = node.parent
    in_loop = enclosing(node, *_LOOPS) is not None
    count = 0
    while block is not None and block.type == "block" and block.parent is not None and count < 4:
        owner = block.parent
        while owner.type in ("elif_clause", "else_clause", "except_clause", "finally_clause"):
            owner = owner.parent or owner
        if owner.type not in _COMPOUND or owner.parent is None:
            return
        count += 1
        siblings = len(block.named_children) > 1 or count > 1
        whole = [each for each in block.named_children if each.type != "comment"]
        indent = function.indent(owner)
        after = function.line_end(owner)
        prior = (0.85 if owner.type in _LOOPS else 0.5) if in_loop else 0.3
        if count == 1 and owner.type in _LOOPS and node.type == "return_statement" and whole[-1].id == node.id:
            prior = 0.95  # it would not be a loop
        if siblings:
            splices = ((start, end, ""), (after, after, _fresh(function, after) + f"{indent}{text}\n"))
            if after == end:
                splices = ((start, end, f"{indent}{text}\n"),)
            yield Mutation(f"Take {_short(text)} out of the block", splices, node.start_point[0], prior, "depth")
        block = owner.parent


def _fresh(function: Function, at: int) -> str:
    return "" if at == 0 or function.data[at - 1 : at] == b"\n" else "\n"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else f"{line[:45]}…"


def _jump(function: Function, node: Node) -> Iterator[Mutation]:
    old, new = ("break", "continue") if node.type == "break_statement" else ("continue", "break")
    change = ((node.start_byte, node.end_byte, new),)
    yield Mutation(f"Use {new} instead of {old}", change, node.start_point[0], 0.6, "jump")
    yield Mutation(f"Drop {old}", ((node.start_byte, node.end_byte, "pass"),), node.start_point[0], 0.25, "deletion")


def _block(function: Function, block: Node) -> Iterator[Mutation]:
    """Neighbours swapped, the last one out, the next one in, one dropped."""
    inside = [each for each in block.named_children if each.type != "comment"]
    for first, second in pairwise(inside):
        if all(_simple(function, each) for each in (first, second)):
            one, two = function.text(first), function.text(second)
            splices = ((first.start_byte, first.end_byte, two), (second.start_byte, second.end_byte, one))
            yield Mutation(f"Swap {_short(one)} and {_short(two)}", splices, first.start_point[0], 0.22, "order")
            yield from _at_once(function, first, second)
        elif second.type in _COMPOUND and _simple(function, first) and first.type == "expression_statement":
            start, after, text = function.line_start(first), function.line_end(second), function.text(first)
            splices = ((start, function.line_end(first), ""), (after, after, f"{function.indent(first)}{text}\n"))
            if function.data[after - 1 : after] == b"\n":
                yield Mutation(f"Move {_short(text)} behind the block", splices, first.start_point[0], 0.2, "order")
        elif first.type in _COMPOUND and _simple(function, second) and second.type == "expression_statement":
            start, text = function.line_start(first), function.text(second)
            splices = ((start, start, f"{function.indent(first)}{text}\n"),
                       (function.line_start(second), function.line_end(second), ""))  # fmt: skip
            yield Mutation(f"Move {_short(text)} before the block", splices, second.start_point[0], 0.2, "order")
    for each in inside:
        if _simple(function, each) and len(inside) > 1 and each.type != "return_statement":
            yield _line(function, each, "", 0.1, "deletion", f"Drop {_short(function.text(each))}")
    owner = block.parent
    if owner is None or owner.type not in (*_COMPOUND, "else_clause", "elif_clause") or not inside:
        return
    last = inside[-1]
    outer = owner.parent if owner.type.endswith("_clause") else owner
    if outer is None:
        return
    movable = len(inside) > 1 and _simple(function, last) and last.type != "return_statement"
    if movable and function.line_end(last) == function.line_end(outer):
        text = function.text(last)
        new = f"{function.indent(outer)}{text}\n"
        yield _line(function, last, new, 0.4, "depth", f"Take {_short(text)} out of the block")
    following = outer.next_named_sibling
    if following is not None and _simple(function, following) and outer.end_byte == block.end_byte:
        text = function.text(following)
        prior = 0.3 if following.type == "return_statement" else 0.4
        new = f"{function.indent(last)}{text}\n"
        yield _line(function, following, new, prior, "depth", f"Move {_short(text)} into the block")


def _at_once(function: Function, first: Node, second: Node) -> Iterator[Mutation]:
    """``a = b`` and then ``b = a + b``, where both should be made of the old values."""
    pairs: list[tuple[str, str]] = []
    for each in (first, second):
        node = each.named_children[0] if each.named_children else None
        left, right = (node.child_by_field_name("left"), node.child_by_field_name("right")) if node else (None, None)
        if node is None or node.type != "assignment" or left is None or right is None:
            return
        if left.type not in ("identifier", "attribute") or node.child_by_field_name("type") is not None:
            return
        pairs.append((function.text(left), function.text(right)))
    (one, made), (two, later) = pairs
    if one == two or not re.search(rf"(?<![\w.]){re.escape(one)}\b", later):
        return
    text = f"{one}, {two} = {made}, {later}"
    splices = ((first.start_byte, second.end_byte, text),)
    prior = 0.6 if re.search(rf"(?<![\w.]){re.escape(two)}\b", made) else 0.15
    yield Mutation(f"Assign {one} and {two} at once", splices, first.start_point[0], prior, "order")


def _simple(function: Function, node: Node) -> bool:
    kinds = ("expression_statement", "return_statement", "delete_statement", "raise_statement", "pass_statement")
    if node.type not in kinds or "\n" in function.text(node) or not function.alone(node):
        return False
    return not (node.named_children and node.named_children[0].type == "string")


def _if(function: Function, node: Node) -> Iterator[Mutation]:
    """``if`` after an ``if`` that should be its ``elif``."""
    before = node.prev_named_sibling
    if before is not None and before.type == "if_statement":
        at = node.start_byte
        if before.child_by_field_name("alternative") is None and function.data[at : at + 2] == b"if":
            yield Mutation("Make it an elif", ((at, at, "el"),), node.start_point[0], 0.2, "branches")
    for each in node.children:
        if each.type == "elif_clause":
            at = each.start_byte
            yield Mutation("Make it an if of its own", ((at, at + 4, "if"),), each.start_point[0], 0.15, "branches")


def _for_nothing(function: Function, node: Node) -> Iterator[Mutation]:
    """A value that is computed and dropped: ``n == 1`` on a line of its own."""
    value = node.named_children[0] if len(node.named_children) == 1 else None
    doing = ("assignment", "augmented_assignment", "call", "await", "yield", "string", "ellipsis", "named_expression")
    if value is not None and value.type not in doing and function.node.type == "function_definition":
        title = f"Return {_short(function.text(value))}"
        splices = ((node.start_byte, node.start_byte, "return "),)
        yield Mutation(title, splices, node.start_point[0], 0.9, "return")


def _missing_return(function: Function) -> Iterator[Mutation]:
    """A path to the end of the function on which nothing is returned."""
    if any(each.type == "yield" for each in function.own):
        return
    inside = [each for each in function.body.named_children if each.type != "comment"]
    returns = [each for each in function.own if each.type == "return_statement" and each.named_children]
    others = any(enclosing(each, "lambda") is None for each in returns)
    for block in _ends(inside):
        last = block[-1]
        if last.type == "expression_statement" and last.named_children:
            value = last.named_children[0]
            if value.type == "assignment":
                target = value.child_by_field_name("left")
                if target is not None and target.type == "identifier":
                    name = function.text(target)
                    prior = 0.8 if name in function.unused else 0.6
                    at = function.line_end(last)
                    yield insert(
                        function, at, last.start_point[0], function.indent(last), f"return {name}", prior, "return"
                    )
            elif value.type not in ("augmented_assignment", "string"):
                at = last.start_byte
                prior = 0.9 if value.type != "call" or others or not returns else 0.5
                title = f"Return {_short(function.text(value))}"
                yield Mutation(title, ((at, at, "return "),), last.start_point[0], prior, "return")
    if inside and not _always_leaves(inside[-1]):
        last = inside[-1]
        indent = function.indent(inside[0])
        at = function.line_end(last)
        kinds = {function.text(each.named_children[0]) for each in returns}
        values: dict[str, float] = {}
        for name in function.visible(last):
            if name not in ("self", "cls"):
                values[name] = 0.75 if name in function.unused else 0.3 if name not in function.parameters else 0.2
        if "True" in kinds or "False" in kinds:
            values |= {"False": 0.6, "True": 0.6}
        elif kinds:
            values |= {"0": 0.1, "-1": 0.15, "[]": 0.1}
        for value, prior in values.items():
            yield insert(function, at, last.end_point[0], indent, f"return {value}", prior, "return")


def _ends(inside: list[Node]) -> Iterator[list[Node]]:
    """The blocks at whose end a function ends."""
    if not inside:
        return
    yield inside
    last = inside[-1]
    if last.type in ("if_statement", "try_statement", "with_statement"):
        for each in _blocks(last):
            yield from _ends([one for one in each.named_children if one.type != "comment"])


def _blocks(node: Node) -> Iterator[Node]:
    for each in node.named_children:
        if each.type == "block":
            yield each
        elif each.type.endswith("_clause"):
            yield from _blocks(each)


def _always_leaves(node: Node) -> bool:
    if node.type in ("return_statement", "raise_statement"):
        return True
    if node.type == "if_statement":
        clauses = [each for each in node.named_children if each.type == "else_clause"]
        ends = [[one for one in each.named_children if one.type != "comment"] for each in _blocks(node)]
        return bool(clauses) and all(each and _always_leaves(each[-1]) for each in ends)
    return False


def _mutable_defaults(function: Function) -> Iterator[Mutation]:
    """A default that all calls share."""
    listed = function.node.child_by_field_name("parameters")
    inside = [each for each in function.body.named_children if each.type != "comment"]
    if listed is None or not inside:
        return
    first = inside[0]
    if first.type == "expression_statement" and first.named_children and first.named_children[0].type == "string":
        first = inside[1] if len(inside) > 1 else first
    if function.data[function.line_start(first) : first.start_byte].strip():
        return
    for each in listed.named_children:
        value, name = each.child_by_field_name("value"), each.child_by_field_name("name")
        if value is None or name is None or value.type not in ("list", "dictionary", "call", "set"):
            continue
        word, made, indent = function.text(name), function.text(value), function.indent(first)
        if value.type == "call" and made not in ("list()", "dict()", "set()"):
            continue
        at = function.line_start(first)
        guard = f"{indent}if {word} is None:\n{indent}{function.unit}{word} = {made}\n"
        splices = ((value.start_byte, value.end_byte, "None"), (at, at, guard))
        yield Mutation(f"Make a new {word} for each call", splices, each.start_point[0], 0.9, "default")


def _missing_updates(function: Function) -> Iterator[Mutation]:
    """A line that was never written, in the places where it can be."""
    for body in [each for each in function.own if each.type == "block"]:
        inside = [each for each in body.named_children if each.type != "comment"]
        if not inside or (not function.alone(inside[0]) and inside[0].type not in _COMPOUND):
            continue
        loop = enclosing(inside[0], *_LOOPS)
        yield from _siblings(function, inside)
        for text, prior in _updates(function, inside, loop):
            indent = function.indent(inside[0])
            last = inside[-1]
            places = [(function.line_end(last), last.end_point[0])]
            if _always_leaves(last) or last.type in ("break_statement", "continue_statement"):
                places = [(function.line_start(last), last.start_point[0])]
            elif len(inside) > 1:
                places.append((function.line_start(last), last.start_point[0]))
            for number, (at, line) in enumerate(places):
                yield insert(function, at, line, indent, text, prior * (1 - 0.2 * number), "missing")


def _updates(function: Function, inside: list[Node], loop: Node | None) -> Iterator[tuple[str, float]]:
    """What may be missing in a block: (statement, prior)."""
    here = inside[0]
    names = [each for each in function.visible(here) if each not in ("self", "cls")]
    kinds = _accumulators(function)
    fed = _fed(function, loop or function.node)
    fresh = [each for each in names if loop is not None and _bound_in(function, each, loop)]
    useful = [*dict.fromkeys([*(each for each in names if each in function.unused), *fresh])][:5]
    for name, kind in kinds.items():
        if name not in names:
            continue
        starved = name not in fed
        lead = 0.6 if starved else 0.05
        if kind == "number" and loop is not None:
            yield f"{name} += 1", lead * 0.9
            yield f"{name} -= 1", lead * 0.3
            for each in useful:
                if each != name:
                    bonus = 1.2 if each in function.unused else 1.0
                    yield f"{name} += {each}", lead * 0.7 * bonus
                    yield f"{name} = max({name}, {each})", lead * 0.8 * bonus
                    yield f"{name} = min({name}, {each})", lead * 0.6 * bonus
                    yield f"{name} *= {each}", lead * 0.3
                    yield f"{name} = {each}", lead * 0.5
            if starved:
                numbers = [each for each in kinds if each != name and kinds[each] == "number" and each in names]
                for each in numbers[:4]:
                    yield f"{name} = max({name}, {each})", lead * 0.8
                    yield f"{name} = min({name}, {each})", lead * 0.5
                    yield f"{name} = {each}", lead * 0.3
        elif kind == "list":
            for each in useful:
                if each != name:
                    yield f"{name}.append({each})", lead
                    yield f"{name}.extend({each})", lead * 0.3
        elif kind == "set":
            for each in useful:
                yield f"{name}.add({each})", lead
        elif kind == "string":
            for each in useful:
                if each != name:
                    yield f"{name} += {each}", lead
        elif kind == "map":
            for key in useful:
                for value in useful:
                    if key != value:
                        yield f"{name}[{key}] = {value}", lead * 0.6
        if kind in ("list", "map", "table") and loop is not None:
            yield from _stores(function, name, loop, useful, kinds, names, lead)
    yield from _params(function, inside, names, kinds)
    if loop is not None and loop.type == "while_statement":
        yield from _progress(function, loop, names)


def _stores(
    function: Function, name: str, loop: Node, useful: list[str], kinds: dict[str, str], names: list[str], lead: float
) -> Iterator[tuple[str, float]]:
    """``table[i] = …`` in a loop over ``i`` that reads the table."""
    left = loop.child_by_field_name("left")
    if left is None or left.type != "identifier":
        return
    index = function.text(left)
    body = loop.child_by_field_name("body")
    if body is not None and re.search(rf"\b{re.escape(name)}\[[^\]]*\]\s*[-+*]?=(?!=)", function.text(body)):
        return
    values = [each for each in dict.fromkeys([*useful, *kinds]) if each in names and each not in (name, index)]
    for each in values[:4]:
        bonus = 1.3 if each in function.unused else 1.0
        yield f"{name}[{index}] = {each}", 0.4 * bonus
        yield f"{name}[{index}] = {each} + 1", 0.4 * bonus
        yield f"{name}[{index}] += {each}", 0.25 * bonus
    yield f"{name}[{index}] += 1", lead * 0.4
    yield f"{name}[{index}] = {name}[{index} - 1]", 0.2


def _params(
    function: Function, inside: list[Node], names: list[str], kinds: dict[str, str]
) -> Iterator[tuple[str, float]]:
    """A parameter that is never read, given to what the function returns or keeps."""
    waiting = [each for each in function.parameters if each in function.unused]
    if not waiting:
        return
    returned = [
        function.text(each.named_children[0])
        for each in function.own
        if each.type == "return_statement" and each.named_children and each.named_children[0].type == "identifier"
    ]
    own = [f"self.{each}" for each in sorted(self_names(function))] if "self" in function.parameters else []
    for value in waiting[:2]:
        for target in [*dict.fromkeys([*(each for each in returned if each in names), *own])][:6]:
            if target == value:
                continue
            yield f"{target}.append({value})", 0.7
            yield f"{target}.add({value})", 0.45
            yield f"{target} += {value}", 0.45
            yield f"{target} -= {value}", 0.2
            yield f"{target} = {value}", 0.5
        if "self" in function.parameters and f"self.{value}" not in own:
            yield f"self.{value} = {value}", 0.6


def _progress(function: Function, loop: Node, names: list[str]) -> Iterator[tuple[str, float]]:
    """What makes the condition of a ``while`` come to an end."""
    condition, body = loop.child_by_field_name("condition"), loop.child_by_field_name("body")
    if condition is None or body is None:
        return
    read = [
        function.text(each) for each in named_nodes(condition) if each.type == "identifier" and is_load(each)
    ]  # fmt: skip
    fed = _fed(function, body)
    for name in dict.fromkeys(read):
        if name in names and name not in fed:
            yield from ((f"{name} += 1", 0.8), (f"{name} -= 1", 0.7), (f"{name} //= 2", 0.4))
            yield f"{name} = {name}.next", 0.3
            yield f"{name}.pop()", 0.2
            yield f"{name} //= 10", 0.4
            for other in names:
                if other != name:
                    yield f"{name} = {other}", 0.15
                    yield f"{name} += {other}", 0.15
                    yield f"{name} -= {other}", 0.15


def _siblings(function: Function, inside: list[Node]) -> Iterator[Mutation]:
    """A second line like one that is there, for the next index: ``dp[0] = 0`` and then ``dp[1] = 1``."""
    for each in inside:
        if not _simple(function, each) or each.type != "expression_statement":
            continue
        stored = each.named_children[0]
        left, right = stored.child_by_field_name("left"), stored.child_by_field_name("right")
        if stored.type != "assignment" or left is None or right is None or left.type != "subscript":
            continue
        match = re.fullmatch(r"(.*\[)(\d+)(\])", function.text(left), re.DOTALL)
        if match is None:
            continue
        index, value = int(match[2]), function.text(right)
        values = [value]
        if value.isdigit():
            values = [str(int(value) + 1), value, str(int(value) + 2), str(max(int(value) - 1, 0))]
        for near in (index + 1, index - 1):
            if near < 0 or f"{match[1]}{near}{match[3]}".encode() in function.data:
                continue
            at = function.line_end(each) if near > index else function.line_start(each)
            for place, new in enumerate(dict.fromkeys(values)):
                text = f"{match[1]}{near}{match[3]} = {new}"
                prior = 0.5 - 0.08 * place
                yield insert(function, at, each.start_point[0], function.indent(each), text, prior, "missing")


def _accumulators(function: Function) -> dict[str, str]:
    """Local variables that start from nothing, with what they collect."""
    found: dict[str, str] = {}
    for each in function.own:
        if each.type != "assignment" or enclosing(each, *COMPREHENSIONS) is not None:
            continue
        left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
        if left is None or right is None or left.type != "identifier":
            continue
        value, name = function.text(right), function.text(left)
        if right.type in ("integer", "float", "unary_operator") or value.startswith("float("):
            found.setdefault(name, "number")
        elif value in ("[]", "list()"):
            found.setdefault(name, "list")
        elif value in ("{}", "dict()") or value.startswith(("defaultdict(", "collections.defaultdict(")):
            found.setdefault(name, "map")
        elif value == "set()":
            found.setdefault(name, "set")
        elif value in ("''", '""'):
            found.setdefault(name, "string")
        elif right.type in ("list", "list_comprehension") or re.match(r"\[.*\]\s*\*", value, re.DOTALL):
            found.setdefault(name, "table")
    return found


def _fed(function: Function, node: Node) -> set[str]:
    """Names that a loop changes: assigned, added to, or asked by a method to change."""
    found: set[str] = set()
    for each in named_nodes(node):
        if each.type in ("assignment", "augmented_assignment"):
            left = each.child_by_field_name("left")
            value = each.child_by_field_name("right")
            if left is not None and not (node.type == "function_definition" and _fresh_value(function, value)):
                found.update(re.findall(r"[A-Za-z_]\w*", function.text(left)))
        elif each.type == "call":
            called = each.child_by_field_name("function")
            owner = called.child_by_field_name("object") if called is not None and called.type == "attribute" else None
            if owner is not None:
                found.update(re.findall(r"[A-Za-z_]\w*", function.text(owner))[:1])
    return found


def _fresh_value(function: Function, value: Node | None) -> bool:
    return value is not None and value.type in ("integer", "float", "list", "dictionary", "string", "unary_operator")


def _bound_in(function: Function, name: str, loop: Node) -> bool:
    start = function.bound.get(name, -1)
    return loop.start_byte <= start < loop.end_byte
