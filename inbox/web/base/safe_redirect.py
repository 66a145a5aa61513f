"""Addresses given by the outside that we send a browser on to: only our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for


def safe_target(target: str | None) -> str:
    """The target when it is a path of this site, else the first page.

    ``//elsewhere`` and ``/\\elsewhere`` leave the site in browsers, so both are refused.
    """
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return url_for("home.start")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(letter) < 32 for letter in target):
        return url_for("home.start")
    return target


def referrer() -> str:
    """The page of ours this request came from, else the first page."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return url_for("home.start")
    return safe_target(f"{parts.path}?{parts.query}" if parts.query else parts.path)
