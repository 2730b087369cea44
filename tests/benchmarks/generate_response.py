"""Action → progress → answer of generation with a model: ``python tests/benchmarks/generate_response.py [ROUNDS]``.

A real server over its pipes, and the scripted model server of the tests, which answers at once. Prints medians in
milliseconds: from the action to the first progress that a worker tells, to the first piece of the model's answer, from
asking the model to that piece, to the verified proposal; and for a proposal that was found while nobody waited, to the
action that carries it. It never fails on a time. The model is asked after reuse and synthesis had their turn.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

TESTS = Path(__file__).parents[1]
WARM_S = 10.0

CODE = "```python\ndef {name}(text: str) -> str:\n    return '~'.join(text)\n```"
ASKED = "# Reticulate the splines of text {number} with love. {name}('ab') -> 'a~b'\n"
DIGITS = "# Sum of the digits. {name}(123) -> 6, {name}(99) -> 18, {name}(4010) -> 5\n"


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def with_a_model(editor: Any, server: Any, rounds: int) -> dict[str, list[float]]:
    seen: list[tuple[float, str]] = []
    take = editor._take

    def hear(message: dict[str, Any]) -> None:
        if message.get("method") == "$/progress":
            value = message["params"]["value"]
            seen.append((time.monotonic(), str(value.get("message") or "")))
        take(message)

    editor._take = hear
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        name = f"reticulate{number}"
        server.script(CODE.format(name=name))
        uri = editor.open(f"m{number}.py", ASKED.format(number=number, name=name))
        time.sleep(0.5)
        seen.clear()
        began = time.monotonic()
        result = editor.command("suture.generate", {"uri": uri, "line": 0}, seconds=120)
        assert result["applied"], result
        said = {text: at for at, text in reversed(seen)}
        worker = next(at for at, text in seen if text.startswith("looking for"))
        asked = next(at for text, at in said.items() if text.startswith("asking "))
        answering = next(at for text, at in said.items() if text.endswith("is answering"))
        for what, seconds in (
            ("action to the first progress of a worker", worker - began),
            ("action to the first piece of the model", answering - began),
            ("asking the model to its first piece", answering - asked),
            ("action to the applied proposal", time.monotonic() - began),
        ):
            found.setdefault(what, []).append(seconds)
    return found


def ahead(editor: Any, rounds: int) -> list[float]:
    """Seconds to an action that carries a proposal which is known."""
    uri = editor.open("ahead.py", DIGITS.format(name="digit_sum"))
    place = {"line": 0, "character": 5}
    within = {"start": place, "end": place}
    asked: dict[str, Any] = {"textDocument": {"uri": uri}, "range": within, "context": {"diagnostics": []}}
    below = {"line": 1, "character": 0}
    inline = {"textDocument": {"uri": uri}, "position": below, "context": {"triggerKind": 1}}
    end = time.monotonic() + 90
    while not any(each.get("edit") for each in editor.request("textDocument/codeAction", asked)):
        assert time.monotonic() < end, "nothing was found ahead"
        editor.request("textDocument/inlineCompletion", inline)
        time.sleep(0.5)
    times: list[float] = []
    for _ in range(rounds):
        began = time.monotonic()
        editor.request("textDocument/codeAction", asked)
        times.append(time.monotonic() - began)
    return times


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    models, client = load(TESTS / "codegen" / "conftest.py").Models(), load(TESTS / "features" / "conftest.py")
    server = models.start("")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        (root / "pyproject.toml").write_text('[project]\nname = "demo"\n')
        environ = {**os.environ, "SUTURE_CACHE_DIR": f"{folder}/cache", "OPENAI_BASE_URL": server.base_url}
        editor = client.Editor(root, environ)
        try:
            editor.initialize(client.RICH)
            time.sleep(WARM_S)
            found = with_a_model(editor, server, rounds)
            found["a known proposal to the action that carries it"] = ahead(editor, rounds)
        finally:
            editor.stop()
            models.stop()
    for what, seconds in found.items():
        print(
            f"{what:50} p50 {median(seconds) * 1000:7.0f} ms   worst {max(seconds) * 1000:7.0f} ms   n={len(seconds)}"
        )


if __name__ == "__main__":
    main()
