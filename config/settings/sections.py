"""The sections of the settings file, one model each; ``config.settings.loader`` puts them together."""

import ipaddress
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from config.phone_numbers import E164, SHORT_CODE
from config.sandbox.layers import BubblewrapUse

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Megabytes = Annotated[int, Field(ge=1, le=1_000_000)]

_LETTERED_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")  # 3GPP 23.040 allows 11 characters
_MESSAGING_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def _number(value: str) -> str:
    # National numbers are refused: a consultation file is also used by other installations.
    bare = re.sub(r"[ .()-]", "", value)
    if bare and not (E164.fullmatch(bare) or SHORT_CODE.fullmatch(bare)):
        raise ValueError("is not a telephone number; write it with its country, like +33298000000")
    return bare


def _mail_address(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
        raise ValueError("is not an e-mail address; write it plainly, like avis@ville.example")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is not a web address; write it like https://avis.ville.example, without ? and #")
    return value.rstrip("/")


def _url_or_none(value: str) -> str:
    return _base_url(value) if value else ""


def _token_url(value: str) -> str:
    if urlsplit(value).scheme != "https" and urlsplit(value).hostname not in _LOOPBACK:
        raise ValueError("is not https, so the token would travel in the clear; write it with https://")
    return _base_url(value)


def token_url_or_none(value: str) -> str:
    """An address to which keys travel, checked; raises ``ValueError``."""
    return _token_url(value) if value else ""


def _phone_url(value: str) -> str:
    parts = urlsplit(value)
    if value and parts.scheme != "https" and not _is_near(parts.hostname or ""):
        raise ValueError("is not https, so the password would travel in the clear; http is for your own network only")
    return _base_url(value) if value else ""


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host in _LOOPBACK


def _redis_url(value: str) -> str:
    parts = urlsplit(value)
    if not value or parts.scheme == "unix":
        return value
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError("is no Redis server; write it like rediss://:password@host:6379/0, or unix:///run/redis.sock")
    if not parts.password:
        raise ValueError("has no password: whoever reaches that Redis could keep steps from being done")
    if parts.scheme == "redis" and parts.hostname not in _LOOPBACK:
        raise ValueError("is not encrypted, so the password would travel in the clear; write it with rediss://")
    if {"ssl_cert_reqs", "ssl_check_hostname"} & set(parse_qs(parts.query, keep_blank_values=True)):
        raise ValueError("does not check the server's certificate; name its authority in ssl_ca_certs instead")
    return value


def _text_sender(value: str) -> str:
    bare = re.sub(r"[ .()-]", "", value) if value.startswith("+") else value
    forms = (E164, SHORT_CODE, _LETTERED_SENDER, _MESSAGING_SERVICE)
    if bare and not any(form.fullmatch(bare) for form in forms):
        raise ValueError(
            "is neither a number like +33600000000, nor a name of up to 11 letters and digits with at least one "
            "letter, nor a messaging service (MG and 32 hexadecimal digits)"
        )
    return bare


def _hides_password(tls: str, host: str) -> str:
    if tls == "none" and host and host not in _LOOPBACK:
        raise ValueError("sends the password in the clear; set it to ssl or starttls")
    return tls


def _service(value: str) -> str:
    if not _MESSAGING_SERVICE.fullmatch(value):
        raise ValueError("is no messaging service; copy it from the provider's console: MG and 32 hexadecimal digits")
    return value


def can_receive(sender: str) -> bool:
    """Whether a resident can simply answer a text that comes from ``sender``."""
    return bool(E164.fullmatch(sender) or SHORT_CODE.fullmatch(sender))


TelephoneNumber = Annotated[str, AfterValidator(_number)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
TokenUrl = Annotated[str, AfterValidator(_token_url)]
OptionalTokenUrl = Annotated[str, AfterValidator(token_url_or_none)]
FallbackUrl = Annotated[str, AfterValidator(_url_or_none)]
PhoneUrl = Annotated[str, AfterValidator(_phone_url)]
MessagingService = Annotated[str, AfterValidator(_service)]
TextSender = Annotated[str, AfterValidator(_text_sender)]
Tls = Literal["ssl", "starttls", "none"]


class Section(BaseModel):
    """A part of the settings file; unknown names are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ProviderSection(Section):
    """What is set for a provider of texts and calls; each provider declares its own."""

    @property
    def configured(self) -> bool:
        """Whether there is an account, a telephone or a modem of this provider."""
        raise NotImplementedError


class Web(Section):
    """The web server for moderators, centres, officials and the providers' webhooks."""

    host: str = Field(default="127.0.0.1", description="The address the web server listens on.")
    port: Port = Field(default=8080, description="The port the web server listens on.")
    doors_port: int = Field(default=0, ge=0, le=65535, description="A port for webhooks alone; 0: that of the pages.")
    threads: int = Field(
        default=8,
        ge=1,
        le=128,
        description="How many pages the web server answers at the same time, and twice as many webhooks beside them.",
    )
    secure_cookies: bool = Field(
        default=False,
        description="Whether the sign-in cookie is sent over https only.",
        json_schema_extra={"shown": "true when public_url is https"},
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How many proxies stand in front and add X-Forwarded-For; 0 believes nobody.",
    )
    lookups_per_hour: int = Field(
        default=30,
        ge=1,
        le=10_000,
        description="How many references one address may ask about on the page /suivi within an hour.",
    )
    missed_lookups_per_hour: int = Field(
        default=600,
        ge=1,
        le=100_000,
        description="How many numbers that lead nowhere all addresses together may ask about in an hour.",
    )


class Fallback(Section):
    """The fallback door: a small process of its own that keeps webhooks while the gateway cannot."""

    public_url: FallbackUrl = Field(
        default="",
        description="The address under which the provider reaches the fallback door; empty means there is none.",
    )
    host: str = Field(default="127.0.0.1", description="The address the fallback door listens on.")
    port: Port = Field(default=8081, description="The port the fallback door listens on.")
    starts_with_gateway: bool = Field(
        default=True,
        description="Whether “portevoix up” starts the fallback door too; false where it is a service of its own.",
    )


class Voicemail(Section):
    """How calls are answered: patience, and the town's own recordings of what callers hear."""

    pause_seconds: int = Field(
        default=8, ge=2, le=60, description="How long a silence ends a message; slow speakers need time."
    )
    key_seconds: int = Field(default=5, ge=1, le=30, description="How long a menu waits for a key after it was said.")
    digit_seconds: int = Field(
        default=10, ge=2, le=60, description="How long each next digit of a reference may take to be keyed."
    )
    longest_minutes: int = Field(default=30, ge=1, le=60, description="How long one message may be.")
    tries: int = Field(default=3, ge=1, le=8, description="How often the tone is given to a caller who says nothing.")
    lookups_per_call: int = Field(
        default=5,
        ge=1,
        le=100,
        description="How many references can be keyed in one call; texting.lookups_per_hour holds besides.",
    )
    missed_lookups_per_hour: int = Field(
        default=60,
        ge=1,
        le=1_000_000,
        description="How many numbers that lead nowhere all callers together may key in an hour; then only who keys "
        "their own on their own telephone is told its state.",
    )
    calls_back: bool = Field(default=True, description="Whether callers may ask to be called back with the answer.")
    call_price: float = Field(default=0, ge=0, le=10, description="What a minute of a call of ours costs in euros.")
    lends_voices: bool = Field(default=True, description="Whether callers may let others hear their own voice.")
    lends_voices_online: bool = Field(
        default=True, description="Whether they may, by a yes of its own, let it be heard on the public pages, too."
    )
    reads_aloud: bool = Field(
        default=True,
        description="Whether a synthetic voice (espeak-ng) reads published words on the public pages, when asked to.",
    )
    prompts_dir: Path | None = Field(
        default=None,
        description="A folder of your own recordings of what callers hear, such as fr/voice_greeting.mp3.",
        json_schema_extra={"shown": "none: a voice reads the texts"},
    )


class Texting(Section):
    """When and how many texts go out, and how keywords are obeyed."""

    not_before: time = Field(default=time(8), description="No text but an immediate answer goes out before this time.")
    not_after: time = Field(default=time(20), description="No text but an immediate answer goes out after this time.")
    not_on: tuple[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], ...] = Field(
        default=("sunday",), description="Days on which only immediate answers go out."
    )
    immediate_minutes: int = Field(
        default=15, ge=0, le=1440, description="An answer this many minutes after what it answers is an immediate one."
    )
    per_minute: int = Field(default=60, ge=1, le=6000, description="How many texts go out in a minute at most.")
    per_person_and_day: int = Field(
        default=10, ge=1, le=1000, description="How many texts one number gets within 24 hours at most."
    )
    lookups_per_hour: int = Field(
        default=10, ge=1, le=1000, description="How many keywords of one number are answered within an hour at most."
    )
    confirm_minutes: int = Field(
        default=60, ge=5, le=1440, description="How long OUI or YES answers the question whether to erase."
    )
    undo_hours: int = Field(
        default=24, ge=0, le=720, description="How long an erasure by text can be taken back before it is done."
    )
    answer_wait_minutes: int = Field(
        default=10,
        ge=0,
        le=1440,
        description="How many minutes an answer waits before it leaves, so that it can be withdrawn whole.",
    )
    segment_price: float = Field(
        default=0, ge=0, le=10, description="What one segment of a text costs in euros, for “portevoix texts”."
    )

    @field_validator("not_on")
    @classmethod
    def _some_day_is_left(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) == 7:
            raise ValueError("names every day of the week, so no text could ever go out; take one out")
        return value

    @field_validator("not_after")
    @classmethod
    def _some_time_is_left(cls, value: time, info: ValidationInfo) -> time:
        if value <= info.data.get("not_before", time()):
            raise ValueError("is not later than not_before, so no text could ever go out; write it like 20:00:00")
        return value


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


class ScanFolder(Section):
    """A folder into which a copier or a person puts scanned forms."""

    path: Path = Field(description="The folder that is watched.")
    centre: str = Field(min_length=1, description="The neighbourhood centre whose forms these are.")
    consultation: str | None = Field(default=None, description="The consultation's short name, when there are several.")
    pages_per_form: int = Field(default=1, ge=1, le=20, description="How many pages one form has, backs included.")
    settle_seconds: int = Field(
        default=3, ge=0, le=3600, description="How long a whole file must have stopped growing before it is taken in."
    )
    unfinished_seconds: int = Field(
        default=120,
        ge=0,
        le=86_400,
        description="How long a file without its end must have stopped growing before it is taken in as damaged.",
    )
    together_seconds: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="How soon after another a file must come to be of the same batch; 0 makes each a batch of its own.",
    )
    keep_days: int = Field(
        default=7,
        ge=0,
        le=3660,
        description="How long a file that was taken in stays in the folder done, where erasing does not reach it.",
    )


