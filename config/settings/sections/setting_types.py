"""What settings are checked for: telephone numbers, addresses, ports, senders of texts, addresses of servers."""

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field

from config.phone_numbers import E164, SHORT_CODE

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
