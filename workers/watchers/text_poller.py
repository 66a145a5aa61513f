"""Asks the providers that do not call us what came in, and what became of our own texts.

A text is acknowledged after it is durable in the store: a crash in between takes it in again, and its identity
makes that nothing new. What no door takes is set aside where the provider's probe finds it.
"""

import logging
from collections.abc import Sequence

from channels.base.errors import ChannelError
from channels.base.provider import PolledText, PolledTexts
from channels.providers.registry import polled_providers
from channels.sms import text_message
from config.enums import ArrivalKind
from config.settings.loader import Settings
from gateway.ingest.ingest import PostedWebhook, ingest_texts, prepare_text
from gateway.receipts import compose_receipt
from workers.runtime.heartbeats import EVERY_SECONDS, try_record_heartbeat
from workers.runtime.periodic import PeriodicTask
from workers.runtime.retry_policy import is_storage_failure
from workers.runtime.watcher_context import WatcherContext

NAME = "poller"
AT_ONCE = 200
"""Texts taken in before the process says that it is alive."""

log = logging.getLogger(__name__)


class ProviderPoller:
    """One provider that is asked again and again."""

    def __init__(self, provider: PolledTexts) -> None:
        self.provider = provider
        self.problem = ""

    def poll(self, here: WatcherContext) -> None:
        """Take in what waits, then note what became of our texts."""
        try:
            for text in self.provider.waiting()[:AT_ONCE]:
                self._take_in(here, text)
            for status in self.provider.statuses():
                with here.store.write() as session:
                    compose_receipt.record_delivery_status(session, here.settings, status)
                self.provider.acknowledge_status(status)
        except ChannelError as error:
            self.problem = f"{self.provider.name}: {error}"
            log.warning("%s; %s", self.problem, error.remedy)
        else:
            self.problem = ""

    def _take_in(self, here: WatcherContext, text: PolledText) -> None:
        try:
            for parsed in text_message.parse_text_message(
                text.posted, self.provider.texts, region=here.settings.region
            ):
                posted = PostedWebhook(text.raw, {"path": text.name}, ArrivalKind.FILE)
                at_door = prepare_text(here.store.vault, parsed, posted)
                with here.store.write() as session:
                    ingest_texts(session, [at_door])
        except Exception as error:
            if is_storage_failure(error):
                raise  # nothing is wrong with the text: it is tried again
            log.warning("a text of %s cannot be taken in: %s", self.provider.name, type(error).__name__)
            self.provider.set_aside(text)
        else:
            self.provider.acknowledge(text)


def polling_tasks(pollers: Sequence[ProviderPoller]) -> tuple[PeriodicTask, ...]:
    """What this process does again and again."""

    def say_alive(here: WatcherContext) -> None:
        try_record_heartbeat(here.store, NAME, "; ".join(filter(None, (one.problem for one in pollers))))

    polls = (
        PeriodicTask(
            f"ask {one.provider.name}", one.provider.poll_seconds, "what came in waits there", one.poll, alone=True
        )
        for one in pollers
    )
    return (PeriodicTask("say alive", EVERY_SECONDS, "the supervisor restarts a watcher that hangs", say_alive), *polls)


def configured_pollers(settings: Settings) -> list[ProviderPoller]:
    """A poller for each provider that is set and has to be asked."""
    return [ProviderPoller(provider) for provider in polled_providers(settings)]
