"""What ``portevoix doctor`` asks about an Android telephone as gateway."""

from __future__ import annotations

import requests

from config.probe import Probe, Unavailable
from config.settings.loader import Settings
from config.settings.sections import Phone

SECONDS = 5.0
_CLOUD = "/3rdparty/v1"
"""The end of the address where a telephone is reached by way of the app's own server."""


def android_probes(settings: Settings) -> list[Probe]:
    """The probe of the telephone, where one is set."""
    if not settings.phone.sends:
        return []
    return [
        Probe(
            "Android telephone",
            "brings and sends texts",
            lambda: _telephone(settings.phone),
            "check that the telephone is on and its app runs, and phone.api_base, user and password",
        )
    ]


def _telephone(phone: Phone) -> str:
    """The app's own health check, which needs no password, then one that does (its page integration/api)."""
    root = phone.api_base.removesuffix(_CLOUD)
    try:
        health = requests.get(f"{root}/health", timeout=SECONDS, allow_redirects=False)
        asked = requests.get(
            f"{phone.api_base}/messages",
            params={"limit": 1},
            auth=(phone.user, phone.password.get_secret_value()),
            timeout=SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise Unavailable(f"{phone.api_base} cannot be reached") from error
    if asked.status_code in (401, 403):
        raise Unavailable(f"it answers {asked.status_code}: user or password is wrong")
    if asked.status_code >= 500:
        raise Unavailable(f"it answers {asked.status_code}")
    return f"answers, {_version_of(health)}"


def _version_of(health: requests.Response) -> str:
    try:
        content = health.json()
    except ValueError:
        content = {}
    version = content.get("version") if isinstance(content, dict) else None
    return f"version {version}" if version else "of an unknown version"
