# ruff: noqa: E501
"""What it does
    Gives a variable or attribute the start value that its uses ask for: where it has none (the accumulator before the
    loop, the attribute that ``__init__`` forgets, the parameter that it does not keep), or where it has a wrong one.

Example
    ``total += price`` in a loop, with no ``total`` before it

Use instead
    ``total = 0`` above the loop

When it stays silent
    The uses do not tell what the value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree
from ..fault import Fault
from ..names import missing_attribute, undefined_name
from ..origins import Site, assignments, field_of, mendable, origins, parameters_of, statement, walk
from ..repair import Context, Draft, Repair
from .missing_key import FRESH

_LACKS = re.compile(r"'(?P<type>\w+)' object has no attribute '(?P<name>\w+)'")
_INDEX = re.compile(r"'NoneType' object (?:is not subscriptable|does not support item assignment)|list indices must be|"
                    r"list assignment index out of range|'tuple' object does not support item")  # fmt: skip
_ADDED = re.compile(
    r"for (?:[-+*/%@&|^]|<<|>>|//|\*\*)=?: '(?P<left>\w+)' and '(?P<right>\w+)'|can only concatenate (?P<own>\w+) \(not \"(?P<other>\w+)\""
)
_CONTAINS = re.compile(r"argument of type 'NoneType' is not|'NoneType' object is not iterable|'NoneType' has no len|"
                       r"object of type 'NoneType' has no len")  # fmt: skip
_ZEROS = {"int": "0", "float": "0.0", "str": '""', "list": "[]", "tuple": "()", "dict": "{}", "set": "set()",
          "Decimal": "Decimal(0)", "bytes": 'b""'}  # fmt: skip
_STARTS = frozenset(
    {"None", "[]", "()", "{}", '""', "''", "0", "0.0", "set()", "list()", "dict()", "1", "False", "True"}
)
_SEQUENCE = ("append", "extend", "insert", "pop", "sort", "appendleft", "popleft", "remove")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if name:
        yield from _unbound(context, name)
        return
    found = missing_attribute(fault)
    if found is not None and found[0] == "type":
        yield from _unset(context, found[1], found[2])
    if fault.exception in {"TypeError", "AttributeError", "IndexError"}:
        yield from _wrong(fault, context)


def used_as(node: Node, name: str, data: bytes) -> list[str]:
    """Start values that the uses of a name (or dotted name) below a node ask for, the surest first."""
    found: list[str] = []
    for each in walk(node):
        if each.type not in {"identifier", "attribute"} or data[each.start_byte : each.end_byte].decode() != name:
            continue
        parent = each.parent
        if parent is None:
            continue
        if parent.type == "augmented_assignment" and field_of(parent, "left") == each:
            right, operator = field_of(parent, "right"), field_of(parent, "operator")
            if operator is not None and operator.type in {"*=", "/=", "**="}:
                found.append("1")
            elif right is not None:
                found += _like(right, data)
        elif parent.type == "attribute" and field_of(parent, "object") == each:
            label = field_of(parent, "attribute")
            method = data[label.start_byte : label.end_byte].decode() if label is not None else ""
            if method in _SEQUENCE:
                found.append("[]")
            elif method in FRESH:
                found.append(FRESH[method])
        elif parent.type == "subscript" and field_of(parent, "value") == each:
            above = parent.parent
            if above is not None and above.type in {"assignment", "augmented_assignment"} and (
                field_of(above, "left") == parent):  # fmt: skip
                found.append("{}")
        elif parent.type == "binary_operator":
            other = next((child for child in parent.named_children if child != each), None)
            if other is not None:
                found += _like(other, data)
        elif parent.type == "comparison_operator":
            other = next((child for child in parent.named_children if child != each), None)
            if any(child.type in {"is", "is not"} for child in parent.children):
                found.append("None")
            elif other is not None and other.type in {"integer", "float", "string"}:
                found += _like(other, data)
    order = {value: found.count(value) for value in dict.fromkeys(found)}
    return sorted(order, key=lambda value: -order[value])


def _like(node: Node, data: bytes) -> list[str]:
    text = data[node.start_byte : node.end_byte].decode()
    if node.type in {"string", "concatenated_string"}:
        return ['""']
    if node.type in {"list", "list_comprehension"}:
        return ["[]"]
    if node.type in {"integer", "float"} or text.startswith(("len(", "sum(", "abs(", "int(", "max(", "min(")):
        return ["0"]
    if text.startswith(("str(", "chr(")):
        return ['""']
    return ["0", '""', "[]"]


def _unbound(context: Context, name: str) -> Iterator[Draft]:
    for site in mendable(context)[:2]:
        function = site.function
        root = function if function.type == "function_definition" else site.tree.tree.root_node
        starts = used_as(root, name, site.tree.data)
        bound = assignments(root, name, site.text)
        augmented = any(
            node.type == "augmented_assignment" and (left := field_of(node, "left")) and site.code(left) == name
            for node in walk(root, nested=False)
        )
        if not starts and not bound:
            continue
        first = next(
            (node for node in walk(root, nested=False) if node.type == "identifier" and site.code(node) == name), None
        )
        if first is None:
            continue
        place = _outermost(first, root)
        sure = 0.82 if augmented or bound or starts[:1] in (["[]"], ["{}"], ["set()"]) else 0.35
        for rank, start in enumerate(dict.fromkeys([*starts, *(("None", "0", '""', "False", "[]") if bound else ())])):
            yield _line_before(site, place, f"{name} = {start}", sure - 0.06 * rank - 0.1 * site.away)


def _outermost(node: Node, root: Node) -> Node:
    """The statement of a function's body (or the module) that holds a node."""
    found = statement(node)
    while True:
        above = enclosing(found.parent, "for_statement", "while_statement", "if_statement", "try_statement",
                          "with_statement", "function_definition", "class_definition")  # fmt: skip
        if above is None or above == root or above.start_byte <= root.start_byte or above.type.endswith("definition"):
            return found
        found = above


