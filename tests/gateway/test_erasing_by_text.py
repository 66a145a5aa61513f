"""EFFACER and a reference, from the same number, another, nobody: asked back, taken back, done, left to a person."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from config.enums import AddressKind, Moderation, NotContribution, StepKind, StepState
from config.settings.loader import Settings
from gateway.cli import portevoix
from gateway.ingest import ingest
from gateway.reading.readers import Readers
from inbox.consultations.contributors import has_opted_out
from inbox.contributions import linking
from inbox.erasure import erasure_requests
from inbox.erasure.erase import erase_intake
from inbox.jobs import steps
from inbox.listings.ledger import count_ledger
from inbox.models import Contribution, History, Intake, Message, Part, Refusal, Step
from inbox.models.column_types import utc_now
from inbox.records import message_lookup, references
from inbox.storage.database import Store
from tests.gateway.conftest import Provider
from tests.gateway.door_contract import made
from workers.pools.step_runner import run_step_in
from workers.runtime.worker_context import WorkerContext

OTHER = "+33687654321"
WORDS = "Mon voisin fait du bruit"


class Dialogue:
    """A resident's texts, one after the other, and what they are answered."""

    def __init__(self, provider: Provider, store: Store, settings: Settings) -> None:
        self.provider, self.store, self.settings = provider, store, settings
        self._number = 0

    def text(self, body: str, **more: str) -> str:
        """Send a text; the words of the answer queued for it, empty when there is none."""
        self._number += 1
        assert self.provider.text(body, self._number, **more).status_code == 200
        with self.store.read() as session:
            intake = session.scalars(select(Intake).order_by(Intake.id.desc())).first()
            assert intake is not None
            message = session.scalars(select(Message).where(Message.intake_id == intake.id)).one_or_none()
            if message is None or message.sealed_body is None:
                return ""
            return str((message_lookup.words_of(session, message) or {})["body"])

    @property
    def reference(self) -> str:
        with self.store.read() as session:
            first = session.scalars(select(Contribution.id).order_by(Contribution.id)).first()
            assert first is not None
            return references.reference_of(session, first)

    def erased(self) -> bool:
        with self.store.read() as session:
            return session.scalars(select(Contribution.erased_at).order_by(Contribution.id)).first() is not None

    def pass_hours(self, hours: float) -> None:
        """Let time pass for the erasing step and the question."""
        with self.store.write() as session:
            earlier = timedelta(hours=hours)
            for step in session.scalars(select(Step).where(Step.kind == StepKind.ERASE)):
                step.not_before -= earlier

    def work(self, tmp_path: Path) -> StepState:
        """Do the erasing step as often as it asks for."""
        here = WorkerContext(self.settings, self.store, Readers(self.settings))
        with self.store.read() as session:
            step_id = session.scalars(select(Step.id).where(Step.kind == StepKind.ERASE)).one()
        for _ in range(3):
            run_step_in(here, step_id)
        with self.store.read() as session:
            assert count_ledger(session).balanced
            return session.get_one(Step, step_id).state

    def contributions(self) -> int:
        with self.store.read() as session:
            return session.scalar(select(func.count(Contribution.id))) or 0


@pytest.fixture
def dialogue(provider: Provider, gateway_store: Store, gateway_settings: Settings) -> Dialogue:
    made_by = Dialogue(provider, gateway_store, gateway_settings)
    made_by.text(WORDS)
    return made_by


def test_asked_back_confirmed_and_erased_when_the_time_is_over(dialogue: Dialogue, tmp_path: Path) -> None:
    asked = dialogue.text(f"EFFACER {dialogue.reference}")
    assert "Répondez OUI dans les 60 minutes" in asked
    assert references.format_reference(dialogue.reference) in asked
    confirmed = dialogue.text("Oui.")
    assert "effacé dans 24 h" in confirmed
    assert f"GARDER {dialogue.reference}" in confirmed
    assert dialogue.work(tmp_path) is StepState.OPEN
    dialogue.pass_hours(23.9)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.OPEN, False)
    dialogue.pass_hours(0.2)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.DONE, True)
    assert "effacé, comme demandé" in dialogue.text(f"SUIVI {dialogue.reference}")
    assert "effacé, comme demandé" in dialogue.text(f"EFFACER {dialogue.reference}")
    data = b"".join(path.read_bytes() for path in dialogue.settings.data_dir.rglob("*") if path.is_file())
    assert b"voisin" not in data


