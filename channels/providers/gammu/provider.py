"""A USB modem behind gammu-smsd as a provider of texts: all of it is reading and writing files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

import requests

from channels.base.provider import PolledText
from channels.base.provider_fields import TextProvider
from channels.base.provider_requests import TextToSend
from channels.base.values import DeliveryStatus
from channels.providers.gammu import inbox, outbox
from channels.providers.gammu.folders import ERROR, INBOX, OUTBOX, SENT, SET_ASIDE, GammuFolders
from channels.providers.gammu.modem_probe import modem_probe
from channels.providers.gammu.section import SECTION_NAME, Gammu
from config.probe import Probe

_ENDED = {SENT: "sent", ERROR: "failed"}


class GammuProvider:
    """Everything the gateway asks of a modem."""

    name: ClassVar[str] = "gammu"
    texts: ClassVar[TextProvider] = inbox.TEXTS

    def __init__(self, settings: Any) -> None:
        self._section: Gammu = settings.section(SECTION_NAME)
        self._zone = settings.zone
        self._folders = GammuFolders(self._section.spool)

    @property
    def configured(self) -> bool:
        """Whether there is a modem."""
        return self._section.configured

    @property
    def sends(self) -> bool:
        """Whether texts can go out by it."""
        return self.configured

    @property
    def sender(self) -> str:
        """The SIM card's number: nobody may choose."""
        return ""

    @property
    def receives(self) -> str:
        """The SIM card's number."""
        return self._section.number

    @property
    def named_in_texts(self) -> str:
        """Answering a text is enough."""
        return ""

    @property
    def chooses_sender(self) -> bool:
        """A text comes from the SIM card's number."""
        return False

    @property
    def poll_seconds(self) -> float:
        """How often the folders are looked at."""
        return float(self._section.poll_seconds)

    def waiting(self) -> Sequence[PolledText]:
        """What lies in the inbox and is whole, oldest first."""
        found, number = [], self._section.number
        with self._folders.used(INBOX) as folder:
            for text in inbox.received_texts(folder):
                contents = [path.read_bytes() for path in text.parts]
                posted = inbox.fields_of(text, contents, modem=number or self.name, receiver=number, zone=self._zone)
                found.append(PolledText(text.name, b"\n".join(contents), posted))
        return found

    def acknowledge(self, text: PolledText) -> None:
        """Remove a text's files from the inbox."""
        with self._folders.used(INBOX):
            for path in self._parts(text):
                path.unlink(missing_ok=True)

    def set_aside(self, text: PolledText) -> None:
        """Move a text's files to a folder beside the inbox."""
        with self._folders.used(SET_ASIDE) as aside:
            aside.mkdir(mode=0o700, exist_ok=True)
            for path in self._parts(text):
                path.replace(aside / path.name)

    def _parts(self, text: PolledText) -> Sequence[Any]:
        found = inbox.received_texts(self._folders.of(INBOX))
        return [path for one in found if one.name == text.name for path in one.parts]

    def send(self, http: requests.Session, text: TextToSend) -> str:  # noqa: ARG002
        """Lay a text into the outbox, unless an earlier attempt did; its identifier is our own name for it."""
        with self._folders.used(OUTBOX) as folder:
            if any(outbox.own_texts(folder, text.name)):
                return text.name
        with self._folders.used(SENT) as sent, self._folders.used(ERROR) as error:
            if text.attempted_at is not None and any(outbox.own_texts(sent, text.name)):
                return text.name
            # Of an attempt that a person has asked to make again.
            for old in (*outbox.own_texts(sent, text.name), *outbox.own_texts(error, text.name)):
                old.file.unlink(missing_ok=True)
        with self._folders.used(OUTBOX) as folder:
            outbox.write_to_outbox(folder, to=text.outgoing.to.value, body=text.outgoing.body, name=text.name)
        return text.name

    def statuses(self) -> Sequence[DeliveryStatus]:
        """What became of texts of ours; told again until they are acknowledged."""
        told = []
        for name, state in _ENDED.items():
            with self._folders.used(name) as folder:
                ours = outbox.own_texts(folder)
                told += [DeliveryStatus(one.name, state, message_id=one.message_id) for one in ours]
        return told

    def acknowledge_status(self, status: DeliveryStatus) -> None:
        """Remove the file that told it: it holds a resident's number, and our words to them."""
        (name,) = (name for name, state in _ENDED.items() if state == status.state)
        with self._folders.used(name) as folder, suppress(FileNotFoundError):
            for one in outbox.own_texts(folder, status.provider_id):
                one.file.unlink()

    def probes(self) -> Sequence[Probe]:
        """Whether the daemon's folders are there, and it sends what lies in them."""
        return [modem_probe(self._folders)] if self.configured else []


PROVIDER = GammuProvider
