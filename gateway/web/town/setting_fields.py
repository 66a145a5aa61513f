"""Which settings can be set on which page, and how each is called there."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from config.settings.page_fields import FieldKind, PageGroup
from config.settings.providers import provider_pages
from inbox.web.base.labels import Label


@dataclass(frozen=True)
class SettingField:
    """One setting on a page, named as in the settings file."""

    path: str
    label: Label
    kind: FieldKind = FieldKind.TEXT
    hint: Label = ""
    choices: tuple[tuple[str, Label], ...] = ()


@dataclass(frozen=True)
class SettingGroup:
    """Settings that belong together."""

    heading: Label
    fields: tuple[SettingField, ...]
    lead: Label = ""
    folds: bool = False
    """One of several of which a town mostly has one: folded where nothing of it is set."""


TLS = (
    ("ssl", _l("encrypted from the beginning (ssl)")),
    ("starttls", _l("encrypted after greeting (starttls)")),
    ("none", _l("not encrypted: on this machine only")),
)

TOWN = (
    SettingGroup(
        _l("The town"),
        (
            SettingField("town_name", _l("The town’s name as people say it"), hint=_l("Residents hear and read it.")),
            SettingField(
                "language",
                _l("The usual language"),
                FieldKind.CHOICE,
                choices=(("fr", "Français"), ("en", "English")),
            ),
            SettingField(
                "public_url",
                _l("The address of these pages"),
                hint=_l("As it stands in a browser’s address bar from outside: https://avis.ville.example."),
            ),
        ),
    ),
    SettingGroup(
        _l("For new consultations"),
        (
            SettingField("contact_phone", _l("Number where a person answers"), hint=_l("As people dial it.")),
            SettingField("controller", _l("Who answers for the data"), hint=_l("The town’s name and postal address.")),
            SettingField(
                "data_protection",
                _l("Whom to ask about one’s data"),
                hint=_l("An e-mail address or a telephone number."),
            ),
        ),
        _l("Each consultation can say otherwise."),
    ),
)


def _of_provider(section: str, page: PageGroup) -> SettingGroup:
    """What a provider declares of its section, translated when it is shown."""
    fields = (
        SettingField(f"{section}.{one.name}", _l(one.label), one.kind, _l(one.hint) if one.hint else "")
        for one in page.fields
    )
    return SettingGroup(_l(page.heading), tuple(fields), _l(page.lead) if page.lead else "", folds=True)


TELEPHONE = (
    *(_of_provider(section, page) for section, page in provider_pages().items()),
    SettingGroup(
        _l("When texts go out"),
        (
            SettingField("texting.not_before", _l("Not before"), FieldKind.TIME),
            SettingField("texting.not_after", _l("Not after"), FieldKind.TIME),
            SettingField("texting.segment_price", _l("Price of one text, in euros"), FieldKind.NUMBER, _l("0.07")),
        ),
        _l("Answers to somebody who has just written go out at once."),
    ),
)

OUTGOING_MAIL = (
    SettingGroup(
        _l("Outgoing mail"),
        (
            SettingField("smtp.sender", _l("Sender of our mails"), hint=_l("An address people may answer to.")),
            SettingField("smtp.host", _l("Outgoing mail server"), hint=_l("smtp.ville.example")),
            SettingField("smtp.port", _l("Port"), FieldKind.NUMBER, _l("465 with ssl, 587 with starttls.")),
            SettingField("smtp.tls", _l("Encryption"), FieldKind.CHOICE, choices=TLS),
            SettingField("smtp.user", _l("User name")),
            SettingField("smtp.password", _l("Password"), FieldKind.SECRET),
        ),
        _l("Receipts leave from here, and news to those who are told when something is wrong."),
    ),
)

MAILBOX = (
    SettingGroup(
        _l("The mailbox"),
        (
            SettingField("name", _l("Address"), hint=_l("The one people write to: avis@ville.example.")),
            SettingField("host", _l("Incoming mail server (IMAP)"), hint=_l("imap.ville.example")),
            SettingField("port", _l("Port"), FieldKind.NUMBER, _l("993 with ssl.")),
            SettingField("tls", _l("Encryption"), FieldKind.CHOICE, choices=TLS),
            SettingField("user", _l("User name"), hint=_l("Mostly the address.")),
            SettingField("password", _l("Password"), FieldKind.SECRET),
            SettingField("folders", _l("Folders"), FieldKind.LINES, _l("One a line; INBOX is where mail arrives.")),
        ),
    ),
)

LISTENING = (
    SettingGroup(
        _l("What listens"),
        (
            SettingField(
                "speech.engine",
                _l("Recordings are listened to by"),
                FieldKind.CHOICE,
                _l("Whisper understands people better and takes more memory and time; it has to be installed below."),
                choices=(
                    ("vosk", _l("Vosk: light and quick")),
                    ("whisper", _l("Whisper: understands more")),
                    ("both", _l("both: what they hear differently is marked")),
                ),
            ),
            SettingField(
                "speech.order",
                _l("Where many wait"),
                FieldKind.CHOICE,
                choices=(
                    ("arrival", _l("as they arrived")),
                    ("newest_short", _l("the newest short ones first; after an hour, what has waited")),
                ),
            ),
        ),
    ),
)

ALERTS = (
    SettingGroup(
        _l("Who is told"),
        (
            SettingField("alerts.mails", _l("By mail"), FieldKind.LINES, _l("One address a line.")),
            SettingField("alerts.phones", _l("By text"), FieldKind.PHONES, _l("One number a line, as people dial it.")),
        ),
        _l("A part that fell silent, a full disk, a missed backup, a dangerous message: told once."),
    ),
    SettingGroup(
        _l("From when on"),
        (
            SettingField("alerts.silent_minutes", _l("A part is silent for (minutes)"), FieldKind.NUMBER),
            SettingField("alerts.free_mb", _l("Less is free on the disk than (MB)"), FieldKind.NUMBER),
            SettingField(
                "alerts.backup_days",
                _l("The newest backup is older than (days)"),
                FieldKind.NUMBER,
                _l("0: never told."),
            ),
        ),
    ),
    SettingGroup(
        _l("Backups that are made by themselves"),
        (
            SettingField("backups.every_days", _l("Every (days)"), FieldKind.NUMBER, _l("At night; 0: never.")),
            SettingField("backups.keep", _l("How many are kept"), FieldKind.NUMBER),
        ),
    ),
)
