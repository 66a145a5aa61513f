"""What ``portevoix doctor`` asks about mailboxes and outgoing mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from functools import partial

from config.probe import Probe, Unavailable
from config.settings.loader import Settings
from config.settings.sections.mail_section import Mailbox, Smtp
from gateway.mail.imap_auth import TROUBLES, ImapSignIn, imap_error_remedy
from inbox.errors import InboxError
from inbox.records import mail_cursors
from inbox.storage.database import Store

SECONDS = 5.0


def mail_probes(settings: Settings, open_store: Callable[[], Store] | None) -> list[Probe]:
    """The probes of what is set; without a store, there is no database yet."""
    found = [
        Probe(
            f"mailbox {mailbox.name}",
            "brings e-mails",
            partial(_mailbox, mailbox, open_store),
            "check host, port, tls, folders, user, and password or oauth2 of this mailbox",
        )
        for mailbox in settings.mailboxes
    ]
    if settings.smtp.configured:
        found.append(
            Probe(
                "outgoing mail",
                "sends receipts",
                partial(_smtp, settings.smtp),
                "check the section smtp of the settings",
            )
        )
    return found


def _mailbox(mailbox: Mailbox, open_store: Callable[[], Store] | None) -> str:
    if open_store is None and mailbox.oauth2.refresh_token.get_secret_value():
        # What the provider gives in its place could not be kept, and the watcher would come with a used one.
        return "not tried before there is a database: a refresh token may be good for one use"
    try:
        with ImapSignIn(mailbox, SECONDS, SECONDS, store=open_store() if open_store else None).client() as client:
            gone = [folder for folder in mailbox.folders if not client.folder_exists(folder)]
            idle = (
                "with IDLE"
                if client.has_capability("IDLE")
                else f"without IDLE: looked into every {mailbox.poll_seconds:g} s"
            )
    except (*TROUBLES, InboxError) as error:
        raise Unavailable(imap_error_remedy(error)) from None
    if gone:
        raise Unavailable(f"there is no folder {', '.join(gone)}")
    return f"{', '.join(mailbox.folders)} there, {idle}, {_not_taken_in(mailbox, open_store)}"


def _not_taken_in(mailbox: Mailbox, open_store: Callable[[], Store] | None) -> str:
    if open_store is None:
        return "not looked into yet"
    with open_store().read() as session:
        left = mail_cursors.count_not_ingested(session, mailbox.name, mailbox.folders)
    return "not looked into yet" if left is None else f"{left} on the server and not taken in"


def _smtp(smtp: Smtp) -> str:
    context = ssl.create_default_context(cafile=smtp.ca_file)
    if smtp.tls == "ssl":
        client: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=SECONDS, context=context)
    else:
        client = smtplib.SMTP(smtp.host, smtp.port, timeout=SECONDS)
    with client:
        if smtp.tls == "starttls":
            client.starttls(context=context)
        if smtp.user:
            client.login(smtp.user, smtp.password.get_secret_value())
        client.noop()
    return f"{smtp.host} answers"
