"""First imports: what a cycle of imports is said to break is tried, in the sandbox.

Whether a module of a cycle can be the first that a program imports is derived from the order of the imports
(:mod:`..architecture.loading`), and derived wrongly now and then. Here the module is imported, by the workspace's own
interpreter: a failure that Python blames on the cycle is reproduced, an import that works takes the claim away.
"""

from .api import Entry, import_first
from .judging import with_first_imports
from .kept import FirstImports, open_kept
from .reviewing import imported_reviews, tried
from .values import Claim, FirstImport, claims_of

__all__ = [
    "Claim",
    "Entry",
    "FirstImport",
    "FirstImports",
    "claims_of",
    "import_first",
    "imported_reviews",
    "open_kept",
    "tried",
    "with_first_imports",
]
