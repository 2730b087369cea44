"""All small changes of the suspicious functions of a program, most likely ones first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from ..checks import is_check
from ..grammar import compiles
from ..guard import asserts
from ..workspace import Workspace
from .kinds import kinds
from .members import members
from .operators import slips
from .overlooked import fields_read, overlooked, read_like_a_field
from .starved import starved
from .statements import statements
from .tree import Function, Mutation, functions_of, module_of

#: What is tried at most for one program.
MOST = 1500
#: How likely a change is at most that makes a line as it stands elsewhere, and how long such a line must be to tell.
REPEATED, TELLING_LINE = 0.9, 12

#: What is left of the weight of a change of that which the tests judge with: it is easily made to find all alike.
JUDGE = 0.15
_JUDGES = ("__eq__", "__ne__")


@dataclass(frozen=True, slots=True)
class Placed:
    """A mutation of a file. ``chunk`` is the definition that it changes: bytes from and to, the first line (0-based),
    the line that has to stand before it if it is compiled alone, and the byte at which its body begins."""

    path: str
    mutation: Mutation
    chunk: tuple[int, int, int, str, int]

    def text(self, data: bytes) -> bytes:
        return self.part(data, 0, len(data))

    def part(self, data: bytes, begin: int, stop: int) -> bytes:
        """What ``data[begin:stop]``, in which all changes are, becomes."""
        parts: list[bytes] = []
        at = begin
        for start, end, new in sorted(self.mutation.splices):
            parts += (data[at:start], new.encode("utf-8", "surrogatepass"))
            at = end
        return b"".join((*parts, data[at:stop]))


def mutations(workspace: Workspace, suspicion: Mapping[tuple[str, int], float], most: int = MOST) -> list[Placed]:
    """Changes of the functions that hold suspicious lines, heaviest first."""
    found: dict[tuple[str, int, bytes], Placed] = {}
    checks = [workspace.text(path) or "" for path in {path for path, _ in suspicion} if is_check(workspace, path)]
    read = fields_read(checks)
    for path in dict.fromkeys(path for path, _ in suspicion):
        text = workspace.text(path)
        source = workspace.source(path)
        if text is None or source is None or source.encoding.lower() not in ("utf-8", "utf8", "utf_8", "utf-8-sig"):
            continue
        if is_check(workspace, path) or not path.endswith(".py"):
            continue
        lines = {line: value for (name, line), value in suspicion.items() if name == path}
        data = text.encode("utf-8", "surrogatepass")
        windows, written = "\r\n" in text, {line.strip() for line in data.split(b"\n")}
        for function, each in (*_of_suspects(text, lines), *_of_fields(text, read)):
            each = with_breaks(each) if windows else _repeated(each, data, written)
            placed = Placed(path, each, function.chunk)
            # Thousands of changes: of each the function is kept, not the whole file.
            begin, stop = _around(function, each)
            key = (path, begin, placed.part(data, begin, stop))
            if key[2] != data[begin:stop] and (key not in found or found[key].mutation.weight < each.weight):
                found[key] = placed
    ordered = sorted(found.items(), key=lambda item: -item[1].mutation.weight)[:most]
    return [placed for _, placed in ordered]


def _of_suspects(text: str, lines: Mapping[int, float]) -> Iterator[tuple[Function, Mutation]]:
    for function in suspects(text, lines):
        for each in _weighed(function, lines):
            yield function, each


def _of_fields(text: str, read: Collection[str]) -> Iterator[tuple[Function, Mutation]]:
    """Of methods that a check asks for as if they were fields: then no line of them was run."""
    for function in functions_of(text) if read else ():
        for each in read_like_a_field(function, read):
            yield function, replace(each, weight=each.prior)


def _repeated(mutation: Mutation, data: bytes, written: Collection[bytes]) -> Mutation:
    """The mutation with more weight if the line that it makes stands elsewhere in the file, too: much of what is
    written is written twice."""
    start, end, new = mutation.splices[0]
    if len(mutation.splices) > 1 or "\n" in new or b"\n" in data[start:end]:
        return mutation
    before, after = data.rfind(b"\n", 0, start) + 1, data.find(b"\n", end)
    made = data[before:start] + new.encode("utf-8", "surrogatepass") + data[end : after if after >= 0 else len(data)]
    if len(made.strip()) < TELLING_LINE or made.strip() not in written:
        return mutation
    most = REPEATED * mutation.weight / max(mutation.prior, 1e-9)
    return replace(mutation, weight=max(mutation.weight, min(4 * mutation.weight, most)))


def _around(function: Function, mutation: Mutation) -> tuple[int, int]:
    """From where to where in a file a change lies: its function, or more where it reaches beyond."""
    starts, ends = [start for start, _, _ in mutation.splices], [end for _, end, _ in mutation.splices]
    return min([function.chunk[0], *starts]), max([function.chunk[1], *ends])


def with_breaks(mutation: Mutation) -> Mutation:
    """The mutation in a file whose lines end with a carriage return."""
    splices = tuple((start, end, re.sub(r"(?<!\r)\n", "\r\n", new)) for start, end, new in mutation.splices)
    return replace(mutation, splices=splices)


def parses(workspace: Workspace, placed: Placed) -> bool:
    """Whether the file still compiles with the change. Only worth asking of those that were not run."""
    data = (workspace.text(placed.path) or "").encode("utf-8", "surrogatepass")
    return compiles(placed.text(data).decode("utf-8", "surrogatepass")).ok


def suspects(text: str, lines: Mapping[int, float]) -> Iterator[Function]:
    """The functions in which a suspicious line lies; the module's own statements if one of them is."""
    covered: set[int] = set()
    for function in functions_of(text):
        span = range(function.node.start_point[0], function.node.end_point[0] + 1)
        inside = [line for line in lines if line in span and line >= function.body.start_point[0]]
        covered.update(span)
        if inside and not _is_check(function):
            yield function
    if any(line not in covered for line in lines):
        yield module_of(text)


