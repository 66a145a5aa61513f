"""Through the doors: each sample is sent the way a resident or a centre sends it, and says how to find it again."""

from __future__ import annotations

import hashlib
import smtplib
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path

import requests

from config.enums import Channel
from tests.demo.desk import Desk, DeskError
from tests.demo.filled_forms import filled_and_scanned
from tests.demo.letters import letter
from tests.demo.samples import AnySample, Call, Form, Mail, Page, Text
from tests.demo.sheets import scanned
from tests.demo.stage import LOGIN, Stage
from tests.demo.voices import telephone_wav
from tests.standins import telephone


@dataclass(frozen=True)
class Key:
    """Where a sample's intakes stand: their channel and external ids."""

    channel: Channel
    external_ids: tuple[str, ...]


@dataclass(frozen=True)
class SentSample:
    """A sample that went through its door."""

    sample: AnySample
    key: Key
    said: tuple[str, ...] = ()
    """What a caller heard."""
    webhooks: tuple[telephone.Delivery, ...] = ()
    """What the telephone provider posted."""


class DoorClosed(RuntimeError):
    """A door did not take a sample; the message says what it answered."""


DOOR_ERRORS = (DoorClosed, DeskError, requests.RequestException, smtplib.SMTPException, OSError, ValueError)
"""What may go wrong at a door; the others go on all the same."""

Prepared = bytes | None
"""The file that goes with a sample: a recording or a page."""


@singledispatch
def prepare(sample: AnySample) -> Prepared:
    """Make the file a sample needs: this takes the time that sending should not."""
    return None


@prepare.register
def _(sample: Call) -> Prepared:
    return telephone_wav(sample)


@prepare.register
def _(sample: Page) -> Prepared:
    return scanned(sample)


@singledispatch
def send(sample: AnySample, stage: Stage, prepared: Prepared) -> SentSample:
    """Send a sample; raises ``DoorClosed``."""
    raise TypeError(f"no door for {type(sample).__name__}")


@send.register
def _(sample: Text, stage: Stage, prepared: Prepared) -> SentSample:
    deliveries = [stage.telephone.text(sample.sender, stage.town_number, body) for body in sample.says]
    _check(deliveries)
    return SentSample(sample, Key(sample.channel, tuple(one.sid for one in deliveries)), webhooks=tuple(deliveries))


@send.register
def _(sample: Call, stage: Stage, prepared: Prepared) -> SentSample:
    call = stage.telephone.call(sample.sender, stage.town_number, prepared)
    _check(call.deliveries)
    return SentSample(sample, Key(sample.channel, (call.sid,)), tuple(call.said), tuple(call.deliveries))


def _check(deliveries: list[telephone.Delivery]) -> None:
    for delivery in deliveries:
        if delivery.status not in {200, 204}:
            raise DoorClosed(f"{delivery.url}: {delivery.status or 'no answer'}")


@send.register
def _(sample: Mail, stage: Stage, prepared: Prepared) -> SentSample:
    sender = stage.mail.address(sample.mailbox)
    message = letter(sample, sender, stage.town_mailbox)
    stage.mail.send(message, sender, stage.town_mailbox)
    identity = str(message["Message-ID"]).encode()
    (arrived,) = [one for one in stage.mail.handled if identity in one.raw and stage.town_mailbox in one.to]
    return SentSample(sample, Key(sample.channel, (hashlib.sha256(arrived.delivered).hexdigest(),)))


@send.register
def _(sample: Page, stage: Stage, prepared: Prepared) -> SentSample:
    assert prepared is not None
    name = f"{sample.name}.{sample.file}"
    if sample.door == "folder":
        _drop(stage.scans, name, prepared)
    else:
        Desk(stage.url).sign_in(LOGIN, stage.password).upload(name, prepared, stage.consultation.slug)
    return SentSample(sample, Key(sample.channel, (hashlib.sha256(prepared).hexdigest(),)))


@send.register
def _(sample: Form, stage: Stage, prepared: Prepared) -> SentSample:
    desk, consultation = Desk(stage.url).sign_in(LOGIN, stage.password), stage.consultation
    pdf = desk.print_form(consultation.slug, consultation.language)
    scan = filled_and_scanned(sample, pdf, stage.store)
    desk.upload(f"{sample.name}.tif", scan, consultation.slug)
    return SentSample(sample, Key(sample.channel, (hashlib.sha256(scan).hexdigest(),)))


def _drop(folder: Path, name: str, content: bytes) -> None:
    """Write in pieces, as a copier does over the network: the watcher has to wait for the end."""
    with (folder / name).open("wb") as file:
        for start in range(0, len(content), 100_000):
            file.write(content[start : start + 100_000])
            file.flush()
