"""What it does
    Gives a lookup of a key that is not there a default: ``setdefault`` where the entry is then changed, ``get`` where
    it is read, with the value that fits its use; corrects a constant key that resembles one that the program uses.

Example
    ``groups[key].append(item)`` with ``groups = {}``, ``counts[word] += 1``, ``row["pirce"]``

Use instead
    ``groups.setdefault(key, []).append(item)``, ``counts[word] = counts.get(word, 0) + 1``, ``row["price"]``

When it stays silent
    The fault is not a KeyError, or the key is not looked up on a line of the workspace.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tree_sitter import Node

from ..fault import Fault
from ..lexer import lex
from ..origins import Site, expected, field_of, indexed, mendable, sites
from ..repair import Context, Draft, Repair
from ..spelling import closest

#: Method that is called on the entry → what a new entry is.
FRESH = {
    "append": "[]",
    "extend": "[]",
    "insert": "[]",
    "add": "set()",
    "discard": "set()",
    "update": "{}",
    "setdefault": "{}",
    "items": "{}",
    "get": "{}",
    "keys": "{}",
    "values": "{}",
}
_TRIVIAL = ("0", "None", '""', "[]", "{}", "False")


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception.rpartition(".")[2] != "KeyError":
        return
    yield from _keywords(context, fault.message)
    for site in mendable(context)[:3]:
        malus = 0.06 * site.away
        for node in site.nodes("subscript", "call"):
            yield from _lookups(context, site, node, fault.message, malus)


def _keywords(context: Context, message: str) -> Iterator[Draft]:
    """The key was to come as a keyword argument of one of the calls that led here, and is misspelt there."""
    key = message.strip("'\"")
    if not key.isidentifier():
        return
    for site in mendable(context)[:6]:
        for node in site.nodes("keyword_argument"):
            label = field_of(node, "name")
            for meant, score in closest(site.code(label), [key], least=0.6) if label is not None else ():
                assert label is not None
                typed = site.code(label)
                once = len(re.findall(rf"\b{re.escape(typed)}\b", site.text)) == 1
                often = len(re.findall(rf"\b{re.escape(key)}\b", site.text)) > 1
                prior = score + (0.04 if once and often else -0.05)
                yield site.put(f"Rename the argument `{typed}` to `{meant}`", label, meant, prior)


def _lookups(context: Context, site: Site, node: Node, message: str, malus: float) -> Iterator[Draft]:
    if node.type == "call":
        function = field_of(node, "function")
        arguments = field_of(node, "arguments")
        if function is not None and site.code(function).endswith(".pop") and arguments is not None:
            if arguments.named_child_count == 1:
                end = site.span(arguments)[1] - 1
                yield site.edit("Pop with a default", [(end, end, ", None")], 0.7 - malus)
            yield from _respelt(context, site, arguments.named_children[0], message, malus)
        return
    owner, keys = field_of(node, "value"), node.children_by_field_name("subscript")
    if owner is None or len(keys) != 1 or keys[0].type == "slice":
        return
    known = site.kind(owner)
    if known is not None and known in {"list", "tuple", "str"}:
        return
    table, key = site.code(owner), site.code(keys[0])
    yield from _respelt(context, site, keys[0], message, malus)
    yield from _normal(site, keys[0], message, malus)
    if keys[0].type in {"integer", "unary_operator"} and re.fullmatch(r"-?\d+", message):
        yield site.put(f"Take place {message} of the keys", owner, f"list({table})", 0.72 - malus)
        yield site.put(f"Take place {message} of the values", owner, f"list({table}.values())", 0.7 - malus)
    parent = node.parent
    if parent is None:
        return
    if parent.type == "augmented_assignment" and field_of(parent, "left") == node:
        operator, right = field_of(parent, "operator"), field_of(parent, "right")
        if operator is not None and right is not None:
            start = _zero(site, right)
            new = f"{table}[{key}] = {table}.get({key}, {start}) {operator.type[:-1]} {site.code(right)}"
            yield site.put(f"Start a new entry with `{start}`", parent, new, 0.9 - malus)
        return
    if parent.type == "attribute" and field_of(parent, "object") == node:
        name = field_of(parent, "attribute")
        fresh = FRESH.get(site.code(name)) if name is not None else None
        if fresh:
            new = f"{table}.setdefault({key}, {fresh})"
            yield site.put(f"Start a new entry with `{fresh}`", node, new, 0.9 - malus)
        return
    if parent.type == "assignment" and field_of(parent, "left") == node:
        return
    if parent.type == "subscript" and field_of(parent, "value") == node:
        above = parent.parent
        stored = above is not None and above.type == "assignment" and field_of(above, "left") == parent
        new = f"{table}.setdefault({key}, {{}})" if stored else f"{table}.get({key}, {{}})"
        yield site.put("Start a new entry with `{}`", node, new, (0.85 if stored else 0.4) - malus)
        return
    if parent.type == "delete_statement":
        yield site.put("Pop with a default", parent, f"{table}.pop({key}, None)", 0.8 - malus)
        return
    for default, prior in _defaults(context, site, node):
        new = f"{table}.get({key})" if default == "None" else f"{table}.get({key}, {default})"
        yield site.put(f"Look up `{key}` with the default `{default}`", node, new, prior - malus)


def _normal(site: Site, key: Node, message: str, malus: float) -> Iterator[Draft]:
    """The key has another form than those of the table: a number for its text, capitals, blanks at the ends."""
    if key.type in {"string", "integer", "tuple"}:
        return
    said, typed = site.code(key), message.strip("'\"")
    quoted = message[:1] in {"'", '"'}
    ways: list[tuple[str, float]] = []
    if not quoted and re.fullmatch(r"-?\d+", message):
        ways = [(f"str({said})", 0.8 if re.search(r"[\"']\d+[\"']\s*:|\bjson\b", site.text) else 0.44)]
    elif quoted and re.fullmatch(r"-?\d+", typed):
        ways = [(f"int({said})", 0.82 if site.kind(key) == "str" else 0.6)]
    elif quoted:
        for method, changed in (("strip", typed.strip()), ("lower", typed.lower()), ("upper", typed.upper())):
            used = re.search(rf"\.{method}\(\)", site.text) is not None
            if changed != typed and (method == "strip" or used):
                ways.append((f"{said}.{method}()", 0.9 if method == "strip" else 0.8))
    for new, prior in ways:
        yield site.put(f"Look up `{new[:40]}`", key, new, prior - malus)


def _zero(site: Site, added: Node) -> str:
    if added.type in {"string", "concatenated_string"}:
        return '""'
    if added.type in {"list", "list_comprehension"}:
        return "[]"
    if added.type == "tuple":
        return "()"
    return {"str": '""', "list": "[]", "tuple": "()", "Decimal": "0"}.get(site.kind(added) or "", "0")


def _defaults(context: Context, site: Site, node: Node) -> Iterator[tuple[str, float]]:
    """Defaults by how the entry is used."""
    parent = node.parent
    assert parent is not None
    if parent.type in {"for_statement", "for_in_clause"}:
        yield "[]", 0.75
        return
    if parent.type == "comparison_operator":
        yield "[]" if any(child.type in {"in", "not in"} for child in parent.children) else "0", 0.6
    if parent.type == "binary_operator":
        other = next((child for child in parent.named_children if child != node), node)
        yield _zero(site, other), 0.75
        return
    if parent.type == "assignment" and _asked_for_none(site, parent):
        yield "None", 0.93
    wanted = expected(context)
    usual = ("1", *_TRIVIAL) if is_factor(node) else _TRIVIAL
    for rank, default in enumerate(dict.fromkeys([*(each for each in wanted if _plain(each)), *usual])):
        yield default, (0.62 if default in wanted else 0.5) - 0.02 * rank


def _asked_for_none(site: Site, assignment: Node) -> bool:
    """Whether the next statement asks if there is nothing in the name that was assigned."""
    left, line = field_of(assignment, "left"), assignment.parent
    following = line.next_named_sibling if line is not None else None
    condition = field_of(following, "condition") if following is not None and following.type == "if_statement" else None
    if left is None or condition is None:
        return False
    return re.match(rf"(?:not )?{re.escape(site.code(left))}(?: is (?:not )?None)?$", site.code(condition)) is not None


def is_factor(node: Node) -> bool:
    """Whether an entry is multiplied, as it is or after a call that reads a number: what is left out counts once."""
    parent = node.parent
    while parent is not None and parent.type in {"argument_list", "call", "parenthesized_expression"}:
        parent = parent.parent
    operator = field_of(parent, "operator") if parent is not None and parent.type == "binary_operator" else None
    return operator is not None and operator.type in {"*", "/"}


def _plain(value: str) -> bool:
    return value in {*_TRIVIAL, "''", "0.0", "()", "True", "1", "-1"}


def _respelt(context: Context, site: Site, key: Node, message: str, malus: float) -> Iterator[Draft]:
    """A constant key that is a slip for one that the program writes elsewhere."""
    if key.type != "string":
        return
    said = site.code(key)
    try:
        typed = ast.literal_eval(said)
    except (ValueError, SyntaxError):
        return
    if not isinstance(typed, str) or repr(typed) != message:
        return
    pool: dict[str, int] = {}
    for text in dict.fromkeys(each.text for each in sites(context)):
        for word in _keys(text):
            pool[word] = pool.get(word, 0) + 1
    yield from _nested(site, key, typed, malus)
    shape = _shape(typed)
    for meant in (each for each in _said(context) if shape and _shape(each) == shape and each != typed):
        quote = said[0] if said[0] in "'\"" else '"'
        yield site.put(f"Look up `{meant}` instead of `{typed}`", key, f"{quote}{meant}{quote}", 0.93 - malus)
    for meant, score in closest(typed, pool, count=3, least=0.4):
        quote = said[0] if said[0] in "'\"" else '"'
        prior = score - (0.1 if pool[typed] > 1 else 0.0) + 0.01 * min(pool[meant], 3)
        yield site.put(f"Look up `{meant}` instead of `{typed}`", key, f"{quote}{meant}{quote}", prior - malus)


def _shape(word: str) -> str:
    """What is left of a key whatever the way to write words in one."""
    return re.sub(r"[_\W]", "", word).casefold()


def _said(context: Context) -> Iterator[str]:
    """The words that stand in the texts of the calls' files: keys of JSON that is written there, headings, too."""
    seen: set[str] = set()
    for text in dict.fromkeys(each.text for each in sites(context)):
        for word in re.findall(
            r"['\"]([A-Za-z_][\w -]{0,40})(?=['\"])|(?<=[,;\t\n'\"])([A-Za-z_][\w -]{0,40})(?=[,;\t\\])", text
        ):
            each = word[0] or word[1]
            if each not in seen:
                seen.add(each)
                yield each


