"""What can be set for an Android telephone."""

from __future__ import annotations

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from config.settings.page_fields import FieldKind, PageField, PageGroup, ProbeWords
from config.settings.page_fields import translatable as _l
from config.settings.sections.section_base import ProviderSection
from config.settings.sections.setting_types import PhoneUrl, TelephoneNumber

SECTION_NAME = "phone"
DESCRIPTION = "An Android telephone as gateway."


class Phone(ProviderSection):
    """An ordinary Android telephone as gateway, with the app SMS Gateway for Android; empty means none."""

    signing_keys: tuple[SecretStr, ...] = Field(
        default=(),
        description="The app's signing keys for webhooks: all are accepted, so that they can be changed.",
    )
    number: TelephoneNumber = Field(
        default="", description="The telephone's number, for apps that do not tell which number a text came to."
    )
    api_base: PhoneUrl = Field(
        default="",
        description="Where the app takes texts to send: https://api.sms-gate.app/3rdparty/v1, or the telephone's own.",
    )
    user: str = Field(default="", description="The user name the app shows.")
    password: SecretStr = Field(default=SecretStr(""), description="The password the app shows.")

    @property
    def configured(self) -> bool:
        """Whether a telephone brings or sends texts."""
        return bool(self.signing_keys) or self.sends

    @property
    def sends(self) -> bool:
        """Whether texts can go out by this telephone."""
        return bool(self.api_base)

    @field_validator("password")
    @classmethod
    def _has_password(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("api_base") and not (value.get_secret_value() and info.data.get("user")):
            raise ValueError("or user is empty, so the app would refuse every text; copy both from the app")
        return value


SECTION = Phone
PAGE = PageGroup(
    _l("An Android telephone"),
    (
        PageField("number", _l("Its number"), FieldKind.PHONE),
        PageField("api_base", _l("Address of the app"), hint=_l("https://api.sms-gate.app/3rdparty/v1")),
        PageField("user", _l("User name"), hint=_l("As the app shows it.")),
        PageField("password", _l("Password"), FieldKind.SECRET, _l("As the app shows it.")),
        PageField("signing_keys", _l("Signing key"), FieldKind.SECRETS, _l("In the app, under webhooks.")),
    ),
    _l("For texts only, with the app SMS Gateway for Android."),
    (
        ProbeWords(
            "Android telephone",
            _l("The Android telephone"),
            _l("See that it is on and its app runs, and check name and password on the telephone page."),
        ),
    ),
)
