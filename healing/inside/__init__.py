"""Files that are laid into the sandbox's copy and run there, under the workspace's own interpreter.

Invariant: each is self-contained, uses only the standard library of Python 3.7 and later, and changes nothing of
what the program under test sees beyond its own modules in ``sys.modules``.
"""
