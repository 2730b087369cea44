"""What each file says of the kinds of values that its functions, methods and attributes give, and the answers to what
others ask of them (:mod:`..supposed`).

A method of a known class is looked up in it and its bases; those that override it below must agree. Where the class of
an object is not known, all classes of the program that have such a method must agree. A method that gives nothing (an
abstract one) has no say, one that nobody understands says no.

Invariant: a pure function of the texts. What no file says is not answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from ..attributes import UNKNOWN, all_given
from ..engine import analyse
from ..findings import Evidence, Finding, Range, Related
from ..pieces import Block, Piece
from ..returned import REFERENCE, gives_back, kind_of_value
from ..supposed import BUILT_IN, COMMON, Question, Supposed, last_look
from . import linear_search_in_loop, membership_in_list

#: The kind of what gives nothing.
NOTHING = "-"
_HANDS = "("
#: Begin a reference to a function by its dotted name, and to a method of an object of which nothing is known.
_FUNCTION, _METHOD_OF = "function ", "method "
_OF_BASE = f"{REFERENCE}super."
#: Through so many functions, one of which gives on what the next one gives, a value is followed.
_FAR = 30
_ASSIGNED = re.compile(rb"(\w+)[ \t]*=(?!=)[ \t]*")
_COMPOUND = re.compile(rb"(?:async|for|if|match|try|while|with)\b")
_BOUND = re.compile(rb"^[ \t]+(?:(?:async[ \t]+)?def[ \t]+(\w+)|(\w+)[ \t]*=(?!=))", re.MULTILINE)
_METHOD = re.compile(rb"(?:@[^\n]*\n\s*)*(?:async\s+)?def\s+(\w+)")
_PROPERTY = re.compile(rb"@(?:\w+\.)*(?:cached_?)?property\b")

#: (name, with ``()`` where it is called; its kind; the row of its definition)
Said = tuple[str, str, int]


class Class(NamedTuple):
    name: str
    bases: tuple[str, ...]
    members: tuple[Said, ...]


class Kinds(NamedTuple):
    """What a file says, what it hands to functions of which other names, and what it asks."""

    functions: tuple[Said, ...]
    classes: tuple[Class, ...]
    handed: tuple[tuple[str, str, int], ...]
    asks: tuple[Supposed, ...]


def extract(path: str, text: str) -> Kinds:
    data = text.encode("utf-8", "surrogatepass")
    seen = last_look(path, data)
    if seen is None:
        analyse(path, text, (membership_in_list.RULE, linear_search_in_loop.RULE), once=True)
        seen = last_look(path, data)
    if seen is None:
        return Kinds((), (), (), ())
    functions: list[Said] = []
    classes: list[Class] = []
    handed: list[tuple[str, str, int]] = []
    bound: list[tuple[str, int]] = []
    imports = dict(pair for block in seen.blocks for pair in block.imports)
    for block in seen.blocks:
        if block.is_class:
            classes.append(_class(block, data, imports))
            continue
        for name, places in block.returns:
            if name.endswith(_HANDS) and (origin := imports.get(name[:-1])):
                handed.append((origin, places, block.row))
        gives = dict(block.pieces[0].gives)
        said = list(_definition(block, block.pieces[0], data, gives))
        functions += [(name, _placed(kind, imports), row) for name, kind, row in said]
        if not said:  # it is something else in some cases, or from there on
            bound += [(f"{name}()", block.row) for name in sorted(block.binds)]
    defined = {name for name, _, _ in functions}
    functions += [(name, UNKNOWN, row) for name, row in bound if name in defined]
    return Kinds(tuple(functions), tuple(classes), tuple(handed), tuple(seen.found))


def _class(block: Block, data: bytes, imports: Mapping[str, str]) -> Class:
    gives = all_given(piece.gives for piece in block.pieces)
    rows = {name: piece.row for piece in reversed(block.pieces) for name, _ in piece.gives}
    members = {name: kind for name, kind in gives.items() if not name.endswith(_HANDS)}
    for piece in block.pieces[1:]:
        for name, kind, _ in _definition(block, piece, data, gives):
            members[name], rows[name] = kind, piece.row
    for row, _, text in block.pieces[0].spelled:
        for name in _bound_otherwise(text):
            members[name] = members[f"{name}()"] = UNKNOWN
            rows[name] = rows[f"{name}()"] = row
    head = next((text for _, _, text in block.pieces[0].spelled if text.startswith(b"(")), b"")
    bases = [each.strip().rpartition(b".")[2] for each in head.strip(b"()").split(b",") if b"=" not in each]
    names = tuple(each.decode("utf-8", "replace").partition("[")[0] for each in bases if each)
    said = [(name, _placed(kind, imports), block.row + rows.get(name, 0)) for name, kind in members.items()]
    return Class(block.pieces[0].owner, names, tuple(said))


def _bound_otherwise(text: bytes) -> Iterator[str]:
    """The names that a statement of a class's body gives to its members, but for those of lists and of None."""
    found = _ASSIGNED.match(text)
    if found is not None:
        value = text[found.end() :].decode("utf-8", "replace")
        if not value.startswith("None") and kind_of_value(value, empty=True) not in ("list", "tuple"):
            yield found[1].decode()
    elif _COMPOUND.match(text):
        yield from ((each[1] or each[2]).decode() for each in _BOUND.finditer(text))


