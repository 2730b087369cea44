"""Fits the table of probabilities (``analyzers/confidence/table.json``) on labelled findings, and measures it.

    python fit.py --packages FOLDER… [--verdicts FILE]… [--lines FILE ROOT]… [--comments FOLDER]… [--write] [--sample N]

Three kinds of labels, all of them read by people:

*own*: ``labels.jsonl`` beside this file: findings of packages that no rule was tuned on, drawn at random or the first
thirty of ``--top``, of the same line in one file one; right is what a maintainer would mend. FOLDER holds those
packages, one folder each (``NAME-VERSION``); there may be several. A label belongs to a finding by its file, its rule
and the hash of its line. The files that labels name are reviewed, those of a package together; for labels of rules that
look at a whole program (copies, cycles) all files of their package. A label of what the rule itself tells only as a
hint by now, below its own severity, is left out: it says nothing of the findings that a person is shown.
*verdicts*: JSON lines ``{"application", "path", "line", "rule", "verdict", "reason", "round"}`` of people who read what
is shown first; they are added to the own ones, if their package is there and their round is not held back. What is true
and not worth a change (every verdict but ``act``) is wrong for this: nobody would mend it.
*lines*: JSON lines ``{"file", "line", "end", "kind", "label": "pos" | "neg" | "amb"}``; ROOT holds the files.
*comments*: Python files with ``# bad: CWE-n``, ``# ok: CWE-n`` and ``# any`` on their lines; they are written to be
found, dense with problems.

Rules are developed on *lines* and *comments*: these have a level of their own in the fit and count less there.

The measures are of cross-validation: no probability comes from a curve that has seen a finding of the same package
(or file, for *comments*). ``seen`` is the share of labelled problems of *lines* and *comments* that are reported.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from suture.analyzers.cache import open_cache
from suture.analyzers.confidence import table
from suture.analyzers.confidence.model import Label, Quality, calibrate, cross_validated, quality, share_of_score
from suture.analyzers.cwe import families
from suture.analyzers.findings import REVIEWERS, SEVERITIES, Finding, Reviewer
from suture.analyzers.review import all_rules, program_rules
from suture.analyzers.review_tree import review_paths
from suture.analyzers.source import LineIndex, read_source

HERE = Path(__file__).parent
OWN = HERE / "labels.jsonl"
RULES = {each.name: each for each in (*all_rules(), *program_rules())}
#: Rules that need the whole program to be what they are.
OF_PROGRAMS = frozenset(each.name for each in program_rules() if each.reviewer == "architecture")
TABLE = Path(table.__file__).with_name("table.json")

#: How much a label counts whose place was written for a benchmark, or chosen, beside one of a finding drawn at random.
WRITTEN, PLACED = 0.1, 0.3

#: A finding is that of a label if it is at most so many lines away from it.
NEAR = 1

_MARK = re.compile(r"#\s*(bad|ok|any)\b:?\s*(.*)$")


class Labelled(NamedTuple):
    """A label with its reviewer; ``own``: of a finding drawn at random from code nobody tuned on."""

    reviewer: str
    label: Label
    own: bool


class Asked(NamedTuple):
    """How many labelled problems of a reviewer there are, and how many of them were reported."""

    problems: Counter[str]
    seen: Counter[str]


def raw(finding: Finding) -> float:
    """The score that the rules gave, before calibration."""
    scores = [each.data["raw"] for each in finding.evidence if each.kind == "calibrated"]
    return float(scores[0]) if scores else finding.confidence  # type: ignore[arg-type]


def is_hint(finding: Finding) -> bool:
    """Whether the rule itself, before calibration, told this below its usual severity, and as the least of all."""
    rule = RULES.get(finding.rule)
    said = next((each.data.get("severity") for each in finding.evidence if each.kind == "calibrated"), None)
    least = SEVERITIES[-1]
    return rule is not None and rule.severity != least and (said or finding.severity) == least


def reviewed(
    paths: Iterable[Path], reviewers: Sequence[Reviewer] = REVIEWERS
) -> Iterator[tuple[Path, tuple[Finding, ...]]]:
    engines = len(reviewers) > 1
    for each in review_paths(paths, reviewers=reviewers, engines=engines, cache=open_cache(), jobs=2):
        if each.error:
            print(f"not analysed: {each.path.name}: {each.error}", file=sys.stderr)
        yield each.path, tuple(finding for finding in each.findings if finding.reviewer)


def line_mark(path: Path, line: int) -> str:
    """The hash of a line without its spaces: enough to find it again, too little to read."""
    text = LineIndex(read_source(path).text).line(line)
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:16]


def added(file: Path, packages: Iterable[Path], known: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Own labels for the verdicts of a file that are not known yet."""
    seen = {(label["package"], label["file"], label["rule"], label["line"]) for label in known}
    for text in file.read_text("utf-8").splitlines():
        verdict = json.loads(text)
        package, _, version = verdict["application"].rpartition("-")
        found = [each / verdict["application"] / verdict["path"] for each in packages]
        path = next((each for each in found if each.is_file()), None)
        if path is None or verdict.get("round", "").startswith("held"):
            continue
        mark = line_mark(path, verdict["line"] - 1)
        key = (package, verdict["path"], verdict["rule"], mark)
        if key not in seen:
            seen.add(key)
            head = dict(zip(("package", "file", "rule", "line"), key, strict=True))
            right = "right" if verdict["verdict"] == "act" else "wrong"
            yield {**head, "version": version, "verdict": right, "reason": verdict.get("reason", "")}


