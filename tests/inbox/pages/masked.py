"""A town whose residents named people, and whose moderators masked them: every place such a name could be left in.

Each name is a word of its own, so that a test can say which one was seen; none stands in a dictionary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel, MediumKind, NotContribution, Role, SetAsideReason
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, read_consultation
from gateway.intake.contribute import NewPart, SetApart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.part_media import NewMedium
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import drafts, linking, moderation, tags, text_versions
from inbox.erasure.erase import erase_contribution
from inbox.models import Centre
from inbox.storage.database import Store
from tests.inbox.pages.seed import PASSWORD, SLUG, page, read, spoken, tone

EVERYBODY = frozenset({"centre", "elu", "mod", "admin"})
READERS = frozenset({"elu", "mod", "admin"})
MODERATORS = frozenset({"mod", "admin"})
NOBODY: frozenset[str] = frozenset()

WORDS = {
    # What was published is for everybody, on the public pages; of what was set aside the reason is for all who read.
    "Plouzaneau": EVERYBODY,  # in a published text
    "Landivisoc": EVERYBODY,  # in a published correction
    "Quimerchoux": EVERYBODY,  # beside a masked name
    "nomme une personne": READERS,  # why something was set aside
    # What was masked is for moderators.
    "Zorglubier": MODERATORS,  # typed in a text message, masked, published
    "Trefoulard": MODERATORS,  # heard in a recording, masked, published
    "Kerbouzic": MODERATORS,  # read on a form, masked, published
    "Malabroc": MODERATORS,  # written in a mail, masked, published
    "Gribouillac": MODERATORS,  # in the mail's signature, set apart
    "Ploumoguel": MODERATORS,  # in what the mail quotes
    "Fanchonnic": MODERATORS,  # in the mail's subject, set apart
    "Guignolen": MODERATORS,  # in the mail's headers only
    "Brindezinc": MODERATORS,  # in the name of a file
    "Cornofulgur": MODERATORS,  # read in a photo attached to the mail
    "Bistrouille": MODERATORS,  # in a wording between the first and the published one
    "Tartempion": MODERATORS,  # in a text merged into another, masked there
    "Olibrius": MODERATORS,  # in a text split in two, of which one was published
    "Carabistouille": MODERATORS,  # masked after it had been published
    # What a machine counts as no contribution is for moderators; of a form nobody has worked on, its centre sees the
    # first words, to find the sheet of paper.
    "Pistachoux": MODERATORS,  # in a mail that is no contribution
    "Bredouillard": frozenset({"centre", "mod", "admin"}),  # read on a form, in review
    # What nobody has decided about, or what was not published, is for moderators.
    "Foutriquet": MODERATORS,  # in review
    "Patatrac": MODERATORS,  # in review, read by a machine
    "Saperlotte": MODERATORS,  # set aside
    "Turlututu": MODERATORS,  # published, then set aside
    "Balivernes": MODERATORS,  # published, then reviewed again
    "Ventrebleu": MODERATORS,  # came after the publication
    "Sacrebleuet": MODERATORS,  # published, and taken back
    "Zigomard": MODERATORS,  # typed in the box of a published text, and not saved
    # Why and as what something was sorted.
    "Rififi": MODERATORS,  # a free word as a tag on what was published
    "Chambard": MODERATORS,  # the word a theme was suggested for, masked, the theme kept
    "Barouf": MODERATORS,  # the word a theme was suggested for, in review
    # What was erased is for nobody.
    "Escogriffe": NOBODY,
}
"""Words, and the logins of those who may see each somewhere."""


@dataclass
class MaskedTown:
    """The ids of what tests look for."""

    people: dict[str, int] = field(default_factory=dict)
    contributions: dict[str, int] = field(default_factory=dict)


def fill(store: Store) -> MaskedTown:
    """Fill an empty store."""
    town = MaskedTown()
    with store.write() as session:
        import_consultation(session, _consultation())
        for login, role in (
            ("mod", Role.MODERATOR),
            ("elu", Role.OFFICIAL),
            ("centre", Role.CENTRE),
            ("admin", Role.ADMINISTRATOR),
        ):
            of_centre = "bellevue" if role is Role.CENTRE else None
            town.people[login] = create_person(
                session, login, login, hash_password(PASSWORD), [role], centre=of_centre
            ).id
    for add in (_published, _typed, _heard, _scanned, _mailed, _joined, _undecided, _set_aside, _tagged, _erased):
        add(store, town)
    return town


def _consultation() -> Consultation:
    """The example, with themes suggested by names."""
    packaged = read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml").model_dump(mode="json")
    for theme in packaged["themes"]:
        if theme["key"] in {"mobilite", "proprete"}:
            theme["words"]["fr"] = [*theme["words"]["fr"], "Chambard", "Barouf"]
    return Consultation.model_validate(packaged)


# --- what moderators do ---------------------------------------------------------------------------


@dataclass
class Desk:
    """A moderator's steps with one contribution, each in a transaction of its own."""

    store: Store
    by: int
    id: int

    def do(self, act: Callable[[Session], object]) -> None:
        with self.store.write() as session:
            act(session)

    def word(self, body: str) -> Desk:
        self.do(lambda session: text_versions.correct_text(session, self.id, body, self.by, None))
        return self

    def publish(self) -> Desk:
        self.do(
            lambda session: moderation.decide_contribution(
                session, self.id, "publish", by=self.by, expect_revision=None
            )
        )
        return self

    def set_aside(self, reason: SetAsideReason) -> Desk:
        def act(session: Session) -> None:
            moderation.decide_contribution(
                session, self.id, "set_aside", reason=reason, by=self.by, expect_revision=None
            )

        self.do(act)
        return self

    def reopen(self) -> Desk:
        self.do(
            lambda session: moderation.decide_contribution(session, self.id, "reopen", by=self.by, expect_revision=None)
        )
        return self


