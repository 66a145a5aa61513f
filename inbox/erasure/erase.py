"""Erasing what a resident sent: keys destroyed, files deleted, sealed columns and words cleared, work dropped.

What stays is what the ledger and history need, which say nothing about anybody: that
something arrived, when, by which channel, and that it was erased. Its identity at the door
stays too, so that it does not come in again when the provider repeats it.

Each erasure leaves a tombstone, in the database and beside the master keys; ``inbox.erasure.tombstones``
applies them to a restored backup.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.orm import Session

from config.enums import Channel, MessageState, Moderation, StepKind, StepState, TagSource, TextOrigin
from inbox.consultations import consultation_versions
from inbox.consultations.contributors import forget_if_unused
from inbox.contributions import derived_rows, drafts, masks, notes, search_index, text_versions
from inbox.contributions.optimistic_locking import NotThere, echoes_of, lock_contributions, merged_into
from inbox.erasure import searched_words, tombstones
from inbox.jobs.enqueue import add_step
from inbox.models import (
    Arrival,
    Contribution,
    ContributionPart,
    Intake,
    MaskedCopy,
    Medium,
    Message,
    Part,
    SearchTokens,
    StatedAge,
    Step,
    Tag,
    TextVersion,
    Transcript,
)
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.paper import keying_desk
from inbox.records import answer_messages, history, tallies
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of

BY_TELEPHONE = (Channel.SMS, Channel.VOICEMAIL)
"""What came these ways was brought by somebody who keeps a copy."""

VACUUM_BYTES = 128 * 1024 * 1024
"""A SQLite file up to this size is rewritten when scrubbed, which takes a few seconds at most."""


def erase_contribution(session: Session, contribution_id: int, by: int | None, reason: str) -> None:
    """Erase a contribution and the parts it is made of; twice is once; raises ``NotThere``.

    A part that another contribution is made of too (a split recording) is erased all the same, for it
    holds this one's words; the other one keeps what a person worded for it, and is erased as well
    when nobody did. ``reason`` is a word for the history, not a sentence about anybody.
    """
    part_ids = session.scalars(
        select(ContributionPart.part_id).where(ContributionPart.contribution_id == contribution_id)
    ).all()
    contributions = {found.id: found for found in _lock_with_sharers(session, part_ids, contribution_id)}
    if contribution_id not in contributions:
        raise NotThere(f"contribution {contribution_id}")
    erased = contributions.pop(contribution_id)
    if erased.erased_at is not None:
        return
    contributor_id = erased.contributor_id
    _bury_contribution(session, erased, by, reason)
    for part_id in sorted(part_ids):
        _bury_part(session, part_id, by, reason)
    for sharer in contributions.values():
        _survive(session, sharer, by, reason, keep_wording=True)
    if contributor_id is not None:
        _erase_what_is_left_of(session, contributor_id, by, reason)


def _erase_what_is_left_of(session: Session, contributor_id: int, by: int | None, reason: str) -> None:
    """Keywords and thanks of somebody whose last contribution was erased: they alone would keep the address.

    Not while an answer to that person is still to be sent. The opt-out stays, for it has the hash itself.
    """
    session.flush()
    needed = [
        exists().where(Contribution.contributor_id == contributor_id, Contribution.erased_at.is_(None)),
        exists().where(Message.contributor_id == contributor_id, Message.state == MessageState.QUEUED),
    ]
    if session.scalar(select(or_(*needed))):
        return
    said = exists().where(Part.intake_id == Intake.id, Part.not_contribution.is_(None), Part.erased_at.is_(None))
    is_known = or_(exists().where(Part.intake_id == Intake.id), Intake.not_contribution.is_not(None))
    left = select(Intake.id).where(Intake.contributor_id == contributor_id, Intake.erased_at.is_(None), ~said, is_known)
    for intake_id in session.scalars(left.order_by(Intake.id)).all():
        erase_intake(session, intake_id, by, reason)


def erase_part(session: Session, part_id: int, by: int | None, reason: str) -> None:
    """Erase one part, and each contribution that is made of nothing else; twice is once; raises ``NotThere``.

    A contribution that has other parts loses every version of its text, since they hold this part's
    words, and says again what its other parts say. The raw original the part came in is erased
    with it: of one form of a scanned batch, the whole scanned file. The other forms keep
    their own pages and texts.
    """
    contributions = _lock_with_sharers(session, [part_id])
    if session.get(Part, part_id) is None:
        raise NotThere(f"part {part_id}")
    made_of_it = _made_of(session, [part_id])
    if _bury_part(session, part_id, by, reason):
        for contribution in contributions:
            _survive(session, contribution, by, reason, keep_wording=contribution.id not in made_of_it)


def erase_intake(session: Session, intake_id: int, by: int | None, reason: str) -> None:
    """Erase all that came in with an intake; twice is once; raises ``NotThere``."""
    if session.get(Intake, intake_id) is None:
        raise NotThere(f"intake {intake_id}")
    for part_id in session.scalars(select(Part.id).where(Part.intake_id == intake_id).order_by(Part.id)).all():
        erase_part(session, part_id, by, reason)
    _bury_intake(session, _locked_intake(session, intake_id), by, reason)


def erase_subjects_again(session: Session, subjects: Sequence[str]) -> int:
    """Erase again what tombstones name (``tombstones.tombstones_to_reapply``); how many things.

    In the order contributions, parts, intakes: each takes along what belongs to it.
    """
    erasers = {"contribution": erase_contribution, "part": erase_part, "intake": erase_intake}
    for subject in subjects:
        kind, number = subject.split(":")
        erasers[kind](session, int(number), None, "tombstone")
    return len(subjects)


def reapply_tombstones(store: Store) -> int:
    """Erase again what came back with an older copy of the data directory or database; how many things.

    To be run at each start, before anybody can look: a copy need not have been restored by ``inbox.backup.backups``.
    """
    folder = store.keyring.folder
    with store.read() as session:
        found = tombstones.tombstones_to_reapply(session, folder)
    if not found:
        return 0
    with store.write() as session:
        count = erase_subjects_again(session, found)
    scrub_deleted_words(store)
    return count


def _lock_with_sharers(session: Session, part_ids: Sequence[int], *also: int) -> list[Contribution]:
    """The contributions of these parts, and those whose texts echo them; locked before the parts are, as everywhere."""
    linked = {*also, *_made_of(session, part_ids)}
    return lock_contributions(session, linked | echoes_of(session, linked))


def _made_of(session: Session, part_ids: Sequence[int]) -> set[int]:
    wanted = select(ContributionPart.contribution_id).where(ContributionPart.part_id.in_(part_ids))
    return set(session.scalars(wanted))


def _has_living_part(session: Session, contribution_id: int) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    ContributionPart.contribution_id == contribution_id,
                    Part.id == ContributionPart.part_id,
                    Part.erased_at.is_(None),
                )
            )
        )
    )


def _survive(session: Session, contribution: Contribution, by: int | None, reason: str, *, keep_wording: bool) -> None:
    """Take an erased part's words out of a contribution that was made of it, or erase it when nothing is left."""
    if contribution.erased_at is not None:
        return
    # What was merged away is not in force any more: it only waits to be taken back, which is over now.
    keep_wording = keep_wording and merged_into(session, contribution.id) is None
    wording = text_versions.current_text(session, contribution) if keep_wording else None
    if wording is not None and wording.origin is not TextOrigin.PERSON:
        wording = None
    if wording is None and not _has_living_part(session, contribution.id):
        _bury_contribution(session, contribution, by, reason)
        return
    vault = vault_of(session)
    fresh = vault.new_key(session).id
    _seal_waiting_messages(session, contribution, fresh)
    _clear_texts(session, contribution)
    contribution.key_id = fresh
    contribution.revision += 1
    # A person's themes stay; suggestions are made anew, and a free word can be a name.
    themes = consultation_versions.theme_keys(session, contribution.consultation_id)
    session.execute(
        delete(Tag).where(
            Tag.contribution_id == contribution.id, or_(Tag.source != TagSource.PERSON, Tag.name.not_in(themes))
        )
    )
    subject = f"contribution:{contribution.id}"
    history.record_event(session, subject, "erase_part", by, {"reason": reason})
    if wording is not None:
        place = place_of(TextVersion.sealed_body, {"contribution_id": contribution.id, "number": wording.number})
        sealed = vault.seal_text(session, contribution.key_id, wording.body, place)
        session.execute(
            update(TextVersion)
            .where(TextVersion.contribution_id == contribution.id, TextVersion.number == wording.number)
            .values(sealed_body=sealed)
        )
        search_index.index_text(session, contribution.id, wording.body, contribution.language)
        return
    if contribution.moderation is Moderation.PUBLISHED:
        contribution.moderation = Moderation.IN_REVIEW
        details = {"from": Moderation.PUBLISHED.value, "to": Moderation.IN_REVIEW.value, "because": "part_erased"}
        # Nobody decided it, so nobody can take it back: the line above says who erased.
        history.record_event(session, subject, "reopen", None, details)
    text_versions.settle_contribution(session, contribution)


