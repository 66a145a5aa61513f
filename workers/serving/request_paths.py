"""Which process answers a request, by the beginning of its first line."""

from __future__ import annotations

from enum import StrEnum

LOOKED_AT = 512
"""Bytes of a connection's beginning that are looked at. What says nothing within them is the pages' affair."""

_LONGEST_METHOD = 32
_WEBHOOKS = b"/hooks/"


class Side(StrEnum):
    """Who answers; the names of their processes."""

    DOORS = "doors"
    """What comes in from outside: providers' webhooks."""
    PAGES = "web"


def side_of(beginning: bytes) -> Side | None:
    """Who answers what begins so; None as long as that cannot be told. What has no form (RFC 9112) is the pages'."""
    is_all = len(beginning) >= LOOKED_AT
    method, blank, target = beginning.lstrip(b"\r\n").partition(b" ")
    if not blank:
        return Side.PAGES if is_all or len(method) > _LONGEST_METHOD or b"\n" in method else None
    if target and not target.startswith(b"/"):
        target = _path_in(target)
    if target.startswith(_WEBHOOKS):
        return Side.DOORS
    return None if _WEBHOOKS.startswith(target) and not is_all else Side.PAGES


def _path_in(target: bytes) -> bytes:
    """The path of a target in absolute form, as far as it has come; of any other form something that is no path."""
    if any(end in target for end in b" \r\n"):
        target = target.split()[0] + b" "
    for scheme in (b"http://", b"https://"):
        if target.lower().startswith(scheme):
            _host, slash, path = target[len(scheme) :].partition(b"/")
            return slash + path
    return b"" if any(scheme.startswith(target.lower()) for scheme in (b"http://", b"https://")) else b"*"
