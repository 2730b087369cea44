"""What it does
    Returns the value of a function's last expression where its caller got None and could not use it.

Example
    ``def total(xs): sum(xs)`` and then ``total(xs) + 1``

Use instead
    ``def total(xs): return sum(xs)``

When it stays silent
    The fault does not involve None, or no function that was called ends with a bare expression or variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...analyzers.syntax import enclosing
from ..expressions import Tree
from ..fault import Fault
from ..grammar import line_behind, splice
from ..origins import mendable
from ..repair import Context, Draft, Repair
from ..workspace import is_test

#: Statements whose value is None anyway: returning it would change nothing.
_EFFECTS = re.compile(r"(?:^print|\.(?:append|extend|add|update|sort|reverse|insert|remove|write|clear|discard))\s*\(")

_NO_VALUE = frozenset({"assignment", "augmented_assignment", "string", "concatenated_string", "yield", "ellipsis"})


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    yield from _before_the_end(fault, context)
    if fault.category not in {"syntax", "name"}:
        yield from _kept_for_nobody(context)
    if fault.exception not in {"TypeError", "AttributeError", "AssertionError"}:
        return
    told = re.search("NoneType|must be callable", fault.message)
    if fault.exception != "AssertionError" and not told and not _takes_none(context):
        return
    called = _called(context)
    for file in dict.fromkeys([context.name, *_reached(context)]):
        text = context.workspace.text(file)
        if text is None or is_test(file):
            continue
        tree = Tree(text)
        for name, body in _functions(tree.tree.root_node):
            last = _last(body)
            yield from _handed_back(context, file, text, tree, name, body, name in called)
            for statement in _expressions(body):
                value = statement.named_children[0]
                said = tree.expression(value)
                if (value.type in _NO_VALUE and not _is_text(statement, value, body)) or _EFFECTS.search(said.text):
                    continue
                if statement == last:
                    weight = 0.55 if any(_returns(child) for child in body.children) else 0.85
                elif value.type not in {"call", "await"}:
                    weight = 0.8  # a value that nobody uses, in the middle of a function
                else:
                    continue
                start = tree.offset(statement.start_byte)
                new = splice(text, [(start, start, "return ")])
                prior = weight + (0.06 if name in called else -0.2)
                yield Draft(f"Return the value of `{said.text[:40]}`", {file: new}, prior)


def _takes_none(context: Context) -> bool:
    """Whether a name on the line that failed is observed to be None: a library says that in words of its own."""
    return any(site.kind(node) == "NoneType" for site in mendable(context)[:1] for node in site.nodes("identifier"))


def _is_text(statement: Node, value: Node, body: Node) -> bool:
    """Whether a text is a value, and not there for readers: it is put together from others, or ends a branch."""
    if value.type != "string":
        return False
    made = any(child.type == "interpolation" for child in value.named_children)
    return made or (statement.parent != body and statement == _last(statement.parent or body))


def _before_the_end(fault: Fault, context: Context) -> Iterator[Draft]:
    """The function comes to the ``raise`` at its end, because it computed its result above and did not return it."""
    lines = context.text.split("\n")
    if is_test(context.name) or not 0 <= fault.line < len(lines) or not lines[fault.line].lstrip().startswith("raise"):
        return
    tree = Tree(context.text)
    for _, body in _functions(tree.tree.root_node):
        if not body.start_point[0] <= fault.line <= body.end_point[0]:
            continue
        told = {_given(tree.expression(each).text) for each in _results(body)}
        for statement in _expressions(body):
            said = tree.expression(statement.named_children[0])
            if (
                said.type in _NO_VALUE
                or _EFFECTS.search(said.text)
                or statement.start_point[0] >= fault.line
                or not told
            ):
                continue
            start = tree.offset(statement.start_byte)
            prior = 0.86 if _given(said.text) in told else 0.5
            yield context.edit(f"Return the value of `{said.text[:40]}`", [(start, start, "return ")], prior)


def _kept_for_nobody(context: Context) -> Iterator[Draft]:
    """A block that ends without ``return`` and sets a variable that nothing reads, where others return."""
    text = context.text
    if is_test(context.name):
        return
    tree = Tree(text)
    # A value that is wrong, not missing, is seldom that of another branch.
    wrong = re.search(r"'(?:float|int|str|list|dict|tuple)'", context.fault.message)
    prior = 0.6 if wrong and "NoneType" not in context.fault.message else 0.8
    for _, body in _functions(tree.tree.root_node):
        if not body.start_point[0] <= context.fault.line <= body.end_point[0] or not any(_results(body)):
            continue
        for block in _blocks(body):
            end = _last(block)
            if end is None or end.type not in {"expression_statement"}:
                continue
            for statement in block.named_children:
                target = (
                    statement.named_children[0]
                    if statement.type == "expression_statement" and statement.named_children
                    else None
                )
                left = (
                    target.child_by_field_name("left") if target is not None and target.type == "assignment" else None
                )
                if left is None or left.type != "identifier":
                    continue
                if _is_read(body, block, statement, left):
                    continue
                name = (left.text or b"").decode("utf-8", "replace")
                yield _line_after(context.name, text, tree, end, end, f"return {name}", prior)


def _is_read(body: Node, block: Node, statement: Node, name: Node) -> bool:
    """Whether what a statement of a branch assigns is read: later in the branch, behind all branches, or in another
    round of a loop around them, where nothing on the way there assigns the variable anew."""
    branches = enclosing(block, "if_statement") or block
    loop = enclosing(branches, "for_statement", "while_statement", "function_definition")
    begin = branches.end_byte if loop is None or loop.type == "function_definition" else loop.start_byte
    reads: list[Node] = []
    anew: list[Node] = []
    stack = [body]
    while stack:
        node = stack.pop()
        stack.extend(node.named_children)
        if node.type != "identifier" or node.text != name.text:
            continue
        parent = node.parent
        if parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == node:
            anew.append(parent)
        elif statement.end_byte <= node.start_byte < block.end_byte:
            return True
        elif node.start_byte >= begin:
            reads.append(node)
    return not all(any(begin <= each.start_byte and _is_before(each, read) for each in anew) for read in reads)


def _is_before(assignment: Node, read: Node) -> bool:
    """Whether an assignment is always made before a place that lies behind it: it stands in a block around it."""
    line = assignment.parent
    home = line.parent if line is not None else None
    return (
        home is not None
        and assignment.end_byte <= read.start_byte
        and home.start_byte <= read.start_byte < home.end_byte
    )


def _blocks(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type in {"function_definition", "class_definition", "lambda"}:
            continue
        if child.type == "block" and node.type in {"if_statement", "elif_clause", "else_clause"}:
            yield child
        yield from _blocks(child)


def _line_after(file: str, text: str, tree: Tree, last: Node, like: Node, line: str, prior: float) -> Draft:
    """A line behind a statement, indented as the line in which another one stands."""
    start, end = tree.offset(like.start_byte), tree.offset(last.end_byte)
    return Draft(f"Insert `{line}`", {file: splice(text, [line_behind(text, end, start, line)])}, prior)


def _handed_back(
    context: Context, file: str, text: str, tree: Tree, name: str, body: Node, called: bool
) -> Iterator[Draft]:
    """A function that returns nothing: what a decorator was given or has made, or the object of chained calls."""
    last = _last(body)
    function = body.parent
    parameters = function.child_by_field_name("parameters") if function is not None else None
    if last is None or function is None or parameters is None or _returns(body):
        return
    if re.search(r"not callable|must be callable", context.fault.message):
        inner = _made_inside(body)
        made = (inner.text or b"").decode("utf-8", "replace") if inner is not None else ""
        if made:
            yield _line_after(file, text, tree, last, body, f"return {made}", 0.92)
        first = next((child for child in parameters.named_children if child.type == "identifier"), None)
        given = (first.text or b"").decode("utf-8", "replace") if first is not None else ""
        decorates = re.search(rf"^[ \t]*@{name}\b|\breturn {name}[ \t]*$", text, re.MULTILINE)
        if not made and given and given != "self" and decorates:
            yield _line_after(file, text, tree, last, body, f"return {given}", 0.9)
        return
    owner = function.parent.parent if function.parent is not None else None
    first = parameters.named_children[0] if parameters.named_children else None
    lacks = re.search(r"has no attribute '(\w+)'", context.fault.message)
    if (
        owner is None
        or owner.type != "class_definition"
        or first is None
        or first.text != b"self"
        or not lacks
        or not called
    ):
        return
    if re.search(rf"def {lacks[1]}\b", (owner.text or b"").decode("utf-8", "replace")) and name != "__init__":
        chained = re.search(r"\breturn self\b", (owner.text or b"").decode("utf-8", "replace"))
        yield _line_after(file, text, tree, last, body, "return self", 0.92 if chained else 0.84)


def _made_inside(body: Node) -> Node | None:
    """The name of the last function that a function defines."""
    for each in reversed(body.named_children):
        inner = each.child_by_field_name("definition") if each.type == "decorated_definition" else each
        if inner is not None and inner.type == "function_definition":
            return inner.child_by_field_name("name")
    return None


def _given(text: str) -> str:
    """What a call is given: what is alike in results of the same kind."""
    return text.partition("(")[2] or text


def _results(node: Node) -> Iterator[Node]:
    if node.type == "return_statement" and node.named_children:
        yield node.named_children[0]
    for child in node.children:
        if child.type not in {"function_definition", "lambda", "class_definition"}:
            yield from _results(child)


def _last(body: Node) -> Node | None:
    statement = body.named_children[-1] if body.named_children else None
    while statement is not None and statement.type == "comment":
        statement = statement.prev_named_sibling
    return statement


def _expressions(node: Node) -> Iterator[Node]:
    """Expression statements of a function, those of nested functions left out."""
    for child in node.named_children:
        if child.type == "expression_statement" and child.named_children:
            yield child
        elif child.type not in {"function_definition", "class_definition", "decorated_definition"}:
            yield from _expressions(child)


def _called(context: Context) -> set[str]:
    """Names on the lines of the calls that led to the fault, and the functions they are in."""
    found: set[str] = set()
    for frame in context.fault.frames:
        text = context.workspace.text(frame.path) or ""
        lines = text.split("\n")
        if 0 <= frame.line < len(lines):
            found |= set(re.findall(r"\w+", lines[frame.line]))
        found.add(frame.function)
    return found


def _reached(context: Context) -> Iterator[str]:
    """The files of the calls, and those that the file of the fault imports."""
    for frame in reversed(context.fault.frames):
        yield frame.path
    for module in re.findall(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", context.text, re.MULTILINE):
        file = context.workspace.modules.get(module)
        if file:
            yield file


def _functions(node: Node) -> Iterator[tuple[str, Node]]:
    if node.type == "function_definition":
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            yield (name.text or b"").decode("utf-8", "replace"), body
    for child in node.children:
        yield from _functions(child)


def _returns(node: Node) -> bool:
    if node.type in {"function_definition", "lambda", "class_definition"}:
        return False
    if node.type in {"return_statement", "yield"}:
        return True
    return any(_returns(child) for child in node.children)


REPAIR = Repair("missing-return", "Return the value that a function computes last", propose)
