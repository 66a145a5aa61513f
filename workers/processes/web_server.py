"""Our applications behind waitress: one process whose one loop reads every request whole before a thread answers it.

A request that comes byte by byte, or never ends, keeps no thread waiting. The listening socket may be the
supervisor's, who keeps it open while this process is replaced: whoever comes meanwhile waits instead of failing. In its
place may be a line over which the sorter hands connections (``workers.serving``).
What may not wait for anything else, as a provider's webhook for somebody's upload, has threads of its own.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from waitress.server import BaseWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from workers.serving.handed_connections import HandedConnections, SortedChannel
from workers.serving.request_paths import Side

LISTENING = "PORTEVOIX_LISTENING"
"""Names, in the environment, the open file that is the listening socket; of the sorter, also its lines."""
BACKLOG = 1024
MOST_CONNECTIONS = 1000
QUIET_SECONDS = 30
"""After this time without a byte a connection is closed, in the middle of a request or between two."""
NOTHING_APART: Mapping[str, int] = {}
_LARGEST_HEADER = 64 * 1024
_GIB = 1024**3


def open_listener(host: str, port: int) -> socket.socket:
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


class SeparateThreadPools(ThreadedTaskDispatcher):
    """Threads for requests whose path begins in some way, and threads for all others; waitress's task dispatcher."""

    def __init__(self, threads: int, apart: Mapping[str, int]) -> None:
        super().__init__()  # without threads of its own
        self._others = ThreadedTaskDispatcher()
        self._apart = {beginning: ThreadedTaskDispatcher() for beginning in apart}
        self._others.set_thread_count(threads)
        for beginning, count in apart.items():
            self._apart[beginning].set_thread_count(count)

    def add_task(self, channel: Any) -> None:
        """Have a connection's oldest request answered; a request that could not be read has no path."""
        path = getattr(channel.requests[0], "path", "") if channel.requests else ""
        chosen = (threads for beginning, threads in self._apart.items() if path.startswith(beginning))
        next(chosen, self._others).add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """Let all finish what they do, for so many seconds together."""
        every = [self._others, *self._apart.values()]
        until = time.monotonic() + timeout
        for threads in every:
            threads.set_thread_count(0)
        ended = [threads.shutdown(cancel_pending, max(0, round(until - time.monotonic()))) for threads in every]
        return all(ended)


def serve_application(
    host: str,
    port: int,
    threads: int,
    make: Callable[[], Any],
    largest_body: int = _GIB,
    apart: Mapping[str, int] = NOTHING_APART,
    side: Side = Side.PAGES,
) -> None:
    """Answer requests until SIGTERM, on the socket that was handed down or one of our own; bytes for the body.

    ``apart`` says how many more threads answer requests whose path begins so, and nothing else. ``side`` are those that
    are kept where connections are handed over.
    """
    # That requests wait for a thread for a moment is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    listening = _listening_socket(host, port, side)
    application = make()
    # It stays as long as the process: what collects garbage need not look at it again.
    gc.collect()
    gc.freeze()
    server = create_server(
        application,
        sockets=[listening],
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
        _dispatcher=SeparateThreadPools(threads, apart),
    )
    if isinstance(listening, HandedConnections) and isinstance(server, BaseWSGIServer):
        server.channel_class = SortedChannel
    server.run()


def handed_down_sockets() -> list[socket.socket]:
    """The sockets that the supervisor opened for this process."""
    return [socket.socket(fileno=int(number)) for number in os.environ.get(LISTENING, "").split(",") if number]


def _listening_socket(host: str, port: int, side: Side) -> socket.socket:
    handed_down = handed_down_sockets()
    if not handed_down:
        return open_listener(host, port)
    if handed_down[0].family is not socket.AF_UNIX:
        return handed_down[0]
    numeric = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4]
    return HandedConnections(handed_down[0].detach(), side, (str(numeric[0]), int(numeric[1])))
