"""Erasing: what goes, what stays, and what becomes of the others."""

import pytest
from sqlalchemy import func, select

from config.enums import AddressKind, Channel, MessageState, Moderation, StepKind, StepState, TextOrigin
from inbox.consultations import contributors
from inbox.contributions import moderation, search_index, text_versions
from inbox.contributions.optimistic_locking import NotThere
from inbox.erasure import tombstones
from inbox.erasure.erase import erase_contribution, erase_intake, erase_part, scrub_deleted_words
from inbox.errors import Destroyed
from inbox.models import (
    Arrival,
    Contribution,
    ContributionPart,
    Contributor,
    ContributorAddress,
    History,
    Intake,
    Medium,
    Message,
    OptOut,
    Part,
    Person,
    SearchTokens,
    Step,
    Tag,
)
from inbox.models.sealed_places import Place, place_of
from inbox.records import message_lookup, references
from inbox.records.history import history_of
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.inbox.arriving import arrive
from tests.inbox.looking import OTHER, SECRET, assert_nowhere, living_keys, sealed_columns


def test_rows_stay_and_say_nothing(store: Store):
    with store.write() as session:
        came = arrive(session, SECRET)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], by=None, reason="request")
    with store.read() as session:
        intake, part = session.get_one(Intake, came.intake), session.get_one(Part, came.parts[0])
        contribution = session.get_one(Contribution, came.contributions[0])
        assert None not in (intake.erased_at, part.erased_at, contribution.erased_at)
        assert (intake.contributor_id, part.contributor_id, contribution.contributor_id) == (None, None, None)
        states = session.execute(select(Step.kind, Step.state)).all()
        left = {state for kind, state in states if kind is not StepKind.DELETE_AT_PROVIDER}
        assert (left, (StepKind.DELETE_AT_PROVIDER, StepState.OPEN) in states) == ({StepState.DROPPED}, True)
        message = session.get_one(Message, came.message)
        assert (message.state, message.contributor_id) == (MessageState.FAILED, None)
        for model in (Tag, SearchTokens, Contributor, ContributorAddress):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        assert references.reference_of(session, contribution.id)
        entries = history_of(session, f"contribution:{contribution.id}")
        assert [(e.action, e.details) for e in entries if e.action == "erase"] == [("erase", {"reason": "request"})]
        for line in session.scalars(select(History)):
            assert SECRET not in str(line.details)


def test_twice_is_once(store: Store):
    with store.write() as session:
        came = arrive(session, SECRET)
    for _ in range(2):
        with store.write() as session:
            erase_contribution(session, came.contributions[0], None, "request")
            erase_part(session, came.parts[0], None, "request")
            erase_intake(session, came.intake, None, "request")
    with store.read() as session:
        assert session.scalar(select(func.count(History.id)).where(History.action == "erase")) == 3
    assert len(list(tombstones.read_tombstones(store.keyring.folder))) == 3


@pytest.mark.parametrize("erase", [erase_contribution, erase_part, erase_intake])
def test_what_is_not_there(sqlite_store: Store, erase):
    with pytest.raises(NotThere), sqlite_store.write() as session:
        erase(session, 99, None, "request")


def test_undone_erasure_erases_nothing(store: Store):
    with store.write() as session:
        came = arrive(session, SECRET)
    before = sealed_columns(store), sorted(store.media.locators()), living_keys(store)

    def erase_and_fail(session) -> None:
        erase_contribution(session, came.contributions[0], None, "request")
        raise RuntimeError

    with pytest.raises(RuntimeError), store.write() as session:
        erase_and_fail(session)
    assert (sealed_columns(store), sorted(store.media.locators()), living_keys(store)) == before
    assert list(tombstones.read_tombstones(store.keyring.folder)) == []


def test_one_form_of_a_batch_leaves_the_others(store: Store, store_settings):
    with store.write() as session:
        came = arrive(session, SECRET, OTHER, sender=None)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], None, "request")
    scrub_deleted_words(store)
    assert_nowhere(SECRET, store_settings.data_dir)
    with store.write() as session:
        vault = vault_of(session)
        intake, part = session.get_one(Intake, came.intake), session.get_one(Part, came.parts[1])
        assert (intake.erased_at, part.erased_at) == (None, None)
        medium = session.get_one(Medium, came.media[1])
        assert OTHER.encode() in next(vault.read_file(session, part.key_id, medium.locator))
        kept = session.get_one(Contribution, came.contributions[1])
        assert text_versions.current_text(session, kept).body.lower() == OTHER
        for arrival in session.scalars(select(Arrival).where(Arrival.intake_id == intake.id)):
            assert (arrival.sealed_raw, arrival.locator, arrival.sealed_headers) == (None, None, None)
        vault.seal(session, intake.key_id, b"what still arrives can be sealed", Place(b"here"))
    with store.write() as session:
        erase_contribution(session, came.contributions[1], None, "request")
    with store.read() as session:
        assert session.get_one(Intake, came.intake).erased_at is not None
    assert living_keys(store) == 0


