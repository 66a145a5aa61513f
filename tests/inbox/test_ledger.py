"""The ledger: where a unit is counted, and what it names as nobody's."""

import pytest

from config.enums import Bucket, Channel, NotContribution, Reading, SetAsideReason, StepKind
from inbox.contributions import linking, moderation
from inbox.erasure import erase
from inbox.jobs import retry_limits, steps
from inbox.listings.ledger import Ledger, count_ledger
from inbox.models import Contribution, ContributionPart, Intake, Part
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.inbox import makers


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


def of(store: Store, consultation_id: int | None = None) -> Ledger:
    with store.read() as session:
        return count_ledger(session, consultation_id)


def decided(store: Store, person: int, action: str) -> None:
    made = makers.text_message(store, "Un banc")
    with store.write() as session:
        reason = SetAsideReason.OFF_TOPIC
        moderation.decide_contribution(session, made, action, reason=reason, by=person, expect_revision=None)


def nobodys(store: Store, kind: NotContribution) -> None:
    with store.write() as session:
        made = makers.part(session, makers.intake(session), "STOP")
        made.not_contribution, made.reading = kind, Reading.READ


def hung_up(store: Store) -> None:
    with store.write() as session:
        makers.intake(session, Channel.VOICEMAIL).not_contribution = NotContribution.NO_MESSAGE


def quarantined_intake(store: Store, ending: type[steps.Failed | steps.NeedsPerson] = steps.Failed) -> None:
    with store.write() as session:
        step = steps.add_step(session, StepKind.TAKE_APART, intake=makers.intake(session).id)
    give_up(store, step.id, ending)


def give_up(store: Store, step_id: int, ending: type[steps.Failed | steps.NeedsPerson] = steps.Failed) -> None:
    now = steps.utc_now()
    for _ in range(retry_limits.MAX_ATTEMPTS):
        now += 2 * max(retry_limits.BACKOFF)
        if lease := steps.claim_step(store, step_id, now=now):
            with store.write() as session:
                steps.end_step(session, lease, ending("it is broken"), now)


def quarantined_part(store: Store) -> None:
    (step_id,) = makers.reading_steps(store, makers.voicemail(store))
    give_up(store, step_id)


def waiting_intake(store: Store) -> None:
    with store.write() as session:
        steps.add_step(session, StepKind.TAKE_APART, intake=makers.intake(session).id)


def erased(store: Store, person: int) -> None:
    made = makers.text_message(store, "Un banc")
    with store.write() as session:
        erase.erase_contribution(session, made, person, "asked")


CASES = {
    "in review": (lambda s, p: makers.text_message(s, "Un banc"), Bucket.IN_REVIEW),
    "needs a person": (lambda s, p: makers.text_message(s, ""), Bucket.IN_REVIEW),
    "published": (lambda s, p: decided(s, p, "publish"), Bucket.PUBLISHED),
    "set aside": (lambda s, p: decided(s, p, "set_aside"), Bucket.SET_ASIDE),
    "waiting part": (lambda s, p: makers.voicemail(s), Bucket.WAITING),
    "waiting intake": (lambda s, p: waiting_intake(s), Bucket.WAITING),
    "keyword": (lambda s, p: nobodys(s, NotContribution.KEYWORD), Bucket.NOT_CONTRIBUTION),
    "call without a message": (lambda s, p: hung_up(s), Bucket.NOT_CONTRIBUTION),
    "quarantined part": (lambda s, p: quarantined_part(s), Bucket.QUARANTINED),
    "quarantined intake": (lambda s, p: quarantined_intake(s), Bucket.QUARANTINED),
    "intake that needs a person": (lambda s, p: quarantined_intake(s, steps.NeedsPerson), Bucket.QUARANTINED),
    "erased": (erased, Bucket.ERASED),
}


