"""Repairs of a static fault while somebody types: proposed, parsed and looked up in a few milliseconds; nothing runs.

Two savings make it quick. The text stays parsed from one call to the next, so that each candidate costs what it
changes. And a syntax error is shown to the repairs in its own definition only, with the headers above it; the candidate
is then judged in the whole text.

Invariant: an edit from here is never marked as verified; in the whole text its fault is gone and no static fault new.
Invariant: what is not found within the budget is left to :func:`~.static.heal_finding`, which takes its time.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..analyzers.engine import Engine
from ..analyzers.findings import Edit, Evidence, FileEdit, Finding, Range, Replacement, minimal_edit, text_hash
from ..analyzers.source import LineIndex
from .fault import Fault
from .names import undefined_name
from .repair import Context, Draft, repairs
from .static import STATIC, fault_of, where_the_compiler_stops
from .workspace import Workspace

#: Edits for one fault, and candidates that are judged for it.
MOST, JUDGED = 3, 8

#: (rule, message) of a static fault.
Said = tuple[str, str]

#: Processor seconds for all faults of one call (a busy machine must not cost repairs); what was found by then is given.
BUDGET_S = 0.25

_DEFINITION = re.compile(r"[ \t]*(?:(?:async[ \t]+def|def|class)\b|@)")


class Budget:
    """Processor seconds of this process from now on."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._wall, self._used = seconds, time.perf_counter(), time.process_time()

    def over(self) -> bool:
        """Whether they are used up. One thread uses never more than what has passed, and that is cheap to ask."""
        passed = time.perf_counter() - self._wall >= self._seconds
        return passed and time.process_time() - self._used >= self._seconds


class QuickRepairs:
    """Keeps the last text parsed. Not thread-safe."""

    def __init__(self) -> None:
        self._path = ""
        self._data = b""
        self._engine: Engine | None = None

    def edits(self, workspace: Workspace, path: Path, text: str, findings: Iterable[Finding]) -> list[tuple[Edit, ...]]:
        """For each static fault its edits, best first. ``workspace`` is asked for what else can be imported."""
        budget = Budget(BUDGET_S)
        self.look_at(path, text)
        assert self._engine is not None
        before = _counted(self._engine)
        found: list[tuple[Edit, ...]] = []
        for finding in findings:
            found.append(() if budget.over() else tuple(self._for_one(workspace, path, text, finding, before, budget)))
        return found

    def warm(self, workspace: Workspace) -> None:
        """Load what the first fault would have to wait for."""
        for rule, message, text in (("undefined-name", "undefined name 'jsn'", "jsn.x\n"), ("syntax-error", "", "(\n")):
            finding = Finding("warm.py", Range(0, 0, 0, 1), rule, rule, message, "high", 1.0)
            fault = fault_of(finding, "warm.py")
            propose(fault, Context(workspace, "warm.py", text, fault), Budget(2.0))

    def look_at(self, path: Path, text: str) -> None:
        """Have this text parsed."""
        data = text.encode("utf-8", "surrogatepass")
        if self._engine is None or self._path != str(path):
            self._path, self._engine = str(path), Engine(str(path), data, ())
        else:
            _change(self._engine, self._data, data)
        self._data = data
        while self._engine.advance(0.05).pending:
            continue

    def _for_one(
        self, workspace: Workspace, path: Path, text: str, finding: Finding, before: Counter[Said], budget: Budget
    ) -> Iterator[Edit]:
        name = _relative(workspace, path)
        if finding.rule not in STATIC or name is None:
            return
        fault = fault_of(finding, name)
        if fault.category == "syntax":
            view = View.around(text, fault.line)
        else:
            view = View.names(text, fault.line, undefined_name(fault))
        fault = where_the_compiler_stops(replace(fault, line=view.line(fault.line)), view.text)
        context = Context(_with_view(workspace, name, view.text), name, view.text, fault)
        count = 0
        for draft in propose(fault, context, budget)[:JUDGED]:
            if set(draft.texts) != {name} or count >= MOST or budget.over():
                break
            edit = view.edit(workspace.absolute(name), draft.texts[name])
            if edit is None:
                continue
            after = self._judged(edit.apply(text))
            gone = sum(after.values()) < sum(before.values())
            if not gone or any(after[key] > before.get(key, 0) for key in after if key[0] == "syntax-error"):
                continue
            count += 1
            yield _offer(edit, draft, sum(before.values()), sum(after.values()))
        _keep(context.workspace, workspace)

    def _judged(self, candidate: str) -> Counter[Said]:
        """The static faults of a candidate, and back to the text as it was."""
        assert self._engine is not None
        data = candidate.encode("utf-8", "surrogatepass")
        _change(self._engine, self._data, data)
        found = _counted(self._engine)
        _change(self._engine, data, self._data)
        return found


