"""A text, a mail or a call to somebody of the town: to try that it arrives, or to tell what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from channels.base.errors import ProviderNotSetUp
from channels.base.provider_requests import CallToPlace, TextToSend
from channels.base.values import Address, Outgoing
from channels.email import compose
from channels.providers.registry import call_provider, text_sender
from config.enums import AddressKind, Channel
from config.settings.loader import Settings
from gateway.ingest import call_backs
from inbox.administration.errands import RunningErrand
from inbox.models.column_types import utc_now
from workers.runtime.watcher_context import WatcherContext
from workers.tasks import smtp
from workers.tasks.send_message import CALL_STATUS_PATH

Result = dict[str, Any]

WORDS: Mapping[str, tuple[str, str, str]] = {
    "fr": (
        "{town} : ceci est un SMS d'essai. Tout marche.",
        "Courriel d’essai",
        "Bonjour,\n\nceci est un courriel d’essai de {town}. S’il arrive, les accusés de réception arriveront aussi.\n",
    ),
    "en": (
        "{town}: this is a test. Texts work.",
        "Test mail",
        "Hello,\n\nthis is a test mail from {town}. If it arrives, receipts will arrive as well.\n",
    ),
}


def send_test_text(here: WatcherContext, taken: RunningErrand) -> Result:
    """A text to whoever tries the telephone."""
    words = WORDS.get(here.settings.language, WORDS["en"])[0].format(town=here.settings.town_name)
    send_text(here.settings, taken.to, words, name=f"portevoix-{here.settings.town}-test-{taken.id}-{taken.token}")
    return {"said": "text_sent"}


def place_test_call(here: WatcherContext, taken: RunningErrand) -> Result:
    """Ring whoever tries the telephone; what they hear says the town and that it works."""
    provider = call_provider(here.settings)
    if not provider.places_calls:
        raise ProviderNotSetUp("No calls can go out.", "Set the account, its token and the number on the page.")
    call = CallToPlace(
        taken.to,
        answer_url=call_backs.test_call_url(here.settings),
        status_callback=f"{here.settings.public_url}{CALL_STATUS_PATH}",
    )
    with requests.Session() as http:
        provider.place_call(http, call)
    return {"said": "call_placed"}


def send_test_mail(here: WatcherContext, taken: RunningErrand) -> Result:
    """A mail to whoever tries the outgoing server."""
    _, subject, words = WORDS.get(here.settings.language, WORDS["en"])
    send_mail(here.settings, taken.to, subject, words.format(town=here.settings.town_name))
    return {"said": "mail_sent"}


def send_text(settings: Settings, number: str, words: str, name: str) -> None:
    """Send a text to somebody of the town; raises as a provider's ``send`` does."""
    outgoing = Outgoing(Channel.SMS, Address(AddressKind.PHONE, number), words)
    sender = text_sender(settings)
    with requests.Session() as http:
        sender.send(http, TextToSend(outgoing, name=name, sender=sender.sender))


def send_mail(settings: Settings, address: str, subject: str, words: str) -> None:
    """Send a mail to somebody of the town; raises as ``smtp.deliver_mail`` does."""
    outgoing = Outgoing(Channel.EMAIL, Address(AddressKind.EMAIL, address), words, subject=subject)
    raw = compose.to_bytes(outgoing, sender=settings.smtp.sender, at=utc_now().astimezone(settings.zone))
    smtp.deliver_mail(settings.smtp, raw, to=address, envelope_sender=settings.smtp.sender)
