"""The sections ``[[mailboxes]]`` and ``[smtp]``: where mails come from and where they leave, and signing in there."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import MailAddress, OptionalTokenUrl, Port, Seconds, Tls, _hides_password


class OAuth2(Section):
    """Signing in to a mailbox with OAuth2 (XOAUTH2) instead of a password, as Microsoft 365 and Google want it."""

    token_url: OptionalTokenUrl = Field(default="", description="Where access tokens are given out.")
    client_id: str = Field(default="", description="The application's identifier at the token_url.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="The application's secret, if it has one.")
    refresh_token: SecretStr = Field(
        default=SecretStr(""), description="Exchanged for access tokens; empty where the application signs in itself."
    )
    scope: str = Field(default="", description="What the token is for, such as https://outlook.office365.com/.default.")
    token_file: Path | None = Field(
        default=None, description="A file in which another program keeps a fresh access token; instead of token_url."
    )

    @property
    def configured(self) -> bool:
        """Whether OAuth2 is used at all."""
        return bool(self.token_url or self.token_file)


class Mailbox(Section):
    """A mailbox that is watched for contributions."""

    name: str = Field(min_length=1, max_length=255, description="What the mailbox is called: its e-mail address.")
    host: str = Field(min_length=1, description="The IMAP server.")
    port: Port = Field(default=993, description="The IMAP server's port: 993 with ssl, else mostly 143.")
    tls: Tls = Field(default="ssl", description="How the connection is encrypted.")
    ca_file: Path | None = Field(
        default=None, description="The certificate authority's file, when the server's is your own."
    )
    results_from: str = Field(
        default="",
        max_length=255,
        description="The name with which this mail server signs its Authentication-Results lines; no others count.",
    )
    user: str = Field(min_length=1, description="The user name at the IMAP server.")
    oauth2: OAuth2 = Field(default=OAuth2(), description="Signing in with OAuth2 instead of a password.")
    password: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="The password at the IMAP server."
    )
    folders: tuple[Annotated[str, Field(min_length=1, max_length=255)], ...] = Field(
        default=("INBOX",),
        min_length=1,
        description="The folders that are watched; of new mail in the first one the server tells at once.",
    )
    folder_consultations: dict[str, str] = Field(
        default={},
        description="The consultation (short name) to which all mail in a folder belongs; else its address decides.",
    )
    address_headers: tuple[str, ...] = Field(
        default=("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"),
        description="Where the address with a plus (avis+parc@…) is looked for that names the consultation, in turn.",
    )
    idle_seconds: int = Field(
        default=540, ge=10, le=599, description="How long the server is listened to before listening is renewed."
    )
    poll_seconds: Seconds = Field(default=60, description="How often the mailbox is looked into in any case.")
    answer_seconds: int = Field(default=60, ge=1, le=90, description="How long the server may take to answer.")

    @field_validator("tls")
    @classmethod
    def _hides_password(cls, value: str, info: ValidationInfo) -> str:
        return _hides_password(value, info.data.get("host", ""))

    @field_validator("password")
    @classmethod
    def _one_way_to_sign_in(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        oauth2 = info.data.get("oauth2")
        if oauth2 is not None and oauth2.configured == bool(value.get_secret_value()):
            raise ValueError("or oauth2: set exactly one of the two")
        return value


class Smtp(Section):
    """The mail server that sends receipts; without a host none are sent by mail."""

    host: str = Field(default="", description="The outgoing mail server.")
    port: Port = Field(default=587, description="Its port: 465 with ssl, 587 with starttls, 25 without.")
    tls: Tls = Field(default="starttls", description="How the connection is encrypted.")
    ca_file: Path | None = Field(
        default=None, description="The certificate authority's file, when the server's is your own."
    )
    user: str = Field(default="", description="The user name at the mail server, if it wants one.")
    password: SecretStr = Field(default=SecretStr(""), description="The password at the mail server.")
    sender: MailAddress = Field(default="", description="The address our mails come from.")
    timeout_seconds: Seconds = Field(default=30, description="How long the mail server may take to answer.")
    receipts_per_hour: int = Field(
        default=300, ge=1, le=100_000, description="How many receipts go out by mail in an hour; the others wait."
    )

    @property
    def configured(self) -> bool:
        """Whether mail can be sent at all."""
        return bool(self.host)

    @field_validator("tls")
    @classmethod
    def _hides_password(cls, value: str, info: ValidationInfo) -> str:
        return _hides_password(value, info.data.get("host", ""))

    @field_validator("sender")
    @classmethod
    def _has_sender(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("host") and not value:
            raise ValueError("is empty; set it to the address that residents may answer to")
        return value
