"""Makes proposals for the tests of the records."""

from __future__ import annotations

from suture.analyzers.store import Store
from suture.codegen.artifacts import book
from suture.codegen.artifacts.records import Provenance

CODE = "def double(value: int) -> int:\n    return 2 * value\n"
ME = "ada@example"


def propose(store: Store, name: str = "double", code: str = CODE, model: str = "", strategy: str = "") -> str:
    made = Provenance(ME, "model", model=model, strategy=strategy, prompt_sha256="a" * 64)
    return book.propose(
        store, path="app.py", name=name, kind="comment", code=code, tests="assert double(2) == 4\n", provenance=made
    )


def awaiting(store: Store, name: str = "double") -> str:
    ident = propose(store, name)
    book.test(store, ident)
    book.passed(store, ident, {"verified": True, "confidence": 0.8})
    return ident
