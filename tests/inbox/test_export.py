"""The spreadsheet: opens as it is, says what a machine read, and holds no formula."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from config.enums import Channel, Moderation, SetAsideReason
from inbox.contributions import moderation, tags
from inbox.export.column_names import WORDS
from inbox.export.csv_export import export_csv
from inbox.export.spreadsheet_cells import LONGEST
from inbox.listings import contribution_list
from inbox.listings.contribution_list import ContributionFilter
from inbox.listings.visibility import EVERYTHING, Visibility
from inbox.models import Intake
from inbox.records import references
from inbox.storage.database import Store
from tests.inbox import makers

PARIS = ZoneInfo("Europe/Paris")


def exported(
    store: Store,
    language: str = "fr",
    wanted: ContributionFilter | None = None,
    sight: Visibility = EVERYTHING,
    zone: ZoneInfo = PARIS,
) -> str:
    with store.read() as session:
        raw = b"".join(export_csv(session, wanted or ContributionFilter(), sight, language, zone))
    assert raw.startswith(b"\xef\xbb\xbf")
    return raw.decode("utf-8-sig")


def rows(store: Store, language: str = "fr", wanted: ContributionFilter | None = None) -> list[list[str]]:
    text = exported(store, language, wanted)
    delimiter = WORDS.get(language, WORDS["en"]).delimiter
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_whole_rows(store: Store):
    person = makers.moderator(store)
    spoken = makers.heard(store, "un banc ; et un arbre")
    typed = makers.text_message(store, "Un banc,\navec « dossier »")
    with store.write() as session:
        tags.add_tag(session, typed, "mobilier", person)
        tags.add_tag(session, typed, "à rappeler", person)
        moderation.decide_contribution(
            session, typed, "set_aside", reason=SetAsideReason.DUPLICATE, by=person, expect_revision=None
        )
    with store.read() as session:
        numbers = {
            made: references.format_reference(references.reference_of(session, made)) for made in (typed, spoken)
        }
        found = contribution_list.list_contributions(session, ContributionFilter(), EVERYTHING).rows
        at = {row.id: f"{row.received_at.astimezone(PARIS):%Y-%m-%d %H:%M}" for row in found}
    head, *found = rows(store)
    assert head == list(WORDS["fr"].columns)
    assert found == [
        [
            numbers[typed],
            "SMS",
            "",
            at[typed],
            "Un banc, avec « dossier »",
            "non",
            "",
            "lu",
            "écarté",
            "doublon",
            "mobilier | à rappeler",
            "2",
            "1",
            "fr",
        ],
        [
            numbers[spoken],
            "message vocal",
            "",
            at[spoken],
            "Un banc ; et un arbre",
            "oui",
            "90",
            "lu",
            "à examiner",
            "",
            "",
            "0",
            "1",
            "fr",
        ],
    ]


# 22:30 UTC in the town's own day; in autumn an hour comes twice, and stays readable.
@pytest.mark.parametrize(
    ("zone", "received", "written"),
    [
        ("Europe/Paris", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2026-07-02 00:30"),
        ("Europe/Paris", datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027-01-01 00:00"),
        ("Europe/Paris", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30"),
        ("Indian/Reunion", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2026-07-02 02:30"),
        ("America/Martinique", datetime(2026, 7, 1, 2, 30, tzinfo=UTC), "2026-06-30 22:30"),
    ],
)
def test_times_are_the_towns(store: Store, zone: str, received: datetime, written: str):
    makers.text_message(store, "Un banc")
    with store.write() as session:
        session.execute(update(Intake).values(received_at=received))
    (_head, row) = csv.reader(io.StringIO(exported(store, zone=ZoneInfo(zone))), delimiter=";")
    assert row[3] == written


def test_a_long_text_fits_a_cell_and_says_that_it_was_cut(store: Store):
    makers.text_message(store, "=1;" + "banc " * 8_000)
    (_head, row) = rows(store)
    assert len(row[4]) <= LONGEST
    assert row[4].startswith("'=1;banc banc")
    assert row[4].endswith("banc [… coupé ici\u202f; le texte entier, de 40\u202f002 signes, est sur sa page]")
    assert rows(store, "en")[1][4].endswith("is on its page]")


def test_english_and_unknown_languages(store: Store):
    makers.text_message(store, "A bench, please")
    english = rows(store, "en")
    assert english[0][0] == "reference"
    assert english[1][4] == "A bench, please"
    assert rows(store, "br") == english


def test_filtered_and_complete(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inbox.export.csv_export.BATCH", 2)
    for number in range(5):
        makers.text_message(store, f"Un banc {number}")
    makers.voicemail(store)
    head, *found = rows(store, wanted=ContributionFilter(channel=Channel.SMS, moderation=Moderation.IN_REVIEW))
    assert [row[4] for row in found] == [f"Un banc {number}" for number in (4, 3, 2, 1, 0)]
    assert {len(row) for row in found} == {len(head)}


def test_words_are_complete():
    for words in WORDS.values():
        assert len(words.columns) == len(WORDS["fr"].columns)
        assert set(words.reasons) == set(SetAsideReason)
        assert "{length}" in words.cut
        assert (set(words.channels), set(words.moderations)) == (set(Channel), set(Moderation))
