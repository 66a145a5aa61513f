"""Officials arrange a report, write under their own name, keep and sign versions; what they do not see stays out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html

from inbox.contributions import moderation, text_versions
from inbox.erasure.erase import erase_contribution
from inbox.records import references
from inbox.storage.database import Store
from tests.inbox.pages.conftest import post
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import OWN, ReportTown, town_of
from workers.tasks.making_sense import SenseMaker

DESK = f"{PAGE}/arrange"


@pytest.fixture
def town(sqlite_store: Store) -> ReportTown:
    return town_of(sqlite_store, 3, voices=12)


@pytest.fixture
def official(town: ReportTown, tmp_path: Path) -> FlaskClient:
    return signed_in(town.store, tmp_path, town.people["elu"])


def page(client: FlaskClient, path: str = PAGE) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def do(client: FlaskClient, what: str, **values: object) -> int:
    """One change, as the desk's forms send it."""
    (revision, *_more) = page(client, DESK).xpath('//input[@name="revision"]/@value')
    return post(client, DESK, {"do": what, "revision": revision, **values}, page=DESK).status_code


def reference(town: ReportTown, contribution_id: int) -> str:
    with town.store.read() as session:
        return references.reference_of(session, contribution_id)


def article(client: FlaskClient) -> str:
    return re.sub(r"Made on.*", "", client.get(PAGE).text.split("<article")[1].split("</article>")[0])


def sections(client: FlaskClient) -> list[str]:
    return [one.removeprefix("section-") for one in page(client).xpath("//article/section/@id")]


def test_order_headings_and_what_is_left_out(official: FlaskClient) -> None:
    before = sections(official)
    assert do(official, "down", section="question") == 302
    assert sections(official)[:2] == [before[1], before[0]]
    assert do(official, "up", section="question") == 302
    assert sections(official) == before
    assert do(official, "hide", section="places") == do(official, "hide", section="machine") == 302
    assert "machine" not in sections(official)
    assert b"machine" not in official.get(f"{PAGE}/document.odt").data
    assert do(official, "show", section="machine") == 302
    assert do(official, "heading", section="who", heading="  Ceux qui\nont parlé ") == 302
    assert "Ceux qui ont parlé" in official.get(PAGE).text
    assert do(official, "title", title="Rapport au conseil") == 302
    assert page(official).xpath("//h1")[0].text_content() == "Rapport au conseil"


def test_an_own_sentence_is_its_authors_and_names_its_voices(official: FlaskClient, town: ReportTown) -> None:
    spoken = reference(town, town.campaign[0])
    assert (
        do(
            official,
            "sentence",
            section="campaigns",
            text="Le conseil en débattra.",
            voices=f"{spoken[:3]} {spoken[3:]}",
        )
        == 302
    )
    assert do(official, "sentence", section="campaigns", text="<b>Le budget</b> est voté.", voices="") == 302
    own = [one.text_content() for one in page(official).xpath('//div[@class="own"]')]
    assert "Elu" in own[0]
    assert "Speaks of 1 contribution:" in own[0]
    assert "<b>Le budget</b>" in own[1]
    assert "Speaks of no contribution" in own[1]
    for kind in ("html", "docx", "odt", "pdf"):
        assert official.get(f"{PAGE}/document.{kind}").status_code == 200
    assert do(official, "remove", section="campaigns", sentence=1) == 302
    assert len(page(official).xpath('//div[@class="own"]')) == 1


@pytest.mark.parametrize(("what", "values"), [
    ("sentence", {"text": "", "voices": ""}),
    ("sentence", {"text": "Vrai.", "voices": "123 456 789"}),
    ("sentence", {"text": "x" * 2001, "voices": ""}),
    ("quote", {"reference": "{published}", "passage": "ce que personne n’a dit"}),
    ("quote", {"reference": "{set_aside}", "passage": "banc"}),
    ("quote", {"reference": "999", "passage": "banc"}),
    ("sentence", {"text": "De lui.", "voices": "{in_review}"}),
])  # fmt: skip
def test_what_is_refused_is_handed_back(
    official: FlaskClient, town: ReportTown, what: str, values: dict[str, str]
) -> None:
    known = {name: getattr(town, name) for name in ("published", "set_aside", "in_review")}
    filled = {
        key: value.format(**{name: reference(town, ids[0]) for name, ids in known.items() if ids})
        for key, value in values.items()
    }
    before = article(official)
    assert do(official, what, section="theme:nature", **filled) == 422
    after = article(official)
    assert before == after


