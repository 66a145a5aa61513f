"""A town's own language model invents two hundred times between two hundred truths: nothing invented is kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from lxml import html
from pydantic import ValidationError

from config.settings.loader import Settings
from config.settings.sections.upkeep_sections import DraftModel
from gateway.web.app import create_app
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.erasure.erase import erase_contribution
from inbox.storage.database import Store
from tests.inbox.pages.conftest import post
from tests.inbox.reports.test_faithful import PAGE
from tests.inbox.reports.towns import SLUG, ReportTown, town_of
from tests.signed_in import sign_in_as
from tests.standins.inventing_model import InventingModel, inventions, truths
from tests.standins.second_inventing_model import second_inventions
from tests.standins.web import LoopbackServer
from workers.caretaking import model_drafts
from workers.caretaking.model_drafts import NoDraft

DRAFT = f"{PAGE}/draft"
COUNT = 200


@pytest.fixture
def town(sqlite_store: Store) -> ReportTown:
    return town_of(sqlite_store, 7, voices=40)


def signed_in(town: ReportTown, folder: Path, url: str) -> FlaskClient:
    model = {"url": url, "name": "invented-7b", "seconds": 20}
    settings = Settings(folder=folder, language="fr", town_name="Ville d'Exemple", draft_model=model)
    client = create_app(settings, town.store).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    sign_in_as(client, town.people["elu"])
    return client


def run(town: ReportTown, url: str) -> None:
    """What the caretaker does with the errand."""
    with town.store.write() as session:
        taken = errands.claim_errand(session)
    assert taken is not None
    assert taken.kind is ErrandKind.DRAFT
    words = model_drafts.asked(url, "invented-7b", taken.to, 20)
    with town.store.write() as session:
        errands.end_with_words(session, taken, words, "draft_written")


def test_what_it_invents_is_struck_and_what_is_true_kept(town: ReportTown, tmp_path: Path) -> None:
    model = InventingModel(COUNT)
    with LoopbackServer(model) as server:
        url = f"{server.base}/v1"
        client = signed_in(town, tmp_path, url)
        assert post(client, f"{DRAFT}/model", {}, page=DRAFT).status_code == 302
        run(town, url)
    given = [line[2:] for line in model.prompts[0].splitlines() if line.startswith("- ")]
    assert len(given) >= 12
    draft = html.fromstring(client.get(DRAFT).text).xpath('//textarea[@id="draft"]')[0].text
    assert draft.strip()
    kept, struck = [], []
    # The page checks two hundred sentences at once: every truth, then every invention.
    invented = [[one for _way, one in invent(given, COUNT)] for invent in (inventions, second_inventions)]
    for sentences in (truths(given, COUNT), *invented):
        page = html.fromstring(post(client, DRAFT, {"do": "check", "draft": "\n".join(sentences)}, page=DRAFT).text)
        kept.append([one.text_content() for one in page.xpath('//li[@class="draft-kept"]')])
        struck.append([one.text_content() for one in page.xpath('//li[@class="draft-struck"]')])
    assert kept[1:] == [[], []]
    assert all(len(one) >= COUNT for one in struck[1:])
    assert len(kept[0]) >= 0.9 * COUNT, struck[0][:5]


def test_the_stand_in_invents_in_every_way(town: ReportTown, tmp_path: Path) -> None:
    given = [
        "31 contributions ont été publiées.",
        "7 contributions parlent de « Vélo ».",
        "Un habitant dit : « Il manque un banc. » (n° 123 456 789)",
        "Un habitant dit : « Pourquoi pas la nuit ? » (n° 987 654 321)",
    ]
    made = inventions(given, COUNT)
    assert min(Counter(name for name, _sentence in made).values()) >= COUNT // 20
    assert not {sentence for _name, sentence in made} & set(given)


def test_no_model_is_asked_unless_the_town_set_one(town: ReportTown, tmp_path: Path) -> None:
    client = signed_in(town, tmp_path, "")
    assert "draft/model" not in client.get(DRAFT).text
    assert post(client, f"{DRAFT}/model", {}, page=DRAFT).status_code == 404
    with town.store.read() as session:
        assert errands.newest_errands(session, ErrandKind.DRAFT) == []


def test_a_draft_is_forgotten_with_whom_it_may_quote(town: ReportTown, tmp_path: Path) -> None:
    with LoopbackServer(InventingModel(20)) as server:
        url = f"{server.base}/v1"
        client = signed_in(town, tmp_path, url)
        post(client, f"{DRAFT}/model", {}, page=DRAFT)
        run(town, url)
    assert html.fromstring(client.get(DRAFT).text).xpath('//textarea[@id="draft"]')[0].text.strip()
    with town.store.write() as session:
        erase_contribution(session, town.published[0], town.people["mod"], "tried")
    assert not (html.fromstring(client.get(DRAFT).text).xpath('//textarea[@id="draft"]')[0].text or "").strip()
    assert SLUG in client.get(DRAFT).request.path


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_server_that_does_not_answer_as_it_should_is_told(status: int) -> None:
    with LoopbackServer(InventingModel(4, status)) as server, pytest.raises(NoDraft, match=str(status)):
        model_drafts.asked(f"{server.base}/v1", "", "- 3 contributions ont été publiées.\n- « a » (n° 1)", 5)
    with pytest.raises(requests.RequestException):
        model_drafts.asked("http://127.0.0.1:9/v1", "", "- 3", 5)


ELSEWHERE = (
    "https://api.example.com/v1",
    "http://8.8.8.8/v1",
    "http://localhost.example/v1",
    "ftp://127.0.0.1/",
    "http://0.0.0.0/v1",
    "http://user@127.0.0.1/v1",
    "http://127.0.0.1/v1?key=1",
    "http://[2001:4860::1]/",
)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_is_sent_out_of_the_house(url: str) -> None:
    with pytest.raises(ValidationError):
        DraftModel(url=url)


@pytest.mark.parametrize(
    "url", ["", "http://localhost:11434/v1", "http://127.0.0.1:8000/v1/", "http://192.168.1.20/v1"]
)
def test_the_towns_own_machines_may_write(url: str) -> None:
    assert DraftModel(url=url).url == url.rstrip("/")