def _is_check(function: Function) -> bool:
    """Whether a function of a file that is no test file is a test all the same: by its name, and nobody gives it
    anything, or it asserts something."""
    if not function.name.startswith("test"):
        return False
    given = set(function.parameters) - {"self"}
    return not given or asserts(function.text(function.node)) > 0


def _weighed(function: Function, lines: Mapping[int, float]) -> Iterator[Mutation]:
    """A line that no failing test ran cannot be wrong, but a line may be missing beside one that was run."""
    top = max((lines.get(line, 0.0) for line in _span(function)), default=0.0)
    for each in (
        *slips(function),
        *statements(function),
        *kinds(function),
        *members(function),
        *starved(function),
        *overlooked(function),
    ):
        suspicion = lines.get(each.line, 0.0)
        if each.operator in ("missing", "return", "default", "depth", "order"):
            suspicion = max(suspicion, 0.8 * top)
        if suspicion <= 0.0 and _is_continued(function, each.line, lines):
            suspicion = 0.9 * top
        if suspicion > 0.0:
            yield replace(each, weight=each.prior * suspicion * (JUDGE if function.name in _JUDGES else 1.0))


def _span(function: Function) -> range:
    return range(function.node.start_point[0], function.node.end_point[0] + 1)


def _is_continued(function: Function, line: int, lines: Mapping[int, float]) -> bool:
    """Whether a line belongs to a statement over several lines of which one was run."""
    node = function.node.descendant_for_point_range((line, 0), (line, 200))
    while node is not None and node.parent is not None and node.parent.type not in ("block", "module"):
        node = node.parent
    if node is None or node.type in ("if_statement", "for_statement", "while_statement", "try_statement"):
        return False
    return any(each in lines for each in range(node.start_point[0], node.end_point[0] + 1))
