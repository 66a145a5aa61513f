"""A town's own pages: a consultation written, changed, worded, opened, closed, taken in and given out; centres."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale

from config.wording.consultation import Consultation, read_consultation
from config.wording.consultation_writing import consultation_as_toml
from config.wording.message_keys import TEXT_KEYS
from inbox.consultations import consultation_versions
from inbox.web.administration.consultation_pages import example_consultation
from inbox.web.administration.consultation_values import free_slug, slug_of
from inbox.web.administration.problem_messages import SAID, translate_problem
from inbox.web.administration.text_occasions import OCCASIONS
from inbox.web.administration.version_differences import Difference, differences
from tests.inbox.pages.conftest import Inbox, post

ROOT = Path(__file__).parents[3]
TODAY = date.today()  # noqa: DTZ011 — the pages take the town's, which differs for an hour a day at most
SOON = TODAY + timedelta(days=30)
WRITTEN = {
    "title.fr": "Le marché de La Boissière",
    "question.fr": "Que faut-il au marché ?",
    "can_change.fr": "Les horaires",
    "cannot_change.fr": "Sa place",
    "decides.fr": "Le conseil",
    "opens": TODAY.isoformat(),
    "closes": SOON.isoformat(),
    "contact_phone": "02 98 11 22 33",
    "controller": "Ville, 1 rue du Port",
    "dpo": "donnees@ville.example",
}
MARKET = "le-marche-de-la-boissiere"


def of(inbox: Inbox, slug: str) -> tuple[int, Consultation]:
    with inbox.store.read() as session:
        version = consultation_versions.current_version(session, slug)
        assert version is not None, slug
        return version.number, consultation_versions.as_consultation(version)


@pytest.fixture
def clerk(inbox: Inbox) -> FlaskClient:
    return inbox.client("admin")


def test_a_consultation_is_written_changed_and_closed(inbox: Inbox, clerk: FlaskClient) -> None:
    answer = post(clerk, "/settings/consultations/new", WRITTEN)
    assert answer.location == f"/settings/consultations/{MARKET}"
    number, made = of(inbox, MARKET)
    assert (number, made.title, made.themes) == (1, {"fr": "Le marché de La Boissière"}, example_consultation().themes)
    # The example keeps its number while something has come in for it.
    page = f"/settings/consultations/{MARKET}/edit"
    assert 'name="title.fr"' in clerk.get(page).text
    typed: dict[str, object] = {
        **WRITTEN,
        "version": 1,
        "languages": ["fr", "en"],
        "title.en": "The market",
        "question.en": "What does the market need?",
        "can_change.en": "Its hours",
        "cannot_change.en": "Its place",
        "decides.en": "The council",
        "town_name": "La Ville",
        "answers": "none",
        "addresses.phones": "02 98 44 55 66\n+33 6 39 98 00 07",
        "addresses.mailboxes": "Marche@Ville.example",
        "addresses.centres": ["bellevue"],
        "retention.recording_days": "30",
        "form.quarters.fr": "Le Port\nLa Boissière",
        "form.quarters.en": "The Port\nLa Boissière",
        "form.ask_themes": "yes",
    }
    refused = post(clerk, page, {**typed, "addresses.centres": ["bellevue"]})
    assert refused.status_code == 422, "the example still collects there"
    assert "bellevue belongs to another consultation" in refused.text
    typed["addresses.centres"] = []
    assert post(clerk, page, typed).location == f"/settings/consultations/{MARKET}"
    number, changed = of(inbox, MARKET)
    assert number == 2
    assert changed.addresses.phones == ("+33298445566", "+33639980007")
    assert changed.addresses.mailboxes == ("marche@ville.example",)
    assert changed.retention.recording_days == 30
    assert [(one.key, one.label["en"]) for one in changed.form.quarters] == [
        ("le-port", "The Port"),
        ("la-boissiere", "La Boissière"),
    ]
    assert not changed.form.drawing
    assert "02 98 44 55 66" in clerk.get(f"/settings/consultations/{MARKET}").text
    # A key stays when the words of its line are corrected.
    post(clerk, page, {**typed, "version": 2, "form.quarters.fr": "Le Vieux Port\nLa Boissière"})
    assert [one.key for one in of(inbox, MARKET)[1].form.quarters] == ["le-port", "la-boissiere"]
    assert "<del>" in clerk.get(f"/settings/consultations/{MARKET}/versions").text
    post(clerk, f"/settings/consultations/{MARKET}/close", {})
    assert of(inbox, MARKET)[1].state_on(TODAY + timedelta(days=1)) == "closed"
    post(clerk, f"/settings/consultations/{MARKET}/open", {"closes": (TODAY - timedelta(days=9)).isoformat()})
    assert of(inbox, MARKET)[0] == 4
    post(clerk, f"/settings/consultations/{MARKET}/open", {"closes": SOON.isoformat()})
    assert of(inbox, MARKET)[1].state_on(TODAY) == "open"


MISTAKES = {
    "nothing at all": (dict.fromkeys(WRITTEN, ""), ("title-fr", "opens", "dpo")),
    "no title": ({"title.fr": "  "}, ("title-fr",)),
    "ends before it begins": ({"closes": (TODAY - timedelta(days=1)).isoformat()}, ("closes",)),
    "no day": ({"opens": "demain"}, ("opens",)),
    "an odd day": ({"closes": "31/02/2027"}, ("closes",)),
    "nobody to call": ({"contact_phone": ""}, ("contact_phone",)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_beside_its_box_and_what_was_typed_stays(clerk: FlaskClient, mistake: str) -> None:
    typed, boxes = MISTAKES[mistake]
    answer = post(clerk, "/settings/consultations/new", {**WRITTEN, **typed})
    assert answer.status_code == 422
    for box in boxes:
        assert re.search(rf'id="{box}"[^>]*aria-invalid="true"', answer.text), box
    for name in WRITTEN.keys() - typed.keys():
        assert WRITTEN[name].replace("'", "&#39;") in answer.text, name


def test_two_people_who_edit_at_once_lose_nothing(inbox: Inbox, clerk: FlaskClient) -> None:
    post(clerk, "/settings/consultations/new", WRITTEN)
    page = f"/settings/consultations/{MARKET}/edit"
    typed = {**WRITTEN, "version": 1, "languages": "fr", "town_name": "La Ville", "answers": "none"}
    assert post(clerk, page, {**typed, "title.fr": "Le marché"}).status_code == 302
    late = post(clerk, page, {**typed, "title.fr": "Les halles"})
    assert late.status_code == 409
    assert "Les halles" in late.text
    assert of(inbox, MARKET)[1].title == {"fr": "Le marché"}


def test_a_file_that_says_nothing_new_does_not_undo_what_a_person_edited(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        edited = example_consultation().model_copy(update={"contact_phone": "02 98 99 99 99"})
        assert not consultation_versions.was_edited_since(session, example_consultation())
        consultation_versions.save_edited_version(session, edited, inbox.seeded.people["admin"], on_top_of=1)
        assert consultation_versions.was_edited_since(session, example_consultation())
        assert not consultation_versions.was_edited_since(
            session, example_consultation().model_copy(update={"dpo": "x@y.example"})
        )


def test_a_text_is_worded_otherwise_looked_at_and_given_back(inbox: Inbox, clerk: FlaskClient) -> None:
    page = "/settings/consultations/rues-et-places/texts/fr/sms_stop"
    assert clerk.get("/settings/consultations/rues-et-places/texts?language=en").status_code == 200
    looked = post(clerk, page, {"version": 1, "wording": "Plus de SMS de {town} — c’est fait.", "look": "1"})
    assert "Plus de SMS de Ville d" in looked.text
    assert "dearer" not in looked.text, "marks that a telephone can do without are made plain"
    assert of(inbox, "rues-et-places")[0] == 1
    assert post(clerk, page, {"version": 1, "wording": "Fini {twon}."}).status_code == 422
    assert post(clerk, page, {"version": 1, "wording": "Fini {town"}).status_code == 422
    post(clerk, page, {"version": 1, "wording": "Fini, {town}."})
    assert of(inbox, "rues-et-places")[1].texts == {"fr": {"sms_stop": "Fini, {town}."}}
    post(clerk, page, {"version": 2, "ours": "1"})
    assert of(inbox, "rues-et-places")[1].texts == {}
    assert clerk.get(page.replace("sms_stop", "sms_none")).status_code == 404


def test_a_file_goes_out_and_comes_in(inbox: Inbox, clerk: FlaskClient) -> None:
    given = clerk.get("/settings/consultations/rues-et-places/consultation.toml")
    assert read_consultation(given.data) == example_consultation()

    def hand_in(content: bytes) -> str:
        return post(clerk, "/settings/consultations/import", {"file": (BytesIO(content), "neu.toml")}).text

    assert "line 1" in hand_in(given.data.replace(b'slug = "rues-et-places"', b'slug = "Rues et places"'))
    assert "is not valid TOML" in hand_in(b"title =")
    assert "is not UTF-8" in hand_in(b"\xff\xfe\x00")
    assert "Choose at least one file" in hand_in(b"")
    hand_in(given.data.replace(b"02 98 00 00 00", b"02 98 00 00 01"))
    assert of(inbox, "rues-et-places")[1].contact_phone == "02 98 00 00 01"


ODD = {
    "quotes": 'Dire "non" \\ à l\'autre',
    "lines": "Un\nDeux\r\n\tTrois",
    "signs": "« L’été » — 100 % № \x7f end",
    "scripts": "سؤال 問題 🌳",
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_a_consultation_says_its_file_says_too(name: str) -> None:
    said = example_consultation().model_copy(
        update={
            "decides": {"fr": ODD[name], "en": "x"},
            "texts": {"fr": {"voice_thanks": ODD[name]}},
            "form": example_consultation().form.model_copy(
                update={"age_limits": (18, 30), "reply_address": (ODD[name][:5],)}
            ),
        }
    )
    assert (
        read_consultation(consultation_as_toml(said).encode()).model_dump()
        == Consultation.model_validate(said.model_dump()).model_dump()
    )


CENTRES = {
    "La Boissière": "la-boissiere",
    "Maison pour tous du Bergot": "maison-pour-tous-du-bergot",
    "L’Œuvre": "l-oeuvre",
    "Kerourien / Valy-Hir": "kerourien-valy-hir",
    "Bellevue": None,
}


@pytest.mark.parametrize("name", CENTRES)
def test_centres_are_named_as_people_write_them(inbox: Inbox, clerk: FlaskClient, name: str) -> None:
    answer = post(clerk, "/settings/centres", {"name": f"  {name} "})
    if CENTRES[name] is None:
        assert answer.status_code == 422
        return
    assert name.replace("’", "’") in clerk.get("/settings/centres").text
    assert slug_of(name) == CENTRES[name]
    assert post(clerk, "/settings/centres", {"name": name.upper()}).status_code == 422


def test_a_slug_is_found_for_any_words() -> None:
    assert [free_slug("Été", ()), free_slug("Été", {"ete"}), free_slug("مركز", ()), free_slug("!", {"n-1"})] == [
        "ete",
        "ete-1",
        "n-1",
        "n-2",
    ]


def test_differences_name_each_entry() -> None:
    before = {"title": {"fr": "A"}, "themes": [{"key": "velo", "words": {"fr": ["vélo"]}}], "free_call": False}
    after = {"title": {"fr": "A", "en": "B"}, "themes": [{"key": "velo", "words": {"fr": ["vélo", "roue"]}}]}
    assert differences(before, after) == [
        Difference(("title", "en"), None, "B"),
        Difference(("themes", "velo", "words", "fr"), "vélo", "vélo, roue"),
        Difference(("free_call",), "–", None),
    ]


def test_the_occasions_are_those_of_the_texts() -> None:
    assert set(OCCASIONS) == {key.when for key in TEXT_KEYS.values()}


def _said_in_code() -> list[str]:
    """What validators raise, with %s where something is filled in."""
    found = []
    for file in [*(ROOT / "config" / "settings").glob("*.py"), *(ROOT / "config" / "wording").glob("*.py")]:
        # A Redis server's address is set by whoever has the machine, on no page.
        tree = ast.parse(file.read_text())
        tree.body = [one for one in tree.body if "redis" not in getattr(one, "name", "")]
        for node in ast.walk(tree):
            is_raise = isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
            if is_raise and getattr(node.exc.func, "id", "") == "ValueError":  # type: ignore[union-attr]
                (said,) = node.exc.args  # type: ignore[union-attr]
                found.append(_filled(said))
    return found


def _filled(said: ast.expr) -> str:
    if isinstance(said, ast.Constant):
        return str(said.value)
    assert isinstance(said, ast.JoinedStr)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "opens" if "earlier" in ast.unparse(part) else "x"
        for part in said.values
    )


@pytest.mark.parametrize("said", sorted(set(_said_in_code())))
def test_what_can_be_wrong_is_told_in_french(inbox: Inbox, said: str) -> None:
    with inbox.app.test_request_context(), force_locale("fr"):
        assert translate_problem(said) != translate_problem(said[:1].upper() + said[1:] + "?")[:-1]
        assert translate_problem(said).rstrip(".") != said[:1].upper() + said[1:]


def test_no_sentence_hides_another() -> None:
    assert len(SAID) == len(set(SAID))
