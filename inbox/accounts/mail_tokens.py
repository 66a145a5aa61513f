"""OAuth2 refresh tokens that a provider gave in place of the one in the settings, sealed.

A provider may give another with each use and end the life of the one before (RFC 6749, section 6), so what it gave
last must outlive a restart. It counts for as long as the settings name the token it descends from: whoever sets
another one there wants that one used.
"""

from sqlalchemy.orm import Session

from inbox.models import MailToken
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of


def newest_refresh_token(session: Session, account: str, configured: str) -> str:
    """The refresh token to use for a mailbox; raises ``Damaged`` and ``Destroyed``."""
    row = session.get(MailToken, account)
    if row is None or row.descends_from != _hash(session, configured):
        return configured
    return vault_of(session).open_text(session, row.key_id, row.sealed, place_of(MailToken.sealed, row))


def save_refresh_token(session: Session, account: str, configured: str, token: str) -> None:
    """Keep what the provider gave in place of the configured token, or of one that descends from it.

    Raises ``Damaged`` and ``Destroyed``, but not for a token that was newly set: it gets a key of its own.
    """
    vault = vault_of(session)
    descends_from = _hash(session, configured)
    place = place_of(MailToken.sealed, {"account": account})
    kept = session.get(MailToken, account, with_for_update=True)
    if kept is not None and kept.descends_from == descends_from:
        kept.sealed = vault.seal_text(session, kept.key_id, token, place)
        return
    if kept is not None:
        vault.destroy_key(session, kept.key_id)
        session.delete(kept)
        session.flush()
    key_id = vault.new_key(session).id
    sealed = vault.seal_text(session, key_id, token, place)
    session.add(MailToken(account=account, descends_from=descends_from, key_id=key_id, sealed=sealed))


def _hash(session: Session, token: str) -> str:
    return vault_of(session).keyring.keyed_hash("refresh token", token.encode())
