"""Our applications behind waitress: one process whose one loop reads every request whole before a thread answers it.

A request that comes byte by byte, or never ends, keeps no thread waiting. The listening socket may be the
supervisor's, who keeps it open while this process is replaced: whoever comes meanwhile waits instead of failing.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from typing import Any

import waitress

LISTENING = "PORTEVOIX_LISTENING"
"""Names, in the environment, the open file that is the listening socket."""
BACKLOG = 1024
MOST_CONNECTIONS = 1000
QUIET_SECONDS = 30
"""After this time without a byte a connection is closed, in the middle of a request or between two."""
_LARGEST_HEADER = 64 * 1024
_GIB = 1024**3


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises ``OSError`` when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def serve(host: str, port: int, threads: int, make: Callable[[], Any], largest_body: int = _GIB) -> None:
    """Answer requests until SIGTERM, on the socket that was handed down or one of our own; bytes for the body."""
    # That requests wait for a thread for a moment is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    handed_down = os.environ.get(LISTENING)
    listening = socket.socket(fileno=int(handed_down)) if handed_down else listen(host, port)
    waitress.serve(
        make(),
        sockets=[listening],
        threads=threads,
        backlog=BACKLOG,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=QUIET_SECONDS,
        cleanup_interval=5,
        max_request_header_size=_LARGEST_HEADER,
        max_request_body_size=largest_body,
        # A proxy in front is believed as far as web.trusted_proxies says, which the application knows.
        clear_untrusted_proxy_headers=False,
        asyncore_use_poll=True,
        ident=None,
        _quiet=True,
    )
