"""The public pages: known to nobody, small, balanced; and the state page, attacked."""

from __future__ import annotations

import re
import time
from statistics import median

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from config.answer_states import AnswerState
from config.enums import Moderation, SetAsideReason
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from inbox.answers import drafting
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import RecipientSelection
from inbox.consultations import consultation_versions
from inbox.erasure.erase import erase_contribution
from inbox.listings.visibility import EVERYTHING
from inbox.models import (
    Answer,
    Contribution,
    GivenAnswer,
    OpenDataRow,
    PlaceMention,
    PublicReport,
    Reference,
    WebLookUp,
)
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.web.public import public_data, public_labels, state_pages
from tests.inbox.pages.conftest import Inbox, post

SLUG = "rues-et-places"
PAGES = [
    f"/consultations/{SLUG}",
    f"/consultations/{SLUG}/published",
    f"/consultations/{SLUG}/published?q=banc&theme=mobilite&channel=sms",
    f"/consultations/{SLUG}/feed.atom",
    f"/consultations/{SLUG}/published?quarter=Bellevue",
    f"/consultations/{SLUG}/data",
    f"/consultations/{SLUG}/map",
    "/suivi",
    "/suivi/482915307",
    "/mentions-legales",
    "/donnees-personnelles",
    "/accessibilite",
]
LARGEST = 100_000
UNKNOWN = "48291530" + references.check_digit("48291530")
"""A number that could be somebody's, and is nobody's."""


