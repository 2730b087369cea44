"""The page of ``suture docs`` on how far a confidence can be trusted: made from the fitted table of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...analyzers.confidence.gravity import UNSURE
from ...analyzers.confidence.model import SCORE_OF_PAGE
from ...analyzers.confidence.table import FEW, Fitted, fitted
from ...analyzers.findings import REVIEWERS


def calibration_page() -> Iterator[tuple[str, object]]:
    """Paragraphs as ``("text", str)`` and tables as ``("table", (head, rows))``."""
    yield (
        "text",
        "The confidence of a finding is the probability that a maintainer would call it right, fitted on findings that "
        "people labelled: Platt's curve over the rule's own score, with an offset of the kind and of the rule that is "
        "drawn to the reviewer's mean where labels are few. What only one package says is set apart: its findings are "
        "right or wrong together, and the next package is another. Last the curve is drawn towards the rules' own "
        "score, as far as packages that it has not seen ask for it (*own score* below), so that few labels do not make "
        f"worse what the rules knew. A finding's `calibrated` evidence says on how many labels "
        f"of its rule (`sample`) it rests; below {FEW} it says that it is drawn to the mean.",
    )
    yield (
        "text",
        "Three kinds of labels: findings of released packages that no rule was tuned on (*random*: drawn at random, "
        "or the thirty that matter most), "
        "labelled places of other released packages, and small programs written to be told apart. Rules are developed "
        "on the last two, so these have a level of their own in the fit and count less: a confidence that is shown is "
        "that of a random finding. The measures are of cross-validation: no probability was said by a curve that had "
        "seen a finding of the same package, or of the same written program, nor was the share of the score chosen "
        "with one. ECE is the expected calibration error "
        "over ten bins of equal width (fewer below a hundred findings), Brier the mean squared error; *before* is the "
        "rules' own score.",
    )
    yield (
        "text",
        "How grave a finding can be, its rule says; what is known of it may make it less. A medium finding of a metric "
        "of size (statements, paths, nesting) is a low one, for its maintainers know it already, and a high or "
        f"medium finding whose probability is below {UNSURE:.0%} counts one step less. A critical one stays critical, "
        "and `severities` in the [settings](settings.md) have the last word.",
    )
    known = {name: fitted()[name] for name in REVIEWERS if name in fitted()}
    yield "table", (_HEAD, [_measures(name, each) for name, each in known.items()])
    yield (
        "text",
        "*Seen* is the share of labelled problems that the reviewer reports; the confidence of an approval is "
        "multiplied by it (see the consensus). On the random findings alone, which are few: an ECE of so many findings "
        "is off by a tenth by chance alone, and a Brier score near `share * (1 - share)` says that the curve does not "
        "tell right from wrong among packages that it has not seen, only how many are right.",
    )
    yield "table", (_OWN_HEAD, [_own(name, each) for name, each in known.items()])
    for name, each in known.items():
        yield "heading", name.capitalize()
        yield "table", (_RULE_HEAD, list(_rules(each)))
    yield (
        "text",
        "The table is fitted by `tests/benchmarks/calibration/fit.py`, whose labels of random findings are beside it; "
        "its first lines say how.",
    )


_HEAD = ("reviewer", "labels", "right", "ECE", "ECE before", "Brier", "Brier before", "seen")
_OWN_HEAD = ("reviewer", "random findings", "right", "ECE", "ECE before", "Brier", "Brier before", "own score")
_RULE_HEAD = ("rule", "labels", f"probability at a score of {SCORE_OF_PAGE}")


def _measures(name: str, each: Fitted) -> tuple[str, ...]:
    it = each.measures
    figures = (it["ece"], it["ece_before"], it["brier"], it["brier_before"], each.seen)
    return name, str(each.labels), str(each.right), *(f"{value:.3f}" for value in figures)


def _own(name: str, each: Fitted) -> tuple[str, ...]:
    it: Mapping[str, float] = each.measures
    count = int(it["own_count"])
    share = it["own_right"] / count if count else 0.0
    figures = (it["own_ece"], it["own_ece_before"], it["own_brier"], it["own_brier_before"])
    right = f"{it['own_right']:.0f} ({share:.0%})"
    return name, str(count), right, *(f"{value:.3f}" for value in figures), f"{it['score_share']:.0%}"


def _rules(each: Fitted) -> Iterator[tuple[str, ...]]:
    for rule, count in sorted(each.samples.items(), key=lambda item: (-item[1], item[0])):
        if rule.startswith("kind:"):
            continue
        probability = each.curve.probability(rule, each.kinds_of.get(rule, ""), SCORE_OF_PAGE)
        few = "" if count >= FEW else " (few)"
        yield f"`{rule}`", f"{count}{few}", f"{probability:.0%}"
