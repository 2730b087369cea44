"""Repairs of JavaScript and TypeScript, one file each; names begin with ``js-``."""
