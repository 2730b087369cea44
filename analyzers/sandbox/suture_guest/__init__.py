"""What runs inside the sandbox, before and around the code under test.

Invariant: only the standard library, Python 3.9 and later, relative imports inside this package: it is bound into
the sandbox under the name ``suture_guest`` and also runs under the workspace's own interpreter.
"""
