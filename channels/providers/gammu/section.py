"""What can be set for a USB modem behind gammu-smsd."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from config.settings.page_fields import FieldKind, PageField, PageGroup, ProbeWords
from config.settings.page_fields import translatable as _l
from config.settings.sections.section_base import ProviderSection
from config.settings.sections.setting_types import TelephoneNumber

SECTION_NAME = "gammu"
DESCRIPTION = "A USB modem with a SIM card, driven by gammu-smsd."


class Gammu(ProviderSection):
    """A modem whose texts gammu-smsd keeps as files; empty means none."""

    spool: Path | None = Field(
        default=None,
        description="The folder in which gammu-smsd has its folders inbox, outbox, sent and error.",
        json_schema_extra={"shown": "no modem"},
    )
    number: TelephoneNumber = Field(default="", description="The SIM card's number, to which residents text.")
    poll_seconds: int = Field(default=2, ge=1, le=3600, description="How often the folders are looked at, in seconds.")

    @field_validator("spool", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        # An empty path would be the folder in which the gateway was started.
        return value or None

    @property
    def configured(self) -> bool:
        """Whether there is a modem."""
        return self.spool is not None


SECTION = Gammu
PAGE = PageGroup(
    _l("A USB modem"),
    (
        PageField("number", _l("Its number"), FieldKind.PHONE),
        PageField(
            "spool",
            _l("Folder of its texts"),
            hint=_l("The one above inbox, outbox, sent and error: /var/spool/portevoix-modem."),
        ),
    ),
    _l("For texts only, with a SIM card and the program gammu-smsd."),
    (
        ProbeWords(
            "USB modem",
            _l("The USB modem"),
            _l(
                "See that it is plugged in with its SIM card; if it is, ask whoever looks after the machine "
                "to look at gammu-smsd."
            ),
        ),
    ),
)
