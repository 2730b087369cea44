"""How grave a finding is, given what is known of it: its rule says how grave it can be, its evidence how far it is.

A metric of size is a hint: that a function is long, its maintainers know, and they change it when they change what it
does. So is a finding that is three times likelier wrong than right.

Invariant: never graver than its rule says, and a critical finding stays critical.
"""

from __future__ import annotations

from ..findings import SEVERITIES, Finding, Severity

#: Metrics of size, the higher the worse; those of what is around it (foreign data, cohesion) only say what kind it is.
_SIZES = frozenset(
    {"statements of logic", "statements", "cyclomatic complexity", "cognitive complexity", "nesting"}
    | {"weighted methods (WMC)"}
)
#: Below this probability a finding counts one step less.
UNSURE = 0.25


def gravity(finding: Finding, probability: float) -> Severity:
    """The severity of a finding that is right with this probability."""
    if finding.severity == "medium" and any(each.data.get("metric") in _SIZES for each in finding.evidence):
        return "low"
    if probability < UNSURE and finding.severity in ("high", "medium"):
        return SEVERITIES[SEVERITIES.index(finding.severity) + 1]
    return finding.severity
