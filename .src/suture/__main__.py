"""``python -m suture`` is ``suture``."""

import sys

from suture.server.cli import main

if __name__ == "__main__":
    sys.exit(main())
