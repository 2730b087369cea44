"""Edits that a clue asks for which is neither on the value's way nor in the text of its line.

An import that nothing uses is what is left of the place that used it. A message that names a class says of what kind
the value beside it was to be. A class that cannot be made without a value was given where one is made without; a field
that is None was to be made anew for each object; a generator that was sent a value was to be started, one that is asked
whether it is empty never is; the function beside it in its library gives the object that was asked for.

Invariant: nothing of the workspace or of its libraries is imported to find out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from heapq import nsmallest

from tree_sitter import Node

from ...analyzers.syntax import enclosing, named_nodes
from ..logic.tree import Function, Mutation, is_load, statement_of
from ..origins import Site, arguments_of, callee, indexed, mendable, parameters_of, walk
from ..repair import Context
from ..scopes import tree_of
from ..standard import table
from .habits import habits_of, last_name
from .look import NOTHING, bound_in_module
from .places import function_at

#: (path, function that is changed or None for the module, mutation).
Clue = tuple[str, Function | None, Mutation]
#: Calls of the traceback whose functions are looked at; places of one function; functions of a module that is tried.
CALLS, PLACES, MEMBERS = 3, 14, 12
#: Files of a workspace in which a class is looked for.
FILES = 300
#: What modules are most often imported for, where it takes one value.
_ONE_VALUE = {
    "io": ("StringIO", "BytesIO"),
    "copy": ("copy", "deepcopy"),
    "json": ("loads", "dumps"),
    "math": ("floor", "ceil", "sqrt", "prod", "fsum"),
    "html": ("escape", "unescape"),
    "itertools": ("chain.from_iterable", "count"),
    "os": ("fspath",),
    "ast": ("literal_eval",),
}
#: Containers that a plain one stands in for: what it stands for, and what it was to be.
_CONTAINERS = {
    "defaultdict": ("{}", ("defaultdict(list)", "defaultdict(int)", "defaultdict(set)", "defaultdict(dict)")),
    "Counter": ("{}", ("Counter()",)),
    "OrderedDict": ("{}", ("OrderedDict()",)),
    "deque": ("[]", ("deque()",)),
}
_OPERANDS = re.compile(r"'([\w.]+)' and '([\w.]+)'")
_NEEDS = re.compile(r"(\w+)(?:\.__init__)?\(\) missing \d+ required positional argument")
_MADE_ANEW = {"list": "list", "dict": "dict", "set": "set", "deque": "deque", "defaultdict": "dict"}


def clue_changes(context: Context) -> Iterator[Clue]:
    """Changes of the files that the failing calls were in."""
    message, seen = context.fault.message, set[str]()
    for site in mendable(context)[:CALLS]:
        if site.file.endswith("__init__.py") or "__all__" in site.text:
            idle: Mapping[str, tuple[str, str]] = {}  # what it imports is for others
        else:
            idle = unused_imports(site.text)
        for name, (module, member) in idle.items():
            yield from _idle(site, name, module, member)
        yield from _at_hand(site, idle)
        yield from _beside(context, site, message)
        yield from _siblings(site)
        yield from _lazy(site)
        if "just-started generator" in message:
            yield from _started(site)
        if site.file not in seen:
            seen.add(site.file)
            yield from _containers(site, idle)
            yield from _factories(site, message)
            yield from _fields(site, message)


@lru_cache(maxsize=8)
def unused_imports(text: str) -> Mapping[str, tuple[str, str]]:
    """Names that a module imports and nothing in it uses → (module, what of it; nothing for the module itself)."""
    tree, data = tree_of(text)
    used: set[bytes] = set()
    found: dict[str, tuple[str, str]] = {}
    for node in named_nodes(tree.root_node):
        if node.type == "identifier" and enclosing(node, "import_statement", "import_from_statement") is None:
            used.add(node.text or b"")

    def code(node: Node | None) -> str:
        return data[node.start_byte : node.end_byte].decode("utf-8", "replace") if node is not None else ""

    for node in tree.root_node.named_children:
        if node.type not in ("import_statement", "import_from_statement"):
            continue
        origin = node.child_by_field_name("module_name")
        for each in node.children_by_field_name("name"):
            whole = each.child_by_field_name("name") if each.type == "aliased_import" else each
            name = code(each.child_by_field_name("alias")) or code(whole)
            if name.partition(".")[0].encode() not in used:
                found[name] = (code(origin), code(whole)) if origin is not None else (code(whole), "")
    return {name: each for name, each in found.items() if each[0] != "__future__"}


def _own(site: Site) -> list[Node]:
    return list(walk(site.function, nested=site.function.type == "function_definition"))


def _near(site: Site, nodes: Iterable[Node]) -> list[Node]:
    """The nodes of a function, which may be a long one, that are nearest to the line."""
    return nsmallest(PLACES, nodes, key=lambda node: abs(node.start_point[0] - site.line))


def _change(site: Site, title: str, node: Node, new: str, prior: float, operator: str) -> Clue:
    splices = ((node.start_byte, node.end_byte, new),)
    return site.file, function_at(site.text, node), Mutation(title, splices, node.start_point[0], prior, operator)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _idle(site: Site, name: str, module: str, member: str) -> Iterator[Clue]:
    """What an unused import may have been for: around a value, in another function's place."""
    if member in _CONTAINERS or member == "field" or module in ("typing", "contextlib"):
        return
    if member:
        makers = [name] if member != "wraps" else []
    else:
        known = _ONE_VALUE.get(module) or [each for each in table().get(module, ()) if each[:1].islower()]
        makers = [f"{name}.{each}" for each in known[:MEMBERS]]
    places = [
        node
        for node in _own(site)
        if node.type in ("identifier", "attribute", "call")
        and node.parent is not None
        and node.parent.type in ("argument_list", "return_statement", "assignment")
        and (node.type != "identifier" or is_load(node))
    ]
    for node in _near(site, places):
        text = site.code(node)
        share = 0.6 if module in _ONE_VALUE or member else 0.2
        for maker in makers:
            title = f"Use {maker}({_short(text)}) instead of {_short(text)}"
            yield _change(site, title, node, f"{maker}({text})", share, "unused import")
    for node in _near(site, (each for each in _own(site) if each.type == "call")):
        called = node.child_by_field_name("function") or node
        text = site.code(called)
        for maker in makers:
            if text != maker and (member or difflib.SequenceMatcher(None, text, maker).ratio() > 0.5):
                yield _change(site, f"Use {maker} instead of {_short(text)}", called, maker, 0.5, "unused import")


