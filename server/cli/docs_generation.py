"""The page of ``suture docs`` on what generated code goes through: made from the levels of the validation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator


def generation_page() -> Iterator[tuple[str, object]]:
    """Paragraphs as ``("text", str)``, headings, and tables as ``("table", (head, rows))``."""
    from ...codegen import opinions, trust
    from ...codegen.validation import all_levels, score, table
    from ...codegen.validation.levels import fuzz, telemetry, tests

    yield (
        "text",
        "Every draft of a function goes through these levels, whoever wrote it, before anybody sees it. A proposal "
        "names each of them with *passed*, *failed* or *not run* and why. What fails goes back to the model with the "
        "evidence, three rounds by default, and no further than a round that repeats an earlier one.",
    )
    rows = [(f"**{name}**", weight, refuses, about) for name, weight, refuses, about in table(all_levels())]
    yield "table", (("level", "weight", "refuses", "what it checks"), rows)
    yield "text", prose(inspect.getdoc(inspect.getmodule(score)) or "")
    yield (
        "text",
        f"A pass of the tests earns the share of the new lines that they reach, and {tests.BY_MODEL:.0%} of it if the "
        f"model wrote the tests too. Fuzzing takes {fuzz.BUDGET_S:.0f} seconds and is for what a model wrote; an "
        f"exception on an odd input costs {fuzz.COST:.0%} of that level and is shown with the proposal.",
    )
    yield "heading", "Further opinions"
    yield "text", prose(inspect.getdoc(opinions) or "")
    yield "heading", "Confidence"
    yield "text", prose(inspect.getdoc(trust) or "")
    weighed = [
        (name, f"{weight:+.2f}", about) for (name, about), weight in zip(trust.FEATURES, trust.WEIGHTS, strict=True)
    ]
    yield "table", (("what is known", "weight", "what is counted"), weighed)
    yield (
        "text",
        f"Fitted by `tests/benchmarks/generate/fit.py` on {trust.FIT.labels} offers of the simulated model that passed "
        f"all checks, {trust.FIT.right} of them right by hidden tests; many were made with no further opinion, so that "
        f"there are wrong ones at all. In cross-validation over the tasks the expected calibration error (ECE) is "
        f"{trust.FIT.ece:.3f} and the Brier score {trust.FIT.brier:.3f}. The weights are those of the logarithm of the "
        f"odds. Of a draft that only tests of the model itself speak for, {trust.SELF_TESTED:.0%} of what the curve "
        f"says is said, a share that was chosen and not fitted. What is said lies between {trust.LEAST:.0%} and "
        f"{trust.MOST:.0%}, and is at most {trust.UNVERIFIED:.0%} for code that no test has run.",
    )
    yield "heading", "Telemetry"
    yield "text", prose(inspect.getdoc(telemetry) or "")


def prose(text: str) -> str:
    """A docstring without what is for those who read the code, as Markdown."""
    shown = text.split("\n\nInvariant:")[0]
    made: list[str] = []
    for block in shown.split("\n\n"):
        if block.startswith("    "):
            lines = [line.removeprefix("    ") for line in block.split("\n")]
            made.append("```toml\n" + "\n".join(lines) + "\n```")
        else:
            made.append(" ".join(block.replace("::", ":").replace("``", "`").split()))
    return "\n\n".join(_unlinked(each) for each in made)


def _unlinked(text: str) -> str:
    return re.sub(r":(?:mod|func|data):`\.*([^`]+)`", r"`\1`", text)
