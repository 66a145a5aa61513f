"""Tests reach loopback and nothing else: a test that needs the outside world has a stand-in."""

from __future__ import annotations

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.standins.web import Answer, LoopbackServer


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_the_outside_is_blocked(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as connection, pytest.raises(SocketConnectBlockedError):
        connection.connect((host, 80))


def test_loopback_is_open() -> None:
    with LoopbackServer(lambda _: Answer()) as server:
        port = int(server.base.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            assert connection.getpeername()[1] == port
