# pyright: basic
"""Loaded by the interpreter at its start: notes what an uncaught exception looked like, then lets it go its way.

Just before the time is over the stack of a program that still runs is noted, and the program is ended (see
:mod:`suture_watch`).
"""

import os
import sys


def _install():
    usual = sys.excepthook

    def hook(kind, error, trace):
        import suture_observe

        if isinstance(error, BaseException) and not isinstance(error, SyntaxError):
            suture_observe.write({"kind": "crash", "observed": suture_observe.observe(error)})
        usual(kind, error, trace)

    sys.excepthook = hook


def _watch():
    if os.environ.get("SUTURE_HANG_S"):
        import suture_watch

        suture_watch.watch()


def _next():
    """The environment's own ``sitecustomize``, which this one hides."""
    import importlib.machinery
    import importlib.util

    here = os.path.dirname(os.path.abspath(__file__))
    others = [each for each in sys.path if os.path.abspath(each) != here]
    found = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if found is not None and found.loader is not None:
        found.loader.exec_module(importlib.util.module_from_spec(found))


_install()
_watch()
_next()
