"""A taint engine: an abstract interpreter that follows untrusted values through functions and modules."""
