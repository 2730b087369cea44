"""Reuse: a function of the workspace, or of the standard library, that already satisfies all examples.

The workspace's modules are read as text; a candidate is imported and called in the sandbox only.
A match counts only if the examples say enough: among n candidates, one of them satisfies examples that say b bits by
chance with a probability of about n / 2**b; a name like the wanted one adds to b.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ...analyzers.errors import Unavailable
from ...analyzers.files import python_files
from ...analyzers.findings import Evidence, Json
from ...analyzers.fuzzing.project import import_spot, search_path
from ...analyzers.sandbox.interface import Limits, Sandbox
from ...analyzers.syntax import parse
from ..drafter import Declined, Draft, Drafter, Feedback, Task
from ..placement import Import
from ..specification import Specification
from ..synthesis.confidence import information
from ..synthesis.inputs import hint_words
from ..valuetypes import same
from ..words import words_of
from ..writing import function_text

#: Modules of the standard library whose functions are tried: pure ones, from values to values.
LIBRARIES = sorted(
    words_of(
        """math statistics string textwrap html urllib.parse posixpath calendar unicodedata keyword shlex fnmatch glob
        difflib bisect heapq operator colorsys base64 binascii zlib json re inspect email.utils quopri mimetypes pprint
        reprlib stringprep cmath"""
    )
)

_SCAN_S = 1.5
_MOST_CANDIDATES = 400
#: The chance of a coincidence above which a match is not offered.
_CHANCE = 2.0**-3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function of the workspace by where it is defined."""

    path: Path
    module: str
    name: str


def propose(task: Task, feedback: tuple[Feedback, ...]) -> Draft | Declined:
    spec = task.spec
    examples = [each for each in spec.examples if not each.raises]
    if not examples or len(examples) < len(spec.examples) or feedback:
        return Declined()
    if task.sandbox is None or task.target.kind == "selection" or task.target.signature.startswith("class"):
        return Declined()
    task.on_progress("looking for a function that already does it")
    candidates = list(_candidates(task))
    try:
        matches, tried = _matches(task, task.sandbox, candidates)
    except Unavailable:
        return Declined()
    ranked = sorted(matches, key=lambda each: -_likeness(each[1], spec))
    if not ranked:
        return Declined()
    module, name = ranked[0]
    bits = _bits(spec) + 6.0 * _likeness(name, spec)
    chance = max(tried, 1) / 2.0**bits
    if chance > _CHANCE:
        return Declined(
            f"{module}.{name} satisfies the examples, but so few of them that it may be chance; add another example"
        )
    return _draft(task, module, name, next((each.path for each in candidates if each.module == module), None), chance)


def _draft(task: Task, module: str, name: str, path: Path | None, chance: float) -> Draft:
    spec = task.spec
    arguments = ", ".join(f"{each.name}={each.name}" if each.keyword_only else each.name for each in spec.parameters)
    if path is not None and path.resolve() == task.request.path.resolve():
        imports, called = (), name
    elif name != spec.name and module != "builtins":
        imports, called = (Import(name, module),), name
        if path is None:  # the standard library reads better with its module's name
            imports, called = (Import(module),), f"{module}.{name}"
    else:
        package, _, last = module.rpartition(".")
        imports, called = (Import(last, package),), f"{last}.{name}"
    code = function_text(
        spec,
        [f"return {called}({arguments})"],
        method=bool(task.target.class_name),
        type_hints=task.request.include_type_hints,
    )
    where = f"{path.name}" if path is not None else "the standard library"
    count = len(spec.examples)
    evidence = Evidence(
        "reproduced",
        f"{module}.{name} of {where} satisfies all {count} examples, called in the sandbox",
        {"input": [repr(each.args) for each in spec.examples], "times": 2},
    )
    return Draft(code, imports, max(0.3, min(0.97, 1 - chance)), evidence=(evidence,))


# --- candidates ------------------------------------------------------------------------------------------------------


def _candidates(task: Task) -> Iterator[Candidate]:
    """Functions of the workspace that could be called with the examples' arguments, the likeliest first."""
    deadline = time.monotonic() + _SCAN_S
    root, target = task.request.root.resolve(), task.request.path.resolve()
    own = import_spot(target)
    reachable = search_path(root, own)
    example = task.spec.examples[0]
    shape = (len(example.args), frozenset(name for name, _ in example.kwargs))
    found: list[Candidate] = []
    files = sorted(
        (each.path for each in python_files([root]) if not each.error), key=lambda path: _distance(path, target)
    )
    for path in files:
        if time.monotonic() > deadline or task.cancel():
            break
        if _is_test(path):
            continue
        spot = import_spot(path)
        module = spot.module
        if spot.folder not in reachable or not all(part.isidentifier() for part in module.split(".")):
            continue
        try:
            if path.stat().st_size > 400_000:
                continue
            data = task.request.text.encode("utf-8", "surrogatepass") if path == target else path.read_bytes()
        except OSError:
            continue  # gone, or closed to this user
        if path != target and _imports(data, own.module):
            continue  # the target would import it and be imported by it
        for name in _functions(data, *shape):
            if path == target and name == task.spec.name:
                continue
            found.append(Candidate(path, module, name))
    found.sort(key=lambda each: -_likeness(each.name, task.spec))
    yield from found[:_MOST_CANDIDATES]


