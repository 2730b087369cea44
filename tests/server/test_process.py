"""A real server process: how it starts, what ends it, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]


def gone(pid: int, within: float) -> bool:
    """Whether the process is dead (or a zombie) before ``within`` seconds have passed."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def end(client: Any, status: int, *children: int) -> float:
    """How long it takes from now until the server and its children are gone."""
    began = time.monotonic()
    assert client.exit_code(30) == status
    assert all(gone(child, 30) for child in children)
    return time.monotonic() - began


def test_it_answers_initialize_and_leaves_with_status_0_after_shutdown_and_exit(start: Start) -> None:
    client = start()
    result = client.initialize()
    assert result["serverInfo"]["name"] == "suture"
    assert result["capabilities"]["positionEncoding"] == "utf-16"
    assert client.leave() == 0


def test_exit_without_shutdown_has_status_1(start: Start) -> None:
    client = start(test=True)
    client.initialize()
    client.notify("exit")
    assert client.exit_code() == 1


def test_exit_before_initialize_ends_the_process(start: Start) -> None:
    client = start(test=True)
    client.notify("exit")
    assert client.exit_code() == 1


def test_shutdown_is_answered_while_commands_are_in_flight_and_each_command_hears_that_it_was_cancelled(
    start: Start,
) -> None:
    client = start(test=True)
    client.initialize()
    idents = [client.command("test.sleep", 60) for _ in range(10)]
    assert client.call("shutdown", timeout=30) is None
    assert {client.response(ident)["error"]["code"] for ident in idents} == {-32800}
    client.notify("exit")
    assert client.exit_code() == 0


def test_exit_waits_neither_for_threads_nor_for_tasks_that_swallow_cancellation(start: Start, best_of: Any) -> None:
    def took() -> float:
        client = start(test=True)
        client.initialize()
        assert client.response(client.command("test.threads", 3, 60))["result"] == "busy"
        client.command("test.stubborn")
        client.call("shutdown")
        client.notify("exit")
        return end(client, 0)

    assert best_of(took, 1.5) < 1.5


def test_messages_are_read_while_every_worker_thread_is_busy(start: Start, best_of: Any) -> None:
    client = start(test=True)
    client.initialize()
    client.response(client.command("test.threads", 40, 60))

    def took() -> float:
        began = time.monotonic()
        assert client.response(client.command("test.sleep", 0))["result"] == "slept"
        return time.monotonic() - began

    assert best_of(took, 0.5) < 0.5


def test_a_cancelled_request_is_answered_within_200_ms_even_if_its_handler_does_not_stop(
    shared: Any, best_of: Any
) -> None:
    client = shared

    def took() -> float:
        ident = client.command("test.stubborn")
        time.sleep(0.1)
        began = time.monotonic()
        client.notify("$/cancelRequest", {"id": ident})
        assert client.response(ident)["error"]["code"] == -32800
        return time.monotonic() - began

    assert best_of(took, 0.2) < 0.2


def test_the_end_of_standard_input_ends_the_server_and_its_children_within_2_s(start: Start, best_of: Any) -> None:
    def took() -> float:
        client = start(test=True)
        client.initialize()
        child = client.response(client.command("test.child", "registry"))["result"]
        client.process.stdin.close()
        return end(client, 1, child)

    assert best_of(took, 2) < 2


def test_the_end_of_standard_input_ends_even_a_server_whose_loop_hangs(start: Start, best_of: Any) -> None:
    def took() -> float:
        client = start(test=True)
        client.initialize()
        client.command("test.hang")
        time.sleep(0.2)
        client.process.stdin.close()
        return end(client, 1)

    assert best_of(took, 2) < 2


def test_the_server_and_its_children_die_within_2_s_of_the_client_process(start: Start, best_of: Any) -> None:
    def took() -> float:
        editor = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        client = start(test=True)
        client.initialize(processId=editor.pid)
        child = client.response(client.command("test.child", "registry"))["result"]
        editor.kill()  # not waited for: a zombie is dead, too
        seconds = end(client, 1, child)
        editor.wait()
        return seconds

    assert best_of(took, 2) < 2


def test_a_client_process_that_is_not_visible_from_here_is_not_taken_for_dead(start: Start) -> None:
    client = start(test=True)
    client.initialize(processId=2**22 - 3)
    time.sleep(0.8)
    assert client.leave() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the parent-death signal is Linux's")
def test_a_child_dies_within_2_s_of_a_server_that_was_killed(start: Start, best_of: Any) -> None:
    def took() -> float:
        client = start(test=True)
        client.initialize()
        child = client.response(client.command("test.child", "pdeathsig"))["result"]
        client.process.kill()
        return end(client, -signal.SIGKILL, child)

    assert best_of(took, 2) < 2


