"""Archives of concluded consultations: all can be seen, erasing and retention reach them, and all comes back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from config.wording.consultation import Addresses, read_consultation
from inbox.backup.backups import create_backup
from inbox.consultations import archives, consultation_versions
from inbox.consultations.archives import ArchiveSummary, InArchive, NotConcluded
from inbox.contributions import text_versions, transcripts
from inbox.erasure.erase import erase_contribution, erase_part
from inbox.erasure.retention import erase_expired, remove_orphans
from inbox.errors import Damaged, NotStored
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, ConsultationArchive, Contribution, Intake, Part, Transcript
from inbox.storage.database import Store
from inbox.web.contributions.media_pages import raw_arrival
from tests.inbox.arriving import Came, arrive

LATER = date(2099, 1, 1)
SAID = "Le bus de nuit manque à Recouvrance"


SLUG = "rues-et-places"
EXAMPLE = Path(consultation_versions.__file__).parents[2] / "config/consultations/rues-et-places.toml"


def conclude(session: Session, *came: Came, slug: str = SLUG) -> None:
    """Have what came belong to a consultation, and be decided."""
    asked = read_consultation(EXAMPLE).model_copy(update={"slug": slug, "addresses": Addresses()})
    version = consultation_versions.import_consultation(session, asked)
    values = {"consultation_version_id": version.id, "bucket": "published"}
    session.execute(update(Intake).where(Intake.id.in_([one.intake for one in came])).values(**values))
    parts = [part for one in came for part in one.parts]
    session.execute(update(Part).where(Part.id.in_(parts)).values(**values))


@pytest.fixture
def town(store: Store) -> dict[str, Came]:
    """Three voices of a consultation, all decided; one of them brought two."""
    with store.write() as session:
        came = {
            "one": arrive(session, SAID),
            "two": arrive(session, "Premier", "Second"),
            "three": arrive(session, "Trois"),
        }
        conclude(session, *came.values())
    return came


def archive(store: Store) -> ArchiveSummary:
    return archives.archive_consultation(store, SLUG, LATER)


def sealed(store: Store) -> dict[str, list[object]]:
    """Every value that can be archived, as it stands in its row."""
    arrivals = select(Arrival.id, Arrival.sealed_raw, Arrival.sealed_headers)
    read = select(Transcript.id, Transcript.sealed_words, Transcript.sealed_sheet)
    with store.read() as session:
        return {
            name: [tuple(row) for row in session.execute(rows.order_by("id"))]
            for name, rows in (("arrival", arrivals), ("transcript", read))
        }


def original_of(came: Came) -> Select[Arrival]:
    """Of its two arrivals the one whose bytes stand in the row; the other is a file already."""
    return select(Arrival).where(Arrival.intake_id == came.intake, Arrival.locator.is_(None))


def named(store: Store) -> int:
    """How many rows say that they lie in an archive."""
    with store.read() as session:
        counts = (select(func.count()).where(model.archive_id.is_not(None)) for model in (Arrival, Transcript))
        return sum(session.scalar(one) or 0 for one in counts)


def stored(store: Store) -> bytes:
    """All that lies in archives."""
    with store.read() as session:
        locators = session.scalars(select(ConsultationArchive.locator)).all()
    return b"".join(store.media.open(locator).read() for locator in locators)


def test_it_goes_and_comes_back_as_it_was(store: Store, town: dict[str, Came], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "AT_ONCE", 2)
    before = sealed(store)
    with store.read() as session:
        counted = count_ledger(session).counts
    held = archive(store)
    assert held.rows >= 5
    assert held.files > 1
    assert archive(store) == held, "twice is once"
    with store.read() as session:
        (consultation,) = set(session.scalars(select(ConsultationArchive.consultation_id)))
        assert not archives.is_anything_left(session, consultation)
    with store.read() as session:
        assert count_ledger(session).counts == counted
    assert SAID.encode() not in stored(store)
    assert remove_orphans(store, timedelta(0)) == 0
    assert archives.restore_consultation(store, SLUG) == held.rows
    assert sealed(store) == before
    assert stored(store) == b""
    with store.read() as session:
        assert archives.is_anything_left(session, consultation)
    assert archives.restore_consultation(store, SLUG) == 0


def test_what_was_heard_and_the_original_can_still_be_seen(store: Store, town: dict[str, Came]) -> None:
    archive(store)
    with store.read() as session:
        transcript = session.scalars(select(Transcript).where(Transcript.medium_id == town["one"].media[0])).one()
        arrival = session.scalars(original_of(town["one"])).one()
        assert (transcript.sealed_words, arrival.sealed_raw) == (None, None)
        assert SAID in transcripts.transcript_text(transcripts.transcript_words(session, transcript))
        assert SAID.encode() in b"".join(raw_arrival(session, arrival))
        text = text_versions.current_text(session, session.get_one(Contribution, town["one"].contributions[0]))
        assert text is not None
    with store.write() as session:  # in which no file is opened
        transcript = session.scalars(select(Transcript).where(Transcript.medium_id == town["one"].media[0])).one()
        with pytest.raises(InArchive):
            transcripts.transcript_words(session, transcript)


def test_what_several_parts_say_stays_in_the_rows(store: Store) -> None:
    """One of them erased, the others say again what they say: in a write, which opens no file."""
    with store.write() as session:
        first = arrive(session, "Premier")
        second = arrive(session, "Second", joins=first.contributions[0])
        conclude(session, first, second)
    archive(store)
    with store.write() as session:
        erase_part(session, second.parts[0], None, "resident")
    with store.read() as session:
        contribution = session.get_one(Contribution, first.contributions[0])
        assert contribution.erased_at is None
        words = text_versions.current_text(session, contribution)
        assert words is not None
        assert "Premier" in words.body
        assert "Second" not in words.body


def test_erasing_reaches_it(store: Store, town: dict[str, Came]) -> None:
    held = archive(store)
    before = stored(store)
    with store.write() as session:
        erase_contribution(session, town["one"].contributions[0], None, "resident")
    with store.read() as session:
        of_it = select(Arrival).where(Arrival.intake_id == town["one"].intake)
        for arrival in session.scalars(of_it):
            assert arrival.archive_id is None
            with pytest.raises(NotStored):
                raw_arrival(session, arrival)
    assert named(store) < held.rows
    erase_expired(store, date(2026, 1, 1))  # what the sweeper does each hour
    left = stored(store)
    assert len(left) < len(before)
    with store.read() as session:
        made = archives.archive_summary(session, session.scalars(select(ConsultationArchive.consultation_id)).all()[0])
    assert made.rows == named(store) < held.rows
    assert archives.restore_consultation(store, SLUG) == made.rows
    with store.read() as session:
        assert session.scalar(select(func.count()).where(Arrival.sealed_raw.is_not(None))) == 2


def test_retention_reaches_it(store: Store, town: dict[str, Came]) -> None:
    archive(store)
    with store.write() as session:
        session.get_one(Intake, town["one"].intake).keep_until = date(2027, 3, 1)
    assert erase_expired(store, date(2027, 3, 2)) == 1
    archives.restore_consultation(store, SLUG)
    with store.read() as session:
        kept = session.scalars(select(Arrival.intake_id).where(Arrival.sealed_raw.is_not(None))).all()
        assert set(kept) == {town["two"].intake, town["three"].intake}


def test_an_archive_of_which_all_is_erased_is_deleted(store: Store, town: dict[str, Came]) -> None:
    archive(store)
    with store.write() as session:
        for one in town.values():
            for contribution in one.contributions:
                erase_contribution(session, contribution, None, "resident")
    erase_expired(store, date(2026, 1, 1))
    assert stored(store) == b""
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(ConsultationArchive)) == 0


@pytest.mark.parametrize("bucket", ["waiting", "in_review", "quarantined"])
def test_what_goes_on_is_not_archived(store: Store, town: dict[str, Came], bucket: str) -> None:
    with pytest.raises(NotConcluded, match="still open"):
        archives.archive_consultation(store, SLUG, date(2027, 1, 1))
    with store.write() as session:
        session.execute(update(Part).where(Part.id == town["one"].parts[0]).values(bucket=bucket))
    with pytest.raises(NotConcluded, match="1 wait"):
        archives.archive_consultation(store, SLUG, LATER)
    with pytest.raises(archives.NoSuchConsultation):
        archives.archive_consultation(store, "none", LATER)


def test_another_consultations_rows_stay(store: Store, town: dict[str, Came]) -> None:
    with store.write() as session:
        other = arrive(session, "Ailleurs")
        conclude(session, other, slug="ailleurs")
    archives.archive_consultation(store, SLUG, LATER)
    with store.read() as session:
        kept = session.scalars(select(Arrival.intake_id).where(Arrival.sealed_raw.is_not(None))).all()
        assert list(kept) == [other.intake]


def test_a_backup_holds_it(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.write() as session:
        conclude(session, arrive(session, SAID))
    before = sealed(sqlite_store)
    archive(sqlite_store)
    manifest = create_backup(sqlite_store, tmp_path / "one.backup")
    assert manifest.missing == ()
    assert sum(name.startswith("media/") for name in manifest.sums) >= 1
    archives.restore_consultation(sqlite_store, SLUG)
    assert sealed(sqlite_store) == before


@pytest.mark.parametrize("change", [b"", b"PORTEVOIX-ARCHIVE-2\n", b"PORTEVOIX-ARCHIVE-1\n\0\0\0\0\0\0\0\5[[1,2"])
def test_a_damaged_archive_is_told(store: Store, town: dict[str, Came], change: bytes) -> None:
    held = archive(store)
    with store.write() as session:
        locator = store.media.put([change])
        session.execute(update(ConsultationArchive).values(locator=locator))
    with pytest.raises(Damaged):
        archives.restore_consultation(store, SLUG)
    assert named(store) == held.rows, "nothing is let go of"
