"""The town's mail server: SMTP that takes mail for its mailboxes, and a private Dovecot that serves them.

Residents' mailboxes live on the same server, so that a receipt can be read where a resident would read it.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.standins.dovecot import Dovecot
from tests.standins.web import free_port

# At each login the library warns of a deprecation of its own.
logging.getLogger("mail.log").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Handled:
    """One message that SMTP took."""

    sender: str
    """The envelope's sender: empty for receipts and bounces."""
    to: tuple[str, ...]
    raw: bytes

    @property
    def delivered(self) -> bytes:
        """The message as it lies in a mailbox."""
        # Only the last server before the mailbox writes this header (RFC 5321, 4.4).
        return f"Return-Path: <{self.sender}>\r\n".encode() + self.raw


@dataclass
class Faults:
    """What goes wrong next: each counts down to nothing."""

    refuse: list[str] = field(default_factory=list)
    """SMTP answers for the next messages, such as ``451 4.3.0 Try again later``."""
    hang_up: int = 0
    """How many of the next messages are met with a closed connection."""


class _Receiver:
    """Takes messages in and puts them into their mailboxes."""

    def __init__(self, imap: Dovecot, domain: str) -> None:
        self.imap, self.domain = imap, domain
        self.handled: list[Handled] = []
        self.faults = Faults()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        user, _, domain = address.partition("@")
        if domain == self.domain and user not in self.imap.mailboxes:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.faults.hang_up > 0:
            self.faults.hang_up -= 1
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
            return "421 4.3.2 Closing"
        if self.faults.refuse:
            return self.faults.refuse.pop(0)
        message = Handled(
            (envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos), envelope.original_content or b""
        )
        self.handled.append(message)
        for address in message.to:
            user, _, domain = address.partition("@")
            if domain == self.domain:
                self.imap.deliver(user, message.delivered)
        return "250 2.0.0 OK"


class MailServer:
    """SMTP and IMAP for mailboxes (user -> password) under one domain; use as a context manager."""

    def __init__(self, mailboxes: dict[str, str], domain: str = "brest.example") -> None:
        self.domain = domain
        self.imap = Dovecot(mailboxes)
        self._receiver = _Receiver(self.imap, domain)
        self.smtp_port = free_port()
        self._smtp = Controller(
            self._receiver,
            hostname="127.0.0.1",
            port=self.smtp_port,
            # On loopback and for a day: the passwords are the play's own.
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    @property
    def handled(self) -> list[Handled]:
        """Every message SMTP took, oldest first."""
        return self._receiver.handled

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self._receiver.faults

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False)
        user = data.login.decode().partition("@")[0]
        good = self.imap.mailboxes.get(user) == data.password.decode()
        return AuthResult(success=good)

    def __enter__(self) -> Self:
        self.imap.__enter__()
        self._smtp.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._smtp.stop()
        self.imap.__exit__(kind, error, trace)

    def address(self, user: str) -> str:
        """A mailbox's address."""
        return f"{user}@{self.domain}"

    def send(self, message: EmailMessage | bytes, sender: str, to: str) -> None:
        """Send a message over SMTP, as a resident's own mail program does."""
        raw = message if isinstance(message, bytes) else message.as_bytes(policy=policy.SMTP)
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=10) as connection:
            connection.sendmail(sender, [to], raw)

    def wait_for_mail(self, user: str, seconds: float = 20, already: int = 0) -> EmailMessage | None:
        """The first message in a mailbox after the ``already`` known ones, or None when time is up."""
        deadline = time.monotonic() + seconds
        while True:
            kept = self.imap.messages(user)
            if len(kept) > already:
                message = message_from_bytes(kept[already], policy=policy.default)
                assert isinstance(message, EmailMessage)
                return message
            if time.monotonic() > deadline:
                return None
            time.sleep(0.1)