def _definition(block: Block, piece: Piece, data: bytes, gives: Mapping[str, str]) -> Iterator[Said]:
    """What a function gives back."""
    start = block.start + piece.start
    text = data[start : start + piece.size]
    found = _METHOD.match(text)
    if found is None:
        return
    name = found[1].decode()
    title = name if text[:1] == b"@" and _PROPERTY.search(text, 0, found.end()) else f"{name}()"
    kind = gives.get(title, "")
    if not kind:
        kind = UNKNOWN if gives_back(text, found.end()) else NOTHING
    yield title, kind, block.row + piece.row


def _placed(kind: str, imports: Mapping[str, str]) -> str:
    """A kind with the references that mean something to other files: to members of the class as they are, to functions
    by their dotted names, to methods of other objects by their own."""
    if REFERENCE not in kind:
        return kind
    parts: list[str] = []
    for part in kind.split("|"):
        head, dot, rest = part.removeprefix(REFERENCE).partition(".")
        if not part.startswith(REFERENCE) or head in ("self", "super"):
            parts.append(part)
        elif not dot or head in imports:
            origin = imports.get(head.removesuffix("()"), head.removesuffix("()"))
            if origin in BUILT_IN:
                return UNKNOWN
            parts.append(f"{REFERENCE}{_FUNCTION}{origin}{dot}{rest.removesuffix('()')}")
        elif (verb := rest.rpartition(".")[2].removesuffix("()")) not in COMMON:
            parts.append(f"{REFERENCE}{_METHOD_OF}{verb}")
        else:
            return UNKNOWN
    return "|".join(parts)


class Answer(NamedTuple):
    """Where it is said that something is a list, and whether that is sure to be the one that was asked about."""

    path: str
    row: int
    sure: bool


class Place(NamedTuple):
    """What is said of something, in which file, and of which class if it is a member."""

    path: str
    of: str
    kind: str
    row: int


