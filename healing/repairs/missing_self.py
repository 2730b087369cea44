"""What it does
    Reaches an undefined name through the object or module that has it: ``self.`` for an attribute of the instance,
    ``cls`` or the class's name for one of the class, ``module.`` for what an imported module exports.

Example
    ``return left is None`` in a method of a class that sets ``self.left``

Use instead
    ``return self.left is None``

When it stays silent
    The function has no instance, and no imported module exports the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...analyzers.syntax import enclosing
from ..expressions import Tree
from ..fault import Fault
from ..lexer import Token
from ..names import here, undefined_name, uses
from ..repair import Context, Draft, Repair
from ..scopes import scopes_at
from ..standard import table


def propose(fault: Fault, context: Context) -> Iterator[Draft]:
    name = undefined_name(fault)
    if not name:
        return
    tokens = here(context, name)
    if not tokens:
        return
    token = tokens[0]
    yield from _received(context, name, token)
    scopes = scopes_at(context.text, token.start)
    function = next((i for i, scope in enumerate(scopes) if scope.kind == "function"), None)
    owner = next((scope for scope in scopes[(function or 0) :] if scope.kind == "class"), None)
    if function is not None and owner is not None:
        data = context.text.encode("utf-8", "surrogatepass")
        body = data[owner.start : owner.end].decode("utf-8", "surrogatepass")
        known = (
            owner.names
            | set(re.findall(r"\b(?:self|cls)\.(\w+)", body))
            | set(re.findall(r"__slots__.*?['\"](\w+)['\"]", body))
        )
        if context.observed is not None and context.observed.frames:
            known |= set(context.observed.frames[-1].self_names)  # what it inherits, too
        bound = fault.exception == "UnboundLocalError"  # something else is assigned to it later
        for each in scopes[function:]:
            receiver = next((word for word in ("self", "cls") if word in each.names), "")
            if receiver and name in known:
                yield from _bound_first(context, token, name, receiver, 0.94 if bound else 0.5)
                start = len(data[: owner.start].decode("utf-8", "surrogatepass"))
                end = len(data[: owner.end].decode("utf-8", "surrogatepass"))
                every = [item for item in uses(context, name) if start <= item.start < end and _loose(context, item)]
                bare = [item for item in every if item.start != token.start]
                yield context.edit(
                    f"Insert `{receiver}.` before `{name}`", [(token.start, token.start, f"{receiver}.")], 0.93
                )
                if bare and fault.exception == "NameError":
                    edits = [(item.start, item.start, f"{receiver}.") for item in every if _in_line(context, item)]
                    if len(edits) > 1:
                        yield context.edit(f"Insert `{receiver}.` before every `{name}`", edits, 0.9)
                break
        if owner.name and name in owner.names:
            yield context.edit(
                f"Insert `{owner.name}.` before `{name}`", [(token.start, token.start, f"{owner.name}.")], 0.6
            )
    for local, module in _imported(context.text):
        exported = table().get(module)
        if exported is None and module in context.workspace.modules:
            exported = context.workspace.names_of(context.workspace.modules[module])
        if exported and name in exported:
            edits = [(each.start, each.start, f"{local}.") for each in uses(context, name) if _loose(context, each)]
            yield context.edit(f"Insert `{local}.` before `{name}`", edits, 0.93)


def _received(context: Context, name: str, token: Token) -> Iterator[Draft]:
    """A method that uses its object, and has no parameter for it."""
    if name not in {"self", "cls"}:
        return
    tree = Tree(context.text)
    function = next(reversed(list(tree.on_line(context.lines.position(token.start)[0], "function_definition"))), None)
    while function is not None:
        around = enclosing(function.parent, "class_definition", "function_definition")
        parameters = function.child_by_field_name("parameters")
        if around is not None and around.type == "class_definition" and parameters is not None:
            start = tree.offset(parameters.start_byte) + 1
            new = f"{name}, " if parameters.named_children else name
            yield context.edit(f"Insert `{name}` into the parameters", [(start, start, new)], 0.95)
        function = around if around is not None and around.type == "function_definition" else None


def _bound_first(context: Context, token: Token, name: str, receiver: str, prior: float) -> Iterator[Draft]:
    """The local variable that several lines use was never taken from the object."""
    scope = next(each for each in scopes_at(context.text, token.start) if each.kind == "function")
    data = context.text.encode("utf-8", "surrogatepass")
    start = len(data[: scope.start].decode("utf-8", "surrogatepass"))
    end = len(data[: scope.end].decode("utf-8", "surrogatepass"))
    own = [each for each in uses(context, name) if start <= each.start < end and _loose(context, each)]
    begin = context.text.rfind("\n", 0, token.start) + 1
    before = context.text[begin : token.start]
    head, indent = before.strip(), before[: len(before) - len(before.lstrip())]
    if len(own) < 2 or own[0].start != token.start or head.startswith(("elif", "else", "except", ")", "]", "}")):
        return
    newline = "\r\n" if "\r\n" in context.text else "\n"
    new = f"{indent}{name} = {receiver}.{name}{newline}"
    yield context.edit(f"Insert `{name} = {receiver}.{name}`", [(begin, begin, new)], prior)


def _loose(context: Context, token: Token) -> bool:
    return not context.text[: token.start].rstrip().endswith((".", "import", "def", "class"))


def _in_line(context: Context, token: Token) -> bool:
    return context.lines.position(token.start)[0] == context.fault.line


def _imported(text: str) -> Iterator[tuple[str, str]]:
    """(local name, module) of the plain imports of a file."""
    for match in re.finditer(r"^[ \t]*import[ \t]+([^\r\n#]+)", text, re.MULTILINE):
        for part in match[1].split(","):
            words = part.split()
            if len(words) == 3 and words[1] == "as":
                yield words[2], words[0]
            elif len(words) == 1:
                yield words[0], words[0]


REPAIR = Repair("missing-self", "Reach a name through the instance, class or module that has it", propose)
