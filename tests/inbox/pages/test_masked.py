"""What a moderator masked is masked for everyone below moderator: on every page, in every export, for every search."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config.enums import Moderation
from config.settings.loader import Settings
from config.wording.stems import fold, stem
from gateway.web.app import create_app
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, Contribution, Intake, Medium
from inbox.records.references import format_reference, reference_of
from inbox.storage.database import Store
from inbox.web.base import guard
from tests.fixtures_store import ON_SERVERS, store_folders
from tests.inbox.pages.conftest import token_of
from tests.inbox.pages.crawler import KNOWN, crawl, said, without_token
from tests.inbox.pages.masked import EVERYBODY, MODERATORS, READERS, WORDS, MaskedTown, fill
from tests.signed_in import sign_in_as

BELOW = ("centre", "elu")
MASKED = sorted(word for word, logins in WORDS.items() if not logins.intersection(BELOW))


class Town:
    """The whole application, with what was masked in it."""

    def __init__(self, app: Flask, store: Store, town: MaskedTown) -> None:
        self.app = app
        self.store = store
        self.ids = town.contributions
        self._people = town.people

    def client(self, login: str, language: str = "fr") -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        sign_in_as(client, self._people[login])
        return client

    def most(self) -> int:
        """One more than the highest id of whatever has an address."""
        with self.store.read() as session:
            tables = (Arrival, Contribution, Intake, Medium)
            return 1 + max(session.scalar(select(func.max(table.id))) or 0 for table in tables)


# Nothing here changes the town, so that each server is filled once.
@pytest.fixture(
    scope="module",
    params=ON_SERVERS,
)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("masked")
    for folders in store_folders(request.param, folder, request, template=True):
        store = Store.open(folders)
        filled = fill(store)
        yield Town(create_app(Settings(folder=folder, language="fr"), store), store, filled)
        store.close()


def seen_in(text: str) -> set[str]:
    """The words that stand in a text, in whatever spelling."""
    everything = fold(text).replace(" ", "")
    return {word for word in WORDS if fold(word).replace(" ", "") in everything}


def seen_by(town: Town, login: str) -> dict[str, str]:
    """Every word that somebody comes across, with an address where it stands."""
    views = ("todo", "person", "waiting", "published", "aside", "nonsense")
    lists = ("/contributions", "/contributions/export.csv")
    queries = (*(f"view={view}" for view in views), "doubtful=1")
    further = tuple(f"{place}?{query}" for place in lists for query in queries)
    found = crawl(town.app, town.client(login), town.most(), further)
    assert len(found) > 100
    return {word: address for address, text in found.items() for word in seen_in(text)}


@pytest.mark.parametrize(
    ("town", "login"),
    [
        ("sqlite", "centre"),
        ("sqlite", "elu"),
        pytest.param("postgresql", "centre", marks=[pytest.mark.postgres, pytest.mark.soak]),
        pytest.param("postgresql", "elu", marks=pytest.mark.postgres),
    ],
    indirect=["town"],
)
def test_below_moderator_nobody_sees_what_was_masked(town: Town, login: str) -> None:
    found = seen_by(town, login)
    assert found.keys() == {word for word, logins in WORDS.items() if login in logins}, found


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_moderators_see_all_of_it(town: Town) -> None:
    # Which also shows that the same walk does find what is there: for which one database is enough.
    found = seen_by(town, "mod")
    assert found.keys() == {word for word, logins in WORDS.items() if "mod" in logins}, found


# --- a hit would confirm a name ----------------------------------------------------------------------


def never_said(word: str) -> str:
    """A word of the same length that nobody ever said."""
    return ("zqxjk" * 9)[: len(word)]


ASKED = (
    "/contributions?q={}",
    "/contributions?view=published&q=banc+{}",
    "/contributions?view=todo&theme={}",
    "/contributions/export.csv?q={}",
    "/contributions/export.csv?theme={}",
    "/ledger?consultation={}",
)


def answers(client: FlaskClient, word: str, asked: Sequence[str] = ASKED) -> list[str]:
    """What is answered to a word, without the word itself."""
    return [without_token(said(client.get(one.format(word)))).replace(word, "") for one in asked]


STEMS = [stem(fold(word), "fr") for word in MASKED]


# The two spreadsheets and the ledger go by the same search on either server; a stem is asked as a word is.
@pytest.mark.parametrize(
    ("town", "forms", "asked"),
    [
        pytest.param("sqlite", MASKED, ASKED, id="sqlite, words"),
        pytest.param("sqlite", STEMS, ASKED[:1], id="sqlite, stems in search"),
        pytest.param("sqlite", STEMS, ASKED[1:], id="sqlite, stems elsewhere", marks=pytest.mark.soak),
        pytest.param("postgresql", MASKED, ASKED[:1], id="postgresql, words in search", marks=pytest.mark.postgres),
        pytest.param(
            "postgresql",
            [*MASKED, *STEMS],
            ASKED,
            id="postgresql, all of it",
            marks=[pytest.mark.postgres, pytest.mark.soak],
        ),
    ],
    indirect=["town"],
)
def test_asking_for_a_masked_word_is_answered_like_one_that_nobody_said(
    town: Town, forms: Sequence[str], asked: Sequence[str]
) -> None:
    client = town.client("elu")
    nothing = {length: answers(client, never_said("x" * length), asked) for length in {len(form) for form in forms}}
    found = [form for form in sorted(set(forms)) if answers(client, form, asked) != nothing[len(form)]]
    assert found == []


def test_asking_for_what_was_published_is_answered(town: Town) -> None:
    client = town.client("elu")
    for word in ("Plouzaneau", "LANDIVISOC", "quimerchoux"):
        assert answers(client, word)[0] != answers(client, never_said(word))[0]
        assert word.casefold() in client.get(f"/contributions/export.csv?q={word}").text.casefold()


def test_moderators_find_what_is_in_force_and_not_published(town: Town) -> None:
    client = town.client("mod")
    for word in ("Foutriquet", "Saperlotte", "patatrac"):
        assert f"/contributions/{town.ids['in review']}" in client.get("/contributions?q=Foutriquet").text
        assert answers(client, word)[0] != answers(client, never_said(word))[0]


UNDECIDED = ("in review", "machine", "sorted", "again", "more", "taken back", "piece", "erased")


@pytest.mark.parametrize("name", UNDECIDED)
def test_a_reference_opens_nothing_that_is_not_moderated(town: Town, name: str) -> None:
    number = town.ids[name]
    with town.store.read() as session:
        reference = reference_of(session, number)
    client = town.client("elu")
    for written in (reference, format_reference(reference)):
        answer = client.get("/contributions", query_string={"q": written})
        assert (answer.status_code, f'"/contributions/{number}"' in answer.text) == (200, False)
    for address in (f"/contributions/{number}", f"/contributions?before={number + 1}&q={reference}"):
        assert f"/contributions/{number}" not in without_back(client.get(address).text)
    assert client.get(f"/contributions/{number}").status_code == 404


def without_back(text: str) -> str:
    """A page without the address it was asked under, which the language buttons lead back to."""
    return text.replace('name="next"', "").split('class="languages"')[0]


@pytest.mark.parametrize("name", ["published", "aside"])
def test_a_reference_opens_what_is(town: Town, name: str) -> None:
    number = town.ids[name]
    with town.store.read() as session:
        reference = reference_of(session, number)
    answer = town.client("elu").get("/contributions", query_string={"q": reference})
    assert (answer.status_code, answer.location) == (302, f"/contributions/{number}")


# --- what there is to see, and the ledger -------------------------------------------------------------


def test_the_themes_of_a_published_text_are_those_its_words_reason(town: Town) -> None:
    text = town.client("elu", "en").get(f"/contributions/{town.ids['reason']}").text
    assert "because of: bus" in text
    assert "Getting around" in text
    assert "Cleanliness" in text  # kept by a moderator, for a reason that was masked
    assert "Chambard" not in text


def test_of_what_was_set_aside_the_fact_the_reason_and_the_count_are_told(town: Town) -> None:
    client = town.client("elu", "en")
    text = client.get(f"/contributions/{town.ids['aside']}").text
    assert "Set aside: <strong>Accuses or identifies a person</strong>" in text
    assert "its text is read by moderators only" in text
    assert "1 voice" in text
    listed = client.get("/contributions?view=aside").text
    assert "Set aside: Accuses or identifies a person" in listed
    rows = csv.DictReader(io.StringIO(client.get("/contributions/export.csv?view=aside").data.decode("utf-8-sig")))
    told = [(row["moderation"], row["reason"], row["text"], row["themes"], row["language"]) for row in rows]
    assert told == [("set aside", "off topic", "", "", ""), ("set aside", "names a person", "", "", "")]


def test_an_officials_spreadsheet_holds_no_reading_of_a_machine(town: Town) -> None:
    raw = town.client("elu", "en").get("/contributions/export.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw)))
    assert {row["moderation"] for row in rows} == {"published", "set aside"}
    assert {
        (row["read by machine, not confirmed"], row["machine's confidence (%)"], row["reading"]) for row in rows
    } == {("no", "", "")}


def test_the_ledger_is_the_same_for_everybody_and_leads_only_where_one_may_go(town: Town) -> None:
    with town.store.read() as session:
        book = count_ledger(session)
    assert book.balanced
    verdict = f"The ledger balances: {book.units} arrived, {book.units} accounted for."
    for login, views in (("elu", {"aside", "published"}), ("mod", {"aside", "published", "todo", "waiting"})):
        client = town.client(login, "en")
        text = client.get("/ledger").text
        assert verdict in text
        linked = {view for view in ("todo", "waiting", "aside", "published", "person") if f"?view={view}" in text}
        assert linked == views
        assert ("/quarantine" in text) == (login == "mod")


def test_an_officials_tabs_count_what_they_open(town: Town) -> None:
    with town.store.read() as session:
        states = session.scalars(select(Contribution.moderation).where(Contribution.erased_at.is_(None))).all()
    text = town.client("elu", "en").get("/contributions").text
    published, aside = states.count(Moderation.PUBLISHED), states.count(Moderation.SET_ASIDE)
    assert f'Published <span class="count">{published}<' in text
    assert f'Set aside <span class="count">{aside}<' in text
    assert f'All <span class="count">{published + aside}<' in text
    for tab in ("To review", "Needs a person", "Being read"):
        assert f">{tab} <" not in text
    assert 'name="doubtful"' not in text


# --- who may do what ----------------------------------------------------------------

HAND_IN = frozenset({"centre", "mod", "admin"})

ADMINISTRATORS = frozenset({"admin"})
OFFICIALS = frozenset({"elu", "admin"})

SETTINGS_PAGES = {
    path: dict.fromkeys(methods.split(), ADMINISTRATORS)
    for path, methods in {
        "/settings": "GET",
        "/settings/alerts": "GET POST",
        "/settings/backups": "GET POST",
        "/settings/backups/<name>": "GET",
        "/settings/backups/<name>/check": "POST",
        "/settings/backups/<name>/delete": "POST",
        "/settings/backups/<name>/restore": "POST",
        "/settings/restored": "POST",
        "/settings/restored/delete": "POST",
        "/settings/centres": "GET POST",
        "/settings/centres/<int:centre_id>": "POST",
        "/settings/consultations": "GET",
        "/settings/consultations/<slug>": "GET",
        "/settings/consultations/<slug>/archive": "GET POST",
        "/settings/consultations/<slug>/close": "POST",
        "/settings/consultations/<slug>/consultation.toml": "GET",
        "/settings/consultations/<slug>/edit": "GET POST",
        "/settings/consultations/<slug>/open": "POST",
        "/settings/consultations/<slug>/texts": "GET",
        "/settings/consultations/<slug>/texts/<language>/<key>": "GET POST",
        "/settings/consultations/<slug>/themes": "GET POST",
        "/settings/consultations/<slug>/themes/try": "POST",
        "/settings/consultations/<slug>/unarchive": "POST",
        "/settings/consultations/<slug>/versions": "GET",
        "/settings/consultations/import": "GET POST",
        "/settings/consultations/new": "GET POST",
        "/settings/engines": "GET POST",
        "/settings/engines/models": "POST",
        "/settings/errands/<int:errand_id>": "GET",
        "/settings/mailboxes": "GET POST",
        "/settings/mailboxes/<name>": "GET POST",
        "/settings/mailboxes/<name>/remove": "POST",
        "/settings/mailboxes/new": "GET POST",
        "/settings/portevoix.toml": "GET",
        "/settings/status": "GET POST",
        "/settings/telephone": "GET POST",
        "/settings/tests/call": "POST",
        "/settings/tests/mail": "POST",
        "/settings/tests/mailbox": "POST",
        "/settings/tests/text": "POST",
        "/settings/town": "GET POST",
        "/settings/updates": "GET",
        "/settings/town/logo": "POST",
    }.items()
}
"""A town's own pages: none of them is for anybody else."""