@dataclass(slots=True)
class Program:
    """What all files say, by name: ``classes`` has the bases of each class, ``below`` what is derived of it."""

    files: Mapping[str, Kinds]
    functions: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])
    members: dict[str, dict[str, list[Place]]] = field(default_factory=dict[str, "dict[str, list[Place]]"])
    classes: dict[str, dict[str, None]] = field(default_factory=dict[str, "dict[str, None]"])
    below: dict[str, dict[str, None]] = field(default_factory=dict[str, "dict[str, None]"])
    handed: dict[str, list[tuple[str, str, Answer]]] = field(default_factory=dict[str, "list[tuple[str, str, Answer]]"])
    modules: set[str] = field(default_factory=set[str])
    known: dict[tuple[str, Question], Answer | None] = field(
        default_factory=dict["tuple[str, Question]", "Answer | None"]
    )
    followed: int = 0  # references, to where it is now

    def answer(self, path: str, question: Question) -> Answer | None:
        """The answer to what a file asks; None for no, and where nobody knows."""
        key = path if question.what in ("function", "parameter") or "." in question.of else "", question
        if key not in self.known:
            self.known[key] = None  # of what leads to itself nobody knows
            if self.followed < _FAR:
                self.followed += 1
                self.known[key] = self._answer(path, question)
                self.followed -= 1
        return self.known[key]

    def _answer(self, path: str, question: Question) -> Answer | None:
        if question.what == "parameter":
            return self._parameter(path, question)
        if question.what == "function":
            return self._function(path, question.name)
        name = f"{question.name}()" if question.what == "method" else question.name
        if not question.of:
            every = self.members.get(name, {}).values()
            return self._agreed((place for places in every for place in places), sure=False)
        module, _, of = question.of.rpartition(".")
        return self._agreed(self._members(of, name), sure=True) if not module or self._is_own(path, module) else None

    def _function(self, path: str, dotted: str) -> Answer | None:
        module, _, last = dotted.rpartition(".")
        found = self.functions.get(f"{last}()", ())
        if not module:
            own = [each for each in found if each.path == path]
            return self._agreed(own or found, sure=bool(own))  # the others: what a star import may bring
        near = module.rpartition(".")[2]
        there = [each for each in found if _is_module(each.path, module, path)]
        there = there or [each for each in found if _module(each.path) == near] or found
        if there:
            return self._agreed(there, sure=True) if self._is_own(path, module) else None
        if near in self.classes:
            return self._agreed(self._members(near, f"{last}()"), sure=True)
        return None

    def _is_own(self, path: str, module: str) -> bool:
        """Is a module one of the program?"""
        head = module.partition(".")[0]
        return not head or f"/{head}/" in path or head in self.modules

    def _members(self, of: str, name: str) -> list[Place]:
        """What is said of a member of a class: where it has it from, and where it is overridden."""
        said = self.members.get(name, {})
        if of.startswith("^"):
            return self._up(of[1:], said)
        classes = self._down(of)
        found = [place for each in classes for place in said.get(each, ())]
        for each in classes[1:]:
            for base in self.classes[each] if each not in said else ():
                if base in classes:
                    break
                found += said.get(base, ())  # it is looked up there first
        return found if of in said else [*found, *self._up(of, said)]

    def _down(self, of: str) -> list[str]:
        """A class and all that are derived of it."""
        classes = {of: None}
        waiting = [of]
        while waiting:
            new = [each for each in self.below.get(waiting.pop(), ()) if each not in classes]
            classes.update(dict.fromkeys(new))
            waiting += new
        return list(classes)

    def _up(self, of: str, said: Mapping[str, list[Place]]) -> list[Place]:
        """What the first base says that says something (each is asked once: many classes may have one name)."""
        waiting, seen = [*reversed(self.classes.get(of, {}))], {of}
        while waiting:
            base = waiting.pop()
            if base in said:
                return said[base]
            if base not in seen:
                seen.add(base)
                waiting += reversed(self.classes.get(base, {}))
        return []

    def _parameter(self, path: str, question: Question) -> Answer | None:
        wanted = set(question.of.split())
        for origin, places, answer in self.handed.get(question.name, ()):
            module = origin[: origin.rfind(".") + 1]
            if module and _is_module(path, module, answer.path) and not wanted.isdisjoint(places.split()):
                return answer
        return None

    def _agreed(self, found: Iterable[Place], *, sure: bool) -> Answer | None:
        """If all that say something say that it is a list."""
        first: Answer | None = None
        for place in found:
            if place.kind == NOTHING:
                continue
            for part in place.kind.split("|"):
                if part == "list":
                    continue
                answer = self._followed(place, part) if part.startswith(REFERENCE) else None
                if answer is None and part.startswith(_OF_BASE) and "|" in place.kind:
                    continue  # what a base of it gives is of the kind that this gives otherwise
                if answer is None:
                    return None
                sure = sure and answer.sure
            first = first or Answer(place.path, place.row, sure)
        return first._replace(sure=sure) if first is not None else None

    def _followed(self, place: Place, part: str) -> Answer | None:
        """The answer for what a reference stands for."""
        text = part.removeprefix(REFERENCE)
        if text.startswith(_FUNCTION):
            return self.answer(place.path, Question("function", text.removeprefix(_FUNCTION)))
        if text.startswith(_METHOD_OF):
            return self.answer(place.path, Question("method", text.removeprefix(_METHOD_OF)))
        head, _, name = text.partition(".")
        if not place.of:
            return None
        what = "method" if name.endswith("()") else "attribute"
        of = f"^{place.of}" if head == "super" else place.of
        return self.answer(place.path, Question(what, name.removesuffix("()"), of))