class Limits(Section):
    """What one file, message or engine may cost; what is above is kept and shown to a person."""

    upload_mb: Megabytes = Field(default=200, description="The largest file that can be uploaded.")
    media_mb: Megabytes = Field(default=64, description="The largest recording or picture that is fetched.")
    mail_mb: Megabytes = Field(default=60, description="The largest mail that is taken apart.")
    fetch_seconds: Seconds = Field(default=60, description="How long fetching one recording or picture may take.")
    connect_seconds: Seconds = Field(default=10, description="How long connecting to another server may take.")
    pages: int = Field(default=300, ge=1, le=5000, description="How many pages one file may have.")
    pixels: int = Field(
        default=100_000_000,
        ge=1_000_000,
        description="How many pixels one page may have: A3 at 600 dpi has 70 million.",
    )
    page_seconds: Seconds = Field(default=60, description="How long reading one page may take.")
    open_seconds: Seconds = Field(default=120, description="How long opening one image, PDF or recording may take.")
    memory_mb: Megabytes = Field(default=2000, description="How much memory opening or reading one file may take.")
    recording_seconds: Seconds = Field(default=3660, description="How much of one recording is listened to.")
    speech_seconds: Seconds = Field(
        default=900,
        description="How long listening to a recording of up to seven minutes may take; a longer one may take as many "
        "times that as it is longer.",
    )
    speech_memory_mb: Megabytes = Field(default=8000, description="How much memory the speech engine may take.")

    @property
    def mail_bytes(self) -> int:
        """``mail_mb`` in bytes."""
        return int(self.mail_mb * 1_000_000)


class Sandbox(Section):
    """How files are kept from harm while they are read."""

    bubblewrap: BubblewrapUse = Field(
        default=BubblewrapUse.AUTO,
        description="Whether files are read in namespaces of their own: auto where bwrap works, off, or required.",
    )
