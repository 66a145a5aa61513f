"""Random histories: whatever happens, in whatever order, the ledger balances and nothing unconfirmed is published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from config.enums import Channel, MediumKind, Moderation, NotContribution, Reading, SetAsideReason, StepKind, StepState
from inbox.contributions import linking, moderation, non_contributions, tags, text_versions, transcripts
from inbox.erasure import erase
from inbox.errors import InboxError
from inbox.jobs import retry_limits, steps
from inbox.listings import contribution_list, recount
from inbox.listings.contribution_list import ContributionFilter
from inbox.listings.ledger import count_ledger
from inbox.listings.visibility import EVERYTHING
from inbox.models import ConsultationVersion, Contribution, ContributionPart, Intake, Medium, Part, Reference, Step
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.inbox import makers

BODIES = st.sampled_from(["Un banc devant la mairie", "Plus de bus le soir", "La piscine ferme trop tôt", "  "])
WORDS = st.sampled_from(["un banc", "des arbres place de la liberté", ""])
PICK = st.integers(0, 1_000)
REASONS = st.sampled_from(list(SetAsideReason))

# Long enough for every rest after a failure, and for every lease, to be over.
TOMORROW = timedelta(days=1)


class Histories(RuleBasedStateMachine):
    """What the doors, the workers and the moderators do, as rules; what must hold, as invariants."""

    def __init__(self, store: Store, person: int) -> None:
        super().__init__()
        self.store, self.person = store, person
        # A consultation of its own keeps each history's ledger apart from those before it.
        with store.write() as session:
            version = makers.consultation(session)
            self.version, self.slug = version.id, version.consultation.slug
        self.units = 0
        self.refused: set[str] = set()

    # --- picking among what there is ---

    def _consultation_id(self, session: Session) -> int:
        return session.get_one(ConsultationVersion, self.version).consultation_id

    def _contributions(self, session: Session) -> list[int]:
        """The newest in the list: few, so that much happens to the same ones."""
        rows = contribution_list.list_contributions(
            session, ContributionFilter(consultation=self.slug), EVERYTHING, limit=3
        ).rows
        return [row.id for row in rows]

    def _intakes(self, session: Session) -> list[int]:
        own = Intake.consultation_version_id == self.version
        return list(session.scalars(select(Intake.id).where(own).order_by(Intake.id)))

    def _parts(self, session: Session) -> list[int]:
        return list(session.scalars(select(Part.id).where(Part.consultation_version_id == self.version)))

    def _steps(self, session: Session, *states: StepState) -> list[int]:
        subject = Step.part_id.in_(self._parts(session)) | Step.intake_id.in_(self._intakes(session))
        newest = select(Step.id).where(subject, Step.state.in_(states)).order_by(Step.id.desc()).limit(4)
        return list(session.scalars(newest))

    def _pick(self, found: Callable[[Session], list[int]], pick: int) -> int | None:
        with self.store.read() as session:
            ids = found(session)
        return ids[pick % len(ids)] if ids else None

    @contextmanager
    def _trying(self) -> Iterator[Session]:
        """A transaction that may be refused: then it changes nothing."""
        try:
            with self.store.write() as session:
                yield session
        except InboxError as refused:
            self.refused.add(type(refused).__name__)

    # --- the doors ---

    def _intake(self, session: Session, channel: Channel) -> Intake:
        self.units += 1
        return makers.intake(session, channel, session.get_one(ConsultationVersion, self.version))

    @rule(bodies=st.lists(BODIES, min_size=1, max_size=2), photo=st.booleans())
    def typed(self, bodies: list[str], photo: bool) -> None:
        with self.store.write() as session:
            inside = self._intake(session, Channel.EMAIL)
            parts = [makers.part(session, inside, body, [MediumKind.PHOTO] * photo) for body in bodies]
            self.units += len(parts) - 1
            makers.contribution_of(session, *parts)

    @rule()
    def spoken(self) -> None:
        with self.store.write() as session:
            inside = self._intake(session, Channel.VOICEMAIL)
            makers.contribution_of(session, makers.part(session, inside, media=[MediumKind.RECORDING]))

    @rule(kind=st.sampled_from(list(NotContribution)))
    def nobodys(self, kind: NotContribution) -> None:
        with self.store.write() as session:
            inside = self._intake(session, Channel.EMAIL)
            if kind is NotContribution.NO_MESSAGE:
                inside.not_contribution = kind
            else:
                made = makers.part(session, inside, "STOP")
                made.not_contribution, made.reading = kind, Reading.READ

    @rule(step=st.sampled_from([StepKind.TAKE_APART, StepKind.SPLIT_PAGES]))
    def batch(self, step: StepKind) -> None:
        with self.store.write() as session:
            steps.add_step(session, step, intake=self._intake(session, Channel.PAPER).id)

    @rule(pick=PICK, body=BODIES)
    def one_more_text_in_a_row(self, pick: int, body: str) -> None:
        contribution = self._pick(self._contributions, pick)
        units = self.units
        with self._trying() as session:
            inside = self._intake(session, Channel.SMS)
            linking.join_part(session, contribution or 0, makers.part(session, inside, body).id)
            units = self.units
        self.units = units

    # --- the workers ---

    def _take(self, pick: int) -> steps.Lease | None:
        step = self._pick(lambda session: self._steps(session, StepState.OPEN), pick)
        return steps.claim_step(self.store, step, now=utc_now() + TOMORROW) if step else None

    @rule(pick=PICK, words=WORDS, forms=st.integers(0, 2))
    def read(self, pick: int, words: str, forms: int) -> None:
        lease = self._take(pick)
        if lease is None:
            return
        with self.store.write() as session:
            if lease.kind in (StepKind.TAKE_APART, StepKind.SPLIT_PAGES):
                self._split_batch(session, lease, forms)
            for medium in session.scalars(select(Medium.id).where(Medium.part_id == lease.part_id)).all():
                heard = makers.words(words)
                transcripts.add_transcript(
                    session, medium, engine="e", model="m", language="fr", words=heard, took_seconds=1
                )
            steps.end_step(
                session, lease, steps.Done() if lease.part_id or forms else steps.NeedsPerson("no form in it")
            )

    def _split_batch(self, session: Session, lease: steps.Lease, forms: int) -> None:
        inside = session.get_one(Intake, lease.intake_id)
        had = session.scalar(select(func.count(Part.id)).where(Part.intake_id == inside.id))
        for _ in range(forms):
            makers.contribution_of(session, makers.part(session, inside, media=[MediumKind.PAGE]))
        self.units += forms - (1 if forms and not had else 0)

    @rule(
        pick=PICK,
        ending=st.sampled_from([steps.Failed("it broke"), steps.Later("not yet"), steps.NeedsPerson("a drawing")]),
        times=st.integers(1, retry_limits.MAX_ATTEMPTS),
    )
    def goes_wrong(self, pick: int, ending: steps.Ending, times: int) -> None:
        for _ in range(times):
            if lease := self._take(pick):
                with self.store.write() as session:
                    steps.end_step(session, lease, ending)

    @rule(pick=PICK, times=st.integers(1, retry_limits.MAX_ATTEMPTS + 1))
    def worker_dies(self, pick: int, times: int) -> None:
        step = self._pick(lambda session: self._steps(session, StepState.OPEN), pick)
        for _ in range(times if step else 0):
            steps.claim_step(self.store, step or 0, lease_seconds=-1, now=utc_now() + TOMORROW)

    @rule(pick=PICK, erasing=st.booleans())
    def ends_too_late(self, pick: int, erasing: bool) -> None:
        lease = self._take(pick)
        if lease is None or lease.part_id is None:
            return
        with self.store.write() as session:
            if erasing:
                erase.erase_part(session, lease.part_id, self.person, "asked")
            else:
                steps.add_step(session, lease.kind, part=lease.part_id, again=True)
        try:
            with self.store.write() as session:
                steps.end_step(session, lease, steps.Done())
        except steps.LeaseLost:
            return
        raise AssertionError("whoever lost the lease saved something")

    # --- the moderators ---

    @rule(pick=PICK)
    def replay(self, pick: int) -> None:
        step = self._pick(lambda s: self._steps(s, StepState.QUARANTINED, StepState.NEEDS_PERSON, StepState.DONE), pick)
        with self._trying() as session:
            steps.replay_step(session, step or 0, self.person)

    @rule(pick=PICK, body=BODIES)
    def correct(self, pick: int, body: str) -> None:
        contribution = self._pick(self._contributions, pick)
        with self._trying() as session:
            text_versions.correct_text(session, contribution or 0, body, self.person, None)

    @rule(
        pick=PICK,
        action=st.sampled_from(["publish", "publish", "set_aside", "reopen"]),
        reason=REASONS,
        confirm=st.booleans(),
    )
    def decide(self, pick: int, action: str, reason: SetAsideReason, confirm: bool) -> None:
        contribution = self._pick(self._contributions, pick)
        with self._trying() as session:
            moderation.decide_contribution(
                session,
                contribution or 0,
                action,
                reason=reason,
                by=self.person,
                expect_revision=None,
                confirm=confirm,
            )

    @rule(pick=PICK, name=st.sampled_from(["mobilite", "bruit"]), act=st.sampled_from(["add", "remove", "suggest"]))
    def sort(self, pick: int, name: str, act: str) -> None:
        contribution = self._pick(self._contributions, pick)
        with self._trying() as session:
            if act == "suggest":
                tags.suggest_tags(session, contribution or 0, [(name, ["banc"])])
            else:
                put = {"add": tags.add_tag, "remove": tags.remove_tag}[act]
                put(session, contribution or 0, name, self.person)

    @rule(into=PICK, other=PICK)
    def merge(self, into: int, other: int) -> None:
        first, second = (self._pick(self._contributions, pick) for pick in (into, other))
        with self._trying() as session:
            linking.merge(session, first or 0, second or 0, self.person)

    @rule(pick=PICK)
    def split_parts(self, pick: int) -> None:
        contribution = self._pick(self._contributions, pick) or 0
        with self._trying() as session:
            linking.split_parts(session, contribution, makers.parts_of(session, contribution)[1:], self.person)

    @rule(pick=PICK)
    def split_text(self, pick: int) -> None:
        contribution = self._pick(self._contributions, pick) or 0
        with self._trying() as session:
            linking.split_text(session, contribution, ["Un banc", "Un arbre"], self.person)

    def _undoable(self, session: Session) -> dict[int, int]:
        """Contributions with a decision that can be taken back -> its line of history."""
        found = {}
        for contribution in self._contributions(session):
            line = moderation.undoable_decision(session, session.get_one(Contribution, contribution))
            if line is not None:
                found[contribution] = line.id
        return found

    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        contribution = self._pick(lambda session: list(self._undoable(session)), pick)
        if contribution is None:
            return
        with self._trying() as session:
            moderation.undo_decision(session, contribution, self._undoable(session)[contribution], self.person)

    @precondition(lambda self: self.units > 2)
    @rule(pick=PICK, what=st.sampled_from(["contribution", "part", "intake"]))
    def erase(self, pick: int, what: str) -> None:
        found, act = {
            "contribution": (self._contributions, erase.erase_contribution),
            "part": (self._parts, erase.erase_part),
            "intake": (self._intakes, erase.erase_intake),
        }[what]
        subject = self._pick(found, pick)
        with self._trying() as session:
            act(session, subject or 0, self.person, "asked")

    # --- what must hold ---

    @invariant()
    def everything_holds(self) -> None:
        with self.store.read() as session:
            consultation = self._consultation_id(session)
            found = count_ledger(session, consultation)
            assert found.problems == ()
            assert found.units == sum(found.counts.values()) == self.units
            # Others share the database: all of it is compared with all of it.
            assert non_contributions.counts_by_kind(session) == count_ledger(session).not_contributions
            assert recount.count_differences(session) == []
            rows = contribution_list.list_contributions(
                session, ContributionFilter(consultation=self.slug), EVERYTHING, limit=1_000
            ).rows
            self._check_rows(session, rows)

    def _check_rows(self, session: Session, rows: list[contribution_list.ContributionListRow]) -> None:
        listed = {row.id: row for row in rows}
        assert not [row.id for row in rows if row.machine and row.moderation is Moderation.PUBLISHED]
        numbers = select(Reference.contribution_id).where(Reference.number.in_([row.reference for row in rows]))
        assert set(session.scalars(numbers)) == set(listed)
        parts = session.execute(
            select(Part.id, Part.reading, ContributionPart.contribution_id)
            .outerjoin(ContributionPart, ContributionPart.part_id == Part.id)
            .where(Part.consultation_version_id == self.version)
            .where(Part.erased_at.is_(None), Part.not_contribution.is_(None))
        ).all()
        # Whatever was not erased is somebody's, and whoever speaks for it is in the list.
        assert {part.id for part in parts} == {part.id for part in parts if part.contribution_id in listed}
        waiting = {part.contribution_id for part in parts if part.reading is Reading.WAITING}
        assert {row.id for row in rows if row.reading is Reading.WAITING} == waiting


def test_random_histories(store: Store):
    if store.engine.dialect.name == "sqlite":
        # What is tried here is what is stored, not that it outlives a power cut.
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        store.engine.dispose()
    person = makers.moderator(store)
    run_state_machine_as_test(
        lambda: Histories(store, person),
        settings=settings(max_examples=max(10, settings().max_examples // 5), stateful_step_count=30),
    )
    with store.read() as session:
        assert count_ledger(session).balanced
