"""How grave a finding is, given what is known of it: its rule says how grave it can be, its evidence how far it is.

A metric of size is a hint unless it is many times its threshold: that a function is long, its maintainers know, and
they change it when they change what it does. So is a finding that is three times likelier wrong than right.

Invariant: never graver than its rule says, and a critical finding stays critical.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..findings import SEVERITIES, Finding, Json, Severity

#: From so many times its threshold on, a size is an obstacle rather than a matter of taste.
FAR = 6.0
#: Metrics of size, the higher the worse; those of what is around it (foreign data, cohesion) only say what kind it is.
_SIZES = frozenset(
    {"statements of logic", "statements", "cyclomatic complexity", "cognitive complexity", "nesting"}
    | {"weighted methods (WMC)"}
)
#: Below this probability a finding counts one step less.
UNSURE = 0.25


def gravity(finding: Finding, probability: float) -> Severity:
    """The severity of a finding that is right with this probability."""
    over = max((_times(each.data) for each in finding.evidence if each.kind == "counted"), default=0.0)
    if finding.severity == "medium" and 0.0 < over < FAR:
        return "low"
    if probability < UNSURE and finding.severity in ("high", "medium"):
        return SEVERITIES[SEVERITIES.index(finding.severity) + 1]
    return finding.severity


def _times(data: Mapping[str, Json]) -> float:
    """How many times its threshold a metric of size is; 0 for others."""
    value, threshold = data.get("value"), data.get("threshold")
    if data.get("metric") in _SIZES and isinstance(value, int) and isinstance(threshold, int):
        return value / threshold
    return 0.0
