"""Settings that were set on the pages: read, changed, and numbered so that every process notices a change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.errors import Damaged, Destroyed
from inbox.models import StoredSetting
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of


def read_stored_settings(session: Session) -> dict[str, Any]:
    """Every setting of the pages by its name in the settings file; one that cannot be opened is left out."""
    vault, found = vault_of(session), {}
    for row in session.scalars(select(StoredSetting).order_by(StoredSetting.name)):
        try:
            found[row.name] = vault.open_json(session, row.key_id, row.sealed, place_of(StoredSetting.sealed, row))
        except (Damaged, Destroyed):
            continue
    return {name: value for name, value in found.items() if value is not None}


def settings_revision(session: Session) -> int:
    """The number of the newest change; 0 when nothing was ever set on a page."""
    return session.scalar(select(func.max(StoredSetting.revision))) or 0


def save_stored_settings(session: Session, changes: Mapping[str, Any], by: int | None) -> None:
    """Set settings, whole sections at a time; None stands for « as when nobody set it »."""
    vault, number = vault_of(session), settings_revision(session) + 1
    for name, value in changes.items():
        row = session.get(StoredSetting, name, with_for_update=True)
        if row is None:
            key_id = vault.new_key(session).id
            row = StoredSetting(name=name, key_id=key_id, sealed=b"", revision=number)
            session.add(row)
        # The row of one that is unset stays: its number tells others that something changed.
        row.sealed = vault.seal_json(session, row.key_id, value, place_of(StoredSetting.sealed, row))
        row.revision, row.changed_at, row.changed_by_id = number, utc_now(), by
        history.record_event(session, f"setting:{name}", "setting_changed", by)
