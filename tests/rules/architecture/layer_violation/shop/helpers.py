"""Belongs to no layer, and so may import what it likes; who imports it may not get up through it."""

from .api import get  # ok: layer-violation


def titled(name: str) -> str:
    return get(name).title()
