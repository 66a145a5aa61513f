"""Consultation files: the example is complete, and every mistake is told with its line."""

from __future__ import annotations

import json
import unicodedata
from datetime import date

import pytest
import snowballstemmer

from config.enums import Channel
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, ConsultationError, read_consultation

EXAMPLE = PACKAGED_CONSULTATIONS / "rues-et-places.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


@pytest.fixture
def example() -> Consultation:
    return read_consultation(EXAMPLE)


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if words in line)


def test_the_example_is_complete_in_both_languages(example):
    assert example.languages == ("fr", "en")
    for theme in example.themes:
        assert set(theme.label) == {"fr", "en"}, theme.key
        assert all(len(theme.words[language]) >= 5 for language in example.languages), theme.key


def test_the_example_uses_no_word_for_two_themes(example):
    for language in example.languages:
        words = [word.casefold() for theme in example.themes for word in theme.words[language]]
        assert sorted({word for word in words if words.count(word) > 1}) == []


EVERYDAY = {
    "fr": "car parce que train marche marchent propre loi lois garant correspond associer concertation raté "
    "place chose faire falloir ville rue quartier gens bien plus temps jour merci bonjour rien porter passer",
    "en": "because train training step law plan place thing make town street people well more time day thanks hello",
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_everyday_word_suggests_a_theme_of_the_example(example, language):
    """Words are compared by their stems, so « parc » alone would be found in « parce que »."""
    stemmer = snowballstemmer.stemmer({"fr": "french", "en": "english"}[language])

    def stem(word: str) -> str:
        bare = unicodedata.normalize("NFKD", word.casefold())
        return str(stemmer.stemWord("".join(c for c in bare if not unicodedata.combining(c))))

    everyday = {stem(word): word for word in EVERYDAY[language].split()}
    assert {
        (theme.key, word, everyday[stem(word)])
        for theme in example.themes
        for word in theme.words[language]
        if stem(word) in everyday
    } == set()


def test_what_is_stored_is_read_back_alike(example):
    assert Consultation.model_validate(json.loads(json.dumps(example.model_dump(mode="json")))) == example


def test_a_stored_version_with_a_text_we_no_longer_know_can_still_be_read(example):
    body = example.model_dump(mode="json") | {"texts": {"fr": {"a_text_of_long_ago": "Bonjour"}}}
    assert Consultation.model_validate(body).texts["fr"]["a_text_of_long_ago"] == "Bonjour"


def test_bytes_of_a_windows_editor_are_read(example):
    assert read_consultation(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()) == example


def test_addresses_are_listed_by_channel(example):
    assert list(example.addresses.listed()) == [
        (Channel.SMS, "+33298000000"),
        (Channel.VOICEMAIL, "+33298000000"),
        (Channel.EMAIL, "avis@ville-exemple.example"),
        (Channel.PAPER, "bellevue"),
        (Channel.PAPER, "recouvrance"),
    ]


STATES = [
    (date(2026, 1, 4), "before"),
    (date(2026, 1, 5), "open"),
    (date(2029, 12, 31), "open"),
    (date(2030, 1, 1), "closed"),
]


@pytest.mark.parametrize(("day", "state"), STATES, ids=[str(row[0]) for row in STATES])
def test_both_ends_of_the_consultation_are_open(example, day, state):
    assert example.state_on(day) == state


def test_periods_start_when_the_thing_arrives(example):
    assert example.retention.keep_recording_until(date(2026, 1, 1)) == date(2026, 6, 30)
    assert example.retention.keep_original_until(date(2026, 1, 1)) == date(2027, 1, 1)
    assert example.retention.keep_contribution_until(date(2026, 1, 1)) == date(2028, 12, 31)


ACCEPTED = [
    ("a French date", "opens = 2026-01-05", 'opens = "05/01/2026"'),
    ("a number with spaces", '"+33298000000"', '"+33 2 98 00 00 00"'),
    ("a mailbox in capitals", '"avis@ville-exemple.example"', '"Avis@Ville-Exemple.example"'),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_people_write_otherwise_means_the_same(example, before, after):
    assert before in TEXT
    assert read_consultation(TEXT.replace(before, after).encode()) == example


MISTAKES = [
    # label, what stands in the example, what stands there instead, where and what the message says
    (
        "no date",
        "closes = 2029-12-31",
        'closes = "end of 2029"',
        "closes",
        "closes = end of 2029: is no date; write it like",
    ),
    ("closes too early", "closes = 2029", "closes = 2019", "closes", "is before opens (2026-01-05)"),
    ("answers too early", "answer_by = 2030", "answer_by = 2027", "answer_by", "is before closes (2029-12-31)"),
    ("a promise without its day", "answer_by = 2030-03-31", "", "answers", "promises an answer by no day"),
    (
        "a promise nobody knows",
        '"published summary"',
        '"everything"',
        "answers",
        "answers = everything: Input should be 'all', 'published summary' or 'none'",
    ),
    ("misspelt entry", "contact_phone", "contact_fone", "contact_phone", "contact_fone = 02 98 00 00 00: there is no"),
    ("missing language", 'en = "Our streets', 'de = "Our streets', "[title]", "title: is missing in en"),
    ("theme twice", 'key = "bruit"', 'key = "velo"', "[[themes]]", "has velo twice"),
    ("theme without key", 'key = "bruit"', 'kez = "bruit"', 'key = "bruit"', "themes.7.kez = bruit: there is no"),
    ("theme without label", 'fr = "Bruit", en', 'fr = "Bruit", de', "[[themes]]", "no label of bruit in en"),
    ("national number", "+33298000000", "0298000000", "phones", "write it with its country"),
    ("not a mailbox", "avis@ville-exemple", "avis at ville", "mailboxes", "write it plainly"),
    (
        "short name",
        'slug = "rues-et-places"',
        'slug = "Rues et places"',
        "slug",
        "slug = Rues et places: is no short name",
    ),
    ("no such day", "closes = 2029-12-31", 'closes = "31/02/2029"', "closes", "is no date; write it like"),
    ("no language", 'languages = ["fr", "en"]', 'languages = ["fr", "anglais"]', "languages", "is no language"),
    ("kept too long", "recording_days = 180", "recording_days = 2000", "[retention]", "shorten theirs"),
    ("empty", 'dpo = "dpo@ville-exemple.example"', 'dpo = "  "', "dpo =", "dpo =   : is empty; write it"),
]


@pytest.mark.parametrize(
    ("before", "after", "at", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_told_with_its_line(before, after, at, words):
    assert before in TEXT
    with pytest.raises(ConsultationError) as caught:
        read_consultation(TEXT.replace(before, after).encode())
    told = [problem for problem in caught.value.problems if words in problem]
    assert len(told) == 1, caught.value.problems
    assert told[0].startswith(f"line {line_of(at)}: ")


def test_a_missing_table_is_told():
    with pytest.raises(ConsultationError) as caught:
        read_consultation(TEXT.replace("[decides]", "[decide]").encode())
    assert caught.value.problems == (
        "decides: is missing; write it",
        f"line {line_of('[decides]')}: decide: there is no such entry; check its spelling and the table it stands in",
    )


UNREADABLE = [
    ("not TOML", b"slug = rues", "line 1"),
    ("not UTF-8", "# métropole".encode("latin-1"), "save it as UTF-8"),
    ("empty", b"", "slug: is missing"),
]


@pytest.mark.parametrize(("content", "words"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_a_file_that_is(content, words, tmp_path):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(ConsultationError) as caught:
        read_consultation(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there():
    with pytest.raises(ConsultationError, match="check the path"):
        read_consultation("/nowhere.toml")


OWN_TEXTS = [
    ("unknown text", 'sms_reciept = "Merci"', "texts.fr.sms_reciept: there is no such text"),
    ("unknown fact", 'sms_receipt = "Merci {name}"', "texts.fr.sms_receipt: {name} is not known here"),
    ("unknown form", 'sms_receipt = "{reference:roman}"', "texts.fr.sms_receipt: {reference:roman}"),
    ("half a bracket", 'sms_receipt = "Merci [{write_to}"', "texts.fr.sms_receipt: has a brace or square bracket"),
    ("reaching inside", 'sms_receipt = "{town.__class__}"', "texts.fr.sms_receipt: has a brace or square bracket"),
]


@pytest.mark.parametrize(("text", "words"), [row[1:] for row in OWN_TEXTS], ids=[row[0] for row in OWN_TEXTS])
def test_a_mistake_in_the_towns_own_texts_is_told_with_its_line(text, words):
    with pytest.raises(ConsultationError) as caught:
        read_consultation(f"{TEXT}\n[texts.fr]\n{text}\n".encode())
    assert caught.value.problems[0].startswith(f"line {len(TEXT.splitlines()) + 3}: {words}")
