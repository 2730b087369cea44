"""What a model is told about the workspace: pieces of it, ranked, within a number of tokens.

Each file here gathers one kind of piece; :mod:`.pieces` fits them together; :mod:`.visible` says what may be shown.

Invariant: nothing of an ignored file, of ``.env``, of a file named after secrets or of anything outside of the
workspace is shown, and everything is masked by :mod:`..redaction` before it is used. Nothing of the workspace runs.
"""

from .gather import context_of
from .pieces import Context, Piece

__all__ = ["Context", "Piece", "context_of"]
