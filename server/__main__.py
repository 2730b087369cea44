"""``python -m suture.server`` is ``suture``."""

import os
import sys

# The current folder is the workspace's: a ``ruff.py`` in it must not be taken for the tool.
if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
