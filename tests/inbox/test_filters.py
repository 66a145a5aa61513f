"""What a filter finds and counts is what looking at each contribution finds, whichever index is walked along."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, NotContribution, Reading, Role, TextOrigin
from inbox.contributions import non_contributions, search_index
from inbox.contributions.optimistic_locking import origin_in_force
from inbox.jobs import steps
from inbox.listings import batches, contribution_list, recount
from inbox.listings.filters import DOUBTFUL_BELOW, ContributionFilter, walk_along
from inbox.listings.visibility import EVERYTHING, Visibility, visibility_of
from inbox.models import Contribution, Intake, Step, Tag
from inbox.storage.database import Store
from inbox.storage.keyset import cut_page
from tests.bench.town import SLUG, fill
from tests.fixtures_store import ON_SERVERS, store_folders

CONTRIBUTIONS = 400
OFFICIAL = visibility_of([Role.OFFICIAL])
SIGHTS = {"moderator": EVERYTHING, "official": OFFICIAL}

STATES = [{}, *({"moderation": state} for state in Moderation), *({"reading": one} for one in Reading)]
THEMES = [None, "mobilite", "commerces", "no-such-theme", "\0"]
TEXTS = [None, "banc", "rare7", "arbres liberté", "zygomatique", "%%"]
REST = [{}, {"channel": Channel.EMAIL}, {"doubtful": True}, {"consultation": SLUG}, {"consultation": "another"}]


@pytest.fixture(
    scope="module",
    params=ON_SERVERS,
)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One town for all tests, which only read."""
    folder = tmp_path_factory.mktemp("town")
    for settings in store_folders(request.param, folder, request, template=True):
        store = Store.open(settings)
        fill(store, CONTRIBUTIONS)
        yield store
        store.close()


def filters() -> Iterator[ContributionFilter]:
    for state, theme, text, rest in itertools.product(STATES, THEMES, TEXTS, REST):
        yield ContributionFilter(theme=theme, text=text, **state, **rest)


class Looked:
    """Every contribution, with what one has to know of it to say whether it fits."""

    def __init__(self, session: Session) -> None:
        listed = select(Contribution, origin_in_force()).where(*recount.is_listed()).order_by(Contribution.id.desc())
        self.rows = session.execute(listed).all()
        tags = session.execute(select(Tag.contribution_id, Tag.name).where(Tag.removed.is_(False)))
        self.tags = {tuple(row) for row in tags}
        self.words = {
            text: set(session.scalars(search_index.matching_contributions(session, text))) for text in TEXTS if text
        }

    def fitting(self, wanted: ContributionFilter, sight: Visibility) -> list[int]:
        return [one.id for one, origin in self.rows if self._fits(one, origin, wanted, sight)]

    def _fits(self, one: Contribution, origin: TextOrigin, wanted: ContributionFilter, sight: Visibility) -> bool:
        if sight is OFFICIAL and (wanted.reading is not None or wanted.doubtful):
            return False
        by_words = wanted.theme is not None or wanted.text is not None
        shown = {Moderation.PUBLISHED} if by_words else {Moderation.PUBLISHED, Moderation.SET_ASIDE}
        return (
            (sight is not OFFICIAL or one.moderation in shown)
            and wanted.channel in (None, one.channel)
            and wanted.moderation in (None, one.moderation)
            and wanted.reading in (None, one.reading)
            and wanted.consultation in (None, SLUG)
            and (wanted.theme is None or (one.id, wanted.theme) in self.tags)
            and (wanted.text is None or one.id in self.words[wanted.text])
            and (not wanted.doubtful or ((one.confidence or 1) < DOUBTFUL_BELOW and origin is TextOrigin.MACHINE))
        )


