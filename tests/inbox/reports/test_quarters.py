"""Quarters: outlines and numbers of people from files as towns have them; counted so that no few can be told."""

from __future__ import annotations

import json
import math
import re
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from PIL import Image

from config.enums import Channel, Role
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from gateway.web.app import create_app
from inbox.accounts.staff import create_person
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import moderation
from inbox.quarters.outlines import NoOutlines, laid_flat
from inbox.quarters.population import NoPopulation, counted
from inbox.reports.suppression import SMALLEST_CELL
from inbox.storage.database import Store
from tests.inbox import makers
from tests.inbox.reports.test_faithful import PAGE
from tests.inbox.reports.towns import SLUG
from tests.signed_in import sign_in_as
from transcription.text.place_names import PlaceIndex, read_places
from workers.tasks.making_sense import SenseMaker


def square(name: str, west: float, south: float, size: float = 0.01, **more: object) -> dict[str, object]:
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    ring = [[west + x * size, south + y * size, 12.5] for x, y in corners]
    return {
        "type": "Feature",
        "properties": {"l_qu": name, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


TOWN = {
    "type": "FeatureCollection",
    "features": [square("Centre", -4.49, 48.39), square("Nord", -4.49, 48.40), square("Îlot", -4.47, 48.38)],
}


def test_a_map_keeps_its_proportions() -> None:
    drawn = laid_flat(TOWN)
    assert [one.name for one in drawn.outlines] == ["Centre", "Nord", "Îlot"]
    # Three hundredths of a degree each way; at 48.4° north one of latitude is longer on the map.
    assert drawn.height == pytest.approx(1 / math.cos(math.radians(48.395)), rel=0.01)
    (ring,) = drawn.outlines[1].rings
    assert min(y for _x, y in ring) == 0


UNUSABLE = {
    "no features": {"type": "FeatureCollection", "features": []},
    "without names": {"features": [{"properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[0, 0]] * 4]}}]},
    "points only": {"features": [{"properties": {"nom": "A"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]},
    "metres": {"features": [square("A", 6_861_000.0, 145_000.0)]},
    "a line": {"features": [square("A", 1, 48, size=0)]},
}


@pytest.mark.parametrize("collection", UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_map_says_so(collection: dict[str, object]) -> None:
    with pytest.raises((NoOutlines, KeyError, TypeError)):
        laid_flat(collection)


def test_people_are_added_up_over_ages() -> None:
    assert counted(b"quartier;age;habitants\nNord;0-17;1 200\nNord;18+;3 000\nSud;;900\n;;5\n") == {
        "Nord": 4200,
        "Sud": 900,
    }
    with pytest.raises(NoPopulation, match="rue"):
        counted(b"rue,longueur\nA,1\n")


PLACES = b"nom,quartier\nRue des Tanneurs,Centre\nPlace du Belvedere,Nord\nQuai Malbert,\xc3\x8elot\nRue Verlaine,Sud\n"
SPOKEN = {
    "Un banc rue des Tanneurs, numéro {}": 9,
    "La place du Belvédère est sombre {}": 6,
    "Quai Malbert sans rampe {}": 2,
    "Entre la rue des Tanneurs et la place du Belvédère {}": 3,
    "Rien de spécial à dire ici {}": 7,
}


@pytest.fixture
def client(sqlite_store: Store, tmp_path: Path) -> FlaskClient:
    """An official of a town that has all three files."""
    with sqlite_store.write() as session:
        version = import_consultation(session, read_consultation(PACKAGED_CONSULTATIONS / f"{SLUG}.toml"))
        person = create_person(session, "elu", "Elu", "", [Role.OFFICIAL]).id
        for said, times in SPOKEN.items():
            for number in range(times):
                inside = makers.intake(session, Channel.SMS, version)
                made = makers.contribution_of(session, makers.part(session, inside, said.format(number)))
                moderation.decide_contribution(session, made.id, "publish", by=person, expect_revision=None)
    SenseMaker(sqlite_store, PlaceIndex(read_places(PLACES))).run()
    outlines, people = tmp_path / "quartiers.geojson", tmp_path / "population.csv"
    outlines.write_text(json.dumps(TOWN), encoding="utf-8")
    people.write_text("quartier;population\nCentre;1000\nNord;4000\nÎlot;500\nSud;4500\n", encoding="utf-8")
    files = {"quarters_file": outlines, "population_file": people}
    client = create_app(
        Settings(folder=tmp_path, language="fr", town_name="Ville", **files), sqlite_store
    ).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in_as(client, person)
    return client


@pytest.fixture
def page(client: FlaskClient) -> html.HtmlElement:
    return html.fromstring(client.get(PAGE).text)


def test_quarters_are_counted_once_each_and_few_are_joined(page: html.HtmlElement) -> None:
    (section,) = page.xpath('//section[@id="section-places"]')
    rows = {
        row.xpath("./th")[0].text_content(): [cell.text_content() for cell in row.xpath("./td")]
        for row in section.xpath(".//table")[-1].xpath("./tbody/tr")
    }
    assert {name: int(cells[0]) for name, cells in rows.items()} == {
        "Centre": 9,
        "Nord": 6,
        "No quarter named": 7,
        "Others, together": 5,
    }
    assert [cell.replace("\xa0", "") for cell in rows["Centre"][1:]] == ["60%", "10%"]
    said = " ".join(section.text_content().split())
    assert "Of these quarters too few speak to be shown apart, or nobody: Sud, Îlot." in said
    assert sum(SPOKEN.values()) == sum(int(cells[0]) for cells in rows.values())
    # Places follow the same rule: a quay that two name is not said.
    assert "Quai Malbert" not in said


def test_the_map_is_outlines_alone(page: html.HtmlElement) -> None:
    (drawn,) = page.xpath('//svg[@class="map"]')
    assert len(drawn.xpath(".//path")) == 3
    assert sorted(one.text for one in drawn.xpath(".//text")) == ["Centre: 9", "Nord: 6", f"Îlot: < {SMALLEST_CELL}"]
    assert not re.findall(r"https?://", html.tostring(drawn, encoding="unicode"))


def test_pictures_can_be_fetched(client: FlaskClient) -> None:
    listed = html.fromstring(client.get(f"{PAGE}/data").text).xpath('//section[@aria-labelledby="pictures-head"]//li')
    assert len(listed) >= 4
    for number in range(1, len(listed) + 1):
        picture = client.get(f"{PAGE}/pictures/{number}.svg")
        assert etree.fromstring(picture.data).tag.endswith("svg")
        image = Image.open(BytesIO(client.get(f"{PAGE}/pictures/{number}.png").data))
        assert len(image.convert("L").getcolors() or []) > 1
    assert client.get(f"{PAGE}/pictures/{len(listed) + 1}.png").status_code == 404
    for kind in ("docx", "odt", "pdf", "html"):
        assert client.get(f"{PAGE}/document.{kind}").status_code == 200