PAGES: dict[str, dict[str, frozenset[str]]] = {
    "/": {"GET": EVERYBODY},
    "/sign-in": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/sign-out": {"POST": EVERYBODY},
    "/language": {"POST": EVERYBODY},
    "/confirm": {"POST": EVERYBODY},
    "/set-up/<token>": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/account": {"GET": EVERYBODY},
    "/account/digest": {"POST": READERS},
    "/account/second-factor": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/account/second-factor/begin": {"POST": EVERYBODY},
    "/account/second-factor/codes": {"POST": EVERYBODY},
    "/account/second-factor/remove": {"POST": EVERYBODY},
    "/account/security-keys": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/account/security-keys/<int:key_id>/name": {"POST": EVERYBODY},
    "/account/security-keys/<int:key_id>/remove": {"POST": EVERYBODY},
    "/sign-in/key": {"POST": EVERYBODY},
    "/sign-in/outside": {"GET": EVERYBODY},
    "/sign-in/outside/return": {"GET": EVERYBODY},
    "/sign-in/code": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/account/password": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/account/sessions/end": {"POST": EVERYBODY},
    "/account/sessions/<int:session_id>/end": {"POST": EVERYBODY},
    "/static/<digest>/<name>": {"GET": EVERYBODY},
    "/hooks/voice/prompts/<whose>/<language>/<name>": {"GET": EVERYBODY},
    "/contributions": {"GET": READERS},
    "/contributions/export.csv": {"GET": READERS},
    "/contributions/<int:contribution_id>": {"GET": READERS, "POST": MODERATORS},
    "/contributions/<int:contribution_id>/leave": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/drafts/<int:draft_id>/take": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/drafts/<int:draft_id>/discard": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/text": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/wish": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/publish": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/set-aside": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/erase": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/keep": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/leave-published": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/reopen": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/undo/<int:history_id>": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/themes": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/themes/keep": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/themes/remove": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/source/<int:arrival_id>": {"GET": MODERATORS},
    "/media/<int:medium_id>": {"GET": MODERATORS},
    "/media/<int:medium_id>/masked": {"GET": READERS},
    "/contributions/<int:contribution_id>/media/<int:medium_id>/copy": {"POST": MODERATORS},
    "/arrivals/<int:arrival_id>": {"GET": MODERATORS},
    "/batches": {"GET": HAND_IN},
    "/batches/<int:intake_id>": {"GET": HAND_IN},
    "/batches/<int:intake_id>/sheets/<int:medium_id>": {"GET": HAND_IN},
    "/batches/<int:intake_id>/pages": {"GET": HAND_IN},
    "/batches/<int:intake_id>/withdraw": {"POST": HAND_IN},
    "/batches/<int:intake_id>/put-back": {"POST": HAND_IN},
    "/batches/<int:intake_id>/pages/<int:page_id>/leave-out": {"POST": HAND_IN},
    "/batches/<int:intake_id>/pages/<int:page_id>/code": {"POST": HAND_IN},
    "/batches/<int:intake_id>/end": {"GET": HAND_IN},
    "/batches/<int:intake_id>/end/<what>": {"POST": HAND_IN},
    "/batches/<int:intake_id>/end/<what>/undo": {"POST": HAND_IN},
    "/batches/<int:intake_id>/pages/<int:page_id>/destroy": {"POST": HAND_IN},
    "/keying": {"GET": HAND_IN},
    "/keying/work": {"GET": HAND_IN},
    "/keying/<int:item_id>/picture": {"GET": HAND_IN},
    "/keying/<int:item_id>/draft": {"POST": HAND_IN},
    "/keying/<int:item_id>/say": {"POST": HAND_IN},
    "/upload": {"GET": HAND_IN, "POST": HAND_IN},
    "/forms": {"GET": HAND_IN, "POST": HAND_IN},
    "/enter": {"GET": HAND_IN, "POST": HAND_IN},
    "/enter/<int:intake_id>": {"GET": HAND_IN},
    "/today": {"GET": frozenset({"centre"})},
    "/town-logo": {"GET": EVERYBODY},
    "/practice/afresh": {"POST": EVERYBODY},  # answers only where one practises
    **SETTINGS_PAGES,
    "/ledger": {"GET": READERS},
    "/not-contributions": {"GET": MODERATORS},
    "/not-contributions/<unit>/<int:number>": {"GET": MODERATORS},
    "/not-contributions/<unit>/<int:number>/take": {"POST": MODERATORS},
    "/quarantine": {"GET": MODERATORS},
    "/quarantine/replay": {"POST": MODERATORS},
    "/quarantine/<int:step_id>/replay": {"POST": MODERATORS},
    "/quarantine/<int:step_id>/seen": {"POST": MODERATORS},
    "/status": {"GET": MODERATORS},
    "/accessibilite": {"GET": EVERYBODY},
    "/answers": {"GET": READERS},
    "/answers/<int:answer_id>": {"GET": READERS, "POST": READERS},
    "/answers/<int:answer_id>/<any(approve, back, withdraw):step>": {"POST": READERS},
    "/answers/<int:answer_id>/letters.pdf": {"POST": READERS},
    "/answers/<int:answer_id>/notices.pdf": {"POST": READERS},
    "/answers/<int:answer_id>/recordings/<language>": {"GET": READERS, "POST": READERS},
    "/contributions/<int:contribution_id>/support": {"POST": READERS},
    "/contributions/<int:contribution_id>/voice": {"POST": MODERATORS},
    "/answers/new": {"GET": READERS, "POST": READERS},
    "/answers/passages": {"GET": READERS, "POST": READERS},
    "/consultations": {"GET": EVERYBODY},
    "/consultations/<slug>": {"GET": EVERYBODY},
    "/consultations/<slug>/feed.atom": {"GET": EVERYBODY},
    "/consultations/<slug>/published": {"GET": EVERYBODY},
    "/consultations/<slug>/published/<int:number>": {"GET": EVERYBODY},
    "/consultations/<slug>/published/<int:number>/listen": {"GET": EVERYBODY},
    "/consultations/<slug>/published/<int:number>/own-voice.mp3": {"GET": EVERYBODY},
    "/consultations/<slug>/published/<int:number>/read.mp3": {"GET": EVERYBODY},
    "/consultations/<slug>/published/<int:number>/report": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/consultations/<slug>/data": {"GET": EVERYBODY},
    "/consultations/<slug>/data/numbers.json": {"GET": EVERYBODY},
    "/consultations/<slug>/data/open-data.<kind>": {"GET": EVERYBODY},
    "/consultations/<slug>/data/open-data.dcat.json": {"GET": EVERYBODY},
    "/consultations/<slug>/map": {"GET": EVERYBODY},
    "/consultations/<slug>/report": {"GET": EVERYBODY},
    "/consultations/<slug>/report.<format>": {"GET": EVERYBODY},
    "/reports/<slug>/versions/<int:number>/publish": {"POST": OFFICIALS},
    "/reports/<slug>/versions/<int:number>/withdraw": {"POST": OFFICIALS},
    "/consultations/<slug>/selection": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/donnees-personnelles": {"GET": EVERYBODY},
    "/vote": {"GET": HAND_IN, "POST": HAND_IN},
    "/api/v1/openapi.json": {"GET": EVERYBODY},
    "/health/live": {"GET": EVERYBODY},
    "/open311/v2/openapi.json": {"GET": EVERYBODY},
    "/open311/v2/discovery.<kind>": {"GET": EVERYBODY},
    "/open311/v2/services.<kind>": {"GET": EVERYBODY},
    "/open311/v2/services/<code>.<kind>": {"GET": EVERYBODY},
    "/settings/tools": {"GET": ADMINISTRATORS},
    "/settings/tools/tokens": {"POST": ADMINISTRATORS},
    "/settings/tools/tokens/<int:token_id>/revoke": {"POST": ADMINISTRATORS},
    "/settings/tools/webhooks": {"POST": ADMINISTRATORS},
    "/settings/tools/webhooks/<int:webhook_id>/<step>": {"POST": ADMINISTRATORS},
    "/health/ready": {"GET": EVERYBODY},
    "/flagged": {"GET": MODERATORS},
    "/flagged/<int:report_id>/settle": {"POST": MODERATORS},
    "/mentions-legales": {"GET": EVERYBODY},
    "/reports": {"GET": READERS},
    "/reports/<slug>": {"GET": READERS},
    "/reports/<slug>/arrange": {"GET": OFFICIALS, "POST": OFFICIALS},
    "/reports/<slug>/comments": {"POST": READERS},
    "/reports/<slug>/comments/<int:number>/settle": {"POST": READERS},
    "/reports/<slug>/data": {"GET": READERS},
    "/reports/<slug>/data/progress": {"GET": READERS},
    "/reports/<slug>/data/contributions.<kind>": {"GET": READERS},
    "/reports/<slug>/data/consul.jsonl": {"GET": READERS},
    "/reports/<slug>/data/decidim.csv": {"GET": READERS},
    "/reports/<slug>/data/open-data.<kind>": {"GET": READERS},
    "/reports/<slug>/data/open-data.dcat.json": {"GET": READERS},
    "/reports/<slug>/data/release": {"POST": OFFICIALS},
    "/reports/<slug>/draft": {"GET": OFFICIALS, "POST": OFFICIALS},
    "/reports/<slug>/draft/model": {"POST": OFFICIALS},
    "/reports/<slug>/document.<format>": {"GET": READERS},
    "/reports/<slug>/kinds/<name>": {"GET": MODERATORS, "POST": MODERATORS},
    "/reports/<slug>/pictures/<int:number>.<format>": {"GET": READERS},
    "/reports/<slug>/topics": {"GET": READERS},
    "/reports/<slug>/topics/<int:topic_id>": {"GET": READERS, "POST": READERS},
    "/reports/<slug>/versions": {"POST": OFFICIALS},
    "/reports/<slug>/versions/<int:number>": {"GET": READERS},
    "/reports/<slug>/versions/<int:number>/sign": {"POST": OFFICIALS},
    "/results/<slug>": {"GET": READERS, "POST": READERS},
    "/openings": {"GET": ADMINISTRATORS},
    "/openings/export.csv": {"GET": ADMINISTRATORS},
    "/rights": {"GET": ADMINISTRATORS},
    "/rights/new": {"GET": ADMINISTRATORS, "POST": ADMINISTRATORS},
    "/rights/<int:request_id>": {"GET": ADMINISTRATORS},
    "/rights/<int:request_id>/identity": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/find": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/leave-out/<int:contribution_id>": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/extend": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/refuse": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/answer": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/copy": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/rectify/<int:contribution_id>": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/object/<int:contribution_id>": {"POST": ADMINISTRATORS},
    "/rights/<int:request_id>/erase": {"POST": ADMINISTRATORS},
    "/settings/people": {"GET": ADMINISTRATORS},
    "/settings/people/<int:person_id>": {"GET": ADMINISTRATORS, "POST": ADMINISTRATORS},
    "/settings/people/<int:person_id>/close": {"POST": ADMINISTRATORS},
    "/settings/people/<int:person_id>/invite": {"POST": ADMINISTRATORS},
    "/settings/people/<int:person_id>/reopen": {"POST": ADMINISTRATORS},
    "/settings/people/<int:person_id>/second-factor": {"POST": ADMINISTRATORS},
    "/settings/people/<int:person_id>/sign-out": {"POST": ADMINISTRATORS},
    "/settings/people/new": {"GET": ADMINISTRATORS, "POST": ADMINISTRATORS},
    "/suivi": {"GET": EVERYBODY, "POST": EVERYBODY},
    "/suivi/<number>": {"GET": EVERYBODY},
    "/triage": {"GET": MODERATORS},
    "/contributions/<int:contribution_id>/pass-on": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/pass-on/undo": {"POST": MODERATORS},
    "/service-requests": {"GET": MODERATORS},
    "/service-requests/requests.json": {"GET": MODERATORS},
    "/triage/second": {"GET": MODERATORS},
    "/triage/second/<int:look_id>": {"POST": MODERATORS},
    "/triage/agreement": {"GET": MODERATORS},
    "/triage/begin": {"POST": MODERATORS},
    "/triage/looking/<int:contribution_id>": {"POST": MODERATORS},
    "/triage/keys": {"GET": MODERATORS, "POST": MODERATORS},
    "/contributions/<int:contribution_id>/notes": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/assign": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/join": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/split": {"GET": MODERATORS, "POST": MODERATORS},
    "/contributions/<int:contribution_id>/appeal": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/appeal/uphold": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/contest/settle": {"POST": MODERATORS},
    "/contributions/<int:contribution_id>/themes/keep-all": {"POST": MODERATORS},
    "/contributions/bulk": {"POST": MODERATORS},
    "/contributions/bulk/<int:bulk_id>/undo": {"POST": MODERATORS},
    "/contributions/views": {"POST": MODERATORS},
    "/contributions/views/<int:view_id>/remove": {"POST": MODERATORS},
}
"""Every page and method, and who may use it. A new page has to be added here, so that somebody thinks about it."""