def test_sigterm_ends_the_server_and_its_children_within_2_s(start: Start, best_of: Any) -> None:
    def took() -> float:
        client = start(test=True)
        client.initialize()
        child = client.response(client.command("test.child", "registry"))["result"]
        client.process.send_signal(signal.SIGTERM)
        return end(client, 128 + signal.SIGTERM, child)

    assert best_of(took, 2) < 2


def test_a_stray_print_of_the_server_or_a_child_does_not_reach_the_protocol(shared: Any) -> None:
    client = shared
    assert client.response(client.command("test.print"))["result"] == "", "standard input is not the protocol's"
    said = ("this must not reach", "nor this", "nor that", "nor what a child says")
    client.wait_for(lambda: all(each in client.errors for each in said))


def test_no_log_level_writes_secrets_or_the_text_of_documents(start: Start) -> None:
    client = start("--log-level", "debug", "serve", env={"OPENAI_API_KEY": "topsecretvalue-123"})
    options = {"settings": {"model": {"apiKey": "sk-abcdefghijklmnopqrstuvwx"}}}
    client.initialize(initializationOptions=options)
    item = {"uri": "file:///tmp/a.py", "languageId": "python", "version": 1, "text": "password = 'swordfish99'\n"}
    client.notify("textDocument/didOpen", {"textDocument": item})
    client.error("textDocument/hover", {"text": "swordfish99"})
    client.error("workspace/executeCommand", {"command": "nope", "arguments": ["swordfish99"]})
    client.send_body(b'{"jsonrpc": "2.0", "id": 99, "method": "initialize", "params": "swordfish99"')
    assert client.response(None)["error"]["code"] == -32700
    client.leave()
    for secret in ("swordfish99", "sk-abcdefghijkl", "topsecretvalue"):
        assert secret not in client.stderr()


def refused(client: Any) -> bool:
    """Whether a parse error comes; other answers without an id may come before it."""
    while client.response(None)["error"]["code"] != -32700:
        pass
    return True


def test_rubbish_between_messages_is_refused_and_the_next_message_is_served(shared: Any) -> None:
    client = shared
    rubbish = [
        b"Content-Length: abc\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Type: x\r\n\r\n{}",
        b"hello\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}  ",
    ]
    for data in rubbish:
        client.write(data)
        assert client.response(client.command("test.sleep", 0))["result"] == "slept", data
        assert client.response(None)["error"]["code"] == -32700, data
    for body in (b"{", b"\xff\xfe{}", b'"' + b"[" * 10, b"[" * 200_000):
        client.send_body(body)
        assert refused(client), body[:20]


def test_a_giant_message_is_refused_without_being_kept_and_the_next_is_served(shared: Any) -> None:
    client = shared
    size = 140 * 1024 * 1024
    client.write(b"Content-Length: %d\r\n\r\n" % size)
    block = b"x" * (1024 * 1024)
    for _ in range(size // len(block)):
        client.write(block)
    assert "too large" in client.response(None)["error"]["message"]
    assert client.response(client.command("test.sleep", 0))["result"] == "slept"
    peak = next(line for line in Path(f"/proc/{client.process.pid}/status").read_text().splitlines() if "VmHWM" in line)
    assert int(peak.split()[1]) < 120 * 1024


def test_a_client_that_does_not_read_does_not_stop_the_server_from_reading(start: Start) -> None:
    argv = [sys.executable, "-m", "suture", "serve"]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None

    def frame(message: dict[str, Any]) -> bytes:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    try:
        process.stdin.write(frame({"id": 0, "method": "initialize", "params": {"processId": None, "capabilities": {}}}))
        for number in range(1, 5000):  # far more answers than a pipe holds
            process.stdin.write(frame({"id": number, "method": "nothing/here"}))
        process.stdin.write(frame({"id": "last", "method": "shutdown"}) + frame({"method": "exit"}))
        process.stdin.flush()
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert b'"id":4999' in output
        assert b'"id":"last"' in output
    finally:
        process.kill()
        process.wait()


def test_standard_error_that_is_closed_does_not_end_the_server(tmp_path: Path, clean_env: dict[str, str]) -> None:
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None}}
    )
    messages = f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
    command = [os.path.basename("sh"), "-c", 'exec "$0" -m suture serve 2>&-', sys.executable]
    done = subprocess.run(
        command, input=b"Content-Length: x\r\n\r\n" + messages, stdout=subprocess.PIPE, env=clean_env, timeout=60
    )
    assert b'"serverInfo"' in done.stdout


def listening(client: Any) -> str:
    client.wait_for(lambda: "listening on" in client.errors)
    return client.errors.split("listening on ")[1].split()[0]


def talk(connection: socket.socket, *messages: dict[str, Any]) -> bytes:
    for message in messages:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    received = b""
    connection.settimeout(10)
    while data := connection.recv(65536):
        received += data
    return received


