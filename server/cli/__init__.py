"""The ``suture`` command. One file per subcommand; see :mod:`.main`."""

from .main import main

__all__ = ["main"]
