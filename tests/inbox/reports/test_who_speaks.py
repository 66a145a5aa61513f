"""Ages from forms beside a population file, map tiles of the town's own, remarks of colleagues, progress of files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from config.enums import Channel, MediumKind, Role
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from gateway.web.app import create_app
from inbox.accounts.staff import create_person
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import moderation, transcripts
from inbox.erasure.erase import erase_contribution
from inbox.models import Medium, ReportComment, StatedAge
from inbox.quarters.outlines import laid_flat, tiles_of
from inbox.quarters.population import age_span, counted_ages, people_of_groups
from inbox.storage.database import Store
from tests.inbox import makers
from tests.inbox.pages.conftest import post
from tests.inbox.reports.test_faithful import PAGE
from tests.inbox.reports.test_quarters import PLACES, TOWN
from tests.inbox.reports.towns import SLUG
from tests.signed_in import sign_in_as
from transcription.text.place_names import PlaceIndex, read_places
from workers.tasks.making_sense import SenseMaker

TICKED = {"0-17": 6, "18-59": 9, "60-": 3, "": 8}
"""What is ticked on how many forms; nothing on the last."""
PEOPLE = "âge;habitants\nmoins de 18 ans;6000\n18 à 39 ans;4000\n40-59;3000\n60 ans et plus;7000\n"


def sheet(*ticked: str, groups: tuple[str, ...] = ("0-17", "18-59", "60-")) -> dict[str, Any]:
    boxes = [
        {"key": f"age={one}", "state": "ticked" if one in ticked else "empty", "confidence": 1.0, "place": [0, 0, 9, 9]}
        for one in groups
    ]
    return {"turns": 0, "size": [100, 100], "unread": [], "boxes": boxes}


def read_form(session: Any, part_id: int, said: dict[str, Any]) -> None:
    medium = session.query(Medium).filter_by(part_id=part_id).first()
    if medium is None:
        medium = Medium(part_id=part_id, position=0, kind=MediumKind.FORM, content_type="image/png")
        session.add(medium)
        session.flush()
    transcripts.add_transcript(
        session, medium.id, engine="boxes", model="", language=None, words=[], took_seconds=0, sheet=said
    )


@pytest.fixture
def made(sqlite_store: Store) -> list[int]:
    """Contributions whose forms were read, published all."""
    numbers = []
    with sqlite_store.write() as session:
        version = import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        person = create_person(session, "elu", "Elu", "", [Role.OFFICIAL]).id
        for group, times in TICKED.items():
            for number in range(times):
                inside = makers.intake(session, Channel.PAPER, version)
                part = makers.part(session, inside, f"Un banc rue des Tanneurs, {group} {number}")
                one = makers.contribution_of(session, part)
                read_form(session, part.id, sheet(*([group] if group else [])))
                moderation.decide_contribution(session, one.id, "publish", by=person, expect_revision=None)
                numbers.append(one.id)
    SenseMaker(sqlite_store, PlaceIndex(read_places(PLACES))).run()
    return numbers


def client_of(store: Store, folder: Path, **more: Any) -> FlaskClient:
    client = create_app(Settings(folder=folder, language="fr", town_name="Ville", **more), store).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in_as(client, 1)
    return client


def test_ages_are_counted_once_each_beside_who_lives_there(
    sqlite_store: Store, made: list[int], tmp_path: Path
) -> None:
    people = tmp_path / "population.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    page = html.fromstring(client_of(sqlite_store, tmp_path, population_file=people).get(PAGE).text)
    (table,) = page.xpath('//table[caption="Age, as ticked on forms"]')
    rows = {
        row.xpath("./th")[0].text_content(): [one.text_content().replace("\xa0", "") for one in row.xpath("./td")]
        for row in table.xpath("./tbody/tr")
    }
    # Three who are sixty would be recognised: they are counted with the next smallest.
    assert rows == {
        "18 to 59": ["9", "100%", "35%"],
        "Others, together": ["9", "–", "–"],
        "Not asked, or not said": ["8", "–", "–"],
    }
    assert sum(int(cells[0]) for cells in rows.values()) == len(made)
    assert "Of these ages too few speak to be shown apart, or nobody: under 18, 60 and over." in page.text_content()


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        ([sheet("18-59")], "18-59"),
        ([sheet("18-59"), sheet("60-")], "60-"),
        ([sheet("18-59"), sheet()], None),
        ([sheet("18-59", "60-")], None),
        ([sheet("18-59"), {"turns": 0, "boxes": []}], "18-59"),
    ],
    ids=["one", "corrected", "withdrawn", "two ticked", "another page"],
)
def test_what_a_form_says_of_an_age(
    sqlite_store: Store, made: list[int], read: list[dict[str, Any]], kept: str | None
) -> None:
    with sqlite_store.write() as session:
        part = session.query(StatedAge).first().part_id
        for one in read:
            read_form(session, part, one)
        found = session.get(StatedAge, part)
        assert (found.age_group if found else None) == kept


def test_an_age_is_erased_with_whom_it_is_of(sqlite_store: Store, made: list[int]) -> None:
    with sqlite_store.write() as session:
        before = session.query(StatedAge).count()
        erase_contribution(session, made[0], None, "asked")
        assert session.query(StatedAge).count() == before - 1


SPANS = {"18-29": (18, 29), "18 à 29 ans": (18, 29), "60+": (60, 150), "75 ans et plus": (75, 150), "37": (37, 37),
         "Moins de 15 ans": (0, 14), "60-": (60, 150), "toutes": None, "2026": None, "30-18": None}  # fmt: skip


@pytest.mark.parametrize(("said", "span"), SPANS.items(), ids=SPANS)
def test_ages_as_files_write_them(said: str, span: tuple[int, int] | None) -> None:
    assert age_span(said) == span


def test_groups_that_do_not_fit_are_not_compared() -> None:
    counts = counted_ages(b"quartier,age,population\nNord,0-14,10\nSud,0-14,20\nNord,15-24,30\nNord,25+,40\n")
    assert people_of_groups(counts, [(0, 14), (15, 17), (18, 150), (25, 150)]) == {(0, 14): 30, (25, 150): 40}
    assert counted_ages(b"quartier,population\nNord,10\n") == {}


def test_tiles_cover_the_map_and_come_from_the_town_alone(sqlite_store: Store, made: list[int], tmp_path: Path) -> None:
    drawn = laid_flat(TOWN)
    tiles = tiles_of(drawn, "https://tuiles.ville.example/{z}/{x}/{y}.png")
    assert 1 <= len(tiles) <= 30
    assert min(x for _u, x, _y, _s in tiles) <= 0 <= min(x + size for _u, x, _y, size in tiles)
    assert max(x + size for _u, x, _y, size in tiles) >= 1
    assert max(y + size for _u, _x, y, size in tiles) >= drawn.height
    assert len({url for url, *_ in tiles}) == len(tiles)
    quarters = tmp_path / "q.geojson"
    quarters.write_text(json.dumps(TOWN), encoding="utf-8")
    answer = client_of(
        sqlite_store, tmp_path, quarters_file=quarters, map_tiles="https://tuiles.ville.example:8443/t/{z}/{x}/{y}.png"
    ).get(PAGE)
    pictures = html.fromstring(answer.text).xpath('//svg[@class="map"]/image/@href')
    assert len(pictures) == len(tiles)
    assert all(one.startswith("https://tuiles.ville.example:8443/t/") for one in pictures)
    assert "img-src 'self' https://tuiles.ville.example:8443;" in answer.headers["Content-Security-Policy"]
    bare = client_of(sqlite_store, tmp_path, quarters_file=quarters).get(PAGE)
    assert html.fromstring(bare.text).xpath('//svg[@class="map"]/image') == []
    assert "img-src 'self';" in bare.headers["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["/t/{z}/{x}/{y}.png", "https://a/{z}/{x}.png", "https://a/{z}/{x}/{y}.png;x 'self'"])
def test_what_is_no_address_of_tiles_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="map tiles"):
        Settings(folder=tmp_path, map_tiles=url)


def test_colleagues_remark_and_settle(sqlite_store: Store, made: list[int], tmp_path: Path) -> None:
    client = client_of(sqlite_store, tmp_path)
    post(client, f"{PAGE}/comments", {"body": "  Moins de chiffres <b>ici</b>. ", "section": "who"}, page=PAGE)
    post(client, f"{PAGE}/comments", {"body": "   ", "section": "who"}, page=PAGE)
    post(client, f"{PAGE}/versions", {"comment": "x"}, page=PAGE)
    kept = f"{PAGE}/versions/1"
    post(client, f"{PAGE}/comments", {"body": "À signer lundi.", "section": "no", "version": "1"}, page=kept)
    (living,) = html.fromstring(client.get(PAGE).text).xpath('//ul[@class="comment-list"]/li')
    assert "Moins de chiffres <b>ici</b>." in living.text_content()
    (on_version,) = html.fromstring(client.get(kept).text).xpath('//ul[@class="comment-list"]/li')
    assert "À signer lundi." in on_version.text_content()
    for kind in ("html", "docx"):
        assert "À signer lundi.".encode() not in client.get(f"{PAGE}/document.{kind}?version=1").data
    post(client, f"{PAGE}/comments/1/settle", {}, page=PAGE)
    (settled,) = html.fromstring(client.get(PAGE).text).xpath('//ul[@class="comment-list"]/li')
    assert settled.get("class") == "comment-settled"
    with sqlite_store.read() as session:
        assert Counter(bool(row.settled_at) for row in session.query(ReportComment)) == {True: 1, False: 1}


def test_how_far_a_file_is_written_is_told(sqlite_store: Store, made: list[int], tmp_path: Path) -> None:
    client = client_of(sqlite_store, tmp_path)
    assert client.get(f"{PAGE}/data/progress").json == {"id": 0}
    file = client.get(f"{PAGE}/data/contributions.parquet")
    assert file.data[:4] == file.data[-4:] == b"PAR1"
    told = client.get(f"{PAGE}/data/progress").json
    assert (told["done"], told["of_all"], told["ended"]) == (len(made), len(made), True)
    assert "26" in told["said"]