def _seal_waiting_messages(session: Session, contribution: Contribution, key_id: int) -> None:
    """Seal anew the texts still to be sent about a contribution that lives on: the person is owed them all the same.

    A mail is not sent any more: it repeats the subject of the mail it answers, which may be what was erased.
    """
    vault = vault_of(session)
    waiting = select(Message).where(
        answer_messages.messages_about(contribution.id),
        Message.state == MessageState.QUEUED,
        Message.sealed_body.is_not(None),
    )
    for message in session.scalars(waiting.where(Message.channel == Channel.SMS).with_for_update()):
        assert message.sealed_body is not None
        place = place_of(Message.sealed_body, message)
        body = vault.open(session, message.key_id, message.sealed_body, place)
        message.sealed_body, message.key_id = vault.seal(session, key_id, body, place), key_id
    _silence(session, waiting.where(Message.channel != Channel.SMS).with_only_columns(Message.id))


def _clear_texts(session: Session, contribution: Contribution) -> None:
    searched_words.schedule_search_erasure(session, contribution)
    vault_of(session).destroy_key(session, contribution.key_id)
    session.execute(update(TextVersion).where(TextVersion.contribution_id == contribution.id).values(sealed_body=None))
    session.execute(delete(SearchTokens).where(SearchTokens.contribution_id == contribution.id))
    drafts.delete_drafts_of(session, contribution.id)
    derived_rows.delete_derived_rows(session, contribution.id)
    notes.delete_notes(session, contribution.id)
    masks.delete_masks(session, contribution.id)