@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS)
@pytest.mark.parametrize("few", [0, 300], ids=["along words", "one by one"])
def test_every_filter_finds_and_counts_what_looking_finds(
    town: Store, sight: Visibility, few: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inbox.listings.filters._FEW", few)
    # In a small town every word is rare: both ways of PostgreSQL's search are to be gone.
    monkeypatch.setattr("inbox.contributions.search_index._SORTED", few)
    found_any = 0
    with town.read() as session:
        looked = Looked(session)
        for wanted in filters():
            expected = looked.fitting(wanted, sight)
            walk = walk_along(session, wanted, sight)
            assert [one.id for one in walk.older(session, None, CONTRIBUTIONS)] == expected, wanted
            assert walk.count(session) == (len(expected), False), wanted
            found_any += bool(expected)
    assert found_any > 20


def test_what_is_found_by_words_is_counted_up_to_a_limit(town: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("inbox.listings.filters.COUNTED", 10)
    with town.read() as session:
        page = contribution_list.list_contributions(session, ContributionFilter(text="banc"), EVERYTHING, limit=5)
    assert (page.count, page.at_least) == (10, True)


# --- there and back ----------------------------------------------------------------------------------

LIMIT = 7


def _contributions(session: Session, wanted: ContributionFilter, sight: Visibility, **place: int | None):
    page = contribution_list.list_contributions(session, wanted, sight, limit=LIMIT, **place)
    return [row.id for row in page.rows], page.next_cursor, page.previous_cursor


def _judged(session: Session, **place: str | None):
    page = non_contributions.list_non_contributions(session, limit=2, **place)
    return [(row.unit, row.id) for row in page.rows], page.next_cursor, page.previous_cursor


def _batches(session: Session, **place: int | None):
    page = batches.list_batches(session, limit=2, **place)
    return [row.id for row in page.batches], page.next_cursor, page.previous_cursor


def _quarantine(session: Session, before: int | None = None, after: int | None = None):
    page = cut_page(
        lambda at, most: steps.quarantined_steps(session, most, behind=at),
        lambda at, most: steps.quarantined_steps(session, most, ahead_of=at),
        before,  # the cursor that leads on, whichever way the list is ordered
        after,
        1,
    )
    ids = [step.step_id for step in page.rows]
    return ids, ids[-1] if page.is_more_behind else None, ids[0] if page.is_more_before else None


LISTS = {
    "contributions": lambda session, **at: _contributions(session, ContributionFilter(), EVERYTHING, **at),
    "an official's": lambda session, **at: _contributions(session, ContributionFilter(), OFFICIAL, **at),
    "a theme": lambda session, **at: _contributions(session, ContributionFilter(theme="mobilite"), OFFICIAL, **at),
    "a word": lambda session, **at: _contributions(session, ContributionFilter(text="banc"), EVERYTHING, **at),
    "judged": _judged,
    "batches": _batches,
    "quarantine": _quarantine,
}


@pytest.mark.parametrize("pages", LISTS.values(), ids=LISTS)
def test_every_page_is_come_by_on_the_way_there_and_back(town: Store, pages):
    with town.read() as session:
        rows, following, preceding = pages(session)
        assert preceding is None
        there = [rows]
        while following is not None:
            rows, following, preceding = pages(session, before=following)
            assert preceding is not None
            there.append(rows)
        assert len(there) >= 2
        flat = [row for page in there for row in page]
        assert len(flat) == len(set(flat))
        back = [there[-1]]
        while preceding is not None:
            rows, following, preceding = pages(session, after=preceding)
            assert following is not None
            back.append(rows)
        assert back == there[::-1]


@pytest.mark.parametrize("place", [{"before": 10**8}, {"after": 0}, {"after": 10**8}])
def test_places_that_lead_nowhere_show_the_newest(town: Store, place):
    with town.read() as session:
        newest, *_ = _contributions(session, ContributionFilter(), EVERYTHING)
        shown, *_ = _contributions(session, ContributionFilter(), EVERYTHING, **place)
    assert shown == newest if place != {"after": 0} else len(shown) == LIMIT


def test_lists_hold_everything_they_are_of(town: Store):
    """Against conditions of their own, row by row."""
    with town.read() as session:
        of_kind = non_contributions.counts_by_kind(session)
        assert of_kind == {kind: of_kind[kind] for kind in NotContribution if kind in of_kind}
        assert len(non_contributions.list_non_contributions(session, limit=1000).rows) == sum(of_kind.values()) > 0
        broken = select(Step.id).where(Step.state == "quarantined")
        assert {step.step_id for step in steps.quarantined_steps(session)} == set(session.scalars(broken))
        scanned = select(Intake.id).where(Intake.channel == Channel.PAPER, Intake.erased_at.is_(None))
        found = batches.list_batches(session, limit=1000).batches
        assert sum(batch.files for batch in found) == len(session.scalars(scanned).all()) > 0
