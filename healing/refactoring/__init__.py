"""What refactorings need to know of a function before they may move a part of it.

Invariant: everything here is pure: texts and syntax trees in, values out; nothing is run and no file is written.
"""
