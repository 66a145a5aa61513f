"""Fills a store with invented contributions, through the functions by which real ones arrive and are decided."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, MediumKind, Role
from config.wording.consultation import Consultation
from gateway.intake.contribute import NewPart, SetApart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_messages
from gateway.intake.part_media import NewMedium, save_transcript
from gateway.intake.part_sealing import seal_parts
from gateway.intake.sealed_originals import SealedOriginal, seal_original
from gateway.sample import drawn_media
from gateway.sample.invented_residents import Utterance, UtteranceGenerator, UtteranceSort, load_phrases
from inbox.accounts import staff
from inbox.contributions import moderation, tags, text_versions
from inbox.models import Contribution, Intake, Person, PersonRole
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup
from inbox.records.backdating import BackdatedMoment, close_steps, date_rows
from inbox.storage.database import Store
from inbox.storage.unit_of_work import Session, unit_of
from transcription.base.values import Doubt, Transcript
from transcription.text.theme_suggestions import suggest_themes

ACCOUNT = "sample"
"""Through which everything invented came: so it is known again, and a second sample does not repeat the first."""

DAYS = 45
"""How far back the oldest contribution lies."""

AT_ONCE = 40
"""Contributions in one transaction."""

_PER_BATCH = 12
"""Forms that a centre hands in together."""

_UNSURE, _UNHEARD = 0.2, 0.04
"""Shares of recordings and pages that machines read badly, and not at all."""


@dataclass(frozen=True, slots=True)
class InventedContribution:
    """One contribution with all that is to become of it."""

    number: int
    said: Utterance
    at: datetime
    part: NewPart
    read: Transcript | None
    """What an engine read in its recording or page."""
    seconds: float | None
    decided_at: datetime | None

    @property
    def raw(self) -> bytes:
        """What is kept as its arrival."""
        return f"invented contribution {self.number}".encode()


def fill_store(
    store: Store, consultation: Consultation, contributions: int, *, seed: int, media: int, told: Callable[[int], None]
) -> None:
    """Add so many contributions to a consultation that was imported; ``media`` of them with their originals.

    Those without are as after retention: what was read stays, the recording or page is gone. ``told`` is called with
    how many there are so far.
    """
    names = load_phrases()["staff"]["moderators"]
    with store.write() as session:
        centres = staff.centre_ids(session)
        moderators = _moderators(session, names)
        before = intake_lookup.count_came_by(session, ACCOUNT)
    done = 0
    invented = _invent(contributions, seed, before, len(centres), media)
    while several := list(islice(invented, AT_ONCE)):
        # Before the transaction, in which there is only SQL.
        sealed = [(seal_parts(store.vault, [one.part])[0], seal_original(store.vault, one.raw, {})) for one in several]
        with store.write() as session:
            moment = BackdatedMoment(utc_now())
            date_rows(session, moment)
            dice = random.Random(seed + several[0].number)  # noqa: S311 - the same sample each time
            _add(
                session,
                consultation,
                centres,
                [(one, *ready) for one, ready in zip(several, sealed, strict=True)],
                moment,
                moderators,
                dice,
            )
            unit_of(session).woken.clear()  # nothing is left to be done
        done += len(several)
        told(done)


def _moderators(session: Session, names: Sequence[str]) -> list[int]:
    """The invented staff, who cannot sign in."""
    found = []
    for place, name in enumerate(names):
        login = f"{ACCOUNT}-{place + 1}"
        person_id = staff.account_id(session, login)
        if person_id is None:
            person = Person(login=login, name=name, password_hash="", active=False)
            person.roles = [PersonRole(role=Role.MODERATOR)]
            session.add(person)
            session.flush()
            person_id = person.id
        found.append(person_id)
    return found


# --- inventing ----------------------------------------------------------------------------------


def _invent(contributions: int, seed: int, before: int, centres: int, media: int) -> Iterator[InventedContribution]:
    town = UtteranceGenerator(seed + before, centres)
    dice = random.Random(seed + before)  # noqa: S311 - the same sample each time
    now = utc_now()
    with_media = 0
    for place in range(contributions):
        said = town.speak()
        # The newest last, and more of them than of the older ones, as a consultation grows.
        at = now - timedelta(days=DAYS) * (1 - (place + dice.random()) / contributions) ** 1.4
        unsure = dice.random() < _UNSURE
        original = said.channel in (Channel.VOICEMAIL, Channel.PAPER) and with_media < media
        with_media += original
        part, read, seconds = _part(said, dice, unsure=unsure, original=original)
        yield InventedContribution(before + place, said, at, part, read, seconds, _decided_at(said, at, now, dice))


def _decided_at(said: Utterance, at: datetime, now: datetime, dice: random.Random) -> datetime | None:
    """When a moderator decides: within days, for most that are old enough; never what is dangerous or personal."""
    when = at + timedelta(hours=dice.expovariate(1 / 40))
    undecided = (
        said.sort in (UtteranceSort.DANGER, UtteranceSort.PERSONAL, UtteranceSort.SERVICE) or dice.random() < 0.12
    )
    return None if undecided or when > now else when


def _part(
    said: Utterance, dice: random.Random, *, unsure: bool, original: bool
) -> tuple[NewPart, Transcript | None, float | None]:
    if said.channel is Channel.SMS:
        return NewPart("text", Channel.SMS, body=said.body), None, None
    if said.channel is Channel.EMAIL:
        aside = (SetApart("signature", said.signature, "closing"),)
        return NewPart("body", Channel.EMAIL, body=f"Bonjour,\n\n{said.body}", aside=aside), None, None
    doubt = Doubt.NOT_UNDERSTOOD if said.channel is Channel.VOICEMAIL else Doubt.BY_HAND
    is_unread = unsure and dice.random() < _UNHEARD / _UNSURE
    if said.channel is Channel.VOICEMAIL:
        heard = drawn_media.draw_recording(said.body, dice, unsure=unsure)
        medium = NewMedium(MediumKind.RECORDING, "audio/wav", source=heard.wave if original else None)
        read = Transcript("vosk", "vosk-fr", said.language, () if is_unread else heard.words, 1.0)
        seconds: float | None = heard.seconds
    else:
        scanned = drawn_media.draw_scan(said.body, dice, unsure=unsure)
        medium = NewMedium(MediumKind.PAGE, "image/png", source=scanned.png if original else None)
        read = Transcript("tesseract", "fra+eng", said.language, () if is_unread else scanned.words, 1.0)
        seconds = None
    why = doubt.value if is_unread else None
    return NewPart("said", said.channel, media=(medium,), needs_person=why), read, seconds


# --- writing ------------------------------------------------------------------------------------


def _add(
    session: Session,
    consultation: Consultation,
    centres: list[int],
    several: list[tuple[InventedContribution, NewPart, SealedOriginal]],
    moment: BackdatedMoment,
    moderators: list[int],
    dice: random.Random,
) -> None:
    accepted = store_messages(session, [_arrived(one, original, consultation, centres) for one, _, original in several])
    batches: dict[int, int] = {}
    for (one, part, _), came in zip(several, accepted, strict=True):
        moment.at = one.at
        if one.said.channel is Channel.PAPER and centres:
            place = centres[one.said.centre]
            first = batches.setdefault(place, came.intake_id)
            session.get_one(Intake, came.intake_id).batch_id = first if first != came.intake_id else None
        (contribution_id,) = create_contributions(session, came.intake_id, [part])
        assert contribution_id is not None
        contribution = session.get_one(Contribution, contribution_id)
        contribution.language = one.said.language
        _read(session, contribution, one)
        _suggest(session, contribution, consultation, one.said.language)
        _close_steps(session, contribution, one.at)
        if one.decided_at is not None:
            moment.at = one.decided_at
            _decide(session, contribution, one.said, dice.choice(moderators))
            _close_steps(session, contribution, one.at)


def _arrived(
    one: InventedContribution, original: SealedOriginal, consultation: Consultation, centres: list[int]
) -> IncomingMessage:
    kind = AddressKind.EMAIL if one.said.channel is Channel.EMAIL else AddressKind.PHONE
    scanned = one.said.channel is Channel.PAPER
    return IncomingMessage(
        channel=one.said.channel,
        account=ACCOUNT,
        external_id=f"{ACCOUNT}-{one.number}",
        kind=ArrivalKind.FILE if scanned else ArrivalKind.WEBHOOK,
        raw=one.raw,
        original=original,
        sender=Address(kind, one.said.sender) if one.said.sender else None,
        consultation_slug=consultation.slug,
        language=one.said.language if one.said.channel is not Channel.PAPER else None,
        centre_id=centres[one.said.centre] if scanned and centres else None,
        received_at=one.at,
    )


def _read(session: Session, contribution: Contribution, one: InventedContribution) -> None:
    if one.read is None:
        return
    (medium,) = intake_lookup.media_of_contribution(session, contribution.id)
    medium.seconds = one.seconds
    if one.read.words:
        save_transcript(session, medium.id, one.read)
    _close_steps(session, contribution, one.at)
    text_versions.settle_part(session, medium.part_id)


def _close_steps(session: Session, contribution: Contribution, at: datetime) -> None:
    """What was still to be done has been done."""
    close_steps(session, [part.id for part in contribution.parts], at)


def _suggest(session: Session, contribution: Contribution, consultation: Consultation, language: str) -> None:
    wording = text_versions.current_text(session, contribution)
    if wording is None:
        return
    known = language if language in consultation.languages else consultation.language
    found = suggest_themes(wording.body, consultation.themes, known)
    tags.suggest_tags(session, contribution.id, [(theme.theme_key, theme.words) for theme in found])


def _decide(session: Session, contribution: Contribution, said: Utterance, by: int) -> None:
    if text_versions.current_text(session, contribution) is None:
        return
    if said.reason is not None:
        moderation.decide_contribution(
            session, contribution.id, "set_aside", reason=said.reason, by=by, expect_revision=None
        )
        return
    if said.channel in (Channel.VOICEMAIL, Channel.PAPER):
        text_versions.correct_text(session, contribution.id, said.body, by, None)
    moderation.decide_contribution(session, contribution.id, "publish", by=by, expect_revision=None)
