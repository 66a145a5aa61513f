"""The spreadsheet: opens as it is, says what a machine read, and holds no formula."""

import csv
import io

import pytest

from config.names import Channel, Moderation, SetAsideReason
from inbox import listing, moderation, references, tags
from inbox.export import export_csv, harmless
from inbox.export_words import WORDS
from inbox.listing import Filter
from inbox.store import Store
from tests.inbox import makers


def rows(store: Store, language: str = "fr", wanted: Filter | None = None) -> list[list[str]]:
    with store.read() as session:
        raw = b"".join(export_csv(session, wanted or Filter(), language))
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    delimiter = WORDS.get(language, WORDS["en"]).delimiter
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_whole_rows(store: Store):
    person = makers.moderator(store)
    spoken = makers.heard(store, "un banc ; et un arbre")
    typed = makers.text_message(store, "Un banc,\navec « dossier »")
    with store.write() as session:
        tags.add_tag(session, typed, "mobilier", person)
        tags.add_tag(session, typed, "à rappeler", person)
        moderation.decide(session, typed, "set_aside", reason=SetAsideReason.DUPLICATE, by=person, expect_revision=None)
    with store.read() as session:
        numbers = {made: references.pretty(references.reference_of(session, made)) for made in (typed, spoken)}
        at = {r.id: f"{r.received_at:%Y-%m-%d %H:%M}" for r in listing.list_contributions(session, Filter()).rows}
    head, *found = rows(store)
    assert head == list(WORDS["fr"].columns)
    assert found == [
        [
            numbers[typed],
            "SMS",
            "",
            at[typed],
            "Un banc,\navec « dossier »",
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


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+33612345678", "'+33612345678"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("＝1+1", "'＝1+1"),
        ("\0=1", "'\0=1"),
        ("a=1", "a=1"),
        ("Un banc", "Un banc"),
    ],
)
def test_no_formulas(text: str, cell: str):
    assert harmless(text) == cell


def test_english_and_unknown_languages(store: Store):
    makers.text_message(store, "A bench, please")
    english = rows(store, "en")
    assert english[0][0] == "reference"
    assert english[1][4] == "A bench, please"
    assert rows(store, "br") == english


def test_filtered_and_complete(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inbox.export.BATCH", 2)
    for number in range(5):
        makers.text_message(store, f"Un banc {number}")
    makers.voicemail(store)
    head, *found = rows(store, wanted=Filter(channel=Channel.SMS, moderation=Moderation.IN_REVIEW))
    assert [row[4] for row in found] == [f"Un banc {number}" for number in (4, 3, 2, 1, 0)]
    assert {len(row) for row in found} == {len(head)}


def test_words_are_complete():
    for words in WORDS.values():
        assert len(words.columns) == len(WORDS["fr"].columns)
        assert set(words.reasons) == set(SetAsideReason)
        assert (set(words.channels), set(words.moderations)) == (set(Channel), set(Moderation))