def _at_hand(site: Site, idle: Mapping[str, tuple[str, str]]) -> Iterator[Clue]:
    """What is imported for another place, and may be meant here as well."""
    if "io" in bound_in_module(site.text) and "io" not in idle:
        arguments = (node for node in _own(site) if node.parent is not None and node.parent.type == "argument_list")
        for node in _near(site, (each for each in arguments if each.type in ("identifier", "attribute"))):
            above = node.parent.parent if node.parent is not None else None
            if above is None or above.type != "call":
                continue
            text = site.code(node)
            if site.types.get(text, "str") == "str" and len(arguments_of(above)) == 1 and "." in site.code(above):
                for maker in ("io.StringIO", "io.BytesIO"):
                    title = f"Use {maker}({_short(text)}) instead of {_short(text)}"
                    yield _change(site, title, node, f"{maker}({text})", 0.3, "call")


def _containers(site: Site, idle: Mapping[str, tuple[str, str]]) -> Iterator[Clue]:
    """``defaultdict(list)`` for ``{}``, where it is imported and nothing uses it."""
    for name, (_, member) in idle.items():
        plain, ways = _CONTAINERS.get(member, ("", ()))
        kinds = {"{}": ("dictionary", "dict()"), "[]": ("list", "list()")}.get(plain)
        if kinds is None:
            continue
        empty = [node for node in named_nodes(site.tree.tree.root_node) if site.code(node) in (plain, kinds[1])]
        for node in [each for each in empty if each.type in (kinds[0], "call")][:PLACES]:
            for way in ways:
                new = way.replace(member, name)
                yield _change(site, f"Use {new} instead of {site.code(node)}", node, new, 0.8, "unused import")


def _beside(context: Context, site: Site, message: str) -> Iterator[Clue]:
    """``Money(0)`` for ``0``, where the other operand is a ``Money``."""
    pair = _OPERANDS.search(message)
    for name in {each.rpartition(".")[2] for each in pair.groups()} if pair is not None else ():
        if not name[:1].isupper() or name not in bound_in_module(site.text):
            continue
        fields = _fields_of(context, name)[1:]
        for node in _near(site, (each for each in _own(site) if _is_start(site, each))):
            text = site.code(node)
            if node.type != "call":
                given = node.parent is not None and node.parent.type in ("argument_list", "assignment", "pair")
                for new, share in _made_of(fields, site, node, name, text):
                    prior = share if given else 0.5 * share
                    yield _change(site, f"Use {new} instead of {text}", node, new, prior, "kind beside")
            else:
                for new, share in _made_of(fields, site, node, name, "0"):
                    call = f"sum({site.code(arguments_of(node)[0])}, {new})"
                    yield _change(site, f"Use {_short(call)}", node, call, share, "kind beside")


def _is_start(site: Site, node: Node) -> bool:
    """Whether a node is a plain value that something is added to, or a sum that begins with one."""
    if node.type == "call":
        return callee(node) == "sum" and len(arguments_of(node)) == 1
    return node.type in ("integer", "float", "string") and site.code(node) in ("0", "0.0", '""', "''", "1")


def _made_of(fields: list[str], site: Site, node: Node, name: str, text: str) -> Iterator[tuple[str, float]]:
    """An object of a class, made of one value: as it is made elsewhere, and with those of its further fields that are
    at hand here, which are likely meant where nothing else uses them. Each with how likely it is."""
    function = function_at(site.text, node)
    local = function.visible(node)
    more = [each for each in fields if each in local]
    waiting = any(each in function.unused for each in more)
    if more:
        yield f"{name}({', '.join([text, *(f'{each}={each}' for each in more)])})", 1.6 if waiting else 1.0
    yield f"{name}({text})", 0.5 if waiting else 1.0
    for other in habits_of(site.text).given.get(name, NOTHING):
        if re.fullmatch(r"\([\w'\".]*\)", other) and other != f"({text})" and not re.search(r"[^\W\d]", other):
            yield f"{name}{other}", 0.8


