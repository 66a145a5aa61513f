"""Has a running application work by what was set on a page, a second later at most, wherever that was."""

from __future__ import annotations

import time
from typing import cast

from flask import Flask, current_app

from gateway.base.settings_in_force import LiveSettings
from inbox.administration import town_logo
from inbox.errors import InboxError
from inbox.storage.unit_of_work import SQLAlchemyError
from inbox.web.base.app_context import store_of

LOOK_SECONDS = 1.0


def install(app: Flask, source: LiveSettings) -> None:
    """Look before requests, and not more often than each second."""
    app.extensions["portevoix"]["source"] = source
    app.extensions["portevoix"]["looked_at"] = float("-inf")
    app.before_request(_look)


def live_settings() -> LiveSettings:
    """Where the settings of the running application come from."""
    return cast("LiveSettings", current_app.extensions["portevoix"]["source"])


def _look() -> None:
    here = current_app.extensions["portevoix"]
    if time.monotonic() - here["looked_at"] >= LOOK_SECONDS:
        here["looked_at"] = time.monotonic()
        refresh_settings()


def refresh_settings() -> None:
    """Look now. A database that does not answer changes nothing: whoever asks it next says so."""
    try:
        with store_of().read() as session:
            newer = live_settings().newer(session)
            current_app.extensions["portevoix"]["logo"] = town_logo.logo_changed_at(session)
    except (SQLAlchemyError, InboxError):
        return
    if newer is not None:
        current_app.extensions["portevoix"]["settings"] = newer
