"""The decoder finds messages again whatever stands between them; the writer never blocks; addresses are checked."""

from __future__ import annotations

import json
import os
import select
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suture.analyzers.errors import UserError
from suture.server.app import create_server
from suture.server.transport import Decoder, FileSender, Refused, check_host, frame, parse_address, serve_stdio
from suture.server.watch import watch_process


def feed(decoder: Decoder, data: bytes, sizes: list[int] | None = None) -> list[bytes | Refused]:
    found: list[bytes | Refused] = []
    for size in sizes or []:
        found += decoder.feed(data[:size])
        data = data[size:]
    return found + list(decoder.feed(data))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(0, 30), max_size=20))
def test_messages_come_out_as_they_went_in_however_they_are_cut(bodies: list[bytes], sizes: list[int]) -> None:
    assert feed(Decoder(), b"".join(map(frame, bodies)), sizes) == bodies


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.lists(st.integers(0, 10), max_size=20))
def test_after_any_rubbish_the_decoder_finds_a_message_again(rubbish: bytes, sizes: list[int]) -> None:
    decoder = Decoder()
    feed(decoder, rubbish, sizes)
    found: list[bytes | Refused] = []
    for _ in range(4):  # the rubbish may have announced a body that eats the first
        found += decoder.feed(frame(b'{"a": "message that is long enough"}'))
    if not any(isinstance(item, Refused) and item.fatal for item in found) and b"ontent-" not in rubbish:
        assert b'{"a": "message that is long enough"}' in found


def test_headers_are_read_as_the_specification_allows() -> None:
    data = b"content-length:  2 \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"
    assert feed(Decoder(), data) == [b"{}"]
    assert feed(Decoder(), b"Content-Length: 0\r\n\r\n" + frame(b"{}")) == [b"", b"{}"]


def test_a_body_over_the_limit_is_skipped_not_stored() -> None:
    decoder = Decoder(max_message=10)
    found = feed(decoder, b"Content-Length: 1000\r\n\r\n" + b"x" * 1000 + frame(b"{}"), [7] * 100)
    assert isinstance(found[0], Refused)
    assert "too large" in found[0].reason
    assert found[1:] == [b"{}"]


def test_a_request_of_a_browser_is_fatal() -> None:
    found = feed(Decoder(), b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
    assert isinstance(found[0], Refused)
    assert found[0].fatal


def test_a_flood_of_header_bytes_does_not_fill_the_memory() -> None:
    decoder = Decoder()
    found = [item for _ in range(200) for item in decoder.feed(b"x: " + b"y" * 1000)]
    assert found
    assert feed(decoder, b"\r\n" + frame(b"{}"))[-1] == b"{}"


@pytest.mark.parametrize("kind", ["pipe", "socket", "file"])
def test_whatever_stdin_is_its_messages_come_in_order_and_its_end_ends_the_server(kind: str, tmp_path: Path) -> None:
    first = b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": null, "capabilities": {}}}'
    notes = [b'{"jsonrpc": "2.0", "method": "test/note", "params": %d}' % number for number in range(200)]
    sent = b"".join(map(frame, (first, *notes, b"{")))
    server, seen, answers = create_server(["sync"]), list[int](), os.pipe()
    server.inline("test/note")(seen.append)
    ends: list[socket.socket] = []
    if kind == "file":
        (tmp_path / "input").write_bytes(sent)
        stdin = os.open(tmp_path / "input", os.O_RDONLY)
    elif kind == "pipe":
        stdin, writer = os.pipe()
        os.write(writer, sent)
        os.close(writer)
    else:
        ends = list(socket.socketpair())
        stdin = ends[0].fileno()
        ends[1].sendall(sent)
        ends[1].shutdown(socket.SHUT_WR)
    assert serve_stdio(server, stdin, answers[1]) == 1  # nobody said goodbye
    assert seen == list(range(200))
    found = [json.loads(each) for each in Decoder().feed(os.read(answers[0], 1 << 16)) if isinstance(each, bytes)]
    assert {each.get("id") for each in found if "result" in each or "error" in each} == {None, 1}
    for end in ends:
        end.close()


def test_the_writer_never_blocks_and_keeps_the_order() -> None:
    reader, writer = os.pipe()
    broken: list[int] = []
    sender = FileSender(writer, lambda: broken.append(1))
    bodies = [b"%d" % number * 5000 for number in range(300)]
    for body in bodies:
        sender.send(body)  # nobody reads yet: if it waited, it would for ever
    received = bytearray()
    end = time.monotonic() + 60
    expected = b"".join(map(frame, bodies))
    while len(received) < len(expected) and time.monotonic() < end:
        if select.select([reader], [], [], 1)[0]:
            received += os.read(reader, 1 << 20)
    assert bytes(received) == expected
    os.close(reader)
    sender.send(b"nobody is there")
    sender.flush(1)
    assert broken == [1]
    os.close(writer)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        (":5", ("127.0.0.1", 5)),
        ("[::1]:7", ("::1", 7)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_addresses_are_parsed(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "80", "host:", "host:port", "host:99999"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="not an address"):
        parse_address(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::", "example.com"])
def test_only_loopback_is_listened_on_without_a_flag(host: str) -> None:
    with pytest.raises(UserError, match="reached by other machines"):
        check_host(host, anywhere=False)
    check_host(host, anywhere=True)
    for loopback in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
        check_host(loopback, anywhere=False)


def test_the_end_of_a_watched_process_is_seen_and_an_unknown_one_is_not_watched() -> None:
    import subprocess
    import sys

    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = threading.Event()
    watch_process(process.pid, gone.set, interval_s=0.05)
    assert not gone.wait(0.2)
    process.communicate(b"\n")
    assert gone.wait(30)
    before = threading.active_count()
    watch_process(2**22 - 5, gone.set)
    assert threading.active_count() == before