INITIALIZE: dict[str, Any] = {
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


def test_tcp_serves_one_client_and_no_web_page(start: Start) -> None:
    client = start("serve", "--tcp", "127.0.0.1:0")
    address = listening(client).removeprefix("tcp://").split(":")
    place = (address[0], int(address[1]))
    with socket.create_connection(place) as page:
        page.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        page.settimeout(5)
        assert page.recv(100) == b""
    with socket.create_connection(place) as connection:
        answer = talk(connection, INITIALIZE, {"id": 2, "method": "shutdown"}, {"method": "exit"})
        assert b'"serverInfo"' in answer
    assert client.exit_code() == 0


def test_a_tcp_server_ends_within_2_s_when_its_client_disconnects(start: Start, best_of: Any) -> None:
    def took() -> float:
        client = start("serve", "--tcp", "127.0.0.1:0")
        address = listening(client).removeprefix("tcp://").split(":")
        with socket.create_connection((address[0], int(address[1]))) as connection:
            connection.sendall(b"Content-Length: 2\r\n\r\n{}")
            assert connection.recv(1000)
        return end(client, 1)

    assert best_of(took, 2) < 2


def test_websocket_serves_a_client_without_an_origin_only(start: Start) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    client = start("serve", "--ws", "127.0.0.1:0")
    address = listening(client)
    with pytest.raises(InvalidStatus), connect(address, origin="http://evil.example"):  # type: ignore[arg-type]
        pass
    with connect(address) as connection:
        connection.send(json.dumps({"jsonrpc": "2.0", **INITIALIZE}))
        assert json.loads(connection.recv(10))["result"]["serverInfo"]["name"] == "suture"
        connection.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "shutdown"}))
        assert json.loads(connection.recv(10))["result"] is None
        connection.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
    assert client.exit_code() == 0


def test_an_address_that_others_can_reach_needs_a_flag(start: Start) -> None:
    client = start("serve", "--tcp", "0.0.0.0:0")
    assert client.exit_code() == 2
    assert "--allow-remote" in client.stderr()


def test_a_server_with_all_its_features_imports_nothing_heavy_before_it_is_asked_to() -> None:
    code = "import sys; from suture.server.app import create_server; create_server(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "openai",
        "libcst",
        "jedi",
        "hypothesis",
        "sqlalchemy",
        "rich",
        "pytest",
        "bandit",
        "websockets",
        "diskcache",
    }
    assert not heavy & set(done.stdout.split())


def test_a_port_that_is_taken_is_one_readable_line(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        client = start("serve", "--tcp", f"127.0.0.1:{taken.getsockname()[1]}")
        assert client.exit_code() == 3
        assert "cannot listen" in client.stderr()
        assert "Traceback" not in client.stderr()


EDITOR = """
import json, os, subprocess, sys, threading, time
root = sys.argv[1]
server = subprocess.Popen([sys.executable, "-m", "suture", "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    server.stdin.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(body), body))
    server.stdin.flush()
threading.Thread(target=lambda: [None for _ in iter(lambda: server.stdout.read1(4096), b"")], daemon=True).start()
options = {"untrustedWorkspace": False}
send({"id": 1, "method": "initialize", "params": {
    "processId": os.getpid(), "rootUri": "file://" + root, "capabilities": {}, "initializationOptions": options}})
send({"method": "initialized", "params": {}})
uri = "file://" + root + "/a.py"
text = open(root + "/a.py").read()
send({"method": "textDocument/didOpen", "params": {
    "textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}}})
send({"id": 2, "method": "workspace/executeCommand", "params": {
    "command": "suture.fuzz", "arguments": [{"uri": uri, "name": "f"}]}})
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("victim", ["editor", "server"])
def test_killing_the_editor_or_the_server_in_the_middle_of_a_fuzz_run_leaves_no_process_after_2_s(
    tmp_path: Path, clean_env: dict[str, str], victim: str, best_of: Any
) -> None:
    from suture.server.children import descendants

    (tmp_path / "a.py").write_text("import time\n\ndef f(x: int) -> int:\n    time.sleep(0.05)\n    return x\n")
    argv = [sys.executable, "-c", EDITOR, str(tmp_path)]

    def took() -> float:
        editor = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=clean_env)
        assert editor.stdout is not None
        server = int(editor.stdout.readline())
        try:
            limit = time.monotonic() + 60  # until there are a worker, the sandbox, its code
            while len(family := descendants(server)) < 3 and time.monotonic() < limit:
                time.sleep(0.1)
            assert len(family) >= 3
            os.kill(editor.pid if victim == "editor" else server, signal.SIGKILL)
            began = time.monotonic()
            assert [pid for pid in {server, *family} if not gone(pid, 30)] == []
            return time.monotonic() - began
        finally:
            editor.kill()
            editor.wait()

    assert best_of(took, 2) < 2
