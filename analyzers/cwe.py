"""Families of weaknesses: which CWE numbers name the same problem, and what a security finding's ``kind`` is.

The grouping follows MITRE's view of parents and children (https://cwe.mitre.org); where a number is used by several
tools for neighbouring problems it is in the family whose cure is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

FAMILIES: Mapping[str, frozenset[int]] = {
    "cmdi": frozenset({77, 78, 88, 214}),
    "sqli": frozenset({89, 564, 915, 943}),
    "xss": frozenset({79, 80, 83, 87, 116}),
    "pathtraver": frozenset({22, 23, 24, 29, 35, 36, 73, 99, 641}),
    "codeinj": frozenset({74, 94, 95, 96, 706, 913, 1336}),
    "deserialization": frozenset({502}),
    "ldapi": frozenset({90}),
    "xpathi": frozenset({91, 643}),
    "xxe": frozenset({112, 611, 776, 827}),
    "redirect": frozenset({601}),
    "trustbound": frozenset({501}),
    "hash": frozenset({327, 328, 759, 760, 916}),
    "weakrand": frozenset({330, 331, 335, 337, 338, 339, 1241}),
    "securecookie": frozenset({539, 614, 1004, 1275}),
    "ssrf": frozenset({918, 941}),
    "crypto": frozenset({295, 297, 310, 311, 319, 320, 322, 323, 325, 326, 329, 345, 347, 757, 780, 1204}),
    "secrets": frozenset({256, 257, 259, 321, 522, 532, 540, 798}),
    "dos": frozenset({400, 674, 730, 770, 835, 1333}),
    "tmp": frozenset({377, 378, 379}),
    "perm": frozenset({250, 269, 276, 284, 668, 732}),
    "loginj": frozenset({117}),
    "respsplit": frozenset({93, 113, 444}),
    "csrf": frozenset({352}),
    "bind": frozenset({200, 605}),
    "errinfo": frozenset({209, 215, 489, 497}),
}


@cache
def _family(cwe: int) -> str:
    return next((name for name, members in FAMILIES.items() if cwe in members), f"cwe-{cwe}")


def families(cwes: Iterable[int]) -> frozenset[str]:
    """The families that CWE numbers belong to; a number in none of them is its own family."""
    return frozenset(_family(each) for each in cwes)
