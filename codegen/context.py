"""What of a file a model is shown: its imports and the signatures in scope, never bodies or values.

Those of the file itself are read from its syntax; those of what it imports come from :mod:`.signatures`.

Invariant: an ignored file, a file outside of the workspace and ``.env`` give no context at all, and everything is
masked by :mod:`.redaction` before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from ..analyzers.files import is_ignored
from ..analyzers.syntax import parse
from .drafter import Task
from .redaction import mask
from .signatures import imported_signatures

#: Characters of context at most: about a thousand tokens.
LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Context:
    """Masked text, the workspace file that it is for (empty if nothing is shown), how many secrets were masked, and all
    workspace files that something is shown of."""

    text: str
    path: str
    masked: int
    files: tuple[str, ...] = ()


def context_of(task: Task) -> Context:
    request = task.request
    try:
        relative = request.path.resolve().relative_to(request.root.resolve())
    except ValueError:
        return Context("", "", 0)
    if any(part == ".env" or part.startswith(".env.") for part in relative.parts) or is_ignored(
        request.path, request.root
    ):
        return Context("", "", 0)
    data = request.text.encode("utf-8", "surrogatepass")
    lines: list[str] = []
    for node in parse(data).root_node.children:
        lines += _shown(node, data, task.target.class_name)
    text, count = mask("\n".join(lines))
    prose = f"{task.target.text}\n{task.spec.text}"
    found = imported_signatures(request.root, request.path, request.text, prose)
    imported, more = mask("".join(f"\n# {each.line}" for each in found))
    if len(text) + len(imported) > LIMIT:
        text = text[: LIMIT - len(imported)].rpartition("\n")[0] + "\n# …"
    if imported:
        text += f"\n# What is imported:{imported}"
    files = dict.fromkeys([relative.as_posix(), *(each.path for each in found if each.path)])
    return Context(text, relative.as_posix(), count + more, tuple(files))


def _shown(node: Node, data: bytes, class_name: str) -> list[str]:
    def text(part: Node | None) -> str:
        return data[part.start_byte : part.end_byte].decode("utf-8", "replace") if part is not None else ""

    if node.type in ("import_statement", "import_from_statement", "future_import_statement"):
        return [text(node)]
    definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
    if definition is None or definition.type not in ("function_definition", "class_definition"):
        return []
    body = definition.child_by_field_name("body")
    end = body.start_byte if body is not None else definition.end_byte
    head = data[definition.start_byte : end].decode("utf-8", "replace").rstrip()
    if definition.type == "function_definition":
        return [f"{head} ..."]
    lines = [head]
    if text(definition.child_by_field_name("name")) == class_name and body is not None:
        for child in body.named_children:
            lines += [f"    {line}" for line in _shown(child, data, "")]
            if (
                child.type == "expression_statement"
                and child.named_children
                and (child.named_children[0].type == "assignment")
            ):  # a field: its name and type, not its value
                field = child.named_children[0]
                hint = text(field.child_by_field_name("type"))
                lines.append(f"    {text(field.child_by_field_name('left'))}{': ' + hint if hint else ''}")
    return [*lines, "    ..."] if len(lines) == 1 else lines
