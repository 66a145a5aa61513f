"""A wish to be erased in other words than the keyword: told how, never published, and what it is about is held back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from config.enums import Bucket, MessageState, Moderation, NotContribution, Reading, StepState
from config.settings.loader import Settings
from inbox.contributions import erasure_wishes, moderation
from inbox.contributions.moderation import ErasureWished
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, ContributorAddress, ErasureWish, Message, Part
from inbox.storage.database import Store
from tests.gateway.conftest import Provider
from tests.gateway.test_erasing_by_text import OTHER, Dialogue
from tests.inbox import makers

WISHES = {
    "fr": [
        "Supprimez mon avis svp",
        "je veux retirer mon témoignage",
        "Suprimer {}",
        "Bonjour, mon avis {} est à effacer",
    ],
    "en": ["Please remove my comment", "delete {}", "I want my text deleted"],
}
HOW = {"fr": "envoyez : EFFACER {}", "en": "send: ERASE {}"}
LABELLED = [(language, body) for language, bodies in WISHES.items() for body in bodies]


@pytest.fixture
def dialogue(provider: Provider, gateway_store: Store, gateway_settings: Settings) -> Dialogue:
    made_by = Dialogue(provider, gateway_store, gateway_settings)
    made_by.text("Plus de bancs rue de Siam")
    return made_by


def publish(store: Store, by: int) -> Moderation:
    with store.write() as session:
        first = session.scalars(select(Contribution.id).order_by(Contribution.id)).first()
        assert first is not None
        return moderation.decide_contribution(session, first, "publish", by=by, expect_revision=None).moderation


@pytest.mark.parametrize(("language", "body"), LABELLED, ids=[body for _, body in LABELLED])
def test_told_how_and_not_published_until_settled(dialogue: Dialogue, language: str, body: str) -> None:
    by = makers.moderator(dialogue.store)
    answer = dialogue.text(body.format(dialogue.reference))
    assert HOW[language].format(dialogue.reference) in answer
    assert len(answer) <= 160
    with dialogue.store.read() as session:
        book = count_ledger(session)
        assert book.balanced
        assert book.not_contributions == {NotContribution.ERASURE_WISH: 1}
        assert book.counts[Bucket.IN_REVIEW] == 1
    with pytest.raises(ErasureWished):
        publish(dialogue.store, by)
    with dialogue.store.write() as session:
        assert erasure_wishes.settle_wishes(session, session.scalars(select(Contribution.id)).one(), by)
    assert publish(dialogue.store, by) is Moderation.PUBLISHED


@pytest.mark.parametrize("word", ["GARDER {}", "EFFACER {}|NON"])
def test_settled_by_the_author(dialogue: Dialogue, word: str) -> None:
    by = makers.moderator(dialogue.store)
    dialogue.text("Effacez mon message svp")
    for body in word.split("|"):
        dialogue.text(body.format(dialogue.reference))
    assert publish(dialogue.store, by) is Moderation.PUBLISHED


def test_settled_when_a_person_takes_the_wish_for_a_contribution(dialogue: Dialogue) -> None:
    by = makers.moderator(dialogue.store)
    dialogue.text("Effacez mon message svp")
    with dialogue.store.write() as session:
        wish = session.scalars(select(Part).where(Part.not_contribution == NotContribution.ERASURE_WISH)).one()
        wish.not_contribution = None
    assert publish(dialogue.store, by) is Moderation.PUBLISHED


def test_what_is_published_already_is_not_promised_to_be_held_back(dialogue: Dialogue) -> None:
    by = makers.moderator(dialogue.store)
    publish(dialogue.store, by)
    answer = dialogue.text("Supprimez mon message")
    assert f"EFFACER {dialogue.reference}" in answer
    assert "publié" not in answer


def test_nobody_knows_which_of_several(dialogue: Dialogue) -> None:
    dialogue.settings.__dict__["join_minutes"] = 0
    dialogue.text("Et des arbres place de la Liberté")
    answer = dialogue.text("Supprimez mon message")
    assert "EFFACER et son numéro" in answer
    assert dialogue.reference not in answer
    with dialogue.store.read() as session:
        assert session.scalars(select(ErasureWish)).all() == []


def test_somebody_elses_is_left_to_a_person_and_not_held_back(dialogue: Dialogue) -> None:
    by = makers.moderator(dialogue.store)
    answer = dialogue.text(f"Supprimer {dialogue.reference}", sender=OTHER)
    assert "nous ne pouvons pas vérifier" in answer
    assert publish(dialogue.store, by) is Moderation.PUBLISHED


def test_what_says_a_good_deal_besides_is_a_contribution_of_its_own(dialogue: Dialogue) -> None:
    by = makers.moderator(dialogue.store)
    dialogue.text(
        "Supprimez mon message d'avant. Voici le bon : la rue Pasteur manque de lampadaires devant la boulangerie,"
        " les trottoirs glissent chaque hiver et les voitures roulent beaucoup trop vite le matin."
    )
    with dialogue.store.read() as session:
        parts = session.scalars(select(Part).order_by(Part.id)).all()
        assert [part.not_contribution for part in parts] == [None, None]
        assert len({link.id for part in parts for link in part.contributions}) == 2
        assert parts[1].reading is Reading.NEEDS_PERSON
        assert count_ledger(session).balanced
    with pytest.raises(ErasureWished):
        publish(dialogue.store, by)


def test_erased_with_the_last_of_its_author(dialogue: Dialogue, tmp_path: Path) -> None:
    """A day later everything has been answered, so that the erasing step's own message goes too."""
    dialogue.text("Supprimez mon avis")
    dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("OUI")
    dialogue.pass_hours(25)
    with dialogue.store.write() as session:
        session.execute(update(Message).values(state=MessageState.SENT))
    assert dialogue.work(tmp_path) is StepState.DONE
    with dialogue.store.read() as session:
        assert all(part.erased_at for part in session.scalars(select(Part)))
        assert count_ledger(session).counts[Bucket.ERASED] == count_ledger(session).units
        assert session.scalars(select(ContributorAddress)).all() == []
