"""How a project writes its code: measured on its files and read from its settings, as sentences for a prompt.

Also what the check of patterns compares a draft with. What too few functions show is left open, never guessed.

Invariant: settings files are read as data, and nothing is run.
"""

from __future__ import annotations

import configparser
import re
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from tree_sitter import Node

from ...analyzers.errors import SutureError
from ...analyzers.source import read_source
from ...analyzers.syntax import descend, parse, text_of
from ...analyzers.tests_of import in_tests
from .listing import listing
from .pieces import Piece

DocStyle = Literal["", "plain", "google", "numpy", "sphinx"]
TestLayout = Literal["", "tests folder", "beside the code"]
TestStyle = Literal["", "pytest functions", "pytest classes", "unittest"]

#: Files that are measured, and functions that must agree before something is called a convention.
MOST_FILES, FEWEST = 60, 5
#: Share of the functions that must agree.
SHARE = 0.7

_GOOGLE = re.compile(r"(?m)^\s*(?:Args|Arguments|Returns|Raises|Yields):\s*$")
_NUMPY = re.compile(r"(?m)^\s*(?:Parameters|Returns|Raises)\s*\n\s*-{4,}")
_SPHINX = re.compile(r"(?m)^\s*:(?:param|returns?|raises|type|rtype)\b")


@dataclass(frozen=True, slots=True)
class Conventions:
    """Empty, None and 0 mean: not known. ``typed`` is whether functions have annotations, ``documented`` whether public
    ones have docstrings. ``line_length`` is that of the settings, ``python`` the oldest version to support as (3, 9).
    ``logger`` is whether modules log through ``logging`` rather than print."""

    docstrings: DocStyle = ""
    documented: bool | None = None
    typed: bool | None = None
    line_length: int = 0
    quotes: Literal["", "'", '"'] = ""
    future_annotations: bool | None = None
    union: Literal["", "X | None", "Optional[X]"] = ""
    python: tuple[int, int] | None = None
    test_layout: TestLayout = ""
    test_style: TestStyle = ""
    logger: bool | None = None
    functions: int = 0

    def sentences(self) -> Iterator[str]:
        if self.python:
            yield f"the code runs on Python {self.python[0]}.{self.python[1]} and later"
        if self.line_length:
            yield f"lines have at most {self.line_length} characters"
        if self.typed is not None:
            yield "functions are annotated" if self.typed else "functions have no annotations"
        if self.union and self.typed:
            yield f"an optional type is written {self.union}"
        if self.documented is False:
            yield "most functions have no docstring: keep it to one line"
        elif self.docstrings:
            yield {
                "plain": "docstrings are plain sentences without sections",
                "google": "docstrings are in Google style (Args:, Returns:, Raises:)",
                "numpy": "docstrings are in NumPy style (sections underlined with dashes)",
                "sphinx": "docstrings are in Sphinx style (:param x:, :returns:)",
            }[self.docstrings]
        if self.quotes:
            yield f"texts are in {'double' if self.quotes == chr(34) else 'single'} quotes"
        if self.logger:
            yield "messages go through the module's logger, not print"
        if self.test_style:
            yield f"tests are {self.test_style}"


@dataclass(slots=True)
class _Tally:
    functions: int = 0
    annotated: int = 0
    public: int = 0
    documented: int = 0
    future: int = 0
    modules: int = 0
    logging: int = 0
    printing: int = 0


_kept: dict[str, tuple[tuple[tuple[str, int], ...], Conventions]] = {}
_lock = threading.Lock()