def _fields_of(context: Context, name: str) -> list[str]:
    """What a class of the workspace takes."""
    for path in context.workspace.python_files[:FILES]:
        text = context.workspace.text(path)
        for node in indexed(text)["class_definition"] if text and f"class {name}" in text else ():
            label, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if label is None or body is None or label.text != name.encode():
                continue
            made = next((each for each in body.named_children if each.type == "function_definition"
                         and b"def __init__" in (each.text or b"")[:20]), None)  # fmt: skip
            if made is not None:
                return [each for each in parameters_of(made) if each != "self"]
            return re.findall(r"^[ \t]*([^\W\d]\w*)\s*:", (body.text or b"").decode("utf-8", "replace"), re.MULTILINE)
    return []


def _siblings(site: Site) -> Iterator[Clue]:
    """``csv.DictReader`` for ``csv.reader``: what a library has that is called alike."""
    for node in _near(site, (each for each in _own(site) if each.type == "attribute")):
        owner, label = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if owner is None or label is None or owner.type != "identifier":
            continue
        module, name = site.code(owner), site.code(label)
        if module not in table() or not re.search(rf"^import (?:.*, )?{module}\b", site.text, re.MULTILINE):
            continue
        for other in table()[module]:
            ratio = difflib.SequenceMatcher(None, other.lower(), name.lower()).ratio()
            if other != name and ratio > 0.6:
                new = f"{module}.{other}"
                yield _change(site, f"Use {new} instead of {module}.{name}", node, new, 0.6 * ratio, "sibling")


def _started(site: Site) -> Iterator[Clue]:
    """``next(machine)`` before the first ``machine.send(value)``."""
    sent = {site.code(node)[: -len(".send")] for node in _own(site) if site.code(node).endswith(".send")}
    for node in _own(site):
        left = node.child_by_field_name("left") if node.type == "assignment" else None
        if left is None or site.code(left) not in sent:
            continue
        function, holder = function_at(site.text, node), statement_of(node)
        if function.alone(holder):
            at, new = function.line_end(holder), f"{function.indent(holder)}next({site.code(left)})\n"
            title = f"Add next({site.code(left)})"
            yield site.file, function, Mutation(title, ((at, at, new),), holder.start_point[0], 1.2, "start")


def _lazy(site: Site) -> Iterator[Clue]:
    """``[… for …]`` for ``(… for …)`` that is asked whether it is empty, and so always says that it is not."""
    own = _own(site)
    asked: set[str] = set()
    for node in own:
        if node.type in ("if_statement", "while_statement", "conditional_expression", "not_operator"):
            conditions = [node.child_by_field_name("condition"), node.child_by_field_name("argument")]
            asked |= {site.code(each) for each in conditions if each is not None and each.type == "identifier"}
    for node in own:
        left, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type != "assignment" or left is None or value is None or value.type != "generator_expression":
            continue
        if site.code(left) in asked:
            new = f"[{site.code(value)[1:-1]}]"
            yield _change(site, f"Make a list of {_short(site.code(value))}", value, new, 1.6, "kind")


def _factories(site: Site, message: str) -> Iterator[Clue]:
    """``lambda: Money(0)`` for ``Money``, where it is called without a value."""
    needs = _NEEDS.search(message)
    for node in named_nodes(site.tree.tree.root_node) if needs is not None else ():
        if node.type != "identifier" or needs is None or site.code(node) != needs[1] or node.parent is None:
            continue
        above = node.parent.parent if node.parent.type == "argument_list" else None
        label = node.parent.child_by_field_name("name") if node.parent.type == "keyword_argument" else None
        is_factory = above is not None and above.type == "call" and last_name(callee(above)) == "defaultdict"
        if is_factory or (label is not None and "factory" in site.code(label)):
            for value, prior in (("0", 1.2), ('""', 0.8), ("[]", 0.8), ("{}", 0.8), ("None", 0.7)):
                new = f"lambda: {needs[1]}({value})"
                yield _change(site, f"Use {new} instead of {needs[1]}", node, new, prior, "factory")


def _fields(site: Site, message: str) -> Iterator[Clue]:
    """``field(default_factory=list)`` for ``None``, where a field of this kind was used."""
    if "NoneType" not in message or "field" not in bound_in_module(site.text):
        return
    line = site.text.split("\n")[site.line]
    for node in indexed(site.text)["assignment"]:
        left, kind, value = (node.child_by_field_name(each) for each in ("left", "type", "right"))
        if left is None or kind is None or value is None or value.type != "none":
            continue
        maker = _MADE_ANEW.get(re.split(r"\W", site.code(kind), maxsplit=1)[0].lower())
        if maker is not None and re.search(rf"\.{re.escape(site.code(left))}\b", line):
            new = f"field(default_factory={maker})"
            yield _change(site, f"Use {new} instead of None", value, new, 1.2, "factory")