def _distance(path: Path, target: Path) -> tuple[int, str]:
    shared = 0
    for a, b in zip(path.parts, target.parts, strict=False):
        if a != b:
            break
        shared += 1
    return len(path.parts) + len(target.parts) - 2 * shared, str(path)


def _is_test(path: Path) -> bool:
    return path.name.startswith("test_") or path.name in ("conftest.py", "setup.py", "__main__.py", "noxfile.py") or (
        "tests" in path.parts
    )  # fmt: skip


def _imports(data: bytes, module: str) -> bool:
    text = data.decode("utf-8", "replace")
    last = re.escape(module.rpartition(".")[2])
    pattern = (
        rf"(?m)^(?:from\s+[\w.]*\b{last}\s+import|import\s+[\w.]*\b{last}\b|from\s+[\w.]+\s+import\s+.*\b{last}\b)"
    )
    return re.search(pattern, text) is not None


def _functions(data: bytes, positional: int, keywords: frozenset[str]) -> Iterator[str]:
    """Names of module-level functions that take ``positional`` arguments and ``keywords``."""
    for node in parse(data).root_node.children:
        definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
        if definition is None or definition.type != "function_definition":
            continue
        if definition.children[0].type == "async":
            continue
        name, parameters = definition.child_by_field_name("name"), definition.child_by_field_name("parameters")
        if name is None or parameters is None or not name.text:
            continue
        required = optional = 0
        many, names, after_star = False, set[str](), False
        for each in parameters.named_children:
            if each.type in ("list_splat_pattern", "keyword_separator"):
                many, after_star = many or each.type == "list_splat_pattern", True
                continue
            if each.type in ("dictionary_splat_pattern", "comment", "positional_separator"):
                continue
            inner = each.child_by_field_name("name") or (each.named_children[0] if each.named_children else each)
            has_default = each.type in ("default_parameter", "typed_default_parameter")
            names.add((inner.text or b"").decode("utf-8", "replace"))
            if not after_star:
                required, optional = required + (not has_default), optional + has_default
        if (
            (required <= positional + len(keywords))
            and (positional <= required + optional or many)
            and keywords <= names
        ):
            yield name.text.decode("utf-8", "replace")


# --- calling ---------------------------------------------------------------------------------------------------------


def _matches(task: Task, sandbox: Sandbox, candidates: Sequence[Candidate]) -> tuple[list[tuple[str, str]], int]:
    """(matches, number tried). A module that ends the process is left out and the rest tried again, twice at most."""
    modules: dict[str, list[str]] = {}
    for each in candidates:
        modules.setdefault(each.module, []).append(each.name)
    libraries = list(LIBRARIES)
    root = task.request.root.resolve()
    examples: list[Json] = [
        [repr(each.args), repr(dict(each.kwargs)), repr(each.expected)] for each in task.spec.examples
    ]
    for _ in range(3):
        payload: dict[str, Json] = {
            "paths": [str(each) for each in search_path(root, import_spot(task.request.path.resolve()))],
            "modules": [[module, names] for module, names in modules.items()],
            "libraries": libraries,
            "examples": examples,
        }
        last: list[str] = [""]

        def note(message: Json, last: list[str] = last) -> None:
            if isinstance(message, Mapping) and isinstance(message.get("at"), list):
                last[0] = str(cast("list[Json]", message["at"])[0])

        result = sandbox.call(
            "suture.codegen.reuse_worker:try_candidates",
            payload,
            root=root,
            files=_unsaved(task),
            limits=Limits(wall_s=15.0, cpu_s=15.0),
            python=task.request.python,
            cancel=task.cancel,
            on_message=note,
        )
        if result.reason == "exit" and isinstance(result.value, Mapping):
            found = cast("list[list[str]]", result.value.get("matches", []))
            return [(each[0], each[1]) for each in found], int(cast(int, result.value.get("tried", 0)))
        if result.reason == "cancelled" or not last[0]:
            break
        modules.pop(last[0], None)
        libraries = [each for each in libraries if each != last[0]]
    return [], 0


def _unsaved(task: Task) -> dict[str, bytes]:
    try:
        relative = task.request.path.resolve().relative_to(task.request.root.resolve()).as_posix()
    except ValueError:
        return {}
    return {relative: task.request.text.encode("utf-8", "surrogatepass")}


# --- judging ---------------------------------------------------------------------------------------------------------


def _bits(spec: Specification) -> float:
    """How much the examples say; a result that equals an argument says nothing."""
    total = 0.0
    for each in spec.examples:
        if not any(same(each.expected, value) for value in each.args):
            total += information(each.expected)
    return total


def _likeness(name: str, spec: Specification) -> float:
    """0 to 2: shared words with the description 1, with the wanted name 2."""
    words, wanted = hint_words(name), hint_words(spec.name)
    if words and words == wanted:
        return 2.0
    if words & wanted:
        return 1.0 + len(words & wanted) / len(words | wanted)
    shared = len(words & hint_words(spec.description))
    return min(1.0, shared / math.sqrt(max(len(words), 1)))


DRAFTER = Drafter("reuse", 10, propose)
