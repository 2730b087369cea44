"""The dashboard: one local page of what Suture found, healed, fuzzed, wrote, spent and sent in a workspace.

:mod:`.gather` reads the stores, :mod:`.figures` turns that into figures, :mod:`.page` into a page, :mod:`.serving`
shows it on this machine.
"""
