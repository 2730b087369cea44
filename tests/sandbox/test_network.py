"""No network: attempts to reach the host or the world, on every backend that works here."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest


def test_a_tcp_server_of_the_host_cannot_be_reached(attack: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        end = attack(
            "import socket; socket.create_connection(('127.0.0.1', <port>), 2)", {"port": server.getsockname()[1]}
        )
        assert not end.ok
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_address_outside_can_be_reached_and_that_is_called_environment(attack: Any) -> None:
    end = attack("import socket; socket.create_connection(('192.0.2.1', 80), 2)")
    assert end.reason == "environment"
    assert b"Network is unreachable" in end.stderr


def test_names_are_not_resolved(attack: Any) -> None:
    assert attack("import socket; socket.getaddrinfo('example.org', 80)").reason == "environment"


def test_a_udp_packet_does_not_leave(attack: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', <port>))"
        attack(code, {"port": server.getsockname()[1]})
        with pytest.raises(TimeoutError):
            server.recv(1)


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
def test_a_unix_socket_of_the_host_cannot_be_reached(attack: Any, tmp_path: Path, abstract: bool) -> None:
    address = f"\0suture-{os.getpid()}" if abstract else str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        server.settimeout(0.2)
        end = attack("import socket; s = socket.socket(socket.AF_UNIX); s.connect(<address>)", {"address": address})
        assert end.reason == "exit"
        assert end.exit_code == 1
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_unix_socket_in_the_workspace_cannot_be_reached(
    attack: Any, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(workspace)
        server.bind("socket")
        os.chmod("socket", 0o777)
        server.listen()
        server.settimeout(0.2)
        end = attack("import socket; s = socket.socket(socket.AF_UNIX); s.connect('socket'); print('connected')")
        assert end.stdout == b""
        with pytest.raises(TimeoutError):
            server.accept()


def test_programs_inside_may_talk_to_each_other(attack: Any) -> None:
    end = attack("""
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname(), 2)
        client.sendall(b"hello")
        print(server.accept()[0].recv(5))
        """)
    assert end.stdout == b"b'hello'\n", end.stderr