def test_in_english(dialogue: Dialogue) -> None:
    assert "Answer YES within 60 minutes" in dialogue.text(f"erase {dialogue.reference} please")
    assert f"KEEP {dialogue.reference}" in dialogue.text("YES")


@pytest.mark.parametrize("keep", ["GARDER {}", "keep {} please"])
def test_taken_back_nothing_is_erased(dialogue: Dialogue, tmp_path: Path, keep: str) -> None:
    dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("oui")
    answer = dialogue.text(keep.format(dialogue.reference))
    assert "rien n'est effac" in answer or "nothing is erased" in answer
    dialogue.pass_hours(100)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.DROPPED, False)


def test_asked_for_again_after_it_was_taken_back(dialogue: Dialogue) -> None:
    for body in (f"EFFACER {dialogue.reference}", "oui", f"GARDER {dialogue.reference}"):
        dialogue.text(body)
    assert "Répondez OUI" in dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("oui")
    with dialogue.store.read() as session:
        states = session.scalars(select(Step.state).where(Step.kind == StepKind.ERASE).order_by(Step.id)).all()
    assert states == [StepState.DROPPED, StepState.OPEN]


def test_no_is_an_answer_too_and_the_next_yes_is_a_contribution(dialogue: Dialogue) -> None:
    dialogue.text(f"EFFACER {dialogue.reference}")
    assert "rien n'est effac" in dialogue.text("Non")
    assert dialogue.text("Oui") == ""
    with dialogue.store.read() as session:
        kinds = session.scalars(select(Part.not_contribution).order_by(Part.id)).all()
        assert kinds == [None, NotContribution.KEYWORD, NotContribution.KEYWORD, None]
        assert session.scalars(select(Step).where(Step.kind == StepKind.ERASE)).all() == []


def test_yes_long_after_the_question_is_a_contribution(dialogue: Dialogue, monkeypatch: pytest.MonkeyPatch) -> None:
    dialogue.text(f"EFFACER {dialogue.reference}")
    monkeypatch.setattr(ingest, "utc_now", lambda: utc_now() + timedelta(minutes=61))
    assert dialogue.text("oui") == ""
    assert not dialogue.erased()
    with dialogue.store.read() as session:
        assert session.scalars(select(Step).where(Step.kind == StepKind.ERASE)).all() == []


def test_somebody_elses_yes_means_nothing(dialogue: Dialogue) -> None:
    dialogue.text(f"EFFACER {dialogue.reference}")
    assert dialogue.text("oui", sender=OTHER) == ""
    assert dialogue.contributions() == 2
    assert "effacé dans 24 h" in dialogue.text("oui")


def test_a_yes_the_provider_takes_for_start_is_the_answer_to_our_question(dialogue: Dialogue) -> None:
    dialogue.text(f"EFFACER {dialogue.reference}")
    assert f"KEEP {dialogue.reference}" in dialogue.text("YES", OptOutType="START")
    with dialogue.store.read() as session:
        assert session.scalars(select(Step.kind).where(Step.kind == StepKind.ERASE)).all() == [StepKind.ERASE]


def test_the_question_asked_last_is_the_one_answered(dialogue: Dialogue) -> None:
    first = dialogue.reference
    with dialogue.store.write() as session:
        session.execute(update(Contribution).values(moderation=Moderation.PUBLISHED))
    dialogue.text("Et plus d'arbres")
    with dialogue.store.read() as session:
        second = references.reference_of(session, session.scalars(select(func.max(Contribution.id))).one())
    dialogue.text(f"EFFACER {first}")
    dialogue.text(f"EFFACER {second}")
    assert references.format_reference(second) in dialogue.text("oui")
    assert dialogue.text("oui") == ""


