"""What it does
    Makes a call and its definition agree: gives a method its ``self``, passes the argument that is missing (a name in
    scope that is called like the parameter, or that nothing else uses), drops one that is too many, corrects the name
    of a keyword argument.

Example
    ``def describe():`` in a class, called as ``account.describe()``

Use instead
    ``def describe(self):``

When it stays silent
    The definition is not in the workspace, and the message does not name what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree, candidates, types_here
from ..fault import Fault
from ..grammar import splice
from ..repair import Context, Draft, Repair
from ..scopes import scopes_at, visible
from ..signatures import keywords_of
from ..spelling import closest, likeness
from ..workspace import is_test

_MISSING = re.compile(
    r"^(?P<name>[\w.<>]+)\(\) missing (?P<count>\d+) required (?:positional|keyword-only) arguments?: '(?P<first>\w+)'"
)
_TOO_MANY = re.compile(
    r"^(?P<name>[\w.<>]+)\(\) takes (?:from \d+ to )?(?P<takes>\d+) positional arguments? but (?P<given>\d+) "
)
_NO_ARGUMENTS = re.compile(r"^(?P<name>[\w.<>]+)\(\) takes no arguments(?: \((?P<given>\d+) given\))?")
_KEYWORD = re.compile(r"^(?P<name>[\w.<>]+)\(\) got an unexpected keyword argument '(?P<keyword>\w+)'")

#: The same of functions written in C, up to Python 3.12.
_INVALID = re.compile(r"^'(?P<keyword>\w+)' is an invalid keyword argument for (?P<name>[\w.]+)")

#: Parameters that a surplus argument is tried for.
NAMES = 4
_KINDS = {"string": "str", "integer": "int", "float": "float", "list": "list", "dictionary": "dict", "tuple": "tuple"}


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    if fault.exception != "TypeError":
        return
    message = fault.message
    if match := _TOO_MANY.match(message) or _NO_ARGUMENTS.match(message):
        given = int(match["given"] or 1)
        takes = int(match.groupdict().get("takes") or 0)
        yield from _add_self(context, match["name"])
        yield from _take_all(context, match["name"])
        yield from _by_keyword(context, match["name"], given - takes)
        if given - takes == 1:
            yield from _drop_argument(context, match["name"])
            yield from _add_parameter(context, match["name"])
    elif match := _MISSING.match(message):
        yield from _pass_argument(context, match["name"], match["first"])
        yield from _drop_parameter(context, match["name"], match["first"])
        yield from _optional(context, match["name"], match["first"])
    elif match := _KEYWORD.match(message) or _INVALID.match(message):
        yield from _rename_keyword(context, match["name"], match["keyword"])


def _definitions(context: Context, qualified: str) -> Iterator[tuple[str, str, Tree, Node]]:
    """(file, text, tree, function) of the definitions that a message may mean: in the file of the fault first."""
    parts = [part for part in qualified.split(".") if part != "<locals>"]
    files = [context.name, *(name for name in context.workspace.python_files[:300] if name != context.name)]
    for file in files:
        text = context.workspace.text(file)
        if text is None or f"def {parts[-1]}" not in text:
            continue
        tree = Tree(text)
        stack = [tree.tree.root_node]
        while stack:
            node = stack.pop()
            stack.extend(node.children)
            name = node.child_by_field_name("name") if node.type == "function_definition" else None
            if name is None or (name.text or b"").decode("utf-8", "replace") != parts[-1]:
                continue
            owner = enclosing(node.parent, "class_definition", "function_definition")
            owner_name = owner.child_by_field_name("name") if owner is not None else None
            said = (owner_name.text or b"").decode("utf-8", "replace") if owner_name is not None else ""
            if len(parts) > 1 and said != parts[-2]:
                continue
            yield file, text, tree, node


def _decorators(node: Node) -> str:
    parent = node.parent
    if parent is None or parent.type != "decorated_definition":
        return ""
    return " ".join((child.text or b"").decode("utf-8", "replace") for child in parent.children[:-1])


def _add_self(context: Context, name: str) -> Iterator[Draft]:
    for file, text, tree, node in _definitions(context, name):
        parameters = node.child_by_field_name("parameters")
        owner = enclosing(node.parent, "class_definition", "function_definition")
        if parameters is None or owner is None or owner.type != "class_definition" or is_test(file):
            continue
        names = [(child.text or b"").decode("utf-8", "replace") for child in parameters.named_children]
        if names[:1] in (["self"], ["cls"]) or "staticmethod" in _decorators(node):
            continue
        receiver = "cls" if "classmethod" in _decorators(node) else "self"
        start = tree.offset(parameters.start_byte) + 1
        new = splice(text, [(start, start, f"{receiver}, " if names else receiver)])
        function = name.rpartition(".")[2]
        yield Draft(f"Insert `{receiver}` into the parameters of `{function}`", {file: new}, 0.93)


def _by_keyword(context: Context, name: str, surplus: int) -> Iterator[Draft]:
    """The last arguments are for parameters that are given by name only."""
    for _, _, _, node in _definitions(context, name):
        labels = by_name_only(node)
        if not labels or surplus < 1:
            continue
        for tree, arguments in _calls(context, name):
            plain = [each for each in arguments.named_children if each.type != "keyword_argument"][-surplus:]
            texts = [tree.expression(each) for each in plain]
            named = [each.child_by_field_name("name") for each in arguments.named_children]
            given = {tree.expression(each).text for each in named if each is not None}
            free = [each for each in labels if each not in given]
            alike = [each.text for each in texts if each.text in free]
            ways = [alike] if len(alike) == len(texts) else [free[at : at + len(texts)] for at in range(NAMES)]
            ways = [each for each in ways if len(each) == len(texts) == len(set(each))]
            for rank, meant in enumerate(ways):
                edits = [(each.start, each.start, f"{label}=") for each, label in zip(texts, meant, strict=True)]
                prior = 0.92 if len(ways) == 1 else 0.74 - 0.01 * rank  # which is meant, only a check can tell
                yield context.edit(f"Pass `{', '.join(meant)}` by name", edits, prior)


def _take_all(context: Context, name: str) -> Iterator[Draft]:
    """The last parameter takes all that is left: its function goes through it, or it is called as such ones are."""
    for file, text, tree, node in _definitions(context, name):
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        items = parameters.named_children if parameters is not None else []
        if not items or body is None or items[-1].type != "identifier" or is_test(file):
            continue
        last = (items[-1].text or b"").decode("utf-8", "replace")
        said = (body.text or b"").decode("utf-8", "replace")
        through = re.search(
            rf"\bin {re.escape(last)}\b|\b{re.escape(last)}\[|\blen\({re.escape(last)}\)|\*{re.escape(last)}\b", said
        )
        if last in {"self", "cls"} or through is None:
            continue
        start = tree.offset(items[-1].start_byte)
        prior = 0.86 if last in {"args", "arguments", "rest", "others", "values", "items"} else 0.6
        yield Draft(f"Take all further arguments as `*{last}`", {file: splice(text, [(start, start, "*")])}, prior)


def _calls(context: Context, name: str) -> Iterator[tuple[Tree, Node]]:
    function = name.rpartition(".")[2]
    if function == "__init__":
        function = name.split(".")[-2]
    tree = Tree(context.text)
    for each in candidates(context, "call"):
        callee = each.field("function")
        arguments = each.field("arguments")
        if callee is None or arguments is None or arguments.type != "argument_list":
            continue
        said = (callee.text or b"").decode("utf-8", "replace").rpartition(".")[2]
        if said == function:
            yield tree, arguments


def literal_kinds(tree: Tree, name: str, index: int) -> set[str]:
    """The types of the literals that calls of a function pass at a place; empty if there are none."""
    function, found = (
        name.split(".")[0] if name.endswith(("__new__", "__init__")) else name.rpartition(".")[2],
        set[str](),
    )
    stack = [tree.tree.root_node]
    while stack and index >= 0:
        node = stack.pop()
        stack.extend(node.children)
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if node.type != "call" or callee is None or arguments is None:
            continue
        if (callee.text or b"").decode("utf-8", "replace").rpartition(".")[2] == function:
            items = arguments.named_children
            if index < len(items) and len(items) > 1 and items[index].type in _KINDS:
                found.add(_KINDS[items[index].type])
    return found


def by_name_only(node: Node) -> list[str]:
    """The parameters of a function that are given by name only, behind a lone ``*``."""
    parameters = node.child_by_field_name("parameters")
    items = parameters.named_children if parameters is not None else []
    star = next((index for index, each in enumerate(items) if each.type == "keyword_separator"), len(items))
    texts = ((each.text or b"").decode("utf-8", "replace") for each in items[star + 1 :])
    return [re.split(r"[:=\s]", each, maxsplit=1)[0] for each in texts]


def _drop_argument(context: Context, name: str) -> Iterator[Draft]:
    malus = 0.1 if any(by_name_only(node) for *_, node in _definitions(context, name)) else 0.0  # for one of these
    for tree, arguments in _calls(context, name):
        items = [tree.expression(child) for child in arguments.named_children]
        for index, item in enumerate(items):
            if index + 1 < len(items):
                cut = (item.start, items[index + 1].start, "")
            elif index:
                cut = (items[index - 1].end, item.end, "")
            else:
                cut = (item.start, item.end, "")
            twin = any(other.text == item.text for other in items if other is not item)
            constant = item.type in {"none", "integer", "string", "true", "false"}
            prior = 0.6 + 0.08 * (index == len(items) - 1) + 0.06 * twin + 0.08 * constant - malus
            yield context.edit(f"Remove the argument `{item.text[:30]}`", [cut], prior)


def _pass_argument(context: Context, name: str, parameter: str) -> Iterator[Draft]:
    order = _parameters(context, name)
    for tree, arguments in _calls(context, name):
        items = [tree.expression(child) for child in arguments.named_children]
        start = tree.offset(arguments.start_byte) + 1
        used = {item.text for item in items}
        kinds, types = (
            literal_kinds(tree, name, order.index(parameter) if parameter in order else -1),
            types_here(context),
        )
        for meant, prior in _values(context, start, parameter, used):
            if kinds and types.get(meant, next(iter(kinds))) not in kinds:
                continue  # all other calls pass another kind of value there
            places: dict[int, float] = {}
            end = tree.offset(arguments.end_byte) - 1
            if parameter in order:
                places[order.index(parameter)] = 0.0
            # What is missing need not be the last one: the others may stand one place too far to the left.
            for index in range(len(items) + 1):
                places.setdefault(index, 0.08)
            for index, malus in places.items():
                if index < len(items):
                    edit = (items[index].start, items[index].start, f"{meant}, ")
                elif items:
                    edit = (items[-1].end, items[-1].end, f", {meant}")
                else:
                    edit = (start, end, meant)
                if index <= len(items):
                    yield context.edit(f"Pass `{meant}` as an argument", [edit], max(prior - malus, 0.05))
            keyword = f"{parameter}={meant}"
            edit = (items[-1].end, items[-1].end, f", {keyword}") if items else (start, end, keyword)
            yield context.edit(f"Pass `{keyword}`", [edit], max(prior - 0.2, 0.05))


def _values(context: Context, place: int, parameter: str, used: set[str]) -> list[tuple[str, float]]:
    """Names in scope that may be what a parameter asks for, best first: alike, else local and not passed yet."""
    depth = visible(context.text, place)
    functions = set(re.findall(r"^[ \t]*(?:def|class)[ \t]+(\w+)", context.text, re.MULTILINE))
    imported = set(re.findall(r"^(?:from[^\n]*)?import[ \t]+(.*)$", context.text, re.MULTILINE))
    words = {word for line in imported for word in re.findall(r"\w+", line)}
    scores: dict[str, float] = {}
    limit = next((i for i, scope in enumerate(scopes_at(context.text, place)) if scope.kind == "module"), 0)
    for name, away in depth.items():
        if name in functions or name in words or name in {"self", "cls"}:
            continue
        alike = 1.0 if name == parameter else likeness(parameter, name)
        local = away < limit
        base = 0.5 if local else 0.3
        scores[name] = base + 0.42 * alike + (0.0 if name in used else 0.06) - 0.02 * away
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:6]


def _parameters(context: Context, name: str) -> list[str]:
    for _, _, _, node in _definitions(context, name):
        parameters = node.child_by_field_name("parameters")
        if parameters is not None:
            names = [
                re.split(r"[:=\s]", (child.text or b"").decode("utf-8", "replace"), maxsplit=1)[0]
                for child in parameters.named_children
            ]
            return [each for each in names if each not in {"self", "cls"}]
    return []


def _drop_parameter(context: Context, name: str, parameter: str) -> Iterator[Draft]:
    """A parameter that its function does not use."""
    for file, text, tree, node in _definitions(context, name):
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        if parameters is None or body is None:
            continue
        used = re.search(rf"\b{re.escape(parameter)}\b", (body.text or b"").decode("utf-8", "replace"))
        items = [tree.expression(child) for child in parameters.named_children]
        for index, item in enumerate(items):
            if used is None and re.match(rf"{re.escape(parameter)}\b", item.text):
                start = items[index - 1].end if index else item.start
                end = item.end if index or len(items) == 1 else items[1].start
                yield Draft(f"Remove the unused parameter `{parameter}`", {file: splice(text, [(start, end, "")])}, 0.7)


def _optional(context: Context, name: str, parameter: str) -> Iterator[Draft]:
    """A last parameter that its function asks whether it is there."""
    for file, text, tree, node in _definitions(context, name):
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        items = parameters.named_children if parameters is not None else []
        if body is None or not items or items[-1].type not in {"identifier", "typed_parameter"} or is_test(file):
            continue
        said = (items[-1].text or b"").decode("utf-8", "replace")
        inside = (body.text or b"").decode("utf-8", "replace")
        word = re.escape(parameter)
        asked = re.search(rf"\b{word} is (?:not )?None\b|\b(?:if|not) {word}\b|\b{word} or\b", inside)
        if re.match(rf"{re.escape(parameter)}\b", said) is None or asked is None:
            continue
        end = tree.offset(items[-1].end_byte)
        default = " = None" if items[-1].type == "typed_parameter" else "=None"
        yield Draft(f"Let `{parameter}` be None", {file: splice(text, [(end, end, default)])}, 0.9)


def _add_parameter(context: Context, name: str) -> Iterator[Draft]:
    """The function uses a name that nothing binds: it is the parameter that was forgotten."""
    import builtins

    for file, text, tree, node in _definitions(context, name):
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        if parameters is None or body is None:
            continue
        start = tree.offset(parameters.end_byte) - 1
        known = visible(text, tree.offset(body.start_byte))
        free = [
            (child.text or b"").decode("utf-8", "replace")
            for child in _loads(body)
            if (child.text or b"").decode("utf-8", "replace") not in known
        ]
        for missing in dict.fromkeys(each for each in free if not hasattr(builtins, each)):
            text_before = ", " if parameters.named_child_count else ""
            new = splice(text, [(start, start, f"{text_before}{missing}")])
            yield Draft(f"Add the parameter `{missing}`", {file: new}, 0.85)


def _loads(node: Node) -> Iterator[Node]:
    parent = node.parent
    if node.type == "identifier" and parent is not None:
        attribute = parent.type == "attribute" and parent.child_by_field_name("attribute") == node
        keyword = parent.type == "keyword_argument" and parent.child_by_field_name("name") == node
        if not attribute and not keyword:
            yield node
    for child in node.children:
        yield from _loads(child)


def _rename_keyword(context: Context, name: str, keyword: str) -> Iterator[Draft]:
    known = _parameters(context, name)
    hinted = re.search(r"Did you mean '(\w+)'", context.fault.message)
    if hinted:
        known = [*known, hinted[1]]
    tree = Tree(context.text)
    own = {arguments.start_byte for _, arguments in _calls(context, name)} if known else set[int]()
    for each in candidates(context, "call"):
        callee, arguments = each.field("function"), each.field("arguments")
        for child in arguments.named_children if callee is not None and arguments is not None else ():
            label = child.child_by_field_name("name") if child.type == "keyword_argument" else None
            if label is None or callee is None or (label.text or b"").decode("utf-8", "replace") != keyword:
                continue
            item = tree.expression(label)
            # What refuses it may be a function further in, to which the one that is called passes all it is given.
            said = keywords_of(context.text, re.sub(r"\s", "", (callee.text or b"").decode("utf-8", "replace")))
            meant_here = known if arguments is not None and arguments.start_byte in own else said
            for meant, score in closest(keyword, meant_here):
                title = f"Rename the argument `{keyword}` to `{meant}`"
                yield context.edit(title, [(item.start, item.end, meant)], score)


REPAIR = Repair("wrong-arguments", "Make a call and its definition agree", propose)