@pytest.mark.parametrize(("make", "bucket"), CASES.values(), ids=CASES)
def test_counted_in_one_bucket(store: Store, person: int, make, bucket: Bucket):
    make(store, person)
    found = of(store)
    assert {name: count for name, count in found.counts.items() if count} == {bucket: 1}
    assert (found.units, found.problems, found.balanced) == (1, (), True)


def test_all_together(store: Store, person: int):
    for make, _ in CASES.values():
        make(store, person)
    found = of(store)
    expected = dict.fromkeys(Bucket, 0)
    for _, bucket in CASES.values():
        expected[bucket] += 1
    assert (found.counts, found.units, found.balanced) == (expected, len(CASES), True)
    assert found.not_contributions == {NotContribution.KEYWORD: 1, NotContribution.NO_MESSAGE: 1}


def test_one_consultation(store: Store):
    with store.write() as session:
        version = makers.consultation(session)
    makers.text_message(store, "Un banc", version)
    makers.text_message(store, "Un arbre")
    assert (of(store, version.consultation_id).units, of(store).units) == (1, 2)


def test_shared_part_is_counted_once(store: Store, person: int):
    spoken = makers.heard(store, "un banc et un arbre")
    with store.write() as session:
        (piece,) = linking.split_text(session, spoken, ["Un banc", "Un arbre"], person)
        moderation.decide_contribution(session, spoken, "publish", by=person, expect_revision=None)
    assert (of(store).counts[Bucket.IN_REVIEW], of(store).units) == (1, 1)
    with store.write() as session:
        moderation.decide_contribution(
            session, piece.id, "set_aside", reason=SetAsideReason.DUPLICATE, by=person, expect_revision=None
        )
    assert (of(store).counts[Bucket.SET_ASIDE], of(store).balanced) == (1, True)


def forgotten_part(store: Store) -> str:
    with store.write() as session:
        return f"part:{makers.part(session, makers.intake(session)).id}"


def part_of_nobody(store: Store) -> str:
    with store.write() as session:
        made = makers.part(session, makers.intake(session), "Un banc")
        made.reading = Reading.READ
        return f"part:{made.id}"


def forgotten_intake(store: Store) -> str:
    with store.write() as session:
        return f"intake:{makers.intake(session).id}"


def hollow_contribution(store: Store) -> str:
    made = makers.text_message(store, "Un banc")
    with store.write() as session:
        link = session.query(ContributionPart).where(ContributionPart.contribution_id == made).one()
        session.get_one(Part, link.part_id).not_contribution = NotContribution.THANKS
        session.delete(link)
    return f"contribution:{made}"


def unfounded_intake(store: Store) -> str:
    with store.write() as session:
        made = Intake(
            channel=Channel.SMS,
            account="a",
            external_id="b",
            key_id=vault_of(session).new_key(session).id,
            not_contribution=NotContribution.NO_MESSAGE,
        )
        session.add(made)
        session.flush()
        return f"intake:{made.id}"


@pytest.mark.parametrize(
    "make", [forgotten_part, part_of_nobody, forgotten_intake, hollow_contribution, unfounded_intake]
)
def test_nobody_would_ever_look(store: Store, make):
    subject = make(store)
    found = of(store)
    assert [problem.split()[0] for problem in found.problems] == [subject]
    assert not found.balanced
    assert sum(found.counts.values()) == found.units


def test_problems_are_named_but_not_all(store: Store):
    subjects = [forgotten_intake(store) for _ in range(8)]
    problems = of(store).problems
    assert len(problems) == 6
    assert {problem.split()[0] for problem in problems[:5]} <= set(subjects)


def test_theme_step_alone_does_not_make_a_part_wait(store: Store):
    with store.write() as session:
        made = makers.part(session, makers.intake(session))
        session.add(contribution := Contribution(channel=Channel.SMS, key_id=vault_of(session).new_key(session).id))
        session.flush()
        session.add(ContributionPart(contribution_id=contribution.id, part_id=made.id))
        steps.add_step(session, StepKind.SUGGEST_THEMES, part=made.id)
    assert [problem.split()[0] for problem in of(store).problems] == [f"part:{made.id}"]
