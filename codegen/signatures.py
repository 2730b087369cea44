"""What the imported names of a file are: signatures and the first docstring line, for a model's prompt, from jedi.

Of names that are imported from the workspace, and of imported library names that the comment mentions. Default values
that are texts are left out. Bounded in number, size and time: what jedi has not found by then is missing.

Invariant: nothing of the workspace is run, no interpreter of it is started and none of its extensions is loaded;
nothing of an ignored file, or of one whose name says that it holds secrets, is shown.
"""

from __future__ import annotations

import ast
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..analyzers.files import is_ignored
from ..analyzers.fuzzing.project import import_spot, search_path
from ..analyzers.store import cache_folder
from ..analyzers.syntax import imports_of, parse

#: Names that are looked up, characters of a line and of all lines, seconds for all of it.
MOST_NAMES = 12
MOST_LINE = 240
MOST_TEXT = 1_600
SECONDS = 2.0

_IMPORTS = ("import_statement", "import_from_statement")
_MENTION = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")

log = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()  # jedi is not made for threads, and one that was too slow may still be at it


@dataclass(frozen=True, slots=True)
class Signature:
    """One line about a name, and the workspace file that says it (empty for a library)."""

    line: str
    path: str = ""


def imported_signatures(
    root: Path, path: Path, text: str, prose: str, *, seconds: float | None = None
) -> tuple[Signature, ...]:
    """What can be said of the imports of ``text`` within ``seconds``; those that ``prose`` mentions come first."""
    root, path = root.resolve(), path.resolve()
    folders = search_path(root, import_spot(path))
    statements, names = _imports(text)
    wanted = tuple(_wanted(names, prose, folders))[:MOST_NAMES]
    if not wanted:
        return ()
    end = time.monotonic() + (SECONDS if seconds is None else seconds)
    found: list[Signature] = []
    ask_jedi(lambda: _look_up(root, path, statements, wanted, folders, end, found), end)
    kept, size = list[Signature](), 0
    for each in tuple(found):
        size += len(each.line) + 1
        if size <= MOST_TEXT:
            kept.append(each)
    return tuple(kept)


def ask_jedi(look: Callable[[], None], end: float) -> None:
    """Run ``look`` until ``end`` (as :func:`time.monotonic` counts), when it goes on in the background unheard; not at
    all while another one is at it. What jedi fails on is logged: odd code makes it fail in many ways."""
    if not _one_at_a_time.acquire(timeout=max(end - time.monotonic(), 0)):
        return

    def guarded() -> None:
        try:
            look()
        except Exception as error:  # noqa: BLE001 - jedi's failures have no class of their own
            log.warning("jedi could not look something up: %r", error)
        finally:
            _one_at_a_time.release()

    thread = threading.Thread(target=guarded, name="suture-jedi", daemon=True)
    thread.start()
    thread.join(max(end - time.monotonic(), 0))