ENDING = {"/sign-out", "/sign-in", "/account/sessions/end", "/account/sessions/<int:session_id>/end", "/confirm"}
"""What would end the session, or refuses without a password."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def test_every_page_stands_in_the_table(town: Town) -> None:
    methods: dict[str, set[str]] = {}
    for rule in town.app.url_map.iter_rules():
        access = guard.access_of(town.app, rule.endpoint)
        if access is not None and not access.proof:  # who brings a proof need not be signed in
            methods.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    assert methods == {rule: set(allowed) for rule, allowed in PAGES.items()}


@pytest.mark.parametrize("login", BELOW)
def test_below_moderator_each_page_and_method_answers_as_the_table_says(town: Town, login: str) -> None:
    client = town.client(login)
    token = token_of(client)
    unexpected = []
    for rule, allowed in PAGES.items():
        if rule in ENDING:
            continue
        rule = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule)
        address = re.sub(r"<\w+>", lambda word: KNOWN.get(word[0][1:-1], "none"), rule.replace("<int:intake_id>", "1"))
        for name in ("published", "in review"):
            filled = _filled(address, town.ids[name])
            for method in METHODS:
                answer = client.open(filled, method=method, data={"csrf_token": token, "revision": 1})
                roles = allowed.get("GET" if method == "HEAD" else method)
                refused = 405 if roles is None else 403 if login not in roles else None
                fits = answer.status_code == refused if refused else answer.status_code in {200, 302, 404, 422}
                if not fits or seen_in(said(answer)) - {word for word, by in WORDS.items() if login in by}:
                    unexpected.append((method, filled, answer.status_code))
            if filled == address:
                break
    assert unexpected == []


def _filled(address: str, number: int) -> str:
    return re.sub(r"<int:\w+>", str(number), address)
