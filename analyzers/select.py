"""Which findings the settings of a file let through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from .consensus import COST
from .findings import SEVERITIES, Finding, Related, Severity
from .places import is_beside, is_by_hand

#: Rules of the engine itself: faults that are never filtered.
STATIC = frozenset({"syntax-error", "undefined-name"})

#: How likely a finding must be right to be among those that matter most; a critical one is looked at sooner.
LIKELY, LIKELY_IF_CRITICAL = 1 / 2, 1 / 3

#: Rules and kinds that are mended alike wherever they are: of a whole project, and of one file. What another tool's
#: check says is of the first sort, too: it has not seen what is around the place.
SWEPT = frozenset({"timeout", "blocking-query-in-async"})
SWEPT_IN_FILE = frozenset({"blocking_async", "perm", "secrets", "hash", "weakrand"})

#: So many of the places are named where one finding stands for several.
NAMED = 3

#: Where a value comes from whoever runs the program, who may do all that the program may.
OWN = "cli"

#: What a finding must cost to be among those that matter most: a medium one that is right two times in five.
WORTH = 0.4 * COST["medium"]


def rank(finding: Finding) -> tuple[bool, float, int, tuple[int, ...], str]:
    """The order in which findings matter: severity weighed with probability, the graver of equals first."""
    cost = COST[finding.severity] * finding.confidence
    return (
        finding.rule not in STATIC,
        -cost,
        SEVERITIES.index(finding.severity),
        tuple(finding.range),
        finding.rule,
    )


def allowed(
    findings: Iterable[Finding],
    *,
    reviewers: Collection[str],
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    least: str = "low",
    severities: Mapping[str, Severity] = {},
) -> list[Finding]:
    """What the settings let through, as severe as they say; static faults always pass.

    ``select`` and ``ignore`` name rules or kinds (empty ``select``: all); ``severities`` gives rules or kinds another
    severity than their own; ``least`` is the lowest that is shown."""
    worst = next((place for place, severity in enumerate(SEVERITIES) if severity == least), len(SEVERITIES) - 1)
    kept: list[Finding] = []
    for each in findings:
        if each.rule in STATIC:
            kept.append(each)
            continue
        if severities and (given := severities.get(each.rule) or severities.get(each.kind)):
            each = replace(each, severity=given)
        if (
            (not each.reviewer or each.reviewer in reviewers)
            and (not select or each.rule in select or each.kind in select)
            and each.rule not in ignore
            and each.kind not in ignore
            and SEVERITIES.index(each.severity) <= worst
        ):
            kept.append(each)
    return kept


def capped(findings: Sequence[Finding], limit: int) -> list[Finding]:
    """At most ``limit`` findings (0: all), those that matter most, in the order of their places."""
    if not limit or len(findings) <= limit:
        return list(findings)
    return sorted(sorted(findings, key=rank)[:limit], key=lambda each: each.range)


def foremost(findings: Iterable[Finding], count: int, roots: Collection[str] = ()) -> list[Finding]:
    """The findings of any files that matter most, the first one first.

    Of copies that two files share only one, as of functions that are all alike, of what one rule says of one loop or of
    one value from outside, and of a name that a file does not have; what is mended alike wherever it is, is told once
    with its places (:data:`SWEPT`). None that is likelier wrong than right (:data:`LIKELY`; twice as likely, if
    critical), no hint (:data:`WORTH`), nothing that only who runs the program can bring about (:data:`OWN`), and none
    in what is no part of the running program (tests, migrations, vendored code, examples). Faults always matter, there
    after all others. What a file is for is said by the folders within ``roots``, those of the projects: a program may
    well lie in a folder ``demo``."""
    chosen: list[Finding] = []
    more: dict[int, list[Finding]] = {}
    heads: dict[tuple[str, str], int] = {}
    told: set[tuple[str, str, int]] = set()
    for each in sorted(findings, key=lambda each: _order(each, roots)):
        if not _matters(each, roots):
            continue
        begins = (f"{each.rule} from", *_origin(each)) if each.rule not in STATIC else (each.message, each.path, 0)
        pairs, copies = _pairs(each), _copies(each)
        seen = (each.rule, each.path, each.range.line) in told or begins in told or (pairs and pairs <= told)
        if seen or not copies.isdisjoint(told):
            continue
        if (sweep := _sweep(each, roots)) in heads:
            more.setdefault(heads[sweep], []).append(each)
            continue
        if len(chosen) >= count:
            continue
        heads[sweep] = len(chosen)
        chosen.append(each)
        told.update((each.rule, step.path, step.range.line) for step in each.related)
        told.add(begins)
        told.update(pairs, copies)
    return [_with_places(each, more.get(at, ())) for at, each in enumerate(chosen)]


def told_once(findings: Sequence[Finding]) -> list[Finding | None]:
    """The findings, each in its place, for whoever reads all files at once: of copies only the first one tells, with
    the places of all of them and as grave as the gravest; the others are None. Where a file is looked at by itself, its
    copy is told there."""
    stories = _stories(findings)
    told: set[int] = set()
    kept: list[Finding | None] = []
    for each in findings:
        story = stories.get((each.path, each.range.line)) if each.kind == "duplicate" else None
        if story is not None and id(story) in told:
            kept.append(None)
            continue
        told.add(id(story))
        kept.append(_with_story(each, story) if story is not None else each)
    return kept


def with_copies(chosen: Iterable[Finding], findings: Iterable[Finding]) -> list[Finding]:
    """Those that were chosen of the findings, each that tells of copies with the places of all of them."""
    stories = _stories(findings)
    return [
        _with_story(each, stories[each.path, each.range.line]) if each.kind == "duplicate" else each for each in chosen
    ]


#: Copies that point at each other: their places, and how grave the gravest is (its place in ``SEVERITIES``).
_Story = tuple[dict[tuple[str, int], Related], list[int]]


def _stories(findings: Iterable[Finding]) -> dict[tuple[str, int], _Story]:
    """The copies that belong together, by the path and line of each of them."""
    stories: dict[tuple[str, int], _Story] = {}
    for each in findings:
        if each.kind != "duplicate":
            continue
        own = Related(each.path, each.range, each.message.partition(" ")[0])
        places = {(step.path, step.range.line): step for step in (own, *each.related)}
        grave = [SEVERITIES.index(each.severity)]
        for at in [*places]:
            if (story := stories.get(at)) is not None:
                places = story[0] | places
                grave += story[1]
        stories.update(dict.fromkeys(places, (places, [min(grave)])))
    return stories


def _with_story(finding: Finding, story: _Story) -> Finding:
    known = {(finding.path, finding.range.line), *((step.path, step.range.line) for step in finding.related)}
    more = tuple(step for at, step in sorted(story[0].items()) if at not in known)
    return replace(finding, related=finding.related + more, severity=SEVERITIES[story[1][0]])


def _order(finding: Finding, roots: Collection[str]) -> tuple[object, ...]:
    aside = finding.rule in STATIC and is_beside(_inside(finding.path, roots))
    return aside, *rank(finding)[:3], finding.path, finding.range, finding.rule


def _sweep(finding: Finding, roots: Collection[str]) -> tuple[str, str]:
    """What else is mended in the same go, by rule and place; the finding's own place, if nothing is."""
    if finding.rule not in STATIC:
        if not SWEPT.isdisjoint((finding.kind, finding.rule)) or ":" in finding.rule:
            return finding.rule, max(
                (each for each in roots if finding.path.startswith(f"{each}/")), key=len, default=""
            )
        if finding.kind in SWEPT_IN_FILE:
            return finding.rule, finding.path
    return finding.rule, f"{finding.path}:{finding.range.line}:{finding.range.column}:{finding.message}"


