"""No table, no edition and no difference of two gives a number below five."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from config.enums import Channel
from inbox.contributions import moderation
from inbox.models import Contribution, OpenDataRow, PlaceMention, StatedAge
from inbox.reports import open_data, report_versions
from inbox.reports.figure_values import Figures
from inbox.reports.suppression import SMALLEST_CELL, generalise_rows, join_small_cells
from inbox.storage.database import Store
from inbox.web.reports import figure_sections
from tests.inbox.pages.conftest import post
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import town_of

ATTRIBUTES = st.tuples(
    st.sampled_from(["sms", "voicemail", "email", "paper"]),
    st.sampled_from(["fr", "fr", "fr", "en", "ar"]),
    st.sampled_from(["", "Bellevue", "Le port"]),
    st.sampled_from(["", "", "Nord", "Sud"]),
    st.sampled_from(["", "0-17", "60-"]),
    st.sampled_from(["2026-01", "2026-02"]),
    st.sampled_from(["2026-01-05", "2026-01-12", "2026-02-02"]),
)
ORDER = (6, 4, 3, 2, 1, 5, 0)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 12), max_size=9))
def test_joined_cells_keep_the_sum_and_hide_the_few(counts: dict[str, int]) -> None:
    shown, rest = join_small_cells(counts)
    assert sum(shown.values()) + rest == sum(counts.values())
    assert all(count >= SMALLEST_CELL for count in shown.values())
    assert rest == 0 or rest >= SMALLEST_CELL or not shown
    assert all(counts[key] == count for key, count in shown.items())


@given(st.lists(ATTRIBUTES, max_size=60))
def test_every_combination_is_among_five_of_its_like(rows: list[tuple[str, ...]]) -> None:
    made = generalise_rows(rows, ORDER)
    counts = Counter(made)
    assert len(made) == len(rows)
    assert all(count >= SMALLEST_CELL for count in counts.values()) or len(rows) < SMALLEST_CELL
    assert all(
        has in ("", had) for had_row, row in zip(rows, made, strict=True) for had, has in zip(had_row, row, strict=True)
    )


@given(st.lists(ATTRIBUTES, min_size=SMALLEST_CELL, max_size=60))
def test_subtracting_an_edition_from_a_table_leaves_nobody_alone(rows: list[tuple[str, ...]]) -> None:
    """A table says how many there are of each value; what the edition lacks of it is nothing, or five and more."""
    made = open_data.equalise_losses(rows, generalise_rows(rows, ORDER))
    assert all(count >= SMALLEST_CELL for count in Counter(made).values())
    for column in range(len(ORDER)):
        table, edition = Counter(row[column] for row in rows), Counter(row[column] for row in made)
        for value in set(edition) - {""}:
            assert table[value] == edition[value] or table[value] - edition[value] >= SMALLEST_CELL


def editions(store: Store, consultation_id: int) -> list[tuple[int, tuple[str, ...]]]:
    with store.read() as session:
        rows = session.query(OpenDataRow).filter_by(consultation_id=consultation_id).all()
        return [(row.cohort, tuple(getattr(row, one) for one in open_data.ATTRIBUTES)) for row in rows]


def test_a_thousand_pairs_of_filters_over_two_editions(sqlite_store: Store, tmp_path: Path) -> None:
    town = town_of(sqlite_store, 7, voices=60)
    dice = random.Random(3)
    with sqlite_store.write() as session:
        for number in town.published:
            session.query(PlaceMention).filter_by(contribution_id=number).delete()
            if dice.random() < 0.6:
                session.add(
                    PlaceMention(contribution_id=number, place="x", quarter=dice.choice(("Nord", "Sud", "Est")))
                )
            if dice.random() < 0.6:
                part = session.get_one(Contribution, number).parts[0]
                session.add(StatedAge(part_id=part.id, age_group=dice.choice(("0-17", "18-29", "30-59", "60-"))))
    client = signed_in(sqlite_store, tmp_path, town.people["elu"])
    post(client, f"{PAGE}/data/release", {}, page=PAGE)
    first = editions(sqlite_store, 1)
    assert len(first) == len(town.published)
    post(client, f"{PAGE}/data/release", {}, page=PAGE)
    assert editions(sqlite_store, 1) == first, "nothing is new"
    assert {row[3] or row[4] for _c, row in first} > {""}
    filters = [
        {
            column: dice.choice(sorted({row[column] for _c, row in first}))
            for column in dice.sample(range(len(open_data.ATTRIBUTES)), dice.randrange(4))
        }
        for _ in range(2000)
    ]

    def found(wanted: dict[int, str]) -> set[int]:
        return {
            at for at, (_c, row) in enumerate(first) if all(row[column] == value for column, value in wanted.items())
        }

    for one, other in zip(filters[::2], filters[1::2], strict=True):
        for cell in (
            found(one),
            found(other),
            found(one) - found(other),
            found(other) - found(one),
            found(one) & found(other),
        ):
            assert not 0 < len(cell) < SMALLEST_CELL, (one, other)


def test_an_edition_holds_no_reference_and_only_what_is_published(sqlite_store: Store, tmp_path: Path) -> None:
    town = town_of(sqlite_store, 5)
    client = signed_in(sqlite_store, tmp_path, town.people["elu"])
    post(client, f"{PAGE}/data/release", {}, page=PAGE)
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}/data/open-data.csv").text.lstrip("\ufeff"))))
    assert len(rows) == len(town.published)
    assert "reference" not in rows[0]
    assert client.get(f"{PAGE}/data/open-data.dcat.json").json["@type"] == "dcat:Dataset"


@pytest.mark.parametrize("seed", [11])
def test_four_new_ones_wait_for_a_fifth(sqlite_store: Store, seed: int) -> None:
    town = town_of(sqlite_store, seed)
    with sqlite_store.write() as session:
        before = open_data.release_edition(session, 1, town.zone)
        rows = session.query(OpenDataRow).order_by(OpenDataRow.contribution_id).all()
        for row in rows[:4]:
            session.delete(row)
        session.flush()
        again = open_data.release_edition(session, 1, town.zone)
    assert (before.released, again.released, again.waiting) == (len(town.published), 0, 4)


WAYS: tuple[tuple[dict[str, int], dict[str, int], int], ...] = (
    ({"sms": 9, "voicemail": 6, "email": 2, "paper": 7}, {"sms": 9, "paper": 7}, 8),
    ({"sms": 9, "voicemail": 3, "paper": 7}, {"sms": 9, "email": 0}, 10),
    ({"sms": 9, "email": 5}, {"sms": 9, "email": 5, "voicemail": 0, "paper": 0}, 0),
    ({"sms": 2, "email": 1}, {"voicemail": 0, "paper": 0}, 3),
)


@pytest.mark.parametrize(("counts", "shown", "rest"), WAYS)
def test_ways_in_below_five_are_told_together(counts: dict[str, int], shown: dict[str, int], rest: int) -> None:
    told, together = figure_sections.channels_told({Channel(key): count for key, count in counts.items()})
    assert ({channel.value: count for channel, count in told.items()}, together) == (shown, rest)


def test_two_public_versions_and_an_edition_differ_by_nobody_alone(sqlite_store: Store, tmp_path: Path) -> None:
    """Of centres and ages everybody reads what was released, and what is new waits until five are alike."""
    town = town_of(sqlite_store, 8, voices=40)
    with sqlite_store.write() as session:
        for number in town.published[:12]:
            part = session.get_one(Contribution, number).parts[0]
            session.add(StatedAge(part_id=part.id, age_group="18-29"))
    client = signed_in(sqlite_store, tmp_path, town.people["elu"])
    told = [public_figures(client, sqlite_store, 1)]
    with sqlite_store.write() as session:
        late = session.get_one(Contribution, town.in_review[0])
        session.add(StatedAge(part_id=late.parts[0].id, age_group="18-29"))
        moderation.decide_contribution(session, late.id, "publish", by=town.people["mod"], expect_revision=None)
    told.append(public_figures(client, sqlite_store, 2))
    assert told[0].ages.groups == told[1].ages.groups
    assert [age for age, count in told[0].ages.groups if count >= SMALLEST_CELL] == ["18-29"]
    assert told[0].centres == told[1].centres
    assert told[1].published == told[0].published + 1
    with sqlite_store.read() as session:
        edition = open_data.released_figures(session, 1)
    assert (edition.centres, edition.ages) == (told[1].centres, told[1].ages)


def public_figures(client: FlaskClient, store: Store, number: int) -> Figures:
    """Keep, sign and publish the next version; its figures as everybody reads them."""
    post(client, f"{PAGE}/versions", {}, page=PAGE)
    kept = f"{PAGE}/versions/{number}"
    for step in ("sign", "publish"):
        post(client, f"{kept}/{step}", {}, page=kept)
    with store.read() as session:
        return report_versions.open_version(session, 1, number).figures.as_released()
