"""A telephone provider's stand-in that reaches an application over a real socket, and the settings that name it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from pydantic import SecretStr
from werkzeug.serving import make_server

from channels.providers.twilio.section import Twilio
from tests.standins.telephone import Telephone

Connect = Callable[[Flask], None]
"""To be called with the application, once there is one."""


@contextmanager
def telephone_line(
    public_url: str, account_sid: str, token: str, number: str
) -> Iterator[tuple[Telephone, Twilio, Connect]]:
    """The telephone, the provider's section of the settings, and what connects both to an application."""
    server = make_server("127.0.0.1", 0, Flask("nobody yet", static_folder=None), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def connect(app: Flask) -> None:
        server.app = app

    base = f"http://127.0.0.1:{server.server_port}"
    with Telephone(public_url, account_sid=account_sid, auth_token=token, connect_to=base) as telephone:
        section = Twilio(
            account_sid=account_sid,
            auth_tokens=(SecretStr(token),),
            sender="VILLE",
            receives=number,
            api_base=telephone.base,
        )
        yield telephone, section, connect
    server.shutdown()