def _is_module(path: str, dotted: str, asked: str) -> bool:
    """Does a file ``asked`` mean the file by a module's name (``..pack.graphs``)?"""
    place = path.removesuffix(".py").removesuffix("/__init__")
    name = dotted.lstrip(".")
    tail = "".join(f"/{each}" for each in name.split(".") if each)
    if name == dotted:
        return f"/{place}".endswith(tail)
    folder = asked
    for _ in range(len(dotted) - len(name)):
        folder = folder.rpartition("/")[0]
    return place == f"{folder}{tail}"


def _module(path: str) -> str:
    """``graphs`` of ``pack/graphs.py`` and of ``pack/graphs/__init__.py``."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    return folder.rpartition("/")[2] if stem == "__init__" else stem


def program(files: Mapping[str, object]) -> Program:
    """What all files say, by name."""
    made = Program({path: cast("Kinds", each) for path, each in files.items()})
    for path, kinds in sorted(made.files.items()):
        made.modules |= {_module(path), path.rpartition("/")[0].rpartition("/")[2]}
        for name, kind, row in kinds.functions:
            made.functions.setdefault(name, []).append(Place(path, "", kind, row))
        for each in kinds.classes:
            made.classes.setdefault(each.name, {}).update(dict.fromkeys(each.bases))
            for base in each.bases:
                made.below.setdefault(base, {})[each.name] = None
            for name, kind, row in each.members:
                made.members.setdefault(name, {}).setdefault(each.name, []).append(Place(path, each.name, kind, row))
        for origin, places, row in kinds.handed:
            answer = Answer(path, row, sure=True)
            made.handed.setdefault(origin.rpartition(".")[2], []).append((origin, places, answer))
    return made


def told(files: Mapping[str, object], rule: str, kind: str, beside: str) -> Iterator[Finding]:
    """What was supposed by the rule ``beside`` and is so, as findings of ``rule``."""
    if not any(each.finding.rule == beside for kinds in files.values() for each in cast("Kinds", kinds).asks):
        return
    known = program(files)
    for path, kinds in sorted(known.files.items()):
        for supposed in kinds.asks:
            if supposed.finding.rule == beside:
                answers = [(each, known.answer(path, each)) for each in supposed.questions]
                if all(answer is not None for _, answer in answers):
                    yield _finding(supposed.finding, rule, kind, answers)


def _finding(finding: Finding, rule: str, kind: str, answers: Sequence[tuple[Question, Answer | None]]) -> Finding:
    related: list[Related] = []
    sure = True
    said: list[Evidence] = []
    for question, answer in answers:
        assert answer is not None
        sure = sure and answer.sure
        place = Range(answer.row, 0, answer.row, 0)
        text = _SAYS[question.what].format(question.name)
        related.append(Related(answer.path, place, text))
        said.append(Evidence("parsed", f"{text} in line {answer.row + 1} of {answer.path.rpartition('/')[2]}"))
    confidence = finding.confidence if sure else finding.confidence - 0.15
    evidence = (*finding.evidence, *said)
    told_of = replace(finding, rule=rule, kind=kind, evidence=evidence, related=tuple(related))
    return replace(told_of, confidence=max(confidence, 0.3))


_SAYS = {
    "function": "{}() returns a list",
    "method": "{}() returns a list",
    "attribute": "{} is a list",
    "parameter": "a list is handed to {}()",
}
