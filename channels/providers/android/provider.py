"""An Android telephone as a provider of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import requests

from channels.base.errors import ProviderNotSetUp
from channels.base.provider_fields import TextProvider
from channels.base.provider_requests import HookRequest, Reply, TextToSend
from channels.base.values import DeliveryStatus, Fields
from channels.providers.android import webhook
from channels.providers.android.section import SECTION_NAME, Phone
from config.probe import Probe, Unavailable

PROBE_SECONDS = 5.0
_CLOUD = "/3rdparty/v1"
"""The end of the address where a telephone is reached by way of the app's own server."""


class AndroidProvider:
    """Everything the gateway asks of a telephone with the app, with the password of the settings."""

    name: ClassVar[str] = "android"
    hook: ClassVar[str] = "phone"
    texts: ClassVar[TextProvider] = webhook.TEXTS
    kept_headers: ClassVar[tuple[str, ...]] = (webhook.SIGNATURE_HEADER, webhook.TIMESTAMP_HEADER)

    def __init__(self, settings: Any) -> None:
        self._section: Phone = settings.section(SECTION_NAME)

    @property
    def configured(self) -> bool:
        """Whether a telephone brings or sends texts."""
        return self._section.configured

    @property
    def sends(self) -> bool:
        """Whether texts can go out by this telephone."""
        return self._section.sends

    @property
    def sender(self) -> str:
        """The telephone's own number: nobody may choose."""
        return ""

    @property
    def receives(self) -> str:
        """The telephone's number."""
        return self._section.number

    @property
    def named_in_texts(self) -> str:
        """Answering a text is enough."""
        return ""

    @property
    def chooses_sender(self) -> bool:
        """A text comes from the telephone's own number."""
        return False

    def verify(self, request: HookRequest) -> Fields:
        """The fields of an event whose body and time a signing key proves; raises ``Refused``."""
        return webhook.check_request(
            keys=[key.get_secret_value() for key in self._section.signing_keys],
            body=request.body,
            signature=request.headers.get(webhook.SIGNATURE_HEADER),
            timestamp=request.headers.get(webhook.TIMESTAMP_HEADER),
        )

    def is_text(self, posted: Fields) -> bool:
        """Whether an event brings a text: others tell of the telephone itself."""
        return posted.get("event") in webhook.TEXT_EVENTS

    def parse_status(self, posted: Fields, message_id: str = "") -> DeliveryStatus | None:  # noqa: ARG002
        """What became of a text of ours, known by its name."""
        return webhook.parse_status(posted)

    def reply(self) -> Reply:
        """No content."""
        return Reply()

    def send(self, http: requests.Session, text: TextToSend) -> str:
        """Hand a text over; the telephone is asked first whether it has one of this name."""
        section = self._section
        if not section.sends:
            raise ProviderNotSetUp("There is no telephone.", "Set phone.api_base, user and password.")
        http.auth = (section.user, section.password.get_secret_value())
        return webhook.send_message(http, section.api_base, text.outgoing, name=text.name)

    def probes(self) -> Sequence[Probe]:
        """Whether the telephone answers, where one is set."""
        if not self.sends:
            return []
        remedy = "check that the telephone is on and its app runs, and phone.api_base, user and password"
        return [Probe("Android telephone", "brings and sends texts", self._probe, remedy)]

    def _probe(self) -> str:
        """The app's own health check, which needs no password, then one that does (its page integration/api)."""
        phone = self._section
        root = phone.api_base.removesuffix(_CLOUD)
        try:
            health = requests.get(f"{root}/health", timeout=PROBE_SECONDS, allow_redirects=False)
            asked = requests.get(
                f"{phone.api_base}/messages",
                params={"limit": 1},
                auth=(phone.user, phone.password.get_secret_value()),
                timeout=PROBE_SECONDS,
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


PROVIDER = AndroidProvider
