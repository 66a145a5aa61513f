"""The refresh token that a provider gave last counts for as long as the settings name the one it descends from."""

from sqlalchemy import select

from inbox.accounts import mail_tokens
from inbox.models import DataKey, MailToken
from inbox.storage.database import Store

BOX = "avis@brest.example"


def newest(store: Store, account: str, configured: str) -> str:
    with store.read() as session:
        return mail_tokens.newest_refresh_token(session, account, configured)


def keep(store: Store, account: str, configured: str, token: str) -> None:
    with store.write() as session:
        mail_tokens.save_refresh_token(session, account, configured, token)


def test_the_newest_is_used(store: Store) -> None:
    assert newest(store, BOX, "first") == "first"
    keep(store, BOX, "first", "second")
    keep(store, BOX, "first", "third")
    assert newest(store, BOX, "first") == "third"
    assert newest(store, "other@brest.example", "first") == "first"


def test_another_one_in_the_settings_is_used_at_once_and_ends_the_old_key(store: Store) -> None:
    keep(store, BOX, "first", "second")
    assert newest(store, BOX, "set anew") == "set anew"
    keep(store, BOX, "set anew", "its heir")
    assert newest(store, BOX, "set anew") == "its heir"
    with store.read() as session:
        row = session.scalars(select(MailToken)).one()
        assert b"heir" not in row.sealed
        keys = session.scalars(select(DataKey).order_by(DataKey.id)).all()
        assert [(key.id == row.key_id, key.wrapped is None) for key in keys] == [(False, True), (True, False)]


def test_a_token_whose_key_is_gone_does_not_keep_a_new_one_out(store: Store) -> None:
    keep(store, BOX, "first", "second")
    with store.write() as session:
        session.scalars(select(DataKey)).one().wrapped = None
    assert newest(store, BOX, "set anew") == "set anew"
    keep(store, BOX, "set anew", "its heir")
    assert newest(store, BOX, "set anew") == "its heir"
