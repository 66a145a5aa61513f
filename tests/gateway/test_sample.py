"""An invented town: every channel and state in it, the same for the same seed, and nobody real."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from config.enums import Channel, Moderation, StepState
from config.settings.loader import Settings
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from gateway.cli import portevoix
from gateway.sample.fill_store import fill_store
from gateway.sample.invented_residents import UtteranceGenerator, UtteranceSort
from inbox.consultations.consultation_versions import import_consultation
from inbox.listings.filters import DOUBTFUL_BELOW
from inbox.listings.ledger import count_ledger
from inbox.migrations import migrate
from inbox.models import Contribution, Medium, Step
from inbox.storage.database import Store


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store.open(Settings(folder=tmp_path_factory.mktemp("sample")))
    migrate(store.engine)
    consultation = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
    with store.write() as session:
        import_consultation(session, consultation)
    fill_store(store, consultation, 70, seed=3, media=8, told=lambda done: None)
    return store


def test_everything_balances_and_nothing_is_left_to_be_done(filled: Store) -> None:
    with filled.read() as session:
        counted = count_ledger(session)
        left = session.scalars(select(Step).where(Step.state == StepState.OPEN)).all()
    assert (counted.units, counted.balanced, counted.problems) == (70, True, ())
    assert left == []


def test_every_channel_every_state_and_doubtful_readings_are_in_it(filled: Store) -> None:
    with filled.read() as session:
        rows = session.scalars(select(Contribution)).all()
        originals = session.scalars(select(Medium).where(Medium.locator.is_not(None))).all()
        session.expunge_all()
    assert {row.channel for row in rows} == set(Channel)
    assert {row.moderation for row in rows} == set(Moderation)
    assert any(row.confidence is not None and row.confidence < DOUBTFUL_BELOW for row in rows)
    assert len({row.language for row in rows}) >= 3
    assert len({row.created_at.date() for row in rows}) > 10
    assert len(originals) == 8


def test_the_same_seed_invents_the_same_and_another_one_another() -> None:
    first, again, other = (_said(seed) for seed in (1, 1, 2))
    assert first == again != other


def _said(seed: int) -> list[str]:
    town = UtteranceGenerator(seed, 2)
    return [town.speak().body for _ in range(300)]


def test_a_town_says_varied_things_and_names_nobody_real() -> None:
    town = UtteranceGenerator(7, 2)
    said = [town.speak() for _ in range(2000)]
    sorts = Counter(one.sort for one in said)
    assert set(sorts) == set(UtteranceSort)
    assert len({one.body for one in said if one.sort is UtteranceSort.NEED}) > 0.9 * sorts[UtteranceSort.NEED]
    digits = re.findall(r"(?:\+33|0)\s?\d(?:\s?\d\d){4}", " ".join(f"{one.body} {one.sender}" for one in said))
    assert len(digits) > 100
    assert {re.sub(r"\s|^\+33|^0", "", number)[:5] for number in digits} == {"63998"}
    assert all(mail.endswith("@example.org") for one in said for mail in re.findall(r"\S+@\S+\w", one.body))
    assert not any("{" in one.body for one in said)


def test_it_is_not_mixed_with_what_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTEVOIX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PORTEVOIX_KEYS_DIR", str(tmp_path / "keys"))

    def run(*more: str):  # type: ignore[no-untyped-def]
        return CliRunner().invoke(portevoix, ["sample", "--contributions", "3", *more])

    assert run().exit_code == 0
    assert run().exit_code == 0  # what stands there was invented, too
    store = Store.open(Settings(folder=tmp_path, data_dir=tmp_path / "data", keys_dir=tmp_path / "keys"))
    with store.write() as session:
        session.connection().exec_driver_sql("UPDATE intake SET account = 'real' WHERE id = 1")
    store.close()
    assert "real contributions have arrived" in run().output
    assert run("--sure").exit_code == 0
    assert "there is no consultation" in run("--sure", "--consultation", "nowhere").output
