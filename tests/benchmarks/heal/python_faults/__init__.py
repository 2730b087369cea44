"""Operators that break a working Python program, one kind of slip each; see ``faults.py`` one folder up."""
