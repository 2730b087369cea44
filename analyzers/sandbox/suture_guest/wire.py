"""Frames on a pipe: a kind of one byte, a length of four, then the body.

Invariant: a reader never trusts a length; ``Frames`` refuses a body larger than its limit.
"""

from __future__ import annotations

import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = struct.Struct(">cI")
MAXIMUM = 64 << 20

READY = b"+"  # the guest is set up: everything after this is the job's own doing
FAILED = b"!"  # the guest could not be set up: a text
STATUS = b"S"  # how the job ended: JSON
KEPT = b"F"  # one kept file: name length (4), name, content
CACHED = b"W"  # one file for the cache: name length (4), name, a line of JSON about it, content
CONFIG = b"J"  # host to a container: what to do, JSON
INPUT = b"I"  # host to a container: the job's standard input; an empty one ends it
OUT = b"1"  # a container to the host: the job's standard output
ERROR = b"2"  # a container to the host: the job's standard error
CALL = b"C"  # host to zygote: JSON
PUT = b"P"  # host to zygote: one overlay file, as KEPT
KILL = b"K"  # host to zygote: end the job that runs
MESSAGE = b"M"  # the job's emit(): JSON
RESULT = b"R"  # the job's return value: JSON
RAISED = b"X"  # the job's exception: JSON {"text", "reason"}


class TooLarge(ValueError):
    """A frame announces more than the reader accepts."""


def pack(kind: bytes, body: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(body)) + body


def pack_file(kind: bytes, name: str, content: bytes) -> bytes:
    encoded = name.encode("utf-8", "surrogateescape")
    return pack(kind, struct.pack(">I", len(encoded)) + encoded + content)


def unpack_file(body: bytes) -> tuple[str, bytes]:
    (length,) = struct.unpack_from(">I", body)
    return body[4 : 4 + length].decode("utf-8", "surrogateescape"), body[4 + length :]


def write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class Frames:
    """Collects what was read; gives whole frames."""

    def __init__(self, maximum: int = MAXIMUM) -> None:
        self._buffer = bytearray()
        self._maximum = maximum

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        while len(self._buffer) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer)
            if length > self._maximum:
                raise TooLarge(f"a frame of {length} bytes")
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield kind, body