def _imports(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The import statements at the top level, and (local name, origin) of each name."""
    data = text.encode("utf-8", "surrogatepass")
    statements: list[str] = []
    names: list[tuple[str, str]] = []
    for node in parse(data).root_node.children:
        if node.type in _IMPORTS and not node.has_error:
            statements.append(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))
            names += imports_of(node, data)
    return statements, names


def _wanted(names: Sequence[tuple[str, str]], prose: str, folders: Sequence[Path]) -> Iterator[str]:
    local = dict(names)
    mentioned = dict.fromkeys(each for each in _MENTION.findall(prose) if each.partition(".")[0] in local)
    yield from mentioned
    for name, origin in local.items():
        top = origin.partition(".")[0]
        ours = not top or any((folder / f"{top}.py").is_file() or (folder / top).is_dir() for folder in folders)
        if ours and name not in mentioned:
            yield name


def _look_up(
    root: Path,
    path: Path,
    statements: Sequence[str],
    wanted: Sequence[str],
    folders: Sequence[Path],
    end: float,
    found: list[Signature],
) -> None:
    """Append to ``found`` until the time is over. jedi sees the imports and a line for each name, not the file."""
    header = "".join(f"{each}\n" for each in statements)
    script = jedi_script(root, path, header + "".join(f"{each}\n" for each in wanted), folders)
    first = header.count("\n") + 1
    for number, name in enumerate(wanted):
        if time.monotonic() > end:
            return
        signature = _signature(script, first + number, name, root)
        if signature is not None:
            found.append(signature)


def jedi_script(root: Path, path: Path, text: str, folders: Sequence[Path]) -> Any:
    """What jedi knows of a text that stands at ``path``; modules are looked for in ``folders`` and in Suture's own
    environment. To be used by :func:`ask_jedi`."""
    import jedi  # pyright: ignore[reportMissingTypeStubs]
    from jedi.api.environment import InterpreterEnvironment  # pyright: ignore[reportMissingTypeStubs]

    cache = cache_folder() / "jedi"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    jedi.settings.cache_directory = str(cache)

    class Environment(InterpreterEnvironment):
        """Suture's own interpreter, without folders of the workspace: what is in the path may be loaded."""

        def get_sys_path(self) -> list[str]:
            return [each for each in super().get_sys_path() if each and not _inside(Path(each), root, folders)]

    project = jedi.Project(root, load_unsafe_extensions=False, added_sys_path=[str(each) for each in folders])
    return jedi.Script(text, path=path, project=project, environment=Environment())


def _inside(folder: Path, root: Path, folders: Sequence[Path]) -> bool:
    """Whether a folder is the workspace's own code; an environment in it that Suture is installed in is not."""
    folder = folder.resolve()
    return folder in folders or (folder.is_relative_to(root) and "site-packages" not in folder.parts)


def _signature(script: Any, line: int, name: str, root: Path) -> Signature | None:
    definitions: list[Any] = script.goto(line, len(name), follow_imports=True, follow_builtin_imports=True)
    for each in definitions:
        if each.type not in ("function", "class"):
            continue
        shown = _shown_path(each.module_path, root)
        if shown is None:
            return None
        signatures = each.get_signatures()
        head = _without_texts(signatures[0].to_string()) if signatures else f"{each.name}"
        said = each.docstring(raw=True).strip().partition("\n")[0].strip()
        written = name.rpartition(".")[0]
        kind = "class " if each.type == "class" else ""
        text = f"{kind}{written + '.' if written else ''}{head}" + (f"  # {said}" if said else "")
        return Signature(text if len(text) <= MOST_LINE else f"{text[: MOST_LINE - 1]}…", shown)
    return None


def _shown_path(module: Path | None, root: Path) -> str | None:
    """The path in the workspace, empty for a library; None if nothing of the file may be shown."""
    if module is None:
        return ""
    module = module.resolve()
    if not module.is_relative_to(root):
        return ""
    relative = module.relative_to(root)
    if "site-packages" in relative.parts:
        return ""
    from .context.visible import is_hidden  # that package begins with this module

    return None if is_hidden(relative.as_posix()) or is_ignored(module, root) else relative.as_posix()


def _without_texts(signature: str) -> str:
    """A signature whose default values are ``...`` but for numbers, truth values and None."""
    head, _, rest = signature.partition("(")
    try:
        tree = ast.parse(f"def f({rest}: ...").body[0]
    except (SyntaxError, ValueError):
        return f"{head}(...)"
    assert isinstance(tree, ast.FunctionDef)

    def plain(value: ast.expr) -> ast.expr:
        kept = isinstance(value, ast.Constant) and isinstance(value.value, (bool, int, float, type(None)))
        return value if kept else ast.Constant(...)

    arguments = tree.args
    arguments.defaults = [plain(each) for each in arguments.defaults]
    arguments.kw_defaults = [None if each is None else plain(each) for each in arguments.kw_defaults]
    returns = f" -> {ast.unparse(tree.returns)}" if tree.returns is not None else ""
    return f"{head}({ast.unparse(arguments)}){returns}"