def conventions_of(root: Path, path: Path | None = None) -> Conventions:
    """What the workspace ``root`` does; files near ``path`` are measured first. Remembered until a file changes."""
    root = root.resolve()
    files = list(listing(root).files)
    if path is not None:
        near = f"{path.resolve().parent.as_posix()}/"
        files.sort(key=lambda each: (not each.path.as_posix().startswith(near), each.name))
    of_tests = [each for each in files if in_tests(each.name)]
    measured = [*[each for each in files if not in_tests(each.name)][:MOST_FILES], *of_tests[: MOST_FILES // 3]]
    chosen, tests = [each.path for each in measured], [each.path for each in of_tests]
    settings = [root / name for name in ("pyproject.toml", "setup.cfg", "ruff.toml")]
    stamp = (
        *((each.name, each.stamp[0]) for each in measured),
        *((each.name, each.stat().st_mtime_ns) for each in settings if each.is_file()),
    )
    key = f"{root}\0{path.parent if path else ''}"
    with _lock:
        known = _kept.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
    found = _measured(root, chosen, tests)
    with _lock:
        if len(_kept) > 64:
            _kept.clear()
        _kept[key] = stamp, found
    return found


def convention_pieces(found: Conventions) -> Iterator[Piece]:
    for number, sentence in enumerate(found.sentences()):
        yield Piece("convention", sentence, 0.7 - 0.02 * number)


def _measured(root: Path, files: Sequence[Path], tests: Sequence[Path]) -> Conventions:
    tally = _Tally()
    styles: Counter[str] = Counter()
    quotes: Counter[str] = Counter()
    unions: Counter[str] = Counter()
    test_styles: Counter[str] = Counter()
    for path in files:
        try:
            text = read_source(path).text
        except SutureError:
            continue
        data = text[:200_000].encode("utf-8", "surrogatepass")
        if in_tests(path.as_posix()):
            _test_file(text, test_styles)
            continue
        _count(parse(data).root_node, data, tally, styles, quotes)
        unions["Optional[X]"] += len(re.findall(r"\bOptional\[", text))
        unions["X | None"] += len(re.findall(r"\|\s*None\b", text))
        tally.future += "from __future__ import annotations" in text
        tally.logging += "getLogger(" in text
        tally.printing += bool(re.search(r"(?m)^\s+print\(", text))
    enough = tally.functions >= FEWEST
    settings = _settings(root)
    return Conventions(
        docstrings=_most(styles),
        documented=_share(tally.documented, tally.public) if enough else None,
        typed=_share(tally.annotated, tally.functions) if enough else None,
        line_length=settings[0],
        quotes=_most(quotes),
        future_annotations=_share(tally.future, tally.modules) if tally.modules >= 3 else None,
        union=_most(unions),
        python=settings[1],
        test_layout=_layout(root, tests),
        test_style=_most(test_styles, 1),
        logger=True if tally.logging >= 2 and tally.logging > tally.printing else None,
        functions=tally.functions,
    )


def _share(part: int, whole: int) -> bool | None:
    """True if most do, False if few do, None in between."""
    if not whole:
        return None
    return True if part >= SHARE * whole else False if part <= (1 - SHARE) * whole else None


def _most(counts: Counter[str], fewest: int = FEWEST) -> Any:
    """The kind that :data:`SHARE` of all are of; empty if there is none."""
    total = sum(counts.values())
    name, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return name if total >= fewest and count >= SHARE * total else ""


def _count(root: Node, data: bytes, tally: _Tally, styles: Counter[str], quotes: Counter[str]) -> None:
    tally.modules += 1
    for node in descend(root):
        if node.type == "string_start":
            mark = text_of(node, data)[-1:]
            if not text_of(node, data).endswith(('"""', "'''")):
                quotes[mark] += 1
        if node.type != "function_definition":
            continue
        name = node.child_by_field_name("name")
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        if name is None or parameters is None or body is None:
            continue
        tally.functions += 1
        given = [each for each in parameters.named_children if text_of(each, data) not in ("self", "cls")]
        typed = sum(each.type in ("typed_parameter", "typed_default_parameter") for each in given)
        returns = node.child_by_field_name("return_type") is not None
        tally.annotated += (typed == len(given) and bool(given)) or (returns and typed >= len(given) / 2)
        if text_of(name, data).startswith("_"):
            continue
        tally.public += 1
        doc = _docstring(body, data)
        if doc:
            tally.documented += 1
            styles[docstring_style(doc)] += 1


def _docstring(body: Node, data: bytes) -> str:
    first = body.named_children[0] if body.named_children else None
    if first is None or first.type != "expression_statement" or not first.named_children:
        return ""
    return text_of(first, data) if first.named_children[0].type == "string" else ""


def docstring_style(doc: str) -> DocStyle:
    """The style of one docstring; without sections it is plain."""
    for style, pattern in (("numpy", _NUMPY), ("google", _GOOGLE), ("sphinx", _SPHINX)):
        if pattern.search(doc):
            return cast("DocStyle", style)
    return "plain"


def _test_file(text: str, styles: Counter[str]) -> None:
    if re.search(r"(?m)^class \w+\([\w.]*TestCase\)", text):
        styles["unittest"] += 1
    elif re.search(r"(?m)^class Test\w*\b", text):
        styles["pytest classes"] += 1
    elif re.search(r"(?m)^(?:async )?def test_", text):
        styles["pytest functions"] += 1


def _layout(root: Path, tests: Sequence[Path]) -> TestLayout:
    if not tests:
        return ""
    inside = sum("tests" in each.relative_to(root).parts or "test" in each.relative_to(root).parts for each in tests)
    return "tests folder" if inside * 2 >= len(tests) else "beside the code"


# --- settings --------------------------------------------------------------------------------------------------------


def _settings(root: Path) -> tuple[int, tuple[int, int] | None]:
    """(line length, oldest Python); 0 and None where no settings file says it."""
    pyproject = _toml(root / "pyproject.toml")
    tools = _table(pyproject, "tool")
    ruff = {**_table(tools, "ruff"), **_toml(root / "ruff.toml")}
    lengths: list[object] = [ruff.get("line-length"), _table(tools, "black").get("line-length")]
    lengths += [
        _table(tools, "flake8").get("max-line-length"),
        _table(_table(tools, "pylint"), "format").get("max-line-length"),
    ]
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(root / "setup.cfg", "utf-8")
    except (configparser.Error, UnicodeDecodeError):
        parser.clear()
    for section in ("flake8", "pycodestyle"):
        lengths.append(parser.get(section, "max-line-length", fallback=None))
    length = next((int(each) for each in map(str, lengths) if each.isdigit()), 0)
    if not length and ("black" in tools or "ruff" in tools):
        length = 88  # what both of them take if nobody says otherwise
    asked = str(
        _table(pyproject, "project").get("requires-python") or parser.get("options", "python_requires", fallback="")
    )
    oldest = re.search(r"(?:>=|~=|==|\^)\s*(\d+)\.(\d+)", asked)
    return length, (int(oldest[1]), int(oldest[2])) if oldest else None


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _table(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