@dataclass(frozen=True)
class View:
    """Some lines of a text, as a text of their own. ``kept`` are their numbers; None: all of them."""

    original: str
    text: str
    kept: tuple[int, ...] | None

    @classmethod
    def whole(cls, text: str) -> View:
        return cls(text, text, None)

    @classmethod
    def around(cls, text: str, line: int) -> View:
        """The definition on ``line`` with the headers of those around it; the whole text outside of definitions."""
        lines = text.split("\n")
        start = line if 0 <= line < len(lines) else -1
        while start >= 0 and not _DEFINITION.match(lines[start]):
            start -= 1
        if start < 0:
            return cls.whole(text)
        own = _indent(lines[start])
        if line > start and lines[line].strip() and _indent(lines[line]) <= own:
            return cls.whole(text)  # a statement below the definition
        headers: list[int] = []
        indent = own
        for number in range(start - 1, -1, -1):
            if indent and _DEFINITION.match(lines[number]) and _indent(lines[number]) < indent:
                headers.insert(0, number)
                indent = _indent(lines[number])
        last = line + 1
        while last < len(lines) and not (_DEFINITION.match(lines[last]) and _indent(lines[last]) <= own):
            last += 1
        kept = (*headers, *range(start, last))
        return cls(text, "".join(lines[number] + "\n" for number in kept), kept)

    @classmethod
    def names(cls, text: str, line: int, name: str) -> View:
        """What the module binds and the statement of the module on ``line``, of a class only the method there: other
        definitions are there by a line that binds their names (-1 in ``kept``). The whole text if ``name`` is used
        outside of what is kept."""
        lines = text.split("\n")
        kept: list[int] = []
        shown: list[str] = []
        start = 0
        while start < len(lines):
            end = _block_end(lines, start, "")
            bound = _BOUND.match(lines[start])
            if (bound or lines[start].startswith("@")) and not start <= line < end:
                if bound:
                    kept.append(-1)
                    shown.append(f"{bound[1]} = 0")
            else:
                for number, shows in _members(lines, start, end, line) if bound else ():
                    kept.append(number)
                    shown.append(shows)
                if not bound:
                    kept += range(start, end)
                    shown += lines[start:end]
            start = end
        view = "".join(f"{each}\n" for each in shown)
        if not name or line not in kept or _count(name, view) != _count(name, text):
            return cls.whole(text)
        return cls(text, view, tuple(kept))

    def line(self, number: int) -> int:
        """Where a line of the original stands in the view."""
        return number if self.kept is None else self.kept.index(number)

    def edit(self, path: str, candidate: str) -> FileEdit | None:
        """The change from the view to ``candidate``, made to the original; None if it spans lines left out."""
        changed = minimal_edit(path, self.text, candidate)
        if self.kept is None:
            return changed
        inside, outside = LineIndex(self.text), LineIndex(self.original)
        moved: list[Replacement] = []
        for each in changed.replacements:
            start = self._offset(inside, outside, each.start)
            end = self._offset(inside, outside, each.end)
            if start < 0 or end - start != each.end - each.start:
                return None
            moved.append(Replacement(start, end, each.text))
        return FileEdit(path, text_hash(self.original), tuple(moved))

    def _offset(self, inside: LineIndex, outside: LineIndex, offset: int) -> int:
        assert self.kept is not None
        line, column = inside.position(offset)
        if line >= len(self.kept):
            return outside.offset(self.kept[-1] + 1, 0) if self.kept[-1] >= 0 else -1
        return outside.offset(self.kept[line], column) if self.kept[line] >= 0 else -1


#: A definition, by its name; an attribute of the object that a method is called on.
_BOUND = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_OWN = re.compile(r"\bself\.([^\W\d]\w*)")


def _block_end(lines: list[str], start: int, indent: str) -> int:
    """The line behind a statement that begins at ``start``, indented so."""
    inside = tuple(indent + each for each in " \t)]}")
    end = start + 1
    while end < len(lines) and (lines[end].startswith(inside) or not lines[end].strip()):
        end += 1
    return end


