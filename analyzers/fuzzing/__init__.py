"""Fuzzing: inputs that break a function, found in the sandbox, replayed in fresh processes, kept as plain tests.

``targets`` and ``api`` run in Suture's own process and never import the code under test. ``worker`` and what it uses
(``annotations``, ``inference``, ``boundaries``, ``strategies``, ``oracle`` …) run inside the sandbox, in the
interpreter of the workspace: they need nothing but the standard library and Hypothesis.
"""