def _arrive(
    store: Store, town: MaskedTown, name: str, part: NewPart, raw: bytes = b"", kind: ArrivalKind = ArrivalKind.WEBHOOK
) -> Desk:
    with store.write() as session:
        centre = session.scalars(select(Centre.id).where(Centre.slug == "bellevue")).one()
        arrived = IncomingMessage(
            channel=part.channel,
            account="seed",
            external_id=name,
            kind=kind,
            raw=raw or name.encode(),
            consultation_slug=SLUG,
            language="fr",
            centre_id=centre if part.channel is Channel.PAPER else None,
        )
        (made,) = create_contributions(session, store_message(session, arrived).intake_id, [part])
        assert made is not None
    town.contributions[name] = made
    return Desk(store, town.people["mod"], made)


def _text(store: Store, town: MaskedTown, name: str, body: str) -> Desk:
    return _arrive(store, town, name, NewPart("text", Channel.SMS, body=body))


# --- what happened ----------------------------------------------------------------------------------


def _published(store: Store, town: MaskedTown) -> None:
    published = _text(store, town, "published", "Un banc à Plouzaneau, devant la poste").publish()
    sheet = drafts.DraftSheet(published.id, published.by, "a page", based_on=1)
    published.do(lambda session: drafts.save_draft(session, sheet, "Un banc à Plouzaneau, chez Zigomard"))
    corrected = _text(store, town, "corrected", "Un ban a Landi, svp").word("Un banc à Landivisoc, s'il vous plaît")
    corrected.publish()


def _typed(store: Store, town: MaskedTown) -> None:
    desk = _text(store, town, "typed", "Monsieur Zorglubier gare son camion rue de Quimerchoux")
    desk.word("Monsieur Bistrouille gare son camion rue de Quimerchoux")
    desk.word("[…] gare son camion rue de Quimerchoux").publish()
    late = _text(store, town, "late", "La boulangerie Carabistouille est sale")
    late.publish().word("La boulangerie […] est sale")


def _heard(store: Store, town: MaskedTown) -> None:
    words = spoken("monsieur Trefoulard fait du bruit le soir", doubtful={"Trefoulard": 0.4})
    medium = NewMedium(MediumKind.RECORDING, "audio/wav", source=tone(1))
    desk = _arrive(store, town, "heard", NewPart("call", Channel.VOICEMAIL, media=(medium,)))
    read(store, desk.id, {1: words})
    desk.word("[…] fait du bruit le soir").publish()
    waiting = _arrive(store, town, "machine", NewPart("call", Channel.VOICEMAIL, media=(medium,)))
    read(store, waiting.id, {1: spoken("monsieur Patatrac crie", doubtful={})})


def _scanned(store: Store, town: MaskedTown) -> None:
    picture, words = page(["Madame Kerbouzic laisse son chien"], doubtful={})
    medium = NewMedium(MediumKind.PAGE, "image/png", source=picture, name="scan0001.png")
    part = NewPart("form-1", Channel.PAPER, media=(medium,))
    desk = _arrive(store, town, "scanned", part, kind=ArrivalKind.FILE)
    read(store, desk.id, {1: words}, engine="tesseract")
    desk.word("[…] laisse son chien").publish()
    picture, words = page(["Madame Bredouillard aussi"], doubtful={})
    medium = NewMedium(MediumKind.PAGE, "image/png", source=picture, name="scan0002.png")
    part = NewPart("form-1", Channel.PAPER, media=(medium,))
    untouched = _arrive(store, town, "form in review", part, kind=ArrivalKind.FILE)
    read(store, untouched.id, {1: words}, engine="tesseract")