def test_an_official_chooses_whom_to_quote(official: FlaskClient, town: ReportTown) -> None:
    (theme, *_rest) = [one for one in page(official).xpath("//article//section/@id") if "theme:" in one]
    key = theme.removeprefix("section-")
    chosen = town.own_voice
    assert do(official, "quote", section=key, reference=reference(town, chosen), passage=OWN) == 302
    quoted = page(official).xpath(f'//section[@id="{theme}"]//figure')
    assert quoted[0].xpath("./blockquote/p")[0].text_content() == OWN
    assert "Chosen by an official" in quoted[0].text_content()
    number = page(official, DESK).xpath(f'//section[@id="{theme}"]//input[@name="quotation"]/@value')[1]
    words = quoted[1].xpath("./blockquote/p")[0].text_content()
    assert do(official, "leave_out", section=key, quotation=number) == 302
    SenseMaker(town.store).run()
    left = [one.text_content() for one in page(official).xpath(f'//section[@id="{theme}"]//blockquote/p')]
    assert OWN in left
    assert words not in left


def test_two_at_once_do_not_undo_one_another(official: FlaskClient) -> None:
    assert do(official, "hide", section="places") == 302
    assert post(official, DESK, {"do": "title", "title": "x", "revision": "0"}, page=DESK).status_code == 422


def test_a_version_stands_still_and_counts_what_came_since(official: FlaskClient, town: ReportTown) -> None:
    post(official, f"{PAGE}/versions", {"comment": "Pour la commission"}, page=PAGE)
    kept = f"{PAGE}/versions/1"
    published = len(town.published)
    with town.store.write() as session:
        moderation.decide_contribution(
            session, town.in_review[0], "publish", by=town.people["mod"], expect_revision=None
        )
    assert f"{published} contributions have been published." in official.get(kept).text
    assert "1 contribution has been published since" in official.get(kept).text
    assert f"{published + 1} contributions have been published." in official.get(PAGE).text
    post(official, f"{kept}/sign", {}, page=kept)
    assert "signed by Elu" in official.get(kept).text
    post(official, f"{kept}/sign", {}, page=kept)
    assert official.get(kept).text.count("signed by Elu") == 1
    assert official.get(f"{PAGE}/document.pdf?version=1").status_code == 200
    assert official.get(f"{PAGE}/versions/2").status_code == 404


@pytest.mark.parametrize("how", ["reworded", "set aside", "erased"])
def test_what_is_taken_back_is_quoted_no_more_in_old_versions_either(
    official: FlaskClient, town: ReportTown, how: str
) -> None:
    post(official, f"{PAGE}/versions", {}, page=PAGE)
    assert OWN in official.get(f"{PAGE}/versions/1").text
    by, number = town.people["mod"], town.own_voice
    with town.store.write() as session:
        if how == "reworded":
            text_versions.correct_text(session, number, "Autre chose.", by, None)
        elif how == "set aside":
            moderation.decide_contribution(session, number, "reopen", by=by, expect_revision=None)
        else:
            erase_contribution(session, number, by=by, reason="author")
    for path in (PAGE, f"{PAGE}/versions/1", f"{PAGE}/document.html", f"{PAGE}/document.html?version=1"):
        assert OWN not in official.get(path).text, path
    assert "no longer published" in official.get(f"{PAGE}/versions/1").text


def test_kinds_count_once_a_person_kept_them(town: ReportTown, tmp_path: Path) -> None:
    moderator = signed_in(town.store, tmp_path, town.people["mod"])
    path = f"{PAGE}/kinds/question"
    one = page(moderator, path).xpath('//input[@name="contribution"]/@value')[0]
    assert "Asked, and not answered yet" not in moderator.get(PAGE).text
    post(moderator, path, {"contribution": one, "do": "keep"}, page=path)
    SenseMaker(town.store).run()
    shown = page(moderator).xpath('//section[@id="section-questions"]')[0]
    assert "1 question" in shown.text_content()
    assert shown.xpath(".//blockquote")
    left = page(moderator, path).xpath('//input[@name="contribution"]/@value')
    assert one not in left
    if left:
        post(moderator, path, {"contribution": left[0], "do": "drop"}, page=path)
        assert left[0] not in page(moderator, path).xpath('//input[@name="contribution"]/@value')


@pytest.mark.parametrize(("login", "path", "code"), [
    ("mod", DESK, 403), ("elu", f"{PAGE}/kinds/question", 403), ("mod", PAGE, 200), ("elu", "/reports/nowhere", 404),
    ("elu", f"{PAGE}/document.exe", 404), ("elu", f"{PAGE}/data/contributions.exe", 404),
    ("mod", f"{PAGE}/kinds/gossip", 404),
])  # fmt: skip
def test_who_may_enter_where(town: ReportTown, tmp_path: Path, login: str, path: str, code: int) -> None:
    assert signed_in(town.store, tmp_path, town.people[login]).get(path).status_code == code
