"""The smallest honest door for texts: Flask in gunicorn, the provider's signature, one INSERT that is synced.

usage: python -m tests.bench.bare_door URL PORT TOKEN PUBLIC_URL, where URL is a SQLAlchemy URL.
"""

from __future__ import annotations

import sys
from hmac import compare_digest

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import create_engine, event, text

from tests.channels.signing import sign

THREADS = 8


class Served(BaseApplication):  # type: ignore[misc]  # gunicorn publishes no types
    """Gunicorn around one application."""

    def __init__(self, port: int, app: Flask) -> None:
        self._port, self._app = port, app
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": [f"127.0.0.1:{self._port}"],
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def make_app(url: str, token: str, public_url: str) -> Flask:
    app = Flask(__name__)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection, _record):  # type: ignore[no-untyped-def]
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA busy_timeout=30000")

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS arrived (sid VARCHAR(34) PRIMARY KEY, body TEXT)"))

    @app.post("/hooks/sms")
    def sms() -> Response:
        signature = request.headers["X-Twilio-Signature"]
        posted = list(request.form.items(multi=True))
        if not compare_digest(sign(token, public_url + "/hooks/sms", posted), signature):
            return Response(status=403)
        values = {"sid": request.form["MessageSid"], "body": request.get_data(as_text=True)}
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO arrived (sid, body) VALUES (:sid, :body)"), values)
        return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', mimetype="text/xml")

    return app


if __name__ == "__main__":
    url, port, token, public_url = sys.argv[1:]
    Served(int(port), make_app(url, token, public_url)).run()