def _mailed(store: Store, town: MaskedTown) -> None:
    picture, words = page(["Maison de Cornofulgur"], doubtful={})
    part = NewPart(
        "body",
        Channel.EMAIL,
        body="Le patron, monsieur Malabroc, bloque la rue.",
        aside=(
            SetApart("quote", "> Cher monsieur Ploumoguel", "attribution"),
            SetApart("signature", "Yves Gribouillac", "device"),
            SetApart("subject", "Plainte contre Fanchonnic"),
        ),
        media=(
            NewMedium(MediumKind.PHOTO, "image/png", source=picture, name="photo.png"),
            NewMedium(MediumKind.ATTACHMENT, "application/pdf", source=b"%PDF-1.4", name="Brindezinc.pdf"),
        ),
    )
    raw = b"From: Paul Guignolen <paul@example.org>\r\nSubject: Plainte\r\n\r\nMonsieur Malabroc"
    desk = _arrive(store, town, "mailed", part, raw=raw, kind=ArrivalKind.MAIL)
    read(store, desk.id, {1: words}, engine="tesseract")
    desk.word("Le patron bloque la rue.").publish()


def _joined(store: Store, town: MaskedTown) -> None:
    kept = _text(store, town, "kept", "Plus de bus le soir")
    gone = _text(store, town, "gone", "Le chauffeur Tartempion roule vite")
    kept.do(lambda session: linking.merge(session, kept.id, gone.id, kept.by))
    kept.word("Plus de bus le soir, un chauffeur roule vite").publish()
    whole = _text(store, town, "whole", "Un arbre. Et Olibrius est un voleur.")

    def split(session: Session) -> None:
        (piece,) = linking.split_text(session, whole.id, ["Un arbre.", "Et Olibrius est un voleur."], whole.by)
        town.contributions["piece"] = piece.id

    whole.do(split)
    whole.publish()


def _undecided(store: Store, town: MaskedTown) -> None:
    _text(store, town, "in review", "Foutriquet doit partir")
    with store.write() as session:
        part = NewPart("body", Channel.EMAIL, body="De Pistachoux", not_contribution=NotContribution.BOUNCE)
        arrived = IncomingMessage(Channel.EMAIL, "seed", "bounce", ArrivalKind.MAIL, b"bounce", consultation_slug=SLUG)
        create_contributions(session, store_message(session, arrived).intake_id, [part])
    _text(store, town, "again", "Les Balivernes de la mairie").publish().reopen()
    taken = _text(store, town, "taken back", "Un mot de Sacrebleuet").publish()

    def undo(session: Session) -> None:
        line = moderation.undoable_decision(session, session.get_one(text_versions.Contribution, taken.id))
        assert line is not None
        moderation.undo_decision(session, taken.id, line.id, taken.by)

    taken.do(undo)
    more = _text(store, town, "more", "Un passage piéton").publish()

    def join(session: Session) -> None:
        part = NewPart("text", Channel.SMS, body="Et merci à Ventrebleu")
        arrived = IncomingMessage(Channel.SMS, "seed", "more-2", ArrivalKind.WEBHOOK, b"more-2", consultation_slug=SLUG)
        intake_id = store_message(session, arrived).intake_id
        (made,) = create_contributions(session, intake_id, [part])
        assert made is not None
        other = session.get_one(text_versions.Contribution, made)
        linking.join_part(session, more.id, other.parts[0].id)

    more.do(join)


def _set_aside(store: Store, town: MaskedTown) -> None:
    aside = _text(store, town, "aside", "Saperlotte est un menteur")
    aside.set_aside(SetAsideReason.NAMES_A_PERSON)
    _text(store, town, "then aside", "Turlututu chapeau").publish().set_aside(SetAsideReason.OFF_TOPIC)


def _tagged(store: Store, town: MaskedTown) -> None:
    free = _text(store, town, "free word", "Un homme fait du bruit").publish()
    free.do(lambda session: tags.add_tag(session, free.id, "Rififi", free.by))
    kept = _text(store, town, "reason", "Chambard ferme la piste et le bus")

    def keep(session: Session) -> None:
        tags.suggest_tags(session, kept.id, [("mobilite", ["Chambard", "bus"]), ("proprete", ["Chambard"])])
        tags.confirm_tag(session, kept.id, "proprete", kept.by)

    kept.do(keep)
    kept.word("[…] ferme la piste et le bus").publish()
    waiting = _text(store, town, "sorted", "Barouf devant l'école")
    waiting.do(lambda session: tags.suggest_tags(session, waiting.id, [("proprete", ["Barouf"])]))


def _erased(store: Store, town: MaskedTown) -> None:
    desk = _text(store, town, "erased", "Escogriffe a déménagé").publish()
    desk.do(lambda session: erase_contribution(session, desk.id, by=desk.by, reason="author"))