def _line_before(site: Site, before: Node, line: str, prior: float) -> Draft:
    start = site.span(before)[0]
    begin = site.text.rfind("\n", 0, start) + 1
    indent = re.match(r"[ \t]*", site.text[begin:start])
    newline = "\r\n" if "\r\n" in site.text else "\n"
    return site.edit(f"Insert `{line}`", [(start, start, f"{line}{newline}{indent[0] if indent else ''}")], prior)


def _unset(context: Context, owner: str, name: str) -> Iterator[Draft]:
    """An attribute that ``__init__`` does not set."""
    for file in dict.fromkeys([*(site.file for site in mendable(context)), *context.workspace.python_files[:100]]):
        text = context.workspace.text(file)
        if text is None or not re.search(rf"class[ \t]+{re.escape(owner)}\b", text):
            continue
        tree = Tree(text)
        site = Site(file, text, tree, 0)
        for node in walk(tree.tree.root_node):
            label = field_of(node, "name") if node.type == "class_definition" else None
            if label is not None and site.code(label) == owner:
                yield from _in_init(site, node, name)
        return


def _in_init(site: Site, owner: Node, name: str) -> Iterator[Draft]:
    initial = next((node for node in walk(owner) if node.type == "function_definition" and (label := field_of(node, "name"))
                    is not None and site.code(label) == "__init__"), None)  # fmt: skip
    if initial is None or (body := field_of(initial, "body")) is None or not body.named_children:
        yield from _base_init(site, owner, None)
        return
    yield from _base_init(site, owner, initial)
    place = _after_fields(site, body)
    parameters = parameters_of(initial)
    known = {parameter: parameter in _kept(site, body) for parameter in parameters}
    line = f"self.{name} = "
    for parameter in (name, name.lstrip("_")):
        if parameter in known:
            yield _line_at(site, place, f"{line}{parameter}", 0.93)
    for rank, start in enumerate(used_as(owner, f"self.{name}", site.tree.data)[:3]):
        yield _line_at(site, place, f"{line}{start}", 0.8 - 0.08 * rank)
    for value in ("None", "0", "[]", "{}", '""', "False"):
        yield _line_at(site, place, f"{line}{value}", 0.3)


