"""Reports invent nothing: every number is counted again from the rows, every quotation found word for word.

What is counted here is counted by other means than the report's: plain SQL over the tables, and the texts opened one by
one. A few towns here, twenty with ``make soak ONLY=reports``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import text

from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.contributions import text_versions
from inbox.models import Contribution
from inbox.storage.database import Store
from tests.inbox.reports.towns import OWN, SECRET, SLUG, ReportTown, town_of
from tests.signed_in import sign_in_as

SEEDS = (1, 2, 3)
PAGE = f"/reports/{SLUG}"


@dataclass
class Shown:
    """A report as an official sees it."""

    town: ReportTown
    client: FlaskClient
    page: html.HtmlElement

    def section(self, key: str) -> html.HtmlElement:
        (found,) = self.page.xpath(f'//section[@id="section-{key}"]')
        return found

    def table(self, key: str, number: int = 0) -> dict[str, list[int]]:
        """A table of a section: its first cells and the numbers beside them."""
        table = self.section(key).xpath(".//table")[number]
        return {
            row.xpath("./th")[0].text_content(): [
                int(re.sub(r"\D", "", cell.text_content())) for cell in row.xpath("./td")
            ]
            for row in table.xpath("./tbody/tr")
        }

    def numbers(self, key: str) -> list[list[int]]:
        """The numbers of each sentence of a section itself, none of a theme's within it."""
        paragraphs = self.section(key).xpath("./p")
        return [[int(one) for one in re.findall(r"\d+", paragraph.text.replace(",", ""))] for paragraph in paragraphs]

    def count(self, sql: str) -> int:
        with self.town.store.read() as session:
            return int(session.execute(text(sql)).scalar() or 0)

    def counts(self, sql: str) -> dict[str, int]:
        with self.town.store.read() as session:
            return {str(name): int(n) for name, n in session.execute(text(sql))}

    def text_of(self, contribution_id: int) -> tuple[str, str]:
        """State and text in force, opened by themselves."""
        with self.town.store.read() as session:
            one = session.get_one(Contribution, contribution_id)
            wording = text_versions.current_text(session, one)
            return one.moderation.value, wording.body if wording else ""


def signed_in(store: Store, folder: Path, person: int, language: str = "en") -> FlaskClient:
    app = create_app(Settings(folder=folder, language="fr", town_name="Ville d'Exemple"), store)
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    sign_in_as(client, person)
    return client


@pytest.fixture(params=SEEDS)
def shown(request: pytest.FixtureRequest, sqlite_store: Store, tmp_path: Path) -> Shown:
    return shown_of(town_of(sqlite_store, request.param), tmp_path)


def shown_of(town: ReportTown, folder: Path) -> Shown:
    """A town's report as its official sees it."""
    client = signed_in(town.store, folder, town.people["elu"])
    return Shown(town, client, html.fromstring(client.get(PAGE).text))


PUBLISHED = "FROM contribution c WHERE c.listed AND c.moderation = 'published'"


def check_numbers(shown: Shown) -> None:
    """Every number of every sentence and table."""
    published = shown.count(f"SELECT count(*) {PUBLISHED}")
    assert published == len(shown.town.published)
    offline = shown.count(f"SELECT count(*) {PUBLISHED} AND c.channel <> 'email'")
    assert shown.numbers("who")[:2] == [[published], [offline, round(100 * offline / published)]]
    by_channel = shown.counts(f"SELECT c.channel, count(*) {PUBLISHED} GROUP BY c.channel")
    labels = {"Text message": "sms", "Voice message": "voicemail", "E-mail": "email", "Paper form": "paper"}
    assert shown.table("who") == {label: [by_channel.get(name, 0)] for label, name in labels.items()}
    assert sum(sum(row) for row in shown.table("who", 1).values()) == published
    units = shown.count("SELECT count(*) FROM part")
    ledger = shown.table("ledger")
    assert (shown.numbers("ledger")[0], ledger["Arrived in all"]) == ([units], [units])
    assert sum(row[0] for label, row in ledger.items() if label != "Arrived in all") == units
    check_themes(shown, published)
    aside = shown.counts(
        "SELECT set_aside_reason, count(*) FROM contribution WHERE listed AND moderation = 'set_aside' GROUP BY 1"
    )
    assert shown.numbers("aside")[0] == [len(shown.town.set_aside)] == [sum(aside.values())]
    if aside:
        assert sorted(row[0] for row in shown.table("aside").values()) == sorted(aside.values())
    assert shown.numbers("unread") == [[0], [0]]
    suggested, kept, removed = (
        shown.count(
            "SELECT count(*) FROM tag t JOIN contribution c ON c.id = t.contribution_id WHERE c.listed"
            f" AND c.moderation = 'published' AND t.source <> 'person'{more}"
        )
        for more in ("", " AND t.confirmed", " AND t.removed")
    )
    right = [round(100 * kept / (kept + removed))] if kept + removed else []
    assert shown.numbers("machine")[0] == [suggested, kept, removed, *right]


