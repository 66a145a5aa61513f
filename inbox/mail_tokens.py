"""OAuth2 refresh tokens that a provider gave in place of the one in the settings, sealed.

A provider may give another with each use and end the life of the one before (RFC 6749, section 6), so what it gave
last must outlive a restart. It counts for as long as the settings name the token it descends from: whoever sets
another one there wants that one used.
"""

from sqlalchemy.orm import Session

from inbox.models import MailToken
from inbox.vault import vault_of


def newest(session: Session, account: str, configured: str) -> str:
    """The refresh token to use for a mailbox."""
    row = session.get(MailToken, account)
    if row is None or row.descends_from != _hash(session, configured):
        return configured
    return vault_of(session).open_text(session, row.key_id, row.sealed)


def keep(session: Session, account: str, configured: str, token: str) -> None:
    """Keep what the provider gave in place of the configured token, or of one that descends from it."""
    vault = vault_of(session)
    row = session.get(MailToken, account, with_for_update=True)
    if row is None:
        row = MailToken(account=account, key_id=vault.new_key(session).id)
        session.add(row)
    row.descends_from = _hash(session, configured)
    row.sealed = vault.seal_text(session, row.key_id, token)


def _hash(session: Session, token: str) -> str:
    return vault_of(session).keyring.keyed_hash("refresh token", token.encode())
