"""The settings in force: the environment, below it the file, below it what was set on the pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.sandbox.layers import SandboxLayers, set_sandbox_layers
from config.settings.loader import ExternalSettings, Settings, read_external_settings, settings_file
from gateway.base import settings_snapshot
from inbox.administration import stored_settings
from inbox.errors import InboxError
from inbox.keys.service_keyring import service_keyring
from inbox.migrations.database_look import has_tables, is_file_missing
from inbox.models import StoredSetting
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session, SQLAlchemyError

log = logging.getLogger(__name__)


def load_settings_in_force(
    path: Path | None = None, env: Mapping[str, str] | None = None, *, keep_for_fallback: bool = False
) -> Settings:
    """The settings in force; raises ``SettingsError`` for what is wrong in the file or the environment.

    From here on, this process' limited children get the layers that the settings name. With ``keep_for_fallback``
    they are kept where the fallback door finds them without a database.
    """
    outside = read_external_settings(path, env)
    usual = outside.settings()
    stored = _stored(usual)
    if keep_for_fallback and stored:
        settings_snapshot.write_snapshot(usual, stored)
    settings, dropped = outside.usable(stored)
    if dropped:
        log.error("what the pages set cannot be used any more and is left out: %s", ", ".join(dropped))
    set_sandbox_layers(SandboxLayers(settings.sandbox.bubblewrap))
    return settings


def _stored(settings: Settings) -> dict[str, Any]:
    """What was set on the pages: from the database, else from the file beside it."""
    if is_file_missing(settings.database_url):
        return settings_snapshot.read_snapshot(settings)
    try:
        store = Store.open(settings, keyring=service_keyring(settings, holds_masters=True))
        try:
            if not has_tables(store.engine, StoredSetting.__tablename__):
                return {}
            with store.read() as session:
                return stored_settings.read_stored_settings(session)
        finally:
            store.close()
    except (SQLAlchemyError, InboxError) as error:
        log.warning("the database does not say what the pages set (%s)", type(error).__name__)
        return settings_snapshot.read_snapshot(settings)


class Following:
    """The settings in force for who looks often: read again when the file, or what the pages set, has changed."""

    def __init__(self) -> None:
        self._known: tuple[object, Settings] | None = None

    def now(self, store: Store) -> Settings:
        """The settings in force; raises ``SettingsError``."""
        try:
            with store.read() as session:
                seen = store.engine.url, stored_settings.settings_revision(session), _state_of_file()
        except SQLAlchemyError:
            return load_settings_in_force()
        if self._known is None or self._known[0] != seen:
            self._known = seen, load_settings_in_force()
        return self._known[1]


def _state_of_file() -> tuple[int, ...]:
    """What changes when the settings file does; the environment of a process stays as it is."""
    file = settings_file()
    if file is None:
        return ()
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


class LiveSettings:
    """The settings of a running application, which change with what is set on its pages."""

    def __init__(self, outside: ExternalSettings) -> None:
        self.outside = outside
        self._revision = 0

    @classmethod
    def of(cls, settings: Settings) -> LiveSettings:
        """As if these settings, as far as they differ from the usual ones, stood in a file."""
        said = settings.model_dump(exclude_unset=True)
        return cls(ExternalSettings(said.pop("folder", Path()), from_file=said))

    def newer(self, session: Session) -> Settings | None:
        """The settings in force when something was set since last asked; None when nothing was."""
        revision = stored_settings.settings_revision(session)
        if revision == self._revision:
            return None
        found = self.outside.usable(stored_settings.read_stored_settings(session))[0]
        # Only now: what could not be opened is looked at again.
        self._revision = revision
        return found
