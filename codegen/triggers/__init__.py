"""What asks for code at a place in a text: one file a trigger, all of them give a :class:`Target`."""

from .target import Target

__all__ = ["Target"]