@pytest.fixture
def stranger(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Somebody without a session, who does not have to wait."""
    monkeypatch.setattr(state_pages, "TAKES_SECONDS", 0.0)
    return inbox.app.test_client()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_small_and_knows_nobody(stranger: FlaskClient, address: str, language: str) -> None:
    answer = stranger.get(address + ("&" if "?" in address else "?") + f"lang={language}")
    assert answer.status_code == 200
    assert len(answer.data) <= LARGEST
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert f'lang="{language}"' in answer.text


def test_what_is_counted_adds_up(stranger: FlaskClient) -> None:
    text = stranger.get(f"/consultations/{SLUG}?lang=en").text
    table = text[text.index("All that arrived, each counted in one place") :].split("</table>")[0]
    *each, whole = [int(found.replace(",", "")) for found in re.findall(r"<td>([\d,]+)</td>", table)]
    assert each
    assert sum(each) == whole


def test_the_rules_say_when_it_is_read_and_every_reason_for_setting_aside(stranger: FlaskClient) -> None:
    rules = stranger.get(f"/consultations/{SLUG}?lang=en").text.split('id="rules-head"')[1].split("</section>")[0]
    assert "A moderator reads everything before it is published." in rules
    assert [str(reason) for reason in public_labels.REASONS.values() if f"<li>{reason}</li>" not in rules] == []
    assert set(public_labels.REASONS) == set(SetAsideReason)


def test_only_what_is_published_can_be_read_and_its_reference_nowhere(inbox: Inbox, stranger: FlaskClient) -> None:
    seen = ""
    address: str | None = f"/consultations/{SLUG}/published"
    while address:
        page = stranger.get(address).text
        seen += page
        following = re.search(r'<a href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else None
    with inbox.store.read() as session:
        rows = session.execute(select(Contribution.id, Contribution.moderation)).all()
        numbers = references.references_of(session, [row.id for row in rows])
    assert {int(one) for one in re.findall(r"published/(\d+)/report", seen)} <= {
        row.id for row in rows if row.moderation is Moderation.PUBLISHED
    }
    assert not [one for one in numbers.values() if one in re.sub(r"\D", "", seen)]
    hidden = next(row.id for row in rows if row.moderation is not Moderation.PUBLISHED)
    assert stranger.get(f"/consultations/{SLUG}/published/{hidden}").status_code == 404
    assert stranger.get(f"/consultations/{SLUG}/published/{hidden}/report").status_code == 404


def test_a_reference_finds_no_words(inbox: Inbox, stranger: FlaskClient) -> None:
    with inbox.store.read() as session:
        found = session.scalars(select(Contribution.id).where(Contribution.moderation == Moderation.PUBLISHED)).first()
        number = references.reference_of(session, found)  # type: ignore[arg-type]
    assert "article class" not in stranger.get(f"/consultations/{SLUG}/published?q={number}").text


def test_a_consultation_that_is_not_public_is_nowhere(inbox: Inbox, stranger: FlaskClient) -> None:
    number = some_number(inbox)
    unknown = shown(stranger, UNKNOWN)
    known = shown(stranger, number)
    asked = read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml")
    with inbox.store.write() as session:
        consultation_versions.import_consultation(session, asked.model_copy(update={"public": False}))
    for address in (f"/consultations/{SLUG}", f"/consultations/{SLUG}/published", f"/consultations/{SLUG}/feed.atom"):
        assert stranger.get(address).status_code == 404
    assert known != unknown
    assert shown(stranger, number) == unknown


# --- the state page ---


def some_number(inbox: Inbox) -> str:
    with inbox.store.read() as session:
        found = session.scalars(select(Contribution.id).where(Contribution.consultation_id.is_not(None))).first()
        return references.reference_of(session, found)  # type: ignore[arg-type]


def shown(client: FlaskClient, number: str) -> str:
    """What the page tells, without the number itself."""
    text = client.post("/suivi", data={"numero": number}, query_string={"lang": "fr"}).text
    return re.sub(r"(\d{3})\D?(\d{3})\D?(\d{3})", "", text)


@pytest.mark.parametrize("written", ["", "1", "abc", "000000000", "482915308", "4" * 400, "482 915 307\0", "٤٨٢٩١٥٣٠٧"])
def test_whatever_is_asked_for_that_is_no_reference_is_answered_alike(stranger: FlaskClient, written: str) -> None:
    def told(number: str) -> str:
        text = stranger.post("/suivi", data={"numero": number}, query_string={"lang": "fr"}).text
        found = re.search(r'<p class="state">(.*?)</p>', text, re.DOTALL)
        return found[1] if found else ""

    assert told(written) == told("482915307") != ""


def test_what_was_erased_is_told_like_what_never_was(inbox: Inbox, stranger: FlaskClient) -> None:
    number = some_number(inbox)
    unknown = shown(stranger, UNKNOWN)
    with inbox.store.write() as session:
        erase_contribution(session, references.contribution_of(session, number), by=1, reason="author")  # type: ignore[arg-type]
    assert shown(stranger, number) == unknown


def test_whoever_tries_one_after_the_other_is_told_nothing_more(inbox: Inbox, stranger: FlaskClient) -> None:
    allowed = inbox.app.extensions["portevoix"]["settings"].web.lookups_per_hour
    number = some_number(inbox)
    answers = [shown(stranger, UNKNOWN) for _ in range(allowed)]
    assert len(set(answers)) == 1
    later = shown(stranger, number)
    assert later not in answers
    assert later == shown(stranger, UNKNOWN)
    # Another address is still answered; one of the same network is not.
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert shown_from(stranger, number, elsewhere) != later
    first, second = ({"REMOTE_ADDR": f"2001:db8:1:2::{n}"} for n in (1, 2))
    for _ in range(allowed + 1):
        shown_from(stranger, UNKNOWN, first)
    assert shown_from(stranger, number, second) == later
    with inbox.store.read() as session:
        assert not [one for one in session.scalars(select(WebLookUp.source)) if "198.51" in one or "2001" in one]


def shown_from(client: FlaskClient, number: str, environ: dict[str, str]) -> str:
    text = client.post("/suivi", data={"numero": number}, query_string={"lang": "fr"}, environ_overrides=environ).text
    return re.sub(r"(\d{3})\D?(\d{3})\D?(\d{3})", "", text)


def test_many_addresses_that_guess_are_stopped_together(inbox: Inbox, stranger: FlaskClient) -> None:
    with inbox.store.write() as session:
        session.add(WebLookUp(source="missed", hour=utc_now().replace(minute=0, second=0, microsecond=0), count=600))
    assert "Trop de numéros" in stranger.get("/suivi/482915307?lang=fr").text


def test_how_long_it_takes_says_nothing(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_pages, "TAKES_SECONDS", 0.12)
    client, number, took = inbox.app.test_client(), some_number(inbox), {}
    client.get("/suivi")  # the first page compiles its template
    for name, asked in (("known", number), ("unknown", UNKNOWN)):
        times = []
        for _ in range(7):
            begun = time.monotonic()
            client.post("/suivi", data={"numero": asked})
            times.append(time.monotonic() - begun)
        took[name] = median(times)
    assert min(took.values()) >= 0.12
    assert abs(took["known"] - took["unknown"]) < 0.03


def test_an_individual_answer_is_told_to_nobody_here(inbox: Inbox, stranger: FlaskClient) -> None:
    number = some_number(inbox)
    for general, said in ((True, "Le banc viendra."), (False, "Votre voisin a tort.")):
        with inbox.store.write() as session:
            about = references.contribution_of(session, number)
            assert about is not None
            chosen = RecipientSelection(numbers=(about,), again=True)
            made = drafting.create_draft(
                session, chosen, AnswerContent({"fr": said}, is_general=general), 1, EVERYTHING
            )
            drafting.submit_answer(session, made.id, 1, made.revision)
            session.execute(update(GivenAnswer).values(state="unreachable"))
            session.execute(update(Answer).values(state=AnswerState.GIVEN))
        text = stranger.get(f"/suivi/{number}?lang=fr").text
        assert (said in text) is general
    assert "à elle seule" in text


def test_a_published_contribution_can_be_reported(inbox: Inbox, stranger: FlaskClient) -> None:
    with inbox.store.read() as session:
        known = session.scalar(select(Contribution.id).where(Contribution.moderation == Moderation.PUBLISHED))
    address = f"/consultations/{SLUG}/published/{known}/report"
    assert stranger.get(address).status_code == 200
    assert stranger.post(address, data={"reason": "because"}).status_code == 422
    for _ in range(3):
        assert stranger.post(address, data={"reason": "names_a_person"}).status_code == 200
    with inbox.store.read() as session:
        assert session.scalar(select(func.count(PublicReport.id))) == 1
    assert "It names or describes a person" in inbox.client("mod").get("/flagged").text


def test_a_resident_makes_a_selection_with_own_order_and_words(inbox: Inbox, stranger: FlaskClient) -> None:
    with inbox.store.read() as session:
        rows = session.execute(select(Contribution.id, Contribution.moderation)).all()
    published = [number for number, state in rows if state is Moderation.PUBLISHED][:2]
    hidden = [number for number, state in rows if state is not Moderation.PUBLISHED]
    address = f"/consultations/{SLUG}/selection"
    assert "Add this" in stranger.get(f"{address}?lang=en").text
    wanted = "&".join(f"c={number}" for number in (*published, *hidden, published[0], "x", "9" * 30))
    page = stranger.get(f"{address}?lang=en&{wanted}").text
    assert page.count('name="c" value=') - page.count('type="hidden" name="c"') == 0
    assert [number for number in published if f'id="order-{number}"' in page] == published
    assert not [number for number in hidden if f'id="order-{number}"' in page]
    # No link goes on choosing, but for the same in French: a robot that follows all would never come to an end.
    assert len(re.findall(r'href="[^"]*[?&;]c=', page)) == 1
    typed = {
        "c": [str(number) for number in (*published, *hidden)],
        "title": "Ce qui <b>compte</b>",
        "introduction": "Pour le conseil de quartier",
        **{f"order-{number}": str(9 - at) for at, number in enumerate(published)},
        f"words-{published[0]}": "Je suis d'accord.",
    }
    shown = stranger.post(f"{address}?lang=en", data=typed)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "Ce qui &lt;b&gt;compte&lt;/b&gt;" in shown.text
    assert "by a resident, not by the town" in shown.text
    assert shown.text.count('<article class="voice">') == len(published)
    # The one that was given the later place stands last, with the words about it.
    assert "d&#39;accord" in shown.text.split('<article class="voice">')[-1]
    # Own words stand in no address: nobody can pass on a page of the town's that says what they like.
    assert "conseil de quartier" not in stranger.get(f"{address}?{wanted}&introduction=conseil+de+quartier").text


def test_the_report_is_public_once_somebody_answers_for_it(inbox: Inbox, stranger: FlaskClient) -> None:
    official, address = inbox.client("elu"), f"/consultations/{SLUG}/report"
    post(official, f"/reports/{SLUG}/versions", {"comment": ""})
    steps = f"/reports/{SLUG}/versions/1"
    post(official, f"{steps}/publish", {})  # nobody has signed it
    assert stranger.get(address).status_code == 404
    post(official, f"{steps}/sign", {})
    assert stranger.get(address).status_code == 404
    post(official, f"{steps}/publish", {})
    for language in ("fr", "en"):
        shown = stranger.get(f"{address}?lang={language}")
        assert shown.status_code == 200
        assert len(shown.data) <= LARGEST
        with inbox.store.read() as session:
            numbers = session.scalars(select(Reference.number)).all()
        plain = re.sub(r"\D", "", shown.text)
        assert not [one for one in numbers if one in plain], "a reference leads to words"
        for link in re.findall(r'href="(/[^"#]*)', shown.text):
            assert stranger.get(link.replace("&amp;", "&")).status_code in (200, 302), link
    assert f'href="{address}' in stranger.get(f"/consultations/{SLUG}").text
    post(official, f"{steps}/withdraw", {})
    assert stranger.get(address).status_code == 404


def test_open_data_is_what_was_released(inbox: Inbox, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"/consultations/{SLUG}/data"
    assert stranger.get(f"{address}/open-data.csv").status_code == 404
    with inbox.store.write() as session:
        everything = {"moderation": Moderation.PUBLISHED, "set_aside_reason": None}
        session.execute(update(Contribution).where(Contribution.erased_at.is_(None)).values(everything))
    post(inbox.client("elu"), f"/reports/{SLUG}/data/release", {})
    with inbox.store.read() as session:
        released = session.scalar(select(func.count(OpenDataRow.contribution_id))) or 0
    assert released
    for kind in ("csv", "xlsx", "ods", "jsonl", "parquet"):
        got = stranger.get(f"{address}/open-data.{kind}")
        assert got.data
        assert (got.status_code, "Set-Cookie" in got.headers) == (200, False)
        if kind == "jsonl":
            assert 0 < len(got.text.splitlines()) <= released  # what only a machine has read is nowhere
    told = stranger.get(f"{address}/open-data.dcat.json").get_json()
    assert [one["dcat:accessURL"].rpartition(".")[2] for one in told["dcat:distribution"]] == [
        "csv",
        "xlsx",
        "ods",
        "jsonl",
        "parquet",
    ]
    counted = stranger.get(f"{address}/numbers.json").get_json()
    assert sum(counted["buckets"].values()) == counted["arrived"] > 0
    monkeypatch.setattr(public_data, "FILES_PER_HOUR", 7)
    statuses = set()
    for _ in range(4):
        answer = stranger.get(f"{address}/open-data.csv")
        assert answer.data
        statuses.add(answer.status_code)
    assert statuses == {200, 429}


def test_quarters_lead_to_what_speaks_of_them(inbox: Inbox, stranger: FlaskClient) -> None:
    with inbox.store.write() as session:
        published = session.scalars(
            select(Contribution.id).where(Contribution.moderation == Moderation.PUBLISHED, Contribution.listed)
        ).all()
        hidden = session.scalars(select(Contribution.id).where(Contribution.moderation != Moderation.PUBLISHED)).all()
        for number in (*published[:2], *hidden[:2]):
            session.add(PlaceMention(contribution_id=number, place="rue du Bouguen", quarter="Bouguen", exact=True))
    page, shown = stranger.get(f"/consultations/{SLUG}/map?lang=en").text, len(published[:2])
    assert re.search(rf"quarter=Bouguen[^>]*>Bouguen</a></th><td>{shown}<", page)
    listed = stranger.get(f"/consultations/{SLUG}/published?lang=en&quarter=Bouguen").text
    assert listed.count('<article class="voice">') == shown > 0
