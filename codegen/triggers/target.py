"""Where code is wanted and what is said there, whatever asks for it.

``comment``: a new function right below the comment's lines. ``stub``: the body of the definition on these lines is
replaced; its decorators, signature and docstring are kept. ``failing_test``: a new function in the module that a test
imports it from; the test is the specification. ``selection``: the definition on these lines is changed as the
instruction says.

Invariant: plain values; making one neither parses a whole program nor runs anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["comment", "stub", "failing_test", "selection"]


@dataclass(frozen=True, slots=True)
class Target:
    """Lines are 0-based, ``last`` inclusive. For a comment and a failing test they are what the new code follows, for
    a stub and a selection the whole definition, decorators first."""

    first: int
    last: int
    indent: str
    text: str  # the words that say what is wanted, one line per line, without any ``#``
    class_name: str = ""  # the class whose body holds the code (``Outer.Inner``): the function is a method
    in_function: bool = False
    kind: Kind = "comment"
    name: str = ""  # of the definition, where it is given
    #: ``async def f(self, a: int = 1) -> str`` on one line, without the colon; empty if the code may choose.
    signature: str = ""
    decorators: tuple[str, ...] = ()
    docstring: str = ""  # of the definition, without quotes
    code: str = ""  # the present definition at depth 0, four spaces a level: of a stub or a selection
    path: Path | None = None  # the file that the code goes to, if it is another one than that of the request
    tests: str = ""  # a pytest file that says what is wanted: of a failing test
    tests_path: Path | None = None  # where those tests stand

    @property
    def replaces(self) -> bool:
        """Whether the lines are replaced, not followed by the code."""
        return self.kind in ("stub", "selection")
