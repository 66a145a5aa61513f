"""Gunicorn around one of our applications, in one process with threads."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it publishes none

STOP_SECONDS = 4
"""How long requests that are being answered may take to end."""


class Served(BaseApplication):  # type: ignore[misc]  # likewise
    """Gunicorn with its options taken from our settings instead of files and arguments of its own."""

    def __init__(self, host: str, port: int, threads: int, make: Callable[[], Any]) -> None:
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._threads = threads
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        options: dict[str, Any] = {
            "bind": [self._bind],
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._threads,
            "graceful_timeout": STOP_SECONDS,
            # Its log of requests would hold references and addresses.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the process that will answer."""
        return self._make()
