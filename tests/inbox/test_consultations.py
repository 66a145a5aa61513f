"""Consultation files as versions, and which consultation an address belongs to."""

from datetime import date
from importlib.resources import files

import pytest
from sqlalchemy import func, select

from config.enums import Channel
from config.wording.consultation import Consultation, read_consultation
from inbox.consultations.consultation_versions import (
    AddressTaken,
    as_consultation,
    current_version,
    current_versions_by_slug,
    import_consultation,
    theme_keys,
    version_for_address,
)
from inbox.models import Centre, ConsultationAddress, ConsultationVersion
from inbox.storage.database import Store

EXAMPLE = read_consultation(files("config").joinpath("consultations/rues-et-places.toml").read_bytes())
OPEN_DAY = date(2026, 6, 1)


def changed(**fields: object) -> Consultation:
    return Consultation.model_validate(EXAMPLE.model_dump() | fields)


def put(store: Store, consultation: Consultation, today: date = OPEN_DAY) -> int:
    with store.write() as session:
        return import_consultation(session, consultation, today=today).number


def test_import_comes_back_as_it_was(store: Store):
    put(store, EXAMPLE)
    with store.read() as session:
        assert as_consultation(current_version(session, EXAMPLE.slug)) == EXAMPLE
        assert [version.number for version in current_versions_by_slug(session)] == [1]
        assert current_version(session, "another") is None


def test_same_content_is_the_same_version_and_going_back_is_a_new_one(store: Store):
    longer = changed(closes=date(2030, 1, 31))
    assert [put(store, c) for c in (EXAMPLE, EXAMPLE, longer, longer, EXAMPLE, EXAMPLE)] == [1, 1, 2, 2, 3, 3]
    with store.read() as session:
        assert as_consultation(current_version(session, EXAMPLE.slug)) == EXAMPLE
        assert session.scalar(select(func.count(ConsultationVersion.id))) == 3


@pytest.mark.parametrize(
    ("channel", "value", "found"),
    [
        (Channel.SMS, "+33298000000", True),
        (Channel.SMS, "02 98 00 00 00", True),
        (Channel.VOICEMAIL, "+33298000000", True),
        (Channel.EMAIL, "Avis@Ville-Exemple.EXAMPLE", True),
        (Channel.PAPER, "bellevue", True),
        (Channel.EMAIL, "+33298000000", False),
        (Channel.SMS, "+33298000001", False),
        (Channel.PAPER, "another", False),
    ],
)
def test_which_consultation_an_address_belongs_to(store: Store, channel: Channel, value: str, found: bool):
    put(store, EXAMPLE)
    put(store, changed(closes=date(2030, 1, 31)))
    with store.read() as session:
        version = version_for_address(session, channel, value)
        assert (version.number if version else None) == (2 if found else None)


def test_address_that_left_the_file_belongs_to_nobody(store: Store):
    put(store, EXAMPLE)
    put(store, changed(addresses={"phones": ["+33298000009"]}))
    with store.read() as session:
        assert version_for_address(session, Channel.SMS, "+33298000000") is None
        assert version_for_address(session, Channel.SMS, "+33298000009") is not None
        assert session.scalar(select(func.count(ConsultationAddress.id))) == 2


def test_address_of_two_open_consultations_is_refused(store: Store):
    put(store, EXAMPLE)
    with pytest.raises(AddressTaken, match="rues-et-places"):
        put(store, changed(slug="another"))
    with store.read() as session:
        assert current_version(session, "another") is None, "nothing of it was imported"


def test_address_moves_on_from_a_closed_consultation(store: Store):
    put(store, EXAMPLE)
    put(store, changed(slug="another", closes=date(2031, 1, 1), answer_by=date(2031, 6, 1)), today=date(2030, 1, 1))
    with store.read() as session:
        version = version_for_address(session, Channel.SMS, "+33298000000")
        assert as_consultation(version).slug == "another"


def test_centres_are_made(store: Store):
    put(store, EXAMPLE)
    put(store, EXAMPLE)
    with store.read() as session:
        assert session.scalars(select(Centre.name).order_by(Centre.name)).all() == ["Bellevue", "Recouvrance"]


def test_themes_of_every_version(store: Store):
    put(store, EXAMPLE)
    put(store, changed(themes=({"key": "neuf", "label": {"fr": "Neuf", "en": "New"}},)))
    with store.read() as session:
        version = current_version(session, EXAMPLE.slug)
        keys = theme_keys(session, version.consultation_id)
    assert keys == {theme.key for theme in EXAMPLE.themes} | {"neuf"}