def _members(lines: list[str], start: int, end: int, line: int) -> Iterator[tuple[int, str]]:
    """The lines of a definition and their numbers. Of a class, methods that ``line`` is not in are one line (-1) that
    binds their name and the attributes that they use."""
    at = start + 1
    if lines[start].startswith("class"):
        first = next((each for each in lines[at:end] if each.strip()), "")
        indent = first[: _indent(first)]
        yield start, lines[start]
        while at < end:
            stop = min(_block_end(lines, at, indent), end) if lines[at].strip() else at + 1
            method = _BOUND.match(lines[at], len(indent)) if lines[at].startswith(indent) else None
            if method and not at <= line < stop:
                own = dict.fromkeys(_OWN.findall("\n".join(lines[at:stop])))
                sets = "".join(f"self.{each} = " for each in own)
                yield -1, f"{indent}def {method[1]}(self): {sets}0"
            else:
                yield from ((number, lines[number]) for number in range(at, stop))
            at = stop
    else:
        yield from ((number, lines[number]) for number in range(start, end))


def _count(name: str, text: str) -> int:
    """How often a text has a name, as a word."""
    count, at = 0, text.find(name)
    while at >= 0:
        around = text[max(at - 1, 0) : at] + text[at + len(name) : at + len(name) + 1]
        count += not re.search(r"\w", around)
        at = text.find(name, at + len(name))
    return count


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def propose(fault: Fault, context: Context, budget: Budget) -> list[Draft]:
    """As :func:`.repair.propose`, with what there is when the budget is used up."""
    best: dict[str, Draft] = {}
    for repair in repairs():
        if repair.languages and fault.language not in repair.languages:
            continue
        for draft in repair.propose(fault, context):
            text = draft.texts.get(context.name, "")
            if text and (text not in best or best[text].prior < draft.prior):
                best[text] = replace(draft, repair=repair.name)
            if budget.over():
                break
        if budget.over():
            break
    whole = [draft for draft in best.values() if not draft.partial]
    size = len(context.text)
    return sorted(whole, key=lambda draft: (-draft.prior, abs(len(draft.texts[context.name]) - size), draft.title))


#: What a workspace knows of its files as a whole, which one changed text does not change much.
_KNOWN = ("python_files", "modules", "exports", "installed")


def _with_view(workspace: Workspace, name: str, text: str) -> Workspace:
    """The workspace with this text, and with what it has already looked up."""
    view = workspace.with_texts({name: text})
    vars(view).update({each: vars(workspace)[each] for each in _KNOWN if each in vars(workspace)})
    return view


def _keep(view: Workspace, workspace: Workspace) -> None:
    vars(workspace).update({each: vars(view)[each] for each in _KNOWN if each in vars(view)})


def _offer(edit: FileEdit, draft: Draft, before: int, after: int) -> Edit:
    evidence = Evidence("parsed", f"static faults: {before} → {after}", {"before": before, "after": after})
    return Edit(
        title=draft.title,
        files=(edit,),
        confidence=round(0.6 * draft.prior, 3),
        evidence=(evidence,),
        source=draft.repair,
    )


def _counted(engine: Engine) -> Counter[Said]:
    while engine.advance(0.05).pending:
        continue
    return Counter((each.rule, each.message) for each in engine.findings() if each.rule in STATIC)


def _change(engine: Engine, old: bytes, new: bytes) -> None:
    """Tell the engine of the one replacement that leads from ``old`` to ``new``."""
    limit = min(len(old), len(new))
    start = _common(limit, old, new, forwards=True)
    tail = _common(limit - start, old, new, forwards=False)
    old_end, new_end = len(old) - tail, len(new) - tail
    if start == old_end == new_end:
        return
    engine.edit(start, old_end, new_end, _point(old, start), _point(old, old_end), _point(new, new_end), new)


def _common(limit: int, old: bytes, new: bytes, *, forwards: bool) -> int:
    """Length of the common beginning, or end, of at most ``limit`` bytes."""
    low, high, n, m = 0, limit, len(old), len(new)
    while low < high:
        middle = (low + high + 1) // 2
        a, b = (low, middle) if forwards else (n - middle, n - low)
        c, d = (low, middle) if forwards else (m - middle, m - low)
        if old[a:b] == new[c:d]:
            low = middle
        else:
            high = middle - 1
    return low


def _point(data: bytes, byte: int) -> tuple[int, int]:
    return data.count(b"\n", 0, byte), byte - (data.rfind(b"\n", 0, byte) + 1)


def _relative(workspace: Workspace, path: Path) -> str | None:
    name = workspace.relative(path)
    if name is None:
        try:
            name = path.resolve().relative_to(workspace.root).as_posix()
        except ValueError:
            return None
    return name