@pytest.mark.parametrize("sender", [OTHER, "ANONYMOUS"], ids=["another number", "a withheld number"])
def test_from_elsewhere_a_person_decides(dialogue: Dialogue, tmp_path: Path, sender: str) -> None:
    answer = dialogue.text(f"EFFACER {dialogue.reference}", sender=sender)
    assert ("ne pouvons pas vérifier" in answer) is (sender == OTHER)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.NEEDS_PERSON, False)
    with dialogue.store.read() as session:
        [held] = steps.quarantined_steps(session)
        assert (held.kind, "a person decides" in held.reason) == (StepKind.ERASE, True)
        lines = session.scalars(select(History.action).where(History.subject == "contribution:1")).all()
        assert erasure_requests.FOR_A_PERSON in lines


def test_keeping_from_elsewhere_takes_nothing_back(dialogue: Dialogue, tmp_path: Path) -> None:
    dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("oui")
    dialogue.text(f"GARDER {dialogue.reference}", sender=OTHER)
    dialogue.pass_hours(25)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.DONE, True)


def test_what_holds_others_words_by_then_is_left_to_a_person(dialogue: Dialogue, tmp_path: Path) -> None:
    dialogue.text("Moi aussi", sender=OTHER)
    dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("oui")
    with dialogue.store.write() as session:
        part_id = session.scalars(select(Part.id).order_by(Part.id)).all()[1]
        linking.join_part(session, 1, part_id)
    dialogue.pass_hours(25)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.NEEDS_PERSON, False)


def test_guessing_references_is_answered_only_so_often(dialogue: Dialogue) -> None:
    answers = [dialogue.text(f"SUIVI {482915300 + guess}", sender=OTHER) for guess in range(12)]
    assert [bool(answer) for answer in answers] == [True] * 10 + [False] * 2
    assert dialogue.text(f"EFFACER {dialogue.reference}", sender=OTHER) == ""
    assert dialogue.text(f"SUIVI {dialogue.reference}") != ""
    assert "plus de SMS" in dialogue.text("STOP", sender=OTHER)
    with dialogue.store.read() as session:
        assert [(r.reason, r.count) for r in session.scalars(select(Refusal))] == [("too_many_keywords", 3)]
        assert session.scalars(select(Step).where(Step.kind == StepKind.ERASE)).all() == []


def test_delivered_again_each_message_counts_once(dialogue: Dialogue) -> None:
    reference = dialogue.reference
    for number, body in enumerate((f"EFFACER {reference}", "oui"), start=10):
        for _ in range(3):
            assert dialogue.provider.text(body, number).status_code == 200
    found = made(dialogue.store)
    assert (found["intakes"], found["contributions"], len(found["answers"])) == (3, 1, 3)
    assert found["steps"] == ["erase", "suggest_themes"]


def test_the_wish_to_get_no_texts_outlives_the_person(dialogue: Dialogue, tmp_path: Path) -> None:
    """Per address and town, by a hash whose key never changes: not even erasing makes it forgotten."""
    dialogue.text("STOP")
    dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("oui")
    dialogue.pass_hours(25)
    assert dialogue.work(tmp_path) is StepState.DONE
    with dialogue.store.write() as session:
        for intake_id in session.scalars(select(Intake.id)).all():
            erase_intake(session, intake_id, None, "test")
        assert has_opted_out(session, AddressKind.PHONE, "+33612345678", dialogue.settings.town)
    dialogue.store.rotate_keys()
    with dialogue.store.read() as session:
        assert has_opted_out(session, AddressKind.PHONE, "+33612345678", dialogue.settings.town)


def test_staff_take_it_back_for_whoever_phones(dialogue: Dialogue, tmp_path: Path) -> None:
    def keep() -> Result:
        keys = dialogue.settings.keys_dir
        env = {"PORTEVOIX_DATA_DIR": str(dialogue.settings.data_dir), "PORTEVOIX_KEYS_DIR": str(keys)}
        return CliRunner().invoke(portevoix, ["keep", references.format_reference(dialogue.reference)], env=env)

    assert "no erasure is on its way" in keep().output
    dialogue.text(f"EFFACER {dialogue.reference}")
    dialogue.text("oui")
    assert keep().output == "it is kept\n"
    dialogue.pass_hours(25)
    assert (dialogue.work(tmp_path), dialogue.erased()) == (StepState.DROPPED, False)
