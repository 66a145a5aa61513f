"""Which settings can be set on which page, and how each is called there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flask_babel import lazy_gettext as _l

from inbox.web.base.labels import Label


class Kind(Enum):
    """How a setting is typed."""

    TEXT = "text"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    LINES = "lines"
    PHONE = "phone"
    PHONES = "phones"
    TIME = "time"
    SECRET = "one secret"  # noqa: S105 — the name of a kind
    SECRETS = "several secrets"

    @property
    def is_secret(self) -> bool:
        """Whether it can be written and never read."""
        return self in (Kind.SECRET, Kind.SECRETS)


@dataclass(frozen=True)
class Field:
    """One setting on a page, named as in the settings file."""

    path: str
    label: Label
    kind: Kind = Kind.TEXT
    hint: Label = ""
    choices: tuple[tuple[str, Label], ...] = ()


@dataclass(frozen=True)
class Group:
    """Settings that belong together."""

    heading: Label
    fields: tuple[Field, ...]
    lead: Label = ""


TLS = (
    ("ssl", _l("encrypted from the beginning (ssl)")),
    ("starttls", _l("encrypted after greeting (starttls)")),
    ("none", _l("not encrypted: on this machine only")),
)

TOWN = (
    Group(
        _l("The town"),
        (
            Field("town_name", _l("The town’s name as people say it"), hint=_l("Residents hear and read it.")),
            Field(
                "language",
                _l("The usual language"),
                Kind.CHOICE,
                choices=(("fr", "Français"), ("en", "English")),
            ),
            Field(
                "public_url",
                _l("The address of these pages"),
                hint=_l("As it stands in a browser’s address bar from outside: https://avis.ville.example."),
            ),
        ),
    ),
    Group(
        _l("For new consultations"),
        (
            Field("contact_phone", _l("Number where a person answers"), hint=_l("As people dial it.")),
            Field("controller", _l("Who answers for the data"), hint=_l("The town’s name and postal address.")),
            Field(
                "data_protection",
                _l("Whom to ask about one’s data"),
                hint=_l("An e-mail address or a telephone number."),
            ),
        ),
        _l("Each consultation can say otherwise."),
    ),
)

TELEPHONE = (
    Group(
        _l("A telephone provider (Twilio)"),
        (
            Field("twilio.receives", _l("The number residents text and phone"), Kind.PHONE, _l("02 98 00 00 00")),
            Field("twilio.account_sid", _l("Account"), hint=_l("AC and 32 signs, on the first page of the console.")),
            Field("twilio.auth_tokens", _l("Token"), Kind.SECRETS, _l("Beside the account in the console.")),
            Field(
                "twilio.sender",
                _l("Sender of texts"),
                hint=_l("The number, or a name of at most 11 letters, which nobody can answer; empty: the number."),
            ),
            Field(
                "twilio.named_in_texts",
                _l("Number to write back to"),
                Kind.PHONE,
                _l("Where the sender is a name; empty: the number residents text."),
            ),
            Field("twilio.erases", _l("What is erased here is deleted at the provider too"), Kind.TICK),
        ),
        _l("For texts and calls. Everything below is found in the provider’s console."),
    ),
    Group(
        _l("An Android telephone"),
        (
            Field("phone.number", _l("Its number"), Kind.PHONE),
            Field("phone.api_base", _l("Address of the app"), hint=_l("https://api.sms-gate.app/3rdparty/v1")),
            Field("phone.user", _l("User name"), hint=_l("As the app shows it.")),
            Field("phone.password", _l("Password"), Kind.SECRET, _l("As the app shows it.")),
            Field("phone.signing_keys", _l("Signing key"), Kind.SECRETS, _l("In the app, under webhooks.")),
        ),
        _l("For texts only, with the app SMS Gateway for Android."),
    ),
    Group(
        _l("When texts go out"),
        (
            Field("texting.not_before", _l("Not before"), Kind.TIME),
            Field("texting.not_after", _l("Not after"), Kind.TIME),
            Field("texting.segment_price", _l("Price of one text, in euros"), Kind.NUMBER, _l("0.07")),
        ),
        _l("Answers to somebody who has just written go out at once."),
    ),
)

OUTGOING_MAIL = (
    Group(
        _l("Outgoing mail"),
        (
            Field("smtp.sender", _l("Sender of our mails"), hint=_l("An address people may answer to.")),
            Field("smtp.host", _l("Outgoing mail server"), hint=_l("smtp.ville.example")),
            Field("smtp.port", _l("Port"), Kind.NUMBER, _l("465 with ssl, 587 with starttls.")),
            Field("smtp.tls", _l("Encryption"), Kind.CHOICE, choices=TLS),
            Field("smtp.user", _l("User name")),
            Field("smtp.password", _l("Password"), Kind.SECRET),
        ),
        _l("Receipts leave from here, and news to those who are told when something is wrong."),
    ),
)

MAILBOX = (
    Group(
        _l("The mailbox"),
        (
            Field("name", _l("Address"), hint=_l("The one people write to: avis@ville.example.")),
            Field("host", _l("Incoming mail server (IMAP)"), hint=_l("imap.ville.example")),
            Field("port", _l("Port"), Kind.NUMBER, _l("993 with ssl.")),
            Field("tls", _l("Encryption"), Kind.CHOICE, choices=TLS),
            Field("user", _l("User name"), hint=_l("Mostly the address.")),
            Field("password", _l("Password"), Kind.SECRET),
            Field("folders", _l("Folders"), Kind.LINES, _l("One a line; INBOX is where mail arrives.")),
        ),
    ),
)

ALERTS = (
    Group(
        _l("Who is told"),
        (
            Field("alerts.mails", _l("By mail"), Kind.LINES, _l("One address a line.")),
            Field("alerts.phones", _l("By text"), Kind.PHONES, _l("One number a line, as people dial it.")),
        ),
        _l("A part that fell silent, a full disk, a missed backup, a dangerous message: told once."),
    ),
    Group(
        _l("From when on"),
        (
            Field("alerts.silent_minutes", _l("A part is silent for (minutes)"), Kind.NUMBER),
            Field("alerts.free_mb", _l("Less is free on the disk than (MB)"), Kind.NUMBER),
            Field(
                "alerts.backup_days", _l("The newest backup is older than (days)"), Kind.NUMBER, _l("0: never told.")
            ),
        ),
    ),
    Group(
        _l("Backups that are made by themselves"),
        (
            Field("backups.every_days", _l("Every (days)"), Kind.NUMBER, _l("At night; 0: never.")),
            Field("backups.keep", _l("How many are kept"), Kind.NUMBER),
        ),
    ),
)
