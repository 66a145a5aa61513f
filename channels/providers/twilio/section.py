"""What can be set for Twilio."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from config.settings.page_fields import FieldKind, PageField, PageGroup, ProbeWords
from config.settings.page_fields import translatable as _l
from config.settings.sections.section_base import ProviderSection
from config.settings.sections.setting_types import TelephoneNumber, TextSender, TokenUrl, can_receive

SECTION_NAME = "twilio"
DESCRIPTION = "The telephone provider."


def _account_sid(value: str) -> str:
    if value and not re.fullmatch(r"AC[0-9a-f]{32}", value):
        raise ValueError("is not AC and 32 hexadecimal digits; copy it from the provider's console")
    return value


class Twilio(ProviderSection):
    """The telephone provider; empty means that no texts or calls come in."""

    account_sid: Annotated[str, AfterValidator(_account_sid)] = Field(
        default="", description="The account's identifier: AC and 32 hexadecimal digits."
    )
    auth_tokens: tuple[SecretStr, ...] = Field(
        default=(),
        description="The account's tokens: the first is used, all are accepted, so that they can be changed.",
    )
    api_base: TokenUrl = Field(default="https://api.twilio.com", description="The provider's web address.")
    media_hosts: tuple[str, ...] = Field(
        default=("api.twilio.com",),
        description="The hosts that are given the token when recordings and pictures are fetched.",
    )
    sender: TextSender = Field(
        default="",
        description="Who our texts come from: a number, a name of up to 11 characters, or a messaging service.",
    )
    receives: TelephoneNumber = Field(default="", description="The number residents text and phone.")
    reconcile_seconds: int = Field(
        default=300,
        ge=0,
        le=86_400,
        description="How often the provider's own lists are looked at for what its webhooks did not bring; 0 is never.",
    )
    erases: bool = Field(
        default=True,
        description="Whether texts, calls and recordings that are erased here are deleted at the provider too.",
    )
    named_in_texts: TelephoneNumber = Field(
        default="",
        description="The number our texts name for writing back, when the sender cannot receive.",
        json_schema_extra={"shown": "receives"},
    )

    @property
    def configured(self) -> bool:
        """Whether there is a telephone provider at all."""
        return bool(self.account_sid)

    @field_validator("auth_tokens")
    @classmethod
    def _has_token(cls, value: tuple[SecretStr, ...], info: ValidationInfo) -> tuple[SecretStr, ...]:
        if info.data.get("account_sid") and not any(token.get_secret_value() for token in value):
            raise ValueError(
                "is empty, so no webhook could be told from a forged one; copy it from the provider's console"
            )
        return value

    @field_validator("named_in_texts")
    @classmethod
    def _can_be_answered(cls, value: str, info: ValidationInfo) -> str:
        sender = info.data.get("sender", "")
        if sender and not can_receive(sender) and not (value or info.data.get("receives")):
            raise ValueError("is empty, and nobody can write back to a sender with letters; set it, or receives")
        return value


SECTION = Twilio
PAGE = PageGroup(
    _l("A telephone provider (Twilio)"),
    (
        PageField("receives", _l("The number residents text and phone"), FieldKind.PHONE, _l("02 98 00 00 00")),
        PageField("account_sid", _l("Account"), hint=_l("AC and 32 signs, on the first page of the console.")),
        PageField("auth_tokens", _l("Token"), FieldKind.SECRETS, _l("Beside the account in the console.")),
        PageField(
            "sender",
            _l("Sender of texts"),
            hint=_l("The number, or a name of at most 11 letters, which nobody can answer; empty: the number."),
        ),
        PageField(
            "named_in_texts",
            _l("Number to write back to"),
            FieldKind.PHONE,
            _l("Where the sender is a name; empty: the number residents text."),
        ),
        PageField("erases", _l("What is erased here is deleted at the provider too"), FieldKind.TICK),
    ),
    _l("For texts and calls. Everything below is found in the provider’s console."),
    (
        ProbeWords(
            "telephone provider",
            _l("The telephone provider"),
            _l("Check account and token on the telephone page, and the network."),
        ),
    ),
)