def test_contributor_lives_as_long_as_anything_of_theirs(store: Store):
    with store.write() as session:
        first, second = arrive(session, SECRET), arrive(session, OTHER)
        contributors.opt_out(session, AddressKind.PHONE, "+33612345678", "ville")
    with store.write() as session:
        erase_contribution(session, first.contributions[0], None, "request")
    with store.read() as session:
        assert contributors.address_of(session, session.scalars(select(Contributor)).one())
    with store.write() as session:
        erase_contribution(session, second.contributions[0], None, "request")
    with store.read() as session:
        assert session.scalar(select(func.count(Contributor.id))) == 0
        assert session.scalar(select(func.count(OptOut.id))) == 1
        assert contributors.has_opted_out(session, AddressKind.PHONE, "06 12 34 56 78", "ville")


def test_one_text_of_several_takes_its_words_along(store: Store, store_settings):
    """Texts in a row are one contribution; when one of them goes, the others' words stay."""
    with store.write() as session:
        first = arrive(session, OTHER)
        contribution_id = first.contributions[0]
        second = arrive(session, SECRET, joins=contribution_id)
        contribution = session.get_one(Contribution, contribution_id)
        person = _person(session)
        text_versions.confirm_text(session, contribution_id, person, None)
        contribution.moderation = Moderation.PUBLISHED
    with store.write() as session:
        erase_part(session, second.parts[0], person, "request")
    scrub_deleted_words(store)
    assert_nowhere(SECRET, store_settings.data_dir)
    with store.read() as session:
        contribution = session.get_one(Contribution, contribution_id)
        assert (contribution.erased_at, contribution.moderation) == (None, Moderation.IN_REVIEW)
        assert moderation.undoable_decision(session, contribution) is None
        wording = text_versions.current_text(session, contribution)
        assert (wording.body.lower(), wording.origin) == (OTHER, TextOrigin.MACHINE)
        assert session.get_one(Intake, first.intake).erased_at is None
        assert session.get_one(Intake, second.intake).erased_at is not None
        assert session.scalars(search_index.matching_contributions(session, "zygomatique")).all() == []


@pytest.mark.parametrize(
    ("channel", "state"), [(Channel.SMS, MessageState.QUEUED), (Channel.EMAIL, MessageState.FAILED)]
)
def test_the_receipt_of_what_lives_on(store: Store, channel: Channel, state: MessageState):
    """A text is still sent; a mail repeats a subject, which may be what was erased."""
    with store.write() as session:
        first = arrive(session, OTHER)
        second = arrive(session, SECRET, joins=first.contributions[0])
        message = session.get_one(Message, first.message)
        message.channel = channel
        message.key_id = session.get_one(Contribution, first.contributions[0]).key_id
        message.sealed_body = vault_of(session).seal_json(
            session, message.key_id, {"body": "Merci"}, place_of(Message.sealed_body, message)
        )
    with store.write() as session:
        erase_part(session, second.parts[0], None, "request")
    with store.read() as session:
        message = session.get_one(Message, first.message)
        assert (message.state, message.sealed_body is None) == (state, state is MessageState.FAILED)
        if message.sealed_body is not None:
            assert message_lookup.words_of(session, message) == {"body": "Merci"}


@pytest.mark.parametrize("worded", [True, False], ids=["worded by a person", "nobody worded it"])
def test_other_half_of_a_split_recording(store: Store, store_settings, worded: bool):
    with store.write() as session:
        came = arrive(session, f"{SECRET} {OTHER}")
        other = Contribution(
            channel="voicemail", key_id=vault_of(session).new_key(session).id, language="fr", contributor_id=None
        )
        session.add(other)
        session.flush()
        session.add(ContributionPart(contribution_id=other.id, part_id=came.parts[0]))
        text_versions.settle_part(session, came.parts[0])
        if worded:
            text_versions.correct_text(session, other.id, OTHER, _person(session), None)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], None, "request")
    scrub_deleted_words(store)
    assert_nowhere(SECRET, store_settings.data_dir)
    with store.read() as session:
        kept = session.get_one(Contribution, other.id)
        wordings = [wording.body for wording in text_versions.list_versions(session, kept)]
        assert wordings == ([OTHER] if worded else [])
        assert (kept.erased_at is None) == worded
        assert session.scalars(search_index.matching_contributions(session, "moussues")).all() == (
            [kept.id] if worded else []
        )


def _person(session) -> int:
    person = Person(login="mo", name="Mo", password_hash="x")
    session.add(person)
    session.flush()
    return person.id


# --- tombstones ---------------------------------------------------------------------------------------


def test_tombstone_whose_line_was_never_written(store: Store):
    with store.write() as session:
        came = arrive(session, SECRET)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], None, "request")
    file = store.keyring.folder / tombstones.FILE
    written = set(tombstones.read_tombstones(store.keyring.folder))
    file.write_text(file.read_text()[:150])  # killed in the middle of the second line
    assert len(set(tombstones.read_tombstones(store.keyring.folder))) == 1
    assert tombstones.write_missing_lines(store) == 2
    assert set(tombstones.read_tombstones(store.keyring.folder)) == written
    assert tombstones.write_missing_lines(store) == 0
    assert file.stat().st_mode & 0o777 == 0o600


def test_late_worker_can_save_nothing(store: Store):
    """A transcript that was being read while its part was erased cannot be sealed any more."""
    with store.write() as session:
        came = arrive(session, SECRET)
    with store.write() as session:
        erase_contribution(session, came.contributions[0], None, "request")
    with store.read() as session:
        key_id = session.get_one(Part, came.parts[0]).key_id
        with pytest.raises(Destroyed):
            vault_of(session).seal(session, key_id, b"what was read", Place(b"here"))