def _kept(site: Site, body: Node) -> set[str]:
    return {site.code(node) for node in walk(body) if node.type == "identifier"}


def _after_fields(site: Site, body: Node) -> Node:
    """The first statement of ``__init__`` that is neither its docstring, the base's ``__init__`` nor a plain field."""
    items = [child for child in body.named_children if child.type != "comment"]
    for child in items:
        text = site.code(child)
        if re.match(r"self\.\w+\s*(?::[^=]+)?=[^=]|super\(|['\"]|[A-Z]\w*\.__init__", text) is None:
            return child
    return items[-1]


def _line_at(site: Site, node: Node, line: str, prior: float) -> Draft:
    plain = re.match(r"self\.\w+\s*(?::[^=]+)?=[^=]|super\(|['\"]|pass\b", site.code(node))
    if plain is None:
        return _line_before(site, node, line, prior)
    end = site.span(node)[1]
    begin = site.text.rfind("\n", 0, site.span(node)[0]) + 1
    indent = re.match(r"[ \t]*", site.text[begin:])
    newline = "\r\n" if "\r\n" in site.text else "\n"
    return site.edit(f"Insert `{line}`", [(end, end, f"{newline}{indent[0] if indent else ''}{line}")], prior)


def _base_init(site: Site, owner: Node, initial: Node | None) -> Iterator[Draft]:
    """``super().__init__`` with the parameters that both have."""
    bases = field_of(owner, "superclasses")
    if initial is None or bases is None or re.search(r"__init__\(", site.code(initial).partition(":")[2]):
        return
    names = {site.code(each) for each in bases.named_children}
    for node in site.tree.tree.root_node.named_children:
        found = node if node.type == "class_definition" else next(
            (child for child in node.named_children if child.type == "class_definition"), None)  # fmt: skip
        label = field_of(found, "name") if found is not None else None
        if found is None or label is None or site.code(label) not in names:
            continue
        wanted = next((parameters_of(each) for each in walk(found) if each.type == "function_definition" and
                       (said := field_of(each, "name")) is not None and site.code(said) == "__init__"), None)  # fmt: skip
        if wanted is None:
            continue
        own = parameters_of(initial)
        passed = [each for each in wanted[1:] if each in own]
        body = field_of(initial, "body")
        assert body is not None
        first = body.named_children[0]
        yield _line_before(site, first, f"super().__init__({', '.join(passed)})", 0.95)


def _wrong(fault: Fault, context: Context) -> Iterator[Draft]:
    """A start value of another kind than the use needs."""
    lacks, added = _LACKS.search(fault.message), _ADDED.search(fault.message)
    wanted: list[str] = []
    if lacks:
        name = lacks["name"]
        wanted = ["[]"] if name in _SEQUENCE else [FRESH[name]] if name in FRESH else []
    elif _INDEX.search(fault.message):
        wanted = ["{}", "[]"]
    elif _CONTAINS.search(fault.message):
        wanted = ["[]", "{}", "set()", '""']
    elif added:
        types = [added["left"] or added["own"], added["right"] or added["other"]]
        wanted = [_ZEROS[each] for each in reversed(types) if each in _ZEROS]
    if not wanted:
        return
    every = mendable(context)
    seen: set[tuple[str, int]] = set()
    for site in every[:3]:
        for node in site.nodes("identifier", "attribute"):
            for place, value, steps in origins(every, site, node):
                text = place.code(value)
                key = (place.file, value.start_byte)
                if key in seen or text not in _STARTS:
                    continue
                seen.add(key)
                for rank, start in enumerate(wanted):
                    if start != text:
                        prior = 0.86 - 0.1 * rank - 0.03 * steps - 0.05 * site.away
                        yield place.put(f"Start with `{start}` instead of `{text}`", value, start, prior)


REPAIR = Repair("start-value", "Give a variable or attribute the start value that its uses ask for", propose)
