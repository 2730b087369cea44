"""The marker cases: editor tests written as text. ``docs`` for writing one: ``tests/cases/README.md``."""