def check_themes(shown: Shown, published: int) -> None:
    rows = {
        f"theme:{key}": (count, sure)
        for key, count, sure in shown_rows(
            shown,
            "SELECT t.name, count(*), sum(CASE WHEN t.confirmed THEN 1 ELSE 0 END) FROM tag t"
            " JOIN contribution c ON c.id = t.contribution_id"
            " WHERE c.listed AND c.moderation = 'published' AND NOT t.removed GROUP BY t.name",
        )
    }
    assert sorted(map(tuple, shown.table("themes").values())) == sorted(
        [*rows.values(), *[(0, 0)] * (len(shown.table("themes")) - len(rows))]
    )
    for key, (count, sure) in rows.items():
        assert shown.numbers(key) == [[count, round(100 * count / published)], [sure, count - sure]]
    themed = shown.count(
        "SELECT count(DISTINCT t.contribution_id) FROM tag t JOIN contribution c ON c.id = t.contribution_id"
        " WHERE c.listed AND c.moderation = 'published' AND NOT t.removed"
    )
    assert shown.numbers("themes")[0] == [published - themed]


def shown_rows(shown: Shown, sql: str) -> list[tuple[str, int, int]]:
    with shown.town.store.read() as session:
        return [(name, int(count), int(sure)) for name, count, sure in session.execute(text(sql))]


def check_quotations(shown: Shown) -> None:
    """Each stands word for word in the text in force of something published, which opens."""
    voices = shown.page.xpath('//figure[@class="voice"]')
    assert voices
    for voice in voices:
        words = voice.xpath("./blockquote/p")[0].text_content()
        (address,) = voice.xpath('./p[@class="voice-source"]/a/@href')
        state, said = shown.text_of(int(address.rsplit("/", 1)[1]))
        assert state == "published"
        assert words in said, words
        assert SECRET not in words


def check_links(shown: Shown) -> None:
    """Every address of the report is there for an official."""
    for address in sorted(set(shown.page.xpath("//article//a/@href"))):
        assert address.startswith("#") or shown.client.get(address).status_code == 200, address


def check_campaign(shown: Shown) -> None:
    """All who sent it are counted, as one text, and whoever says more stands in front."""
    campaign = shown.section("campaigns")
    said = [one.text for one in campaign.xpath("./p")]
    assert any(f"{len(shown.town.campaign)} voices, 1 text" in one for one in said), said
    quoted = [quote.text_content() for quote in campaign.xpath(".//blockquote/p")]
    assert OWN in quoted
    groups = Counter(
        group
        for group, _n, _m in shown_rows(
            shown,
            "SELECT CAST(s.group_id AS TEXT), 1, 1 FROM text_sense s JOIN contribution c ON c.id = s.contribution_id"
            " WHERE c.listed AND c.moderation = 'published' AND s.group_id IS NOT NULL",
        )
    )
    published = len(shown.town.published)
    texts = published - sum(n - 1 for n in groups.values())
    assert shown.numbers("campaigns")[0] == [published, texts]


def check_documents(shown: Shown) -> None:
    """What is masked stands in no document either, and each quotation in the HTML is one of the page's."""
    page = {one.text_content() for one in shown.page.xpath("//blockquote/p")}
    for kind in ("html", "docx", "odt", "pdf"):
        answer = shown.client.get(f"{PAGE}/document.{kind}")
        assert answer.status_code == 200
        assert SECRET.encode() not in answer.data
    document = html.fromstring(shown.client.get(f"{PAGE}/document.html").data)
    assert {re.sub("^“|”$", "", one.text_content()) for one in document.xpath("//blockquote")} == {
        one.strip() for one in page
    }


CHECKS = (check_numbers, check_quotations, check_links, check_campaign, check_documents)


def test_reports_are_faithful(shown: Shown) -> None:
    for check in CHECKS:
        check(shown)
