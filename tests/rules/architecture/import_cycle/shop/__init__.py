"""A shop whose customers and orders import each other."""

from . import prices as prices  # ok: import-cycle