def _with_places(finding: Finding, others: Sequence[Finding]) -> Finding:
    """A finding that stands for others of its kind, too: how many they are, and where."""
    if not others:
        return finding
    named = [f"{each.path.rpartition('/')[2]}:{each.range.line + 1}" for each in others[:NAMED]]
    where = ", ".join(named) + (", …" if len(others) > NAMED else "")
    related = tuple(Related(each.path, each.range, each.message) for each in others)
    places = f"{len(others)} more place{'s' if len(others) > 1 else ''}"
    return replace(
        finding, message=f"{finding.message}; the same at {places}: {where}", related=finding.related + related
    )


def _copies(finding: Finding) -> set[tuple[str, str, int]]:
    """Where the copies lie that a finding is about, and what they are kin to: of three, one finding tells."""
    if finding.kind != "duplicate":
        return set()
    kin = {("kin of", str(each.data["kin"]), 0) for each in finding.evidence if "kin" in each.data}
    places = [(finding.path, finding.range), *((step.path, step.range) for step in finding.related)]
    return kin | {("copy at", path, place.line) for path, place in places}


def _pairs(finding: Finding) -> set[tuple[str, str, int]]:
    """The pairs of files that copies lie in: what two files share is taken apart at one go, however much it is."""
    if finding.kind != "duplicate":
        return set()
    others = {step.path for step in finding.related} - {finding.path}
    return {("copies in", " and ".join(sorted((finding.path, each))), 0) for each in others}


def _origin(finding: Finding) -> tuple[str, int]:
    """Where the path of its evidence begins: the loop, or what brings a value from outside; else its own place.

    What a loop walks over may be declared elsewhere, which the path says first: many loops come to that."""
    for each in finding.evidence:
        path = each.data.get("path")
        if each.kind == "traced" and isinstance(path, list):
            steps = [(str(step.get("path")), int(str(step.get("line", 0)))) for step in path if isinstance(step, dict)]
            if finding.reviewer == "performance":
                steps = [step for step in steps if step[0] == finding.path] or steps
            if steps:
                return steps[0]
    return finding.path, finding.range.line + 1


def _matters(finding: Finding, roots: Collection[str]) -> bool:
    if finding.rule in STATIC:
        return True
    if (
        finding.confidence < (LIKELY_IF_CRITICAL if finding.severity == "critical" else LIKELY)
        or COST[finding.severity] * finding.confidence < WORTH
    ):
        return False
    if any(each.data.get("origin") == OWN for each in finding.evidence if each.kind == "traced"):
        return False
    path = _inside(finding.path, roots)
    return not (is_beside(path) or (finding.reviewer == "performance" and is_by_hand(path)))


def _inside(path: str, roots: Collection[str]) -> str:
    """The part of a path that lies within its project."""
    return path[max((len(each) for each in roots if path.startswith(f"{each}/")), default=0) :]


def left_out(count: int, shown: int) -> str:
    """A sentence on how many of all findings are not among those that matter most; empty if all are."""
    if count <= shown:
        return ""
    return f"{shown} of {count} findings shown; the others matter less or are mended together with one that is shown"


def hidden(count: int, limit: int) -> str:
    """A sentence on findings that a limit hides; empty if it hides none."""
    more = count - limit if limit else 0
    if more <= 0:
        return ""
    return f"{more} more finding{'s are' if more > 1 else ' is'} hidden by max-findings-per-file = {limit}"
