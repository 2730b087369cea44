"""The levels of validation, one file each (``LEVEL``); found, not listed."""
