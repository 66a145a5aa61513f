"""How a page reaches the store and the settings of the application it runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from config.settings.loader import Settings
    from inbox.storage.database import Store


def store_of() -> Store:
    """The store of the running application."""
    return cast("Store", current_app.extensions["portevoix"]["store"])


def settings_of() -> Settings:
    """The settings of the running application."""
    return cast("Settings", current_app.extensions["portevoix"]["settings"])
