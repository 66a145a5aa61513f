"""Which settings can be set on which page, and how each is called there."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from config.settings.page_fields import Kind, PageGroup
from config.settings.providers import provider_pages
from inbox.web.base.labels import Label


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


def _of_provider(section: str, page: PageGroup) -> Group:
    """What a provider declares of its section, translated when it is shown."""
    fields = (
        Field(f"{section}.{one.name}", _l(one.label), one.kind, _l(one.hint) if one.hint else "") for one in page.fields
    )
    return Group(_l(page.heading), tuple(fields), _l(page.lead) if page.lead else "")


TELEPHONE = (
    *(_of_provider(section, page) for section, page in provider_pages().items()),
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
