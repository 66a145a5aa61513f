"""An inbox with something of everything in it, made through the real doors' own functions.

What the residents of the seed say is invented; the recordings are tones, the pages drawn with Pillow.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel, MediumKind, NotContribution, Role, SetAsideReason, StepState
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from gateway.intake.contribute import NewPart, SetApart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import moderation, tags, text_versions, transcripts
from inbox.contributions.linking import merge
from inbox.jobs import retry_limits, steps
from inbox.jobs.steps import Done, Failed, NeedsPerson
from inbox.models import Centre, Contribution, Heartbeat, Medium, Part, Step
from inbox.models.column_types import utc_now
from inbox.records.rejections import count_refusal
from inbox.storage.database import Store

PASSWORD = "une-phrase-de-passe-longue"
SLUG = "rues-et-places"

Words = list[dict[str, Any]]


@dataclass
class Seeded:
    """The ids of what tests look for, by name."""

    contributions: dict[str, int] = field(default_factory=dict)
    media: dict[str, int] = field(default_factory=dict)
    intakes: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)


def seed(store: Store) -> Seeded:
    """Fill an empty store."""
    seeded = Seeded()
    with store.write() as session:
        import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        for login, name, role, of_centre in (
            ("mod", "Maëlle Le Gall", Role.MODERATOR, None),
            ("elu", "Yann Kerjean", Role.OFFICIAL, None),
            ("centre", "Accueil Bellevue", Role.CENTRE, "bellevue"),
            ("admin", "Inès Abiven", Role.ADMINISTRATOR, None),
        ):
            person = create_person(session, login, name, hash_password(PASSWORD), [role], centre=of_centre)
            seeded.people[login] = person.id
    for add in (
        _published,
        _set_aside,
        _scan,
        _mail,
        _plain_text,
        _two_texts,
        _call,
        _unheard,
        _broken,
        _bounce,
        _waiting,
    ):
        add(store, seeded)
    with store.write() as session:
        session.add(Heartbeat(process="web"))
        session.add(Heartbeat(process="pages"))
        session.add(Heartbeat(process="speech", note="no speech model installed: portevoix models install"))
        session.add(Heartbeat(process="mailbox avis", seen_at=utc_now() - timedelta(minutes=42)))
        for _ in range(3):
            count_refusal(session, "sms", "wrong_signature")
    return seeded


# --- what arrives ---------------------------------------------------------------------------------


def _arrive(
    session: Session,
    channel: Channel,
    name: str,
    parts: list[NewPart],
    *,
    kind: ArrivalKind = ArrivalKind.WEBHOOK,
    raw: bytes = b"",
    ago: timedelta = timedelta(),
    **more: Any,
) -> tuple[int, list[int | None]]:
    arrived = IncomingMessage(
        channel=channel,
        account="seed",
        external_id=name,
        kind=kind,
        raw=raw or name.encode(),
        consultation_slug=SLUG,
        language="fr",
        received_at=utc_now() - ago,
        **more,
    )
    accepted = store_message(session, arrived)
    return accepted.intake_id, create_contributions(session, accepted.intake_id, parts)


def _one(store: Store, seeded: Seeded, name: str, channel: Channel, part: NewPart, **more: Any) -> int:
    with store.write() as session:
        intake_id, (contribution_id,) = _arrive(session, channel, name, [part], **more)
        assert contribution_id is not None
        seeded.intakes[name] = intake_id
        seeded.contributions[name] = contribution_id
        for medium in session.scalars(select(Medium).join(Part).where(Part.intake_id == intake_id)):
            seeded.media[name] = medium.id
    return contribution_id


def read(store: Store, contribution_id: int, words_by_position: dict[int, Words], engine: str = "vosk") -> None:
    """Do the reading steps of a contribution, with these words for each medium."""
    for step_id in _open_steps(store, contribution_id):
        lease = steps.claim_step(store, step_id)
        assert lease is not None
        with store.write() as session:
            media = session.scalars(
                select(Medium).where(Medium.part_id == lease.part_id).order_by(Medium.position)
            ).all()
            for medium in media:
                if medium.position in words_by_position:
                    transcripts.add_transcript(
                        session,
                        medium.id,
                        engine=engine,
                        model="vosk-fr-demo" if engine == "vosk" else "fra+eng",
                        language="fr",
                        words=words_by_position[medium.position],
                        took_seconds=1.5,
                    )
            steps.end_step(session, lease, Done())


def _open_steps(store: Store, contribution_id: int) -> list[int]:
    with store.read() as session:
        parts = select(Part.id).join(Part.contributions).where(Contribution.id == contribution_id)
        rows = session.scalars(
            select(Step.id).where(
                Step.part_id.in_(parts), Step.state == StepState.OPEN, Step.kind.in_(text_versions.READING_KINDS)
            )
        )
        return list(rows)


def _suggest(store: Store, contribution_id: int, *found: tuple[str, list[str]]) -> None:
    with store.write() as session:
        tags.suggest_tags(session, contribution_id, found)


def _revision(session: Session, contribution_id: int) -> int:
    return session.get_one(Contribution, contribution_id).revision


def _call(store: Store, seeded: Seeded) -> None:
    said = (
        "bonjour je voudrais dire que le dernier bus passe trop tôt le soir rue de siam les gens qui finissent tard"
        " rentrent à pied dans le noir et il n'y a pas un banc pour attendre merci"
    )
    words = spoken(said, doubtful={"siam": 0.41, "banc": 0.55, "pied": 0.66})
    medium = NewMedium(MediumKind.RECORDING, "audio/wav", source=tone(len(words) * 0.42))
    contribution_id = _one(
        store, seeded, "call", Channel.VOICEMAIL, NewPart("call", Channel.VOICEMAIL, media=(medium,))
    )
    with store.write() as session:
        session.get_one(Medium, seeded.media["call"]).seconds = len(words) * 0.42
    read(store, contribution_id, {1: words})
    _suggest(store, contribution_id, ("mobilite", ["bus"]), ("eclairage", ["noir"]))


def _scan(store: Store, seeded: Seeded) -> None:
    picture, words = page(
        [
            "Que faut-il changer dans votre quartier ?",
            "",
            "Il manque des bancs à l'ombre sur la place,",
            "surtout pour les personnes âgées qui attendent",
            "le marché du samedi. Et la fontaine ne marche",
            "plus depuis deux étés.",
            "",
            "Merci de garder les platanes !",
        ],
        doubtful={"fontaine": 0.52, "platanes": 0.38, "samedi.": 0.61},
    )
    with store.write() as session:
        centre = session.scalars(select(Centre).where(Centre.slug == "bellevue")).one()
        forms = [
            NewPart("form-1", Channel.PAPER, media=(NewMedium(MediumKind.PAGE, "image/png", source=picture),)),
            NewPart("form-2", Channel.PAPER, media=(NewMedium(MediumKind.PAGE, "image/png", source=picture),)),
            NewPart("form-3", Channel.PAPER, not_contribution=NotContribution.BLANK_PAGE),
        ]
        ago = timedelta(hours=3)
        intake_id, made = _arrive(
            session, Channel.PAPER, "scan", forms, kind=ArrivalKind.FILE, centre_id=centre.id, ago=ago
        )
        first, second, _blank = made
        assert first is not None
        assert second is not None
        seeded.intakes["scan"] = intake_id
        seeded.contributions.update({"scan": first, "scan-2": second})
        seeded.media["scan"] = session.scalars(
            select(Medium.id).join(Part).join(Part.contributions).where(Contribution.id == first)
        ).one()
    read(store, first, {1: words}, engine="tesseract")
    read(store, second, {1: words[:9]}, engine="tesseract")
    _suggest(store, first, ("mobilier", ["bancs"]), ("nature", ["ombre", "platanes"]))


def _mail(store: Store, seeded: Seeded) -> None:
    picture, words = page(
        ["Pétition pour une piste cyclable", "sur le boulevard Jean Moulin"], doubtful={"Moulin": 0.6}
    )
    body = (
        "Bonjour,\n\nLa piste cyclable du boulevard s'arrête au milieu du carrefour. On se retrouve entre les camions"
        " et les bus. Avec deux enfants, je ne peux plus y passer.\n\nVous trouverez ci-joint la pétition des parents."
    )
    quote = "Le 12 mars, la Ville a écrit :\n> Nous avons bien reçu votre demande.\n> Elle est à l'étude."
    part = NewPart(
        "body",
        Channel.EMAIL,
        body=body,
        aside=(
            SetApart("quote", quote, "attribution"),
            SetApart("signature", "Anne M.\nEnvoyé de mon téléphone", "device"),
        ),
        media=(
            NewMedium(MediumKind.PHOTO, "image/png", source=picture, name="pétition.png"),
            NewMedium(MediumKind.ATTACHMENT, "application/pdf", source=b"%PDF-1.4 " + b"x" * 48_000, name="plan.pdf"),
        ),
    )
    raw = b"From: anne@example.org\r\nSubject: piste <b>cyclable</b>\r\n\r\n" + body.encode()
    ago = timedelta(hours=5)
    contribution_id = _one(store, seeded, "mail", Channel.EMAIL, part, kind=ArrivalKind.MAIL, raw=raw, ago=ago)
    read(store, contribution_id, {1: words}, engine="tesseract")
    _suggest(store, contribution_id, ("velo", ["piste cyclable"]), ("mobilite", ["bus", "carrefour"]))


def _plain_text(store: Store, seeded: Seeded) -> None:
    body = "Stop aux camions rue de Siam ! Et remettez le passage piéton devant l'école svp"
    part = NewPart("text", Channel.SMS, body=body)
    contribution_id = _one(store, seeded, "text", Channel.SMS, part, ago=timedelta(minutes=48))
    _suggest(store, contribution_id, ("stationnement", ["camions"]), ("mobilite", ["passage piéton"]))


def _two_texts(store: Store, seeded: Seeded) -> None:
    part = NewPart(
        "text", Channel.SMS, body="Plus de poubelles au parc, et des toilettes publiques qui ferment le soir."
    )
    contribution_id = _one(store, seeded, "texts", Channel.SMS, part, ago=timedelta(minutes=20))
    with store.write() as session:
        more = NewPart("text", Channel.SMS, body="Et de l'eau pour les chiens, l'été.")
        _intake, (other,) = _arrive(session, Channel.SMS, "texts-2", [more])
        assert other is not None
        merge(session, contribution_id, other, seeded.people["mod"])
    _suggest(store, contribution_id, ("proprete", ["poubelles"]), ("nature", ["parc"]))


def _unheard(store: Store, seeded: Seeded) -> None:
    medium = NewMedium(MediumKind.RECORDING, "audio/wav", source=tone(4))
    part = NewPart("call", Channel.VOICEMAIL, media=(medium,))
    contribution_id = _one(store, seeded, "unheard", Channel.VOICEMAIL, part, ago=timedelta(hours=1))
    for step_id in _open_steps(store, contribution_id):
        lease = steps.claim_step(store, step_id)
        assert lease is not None
        with store.write() as session:
            steps.end_step(session, lease, NeedsPerson("Somebody may be speaking, but no word could be made out."))


def _broken(store: Store, seeded: Seeded) -> None:
    medium = NewMedium(MediumKind.PAGE, "image/png", source=b"not a picture")
    part = NewPart("form", Channel.PAPER, media=(medium,))
    contribution_id = _one(store, seeded, "broken", Channel.PAPER, part, ago=timedelta(days=2))
    now = utc_now()
    for step_id in _open_steps(store, contribution_id):
        for attempt in range(retry_limits.MAX_ATTEMPTS):
            lease = steps.claim_step(store, step_id, now=now + timedelta(hours=attempt))
            assert lease is not None
            with store.write() as session:
                steps.end_step(
                    session,
                    lease,
                    Failed(
                        "tesseract stopped. It is tried again; if it happens each time, a person reads the original."
                    ),
                )


def _bounce(store: Store, seeded: Seeded) -> None:
    with store.write() as session:
        part = NewPart("body", Channel.EMAIL, body="Undelivered", not_contribution=NotContribution.BOUNCE)
        _arrive(session, Channel.EMAIL, "bounce", [part], kind=ArrivalKind.MAIL)


def _waiting(store: Store, seeded: Seeded) -> None:
    medium = NewMedium(MediumKind.RECORDING, "audio/wav", source=tone(3))
    part = NewPart("call", Channel.VOICEMAIL, media=(medium,))
    _one(store, seeded, "waiting", Channel.VOICEMAIL, part)


def _published(store: Store, seeded: Seeded) -> None:
    part = NewPart("text", Channel.SMS, body="Le nouveau square est très bien, il manque juste une fontaine à eau.")
    contribution_id = _one(store, seeded, "published", Channel.SMS, part, ago=timedelta(days=6))
    _suggest(store, contribution_id, ("nature", ["square"]))
    with store.write() as session:
        revision = _revision(session, contribution_id)
        moderation.decide_contribution(
            session, contribution_id, "publish", by=seeded.people["mod"], expect_revision=revision
        )


def _set_aside(store: Store, seeded: Seeded) -> None:
    part = NewPart("text", Channel.SMS, body="Monsieur Dupont du 4 gare toujours son camion devant chez moi.")
    contribution_id = _one(store, seeded, "aside", Channel.SMS, part, ago=timedelta(days=4))
    with store.write() as session:
        moderation.decide_contribution(
            session,
            contribution_id,
            "set_aside",
            reason=SetAsideReason.NAMES_A_PERSON,
            by=seeded.people["mod"],
            expect_revision=_revision(session, contribution_id),
        )


# --- sounds and pictures ----------------------------------------------------------------------------


def spoken(said: str, doubtful: dict[str, float]) -> Words:
    """The words of a text as an engine would hear them, one every 0.42 s."""
    return [
        {
            "text": word,
            "confidence": doubtful.get(word, 0.96),
            "start": round(at * 0.42, 2),
            "end": round(at * 0.42 + 0.4, 2),
        }
        for at, word in enumerate(said.split())
    ]


def tone(seconds: float) -> bytes:
    """A WAV file of telephone quality."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(6000 * math.sin(at / 6) * abs(math.sin(at / 2400))) for at in range(int(seconds * 8000)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


def page(lines: list[str], doubtful: dict[str, float]) -> tuple[bytes, Words]:
    """A page as PNG, and its words with their boxes."""
    size = 34
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf", size)
    image = Image.new("L", (1000, 1414 if len(lines) > 4 else 420), 246)
    draw = ImageDraw.Draw(image)
    words: Words = []
    for number, line in enumerate(lines):
        left, top = 70.0, 110 + number * 62
        for word in line.split():
            width = draw.textlength(word, font=font)
            draw.text((left, top), word, font=font, fill=40)
            words.append(
                {
                    "text": word,
                    "confidence": doubtful.get(word, 0.94),
                    "box": [round(left) - 4, top - 2, round(width) + 8, size + 12],
                    "line": number,
                    "page": 1,
                }
            )
            left += width + 14
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue(), words