def _nested(site: Site, key: Node, typed: str, malus: float) -> Iterator[Draft]:
    """The key is one of a table inside of the table, as the file's own tables are made."""
    lookup = key.parent
    owner = field_of(lookup, "value") if lookup is not None and lookup.type == "subscript" else None
    if owner is None:
        return
    done: set[str] = set()
    for pair in indexed(site.text)["pair"]:
        label = field_of(pair, "key")
        if label is None or label.type != "string" or site.code(label)[1:-1] != typed:
            continue
        path: list[str] = []
        above = pair.parent
        while above is not None and above.type in {"dictionary", "pair"}:
            outer = field_of(above, "key") if above.type == "pair" else None
            path = [site.code(outer), *path] if outer is not None else path
            above = above.parent
        steps = "".join(f"[{each}]" for each in path)
        if 0 < len(path) <= 3 and steps not in done:
            done.add(steps)
            end = site.span(owner)[1]
            yield site.edit(f"Look up `{typed}` in `{steps}`", [(end, end, steps)], 0.9 - malus)


def _keys(text: str) -> Iterator[str]:
    for token in lex(text):
        if token.kind == "string" and 2 < len(token.text) <= 42 and "\n" not in token.text:
            inner = token.text.lstrip("rbfuRBFU")[1:-1]
            yield inner
            if "," in inner and " " not in inner:
                yield from inner.split(",")
        elif token.kind == "name":
            yield token.text


REPAIR = Repair("missing-key", "Look up with a default, or correct the key", propose)