# --- one row each -------------------------------------------------------------------------------


def _bury_contribution(session: Session, contribution: Contribution, by: int | None, reason: str) -> None:
    searched_words.schedule_search_erasure(session, contribution)
    vault_of(session).destroy_key(session, contribution.key_id)
    session.execute(update(TextVersion).where(TextVersion.contribution_id == contribution.id).values(sealed_body=None))
    session.execute(delete(SearchTokens).where(SearchTokens.contribution_id == contribution.id))
    drafts.delete_drafts_of(session, contribution.id)
    derived_rows.delete_derived_rows(session, contribution.id)
    notes.delete_notes(session, contribution.id)
    masks.delete_masks(session, contribution.id)
    # Whole tags, not only their reasons: a free word can be a name.
    session.execute(delete(Tag).where(Tag.contribution_id == contribution.id))
    _silence(session, select(Message.id).where(answer_messages.messages_about(contribution.id)))
    answer_messages.delete_messages_about(session, contribution.id)
    contribution.erased_at = utc_now()
    contribution.revision += 1
    contributor_id, contribution.contributor_id = contribution.contributor_id, None
    _conclude(session, f"contribution:{contribution.id}", by, reason, contributor_id)


def _bury_part(session: Session, part_id: int, by: int | None, reason: str) -> bool:
    part = session.scalars(
        select(Part).where(Part.id == part_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if part.erased_at is not None:
        return False
    vault = vault_of(session)
    vault.destroy_key(session, part.key_id)
    for medium in session.scalars(select(Medium).where(Medium.part_id == part.id)):
        if medium.locator is not None:
            vault.delete_file(session, medium.locator)
        medium.locator = medium.sealed_source = medium.sealed_name = None
    media = select(Medium.id).where(Medium.part_id == part.id)
    session.execute(
        update(Transcript)
        .where(Transcript.medium_id.in_(media))
        .values(sealed_words=None, sealed_sheet=None, archive_id=None)
    )
    session.execute(delete(MaskedCopy).where(MaskedCopy.medium_id.in_(media)))
    keying_desk.delete_typed_answers(session, part.id)
    session.execute(delete(StatedAge).where(StatedAge.part_id == part.id))
    part.sealed_body = part.sealed_aside = part.reading_reason = None
    _drop_steps(session, Step.part_id == part.id)
    part.erased_at = utc_now()
    contributor_id, part.contributor_id = part.contributor_id, None
    _conclude(session, f"part:{part.id}", by, reason, contributor_id)
    _follow_in_intake(session, part.intake_id, by, reason)
    return True


def _follow_in_intake(session: Session, intake_id: int, by: int | None, reason: str) -> None:
    """What becomes of an intake, one of whose parts was erased just now."""
    intake = _locked_intake(session, intake_id)
    living = session.scalar(select(exists().where(Part.intake_id == intake_id, Part.erased_at.is_(None))))
    if living:
        erase_original(session, intake)
    else:
        _bury_intake(session, intake, by, reason)


def _locked_intake(session: Session, intake_id: int) -> Intake:
    return session.scalars(
        select(Intake).where(Intake.id == intake_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _bury_intake(session: Session, intake: Intake, by: int | None, reason: str) -> None:
    if intake.erased_at is not None:
        return
    _clear_arrivals(session, intake.id)
    vault_of(session).destroy_key(session, intake.key_id)
    _drop_steps(session, Step.intake_id == intake.id)
    _silence(session, select(Message.id).where(Message.intake_id == intake.id))
    intake.erased_at = utc_now()
    _have_deleted_at_provider(session, intake)
    contributor_id, intake.contributor_id = intake.contributor_id, None
    _conclude(session, f"intake:{intake.id}", by, reason, contributor_id)


def _have_deleted_at_provider(session: Session, intake: Intake) -> None:
    if intake.channel in BY_TELEPHONE and intake.entered_by_id is None:
        add_step(session, StepKind.DELETE_AT_PROVIDER, intake=intake.id, again=True)


def erase_original(session: Session, intake: Intake) -> None:
    """Erase the raw arrivals of an intake that lives on; what still arrives gets a new key."""
    _clear_arrivals(session, intake.id)
    vault = vault_of(session)
    vault.destroy_key(session, intake.key_id)
    intake.key_id = vault.new_key(session).id
    session.flush()


def delete_medium_file(session: Session, medium: Medium) -> None:
    """Delete the file of a medium; what was read in it stays. The part's key seals other things too, and stays."""
    if medium.locator is not None:
        vault_of(session).delete_file(session, medium.locator)
        medium.locator = medium.sealed_source = None  # nor is it to be fetched again
        session.flush()
        _have_deleted_at_provider(session, medium.part.intake)


def _clear_arrivals(session: Session, intake_id: int) -> None:
    vault = vault_of(session)
    for arrival in session.scalars(select(Arrival).where(Arrival.intake_id == intake_id)):
        if arrival.locator is not None:
            vault.delete_file(session, arrival.locator)
        arrival.sealed_raw = arrival.locator = arrival.sealed_headers = arrival.archive_id = None
    session.flush()


def _silence(session: Session, wanted: Select[int]) -> None:
    """Messages about it are not sent any more, and those that were lose their words."""
    for message in session.scalars(select(Message).where(Message.id.in_(wanted)).with_for_update()):
        vault_of(session).destroy_key(session, message.key_id)
        message.sealed_body = None
        addressee, message.contributor_id = message.contributor_id, None
        if message.state is MessageState.QUEUED:
            message.state = MessageState.FAILED
        _drop_steps(session, Step.message_id == message.id)
        if addressee is not None:  # a mail's answer may have gone to an address of its own
            forget_if_unused(session, addressee)


def _drop_steps(session: Session, which: ColumnElement[bool]) -> None:
    # The token rises: a worker that is at it now can save nothing of what it read. But for the step that erases: it may
    # be this very transaction's, whose message goes with the last of what its sender said, and could not end.
    erasing = and_(Step.kind == StepKind.ERASE, Step.lease_until.is_not(None))
    session.execute(
        update(Step)
        .where(which, ~erasing)
        .values(
            state=StepState.DROPPED,
            token=Step.token + 1,
            lease_until=None,
            reason=None,
            ended_at=func.coalesce(Step.ended_at, utc_now()),
        )
        .execution_options(synchronize_session="fetch")
    )


def _conclude(session: Session, subject: str, by: int | None, reason: str, contributor_id: int | None) -> None:
    session.flush()
    tombstones.write_tombstone(session, subject)
    history.record_event(session, subject, "erase", by, {"reason": reason})
    if contributor_id is not None:
        forget_if_unused(session, contributor_id)


# --- what the servers keep of deleted rows ---------------------------------------------------


def scrub_deleted_words(store: Store) -> bool:
    """Have the database forget deleted words for good; run after erasing. False when another process was in the way.

    SQLite: the search index is merged (it marks words as deleted, and drops them when merging), the file
    rewritten unless it is large (``secure_delete`` has zeroed the rows, but not what was moved about within a
    page), and the log emptied. PostgreSQL: the tables of words and tags are rewritten; its own log
    (WAL) is the server's affair and is recycled in time.
    """
    tombstones.write_missing_lines(store)
    if store.engine.dialect.name == "postgresql":
        tallies.compact_tallies(store)  # a tag that nobody has any more is still counted, as some and minus as many
        with store.direct.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM FULL search_text, tag, contribution_tally"))
        return True
    with store.write() as session:
        session.execute(text("INSERT INTO search_text_fts(search_text_fts) VALUES ('optimize')"))
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        pages, page_bytes = (driver.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_count", "page_size"))
        if pages * page_bytes <= VACUUM_BYTES:
            driver.execute("PRAGMA query_only=OFF")
            driver.execute("VACUUM")
        busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy
