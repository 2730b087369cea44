"""A stream's output within a limit: the beginning and the end are kept, what is between is counted.

A flood's traceback is at its end, and what it is about at its beginning.
"""

from __future__ import annotations


class Capture:
    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._head = bytearray()
        self._tail = bytearray()
        self._cut = 0
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        over = len(self._tail) - self._half
        if over > 0:
            self._cut += over
            del self._tail[:over]

    def value(self) -> bytes:
        if not self._cut:
            return bytes(self._head + self._tail)
        return bytes(self._head + f"\n… {self._cut} bytes cut …\n".encode() + self._tail)
