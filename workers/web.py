"""The web server: gunicorn around ``gateway.app``, in one process with threads."""

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it publishes none

from config.settings import Settings
from gateway.app import create_app
from workers import process

STOP_SECONDS = 4
"""How long requests that are being answered may take to end."""


class Web(BaseApplication):  # type: ignore[misc]  # likewise
    """Gunicorn with its options taken from our settings instead of files and arguments of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        web = self._settings.web
        host = f"[{web.host}]" if ":" in web.host else web.host
        options: dict[str, Any] = {
            "bind": [f"{host}:{web.port}"],
            "worker_class": "gthread",
            "workers": 1,
            "threads": web.threads,
            "graceful_timeout": STOP_SECONDS,
            # Its log of requests would hold references and addresses.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, in the process that will answer."""
        return create_app(self._settings)


if __name__ == "__main__":
    Web(process.begin()).run()
