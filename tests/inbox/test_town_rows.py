"""Settings of the pages, errands and alerts as rows, on both servers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from inbox.administration import alerts, errands, stored_settings
from inbox.administration.alerts import AlertKind
from inbox.administration.errands import ErrandKind
from inbox.models import DataKey, Errand, StoredSetting
from inbox.models.column_types import utc_now
from inbox.storage.database import Store


def test_settings_are_kept_changed_and_unset_each_under_a_higher_number(store: Store) -> None:
    for number, changes in enumerate(({"town_name": "Kerouzel", "twilio": {"erases": True}}, {"town_name": "K"}), 1):
        with store.write() as session:
            stored_settings.save_stored_settings(session, changes, None)
            assert stored_settings.settings_revision(session) == number
    with store.write() as session:
        stored_settings.save_stored_settings(session, {"twilio": None}, None)
    with store.read() as session:
        assert stored_settings.read_stored_settings(session) == {"town_name": "K"}
        assert stored_settings.settings_revision(session) == 3, "who runs with it notices that it is unset"


def test_one_that_cannot_be_opened_is_left_out(store: Store) -> None:
    with store.write() as session:
        stored_settings.save_stored_settings(session, {"town_name": "Kerouzel", "language": "en"}, None)
        damaged = session.scalars(select(StoredSetting).where(StoredSetting.name == "town_name")).one()
        damaged.sealed = damaged.sealed[:-1] + bytes([damaged.sealed[-1] ^ 1])
    with store.read() as session:
        assert stored_settings.read_stored_settings(session) == {"language": "en"}


def test_an_errand_is_asked_for_once_taken_once_and_ended_once(store: Store) -> None:
    with store.write() as session:
        first = errands.request_errand(session, ErrandKind.BACKUP)
        assert errands.request_errand(session, ErrandKind.BACKUP) == first
        assert errands.request_errand(session, ErrandKind.CHECK_MAILBOX, about="a@b.example") != first
    with store.write() as session:
        taken = errands.claim_errand(session)
        assert taken is not None
        assert taken.id == first
    with store.write() as session:
        assert errands.note_progress(session, taken, "tables", 1, 9)
        again = errands.claim_errand(session, utc_now() + errands.LEASE + timedelta(seconds=1))
        assert again is not None
        assert again.id == first, "the oldest that nobody does any more"
        errands.end_errand(session, taken, succeeded=False, result={"said": "failed"})
        errands.end_errand(session, again, succeeded=True, result={"said": "backup_made"})
        errands.end_errand(session, again, succeeded=False, result={"said": "failed"})
    with store.read() as session:
        (told,) = errands.newest_errands(session, ErrandKind.BACKUP)
        assert (told.succeeded, told.result, told.is_open) == (True, {"said": "backup_made"}, False)


def test_where_a_test_went_is_sealed_and_then_forgotten(store: Store) -> None:
    with store.write() as session:
        asked = errands.request_errand(session, ErrandKind.TEST_TEXT, to="+33639980007")
    with store.write() as session:
        row = session.get_one(Errand, asked)
        assert row.sealed_to is not None
        assert b"639980007" not in row.sealed_to
        taken = errands.claim_errand(session)
        assert taken is not None
        assert taken.to == "+33639980007"
        errands.end_errand(session, taken, succeeded=True, result={})
    with store.read() as session:
        row = session.get_one(Errand, asked)
        assert row.sealed_to is None
        assert session.get_one(DataKey, row.key_id).wrapped is None


def test_an_alert_stands_once_until_it_is_over_and_can_come_back(store: Store) -> None:
    with store.write() as session:
        assert alerts.raise_alert(session, AlertKind.DISK, details={"free_mb": 3})
        assert not alerts.raise_alert(session, AlertKind.DISK)
        assert alerts.raise_alert(session, AlertKind.SILENT, "web")
        assert alerts.raise_alert(session, AlertKind.SILENT, "mailbox-1")
    with store.write() as session:
        alerts.end_alerts(session, AlertKind.SILENT, still=["web"])
        alerts.end_alerts(session, AlertKind.DISK)
        assert [(one.kind, one.about) for one in alerts.current_alerts(session)] == [(AlertKind.SILENT, "web")]
        assert alerts.raise_alert(session, AlertKind.DISK)
        alerts.record_alerts_sent(session, [one.id for one in alerts.unsent_alerts(session)])
        assert alerts.unsent_alerts(session) == []