def own_labels(folders: Sequence[Path]) -> Iterator[Labelled]:
    wanted: dict[str, dict[tuple[Path, str, str], list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    missing: Counter[str] = Counter()
    for text in OWN.read_text("utf-8").splitlines():
        label = json.loads(text)
        package = f"{label['package']}-{label['version']}"
        folder = next((each for each in folders if (each / package).is_dir()), None)
        if folder is None:
            missing[package] += 1
        else:
            wanted[package][folder / package / label["file"], label["rule"], label["line"]].append(label)
    for package, count in sorted(missing.items()):
        print(f"{package} is in none of the folders: {count} labels are left out", file=sys.stderr)
    for package, places in sorted(wanted.items()):
        files = sorted({path for path, rule, _ in places if rule not in OF_PROGRAMS})
        answers = [each for each in _found(files) if each[1].rule not in OF_PROGRAMS]
        if any(rule in OF_PROGRAMS for _, rule, _ in places):
            folder = next(each / package for each in folders if (each / package).is_dir())
            answers += [each for each in _found([folder], ("architecture",)) if each[1].rule in OF_PROGRAMS]
        for path, finding in answers:
            labels = places.get((path, finding.rule, line_mark(path, finding.range.line)))
            if labels and not is_hint(finding):
                right = labels.pop(0)["verdict"] == "right"
                yield Labelled(finding.reviewer, as_label(finding, right, package, chosen=False), True)


def _found(paths: Sequence[Path], reviewers: Sequence[Reviewer] = REVIEWERS) -> Iterator[tuple[Path, Finding]]:
    for path, findings in reviewed(paths, reviewers) if paths else ():
        for finding in findings:
            yield path, finding


def as_label(finding: Finding, right: bool, group: str, *, chosen: bool = True) -> Label:
    return Label(finding.rule, finding.kind, raw(finding), right, group, chosen=chosen)


def line_labels(file: Path, root: Path, asked: Asked) -> Iterator[Labelled]:
    labels: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for text in file.read_text("utf-8").splitlines():
        label = json.loads(text)
        labels[label["file"]].append(label)
        asked.problems[label["reviewer"]] += label["label"] == "pos"
    hit: set[int] = set()
    for path, findings in reviewed(sorted(root / name for name in labels)):
        name = path.relative_to(root).as_posix()
        for finding in findings:
            near = [each for each in labels[name] if each["kind"] == finding.kind and _near(each, finding)]
            if not near:
                continue
            best = min(near, key=lambda each: abs(each["line"] - finding.range.line - 1))
            if best["label"] != "amb":
                group = best.get("package", "?")
                group = f"{group}/{name}" if group == "synth" else group
                yield Labelled(finding.reviewer, as_label(finding, best["label"] == "pos", group), False)
            if best["label"] == "pos" and id(best) not in hit:
                hit.add(id(best))
                asked.seen[best["reviewer"]] += 1


def _near(label: dict[str, Any], finding: Finding) -> bool:
    if label["kind"] == "import_cycle":
        return True
    line = finding.range.line + 1
    return label["line"] - NEAR <= line <= (label.get("end") or label["line"]) + NEAR


def comment_labels(folder: Path, asked: Asked) -> Iterator[Labelled]:
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        marks: dict[Path, dict[int, tuple[str, frozenset[str]]]] = {}
        for path in sorted(folder.rglob("*.py")):
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            lines = read_source(path).text.split("\n")
            marks[target] = {
                number: (match[1], families(int(each) for each in re.findall(r"CWE-(\d+)", match[2])))
                for number, line in enumerate(lines)
                if (match := _MARK.search(line))
            }
            target.write_text("\n".join(_MARK.sub("", line).rstrip() for line in lines), "utf-8")
            asked.problems["security"] += sum(verdict == "bad" for verdict, _ in marks[target].values())
        for path, findings in reviewed([copy]):
            hit: set[int] = set()
            for finding in findings:
                if finding.reviewer != "security":
                    continue
                line = finding.range.line
                verdict, named = marks[path].get(line, ("", frozenset[str]()))
                if verdict == "any":
                    continue
                right = verdict == "bad" and bool(named & families(finding.cwe))
                if right and line not in hit:
                    hit.add(line)
                    asked.seen["security"] += 1
                yield Labelled("security", as_label(finding, right, path.name), False)


def fitted(reviewer: str, labels: list[Labelled], asked: Asked) -> dict[str, Any]:
    """The entry of one reviewer in the table."""
    mine = sorted((each for each in labels if each.reviewer == reviewer), key=lambda each: each.label.group)
    listed = [each.label for each in mine]
    said = cross_validated(listed)
    own = [number for number, each in enumerate(mine) if each.own]
    curve = calibrate(listed)
    measures: dict[str, float] = {}
    for name, chosen in (("", range(len(mine))), ("own_", own)):
        after = quality([listed[i] for i in chosen], [said[i] for i in chosen])
        before = quality([listed[i] for i in chosen], [listed[i].score for i in chosen])
        measures |= _measures(name, after, before)
        measures[f"{name}right"] = sum(listed[i].right for i in chosen)
    measures["score_share"] = share_of_score(listed)
    rules = Counter(each.rule for each in listed)
    kinds = Counter(f"kind:{each.kind}" for each in listed)
    problems = asked.problems[reviewer]
    return {
        "chosen": round(curve.chosen, 4),
        "intercept": round(curve.intercept, 4),
        "slope": round(curve.slope, 4),
        "kinds": _rounded(curve.kinds),
        "rules": _rounded(curve.rules),
        "kinds_of": {each.rule: each.kind for each in sorted(listed, key=lambda each: (each.rule, each.kind))},
        "samples": dict(sorted({**rules, **kinds}.items())),
        "labels": len(listed),
        "right": sum(each.right for each in listed),
        "seen": round((asked.seen[reviewer] + 4) / (problems + 5), 3),  # drawn to table.SEEN, as by five more
        "measures": {name: round(value, 4) for name, value in measures.items()},
    }


def _measures(name: str, after: Quality, before: Quality) -> dict[str, float]:
    return {
        f"{name}count": after.count,
        f"{name}ece": after.ece,
        f"{name}brier": after.brier,
        f"{name}ece_before": before.ece,
        f"{name}brier_before": before.brier,
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(values[name], 4) for name in sorted(values)}


def sample(packages: Path, count: int, seed: int) -> Iterable[str]:
    """Findings of each reviewer at random, with the lines around them, for people to judge."""
    known = {
        (label["package"], label["rule"], label["line"]) for label in map(json.loads, OWN.read_text().splitlines())
    }
    found: dict[str, list[tuple[str, Path, Finding]]] = defaultdict(list)
    for folder in sorted(each for each in packages.iterdir() if each.is_dir()):
        for path, findings in reviewed([folder]):
            for finding in findings:
                found[finding.reviewer].append((folder.name, path, finding))
    chooser = random.Random(seed)
    for reviewer in REVIEWERS:
        listed = found[reviewer]
        yield f"== {reviewer}: {len(listed)} findings"
        for folder, path, finding in chooser.sample(listed, min(count, len(listed))):
            package, _, version = folder.rpartition("-")
            mark = line_mark(path, finding.range.line)
            if (package, finding.rule, mark) in known:
                continue
            file = path.relative_to(packages / folder).as_posix()
            head = {"package": package, "version": version, "file": file, "rule": finding.rule, "line": mark}
            place = f"{path}:{finding.range.line + 1} {finding.severity} {raw(finding):.2f}"
            yield f"{json.dumps(head)}\n  {place} {finding.message}"
            lines = read_source(path).text.split("\n")
            first = max(0, finding.range.line - 6)
            for number in range(first, min(len(lines), finding.range.line + 7)):
                yield f"  {'>' if number == finding.range.line else ' '} {lines[number][:150]}"


def save(path: Path, labels: list[Labelled], asked: Asked) -> None:
    content = {
        "labels": [{**asdict(each.label), "reviewer": each.reviewer, "own": each.own} for each in labels],
        "asked": [asked.problems, asked.seen],
    }
    path.write_text(json.dumps(content), "utf-8")


def load(path: Path, asked: Asked) -> list[Labelled]:
    content = json.loads(path.read_text("utf-8"))
    for counter, saved in zip(asked, content["asked"], strict=True):
        counter.update(saved)
    return [Labelled(each.pop("reviewer"), own=each.pop("own"), label=Label(**each)) for each in content["labels"]]


def weighed(each: Labelled) -> Labelled:
    """The label with the weight of its kind, whatever it was when it was collected."""
    weight = 1.0 if each.own else WRITTEN if each.reviewer == "security" else PLACED
    return each._replace(label=replace(each.label, weight=weight))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--packages", type=Path, required=True, nargs="+")
    parser.add_argument("--verdicts", type=Path, action="append", default=[], help="added to labels.jsonl")
    parser.add_argument("--lines", type=Path, nargs=2, action="append", default=[], metavar=("FILE", "ROOT"))
    parser.add_argument("--comments", type=Path, action="append", default=[])
    parser.add_argument("--write", action="store_true", help="write the table of the package")
    parser.add_argument("--kept", type=Path, help="a file for what was collected: written, or read if it is there")
    parser.add_argument("--sample", type=int, default=0, help="show so many findings of each reviewer instead")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.sample:
        for folder in options.packages:
            for line in sample(folder, options.sample, options.seed):
                print(line)
        return
    for file in options.verdicts:
        known = [json.loads(line) for line in OWN.read_text("utf-8").splitlines()]
        new = list(added(file, options.packages, known))
        with OWN.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{json.dumps(each)}\n" for each in new)
        print(f"{len(new)} verdicts of {file.name} are added to {OWN.name}")
    asked = Asked(Counter(), Counter())
    if options.kept and options.kept.exists():
        labels = load(options.kept, asked)
    else:
        labels = list(own_labels(options.packages))
        for file, root in options.lines:
            labels += line_labels(file, root, asked)
        for folder in options.comments:
            labels += comment_labels(folder, asked)
    if options.kept and not options.kept.exists():
        save(options.kept, labels, asked)
    labels = [weighed(each) for each in labels]
    content = {"reviewers": {each: fitted(each, labels, asked) for each in REVIEWERS}}
    for name, value in content["reviewers"].items():
        print(name, json.dumps(value["measures"]), "seen", value["seen"])
    if options.write:
        TABLE.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
        print(f"{TABLE} is written")


if __name__ == "__main__":
    main()
