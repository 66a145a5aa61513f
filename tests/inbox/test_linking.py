"""Merging, splitting and joining: who speaks for what, and that no voice is lost or won."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import AddressKind, Channel, MediumKind, Moderation, Reading, TextOrigin
from inbox.consultations import contributors
from inbox.contributions import linking, moderation, search_index, tags, text_versions
from inbox.contributions.optimistic_locking import NotThere, Stale
from inbox.erasure import erase
from inbox.errors import InboxError
from inbox.listings import contribution_list
from inbox.listings.contribution_list import ContributionFilter
from inbox.listings.ledger import count_ledger
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution, ContributionPart, SearchTokens
from inbox.records import references
from inbox.storage.database import Store
from tests.inbox import makers


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


@pytest.fixture
def pair(store: Store) -> tuple[int, int]:
    return makers.text_message(store, "Un banc"), makers.text_message(store, "Un arbre")


def merge(store: Store, into: int, other: int, person: int) -> None:
    with store.write() as session:
        linking.merge(session, into, other, person)


def undo(store: Store, contribution_id: int, person: int) -> None:
    with store.write() as session:
        line = moderation.undoable_decision(session, session.get_one(Contribution, contribution_id))
        assert line is not None
        moderation.undo_decision(session, contribution_id, line.id, person)


def body(store: Store, contribution_id: int) -> str | None:
    wording = makers.text_of(store, contribution_id)
    return wording.body if wording else None


def parts(store: Store, contribution_id: int) -> list[int]:
    with store.read() as session:
        return makers.parts_of(session, contribution_id)


def listed(store: Store) -> list[int]:
    with store.read() as session:
        return [row.id for row in contribution_list.list_contributions(session, ContributionFilter(), EVERYTHING).rows]


def found_by(store: Store, words: str) -> set[int]:
    with store.read() as session:
        return set(session.scalars(search_index.matching_contributions(session, words)))


def units(store: Store) -> int:
    with store.read() as session:
        found = count_ledger(session)
        assert found.balanced, found.problems
        return found.units


def reference(store: Store, contribution_id: int) -> str:
    with store.read() as session:
        return references.reference_of(session, contribution_id)


def test_merging_and_taking_it_back(store: Store, person: int, pair: tuple[int, int]):
    bench, tree = pair
    number, voices = reference(store, tree), units(store)
    own_parts = {each: parts(store, each) for each in pair}
    with store.write() as session:
        tags.add_tag(session, tree, "arbres", person)

    merge(store, bench, tree, person)
    assert body(store, bench) == "Un banc\n\nUn arbre"
    assert (parts(store, bench), parts(store, tree)) == (own_parts[bench] + own_parts[tree], [])
    assert (listed(store), found_by(store, "arbre"), units(store)) == ([bench], {bench}, voices)
    with store.read() as session:
        assert references.contribution_of(session, number) == bench
        assert [tag.name for tag in tags.tags_of(session, [bench])[bench]] == ["arbres"]

    undo(store, bench, person)
    assert [body(store, each) for each in pair] == ["Un banc", "Un arbre"]
    assert {each: parts(store, each) for each in pair} == own_parts
    assert (listed(store), found_by(store, "arbre"), units(store)) == ([tree, bench], {tree}, voices)
    with store.read() as session:
        assert references.contribution_of(session, number) == tree
        assert tags.tags_of(session, [bench]) == {}


def test_what_was_merged_away_cannot_be_decided(store: Store, person: int, pair: tuple[int, int]):
    bench, tree = pair
    merge(store, bench, tree, person)
    for change in (
        lambda session: moderation.decide_contribution(session, tree, "publish", by=person, expect_revision=None),
        lambda session: linking.merge(session, tree, bench, person),
        lambda session: linking.merge(session, bench, tree, person),
        lambda session: text_versions.correct_text(session, tree, "Deux arbres", person, None),
        lambda session: tags.add_tag(session, tree, "arbres", person),
    ):
        with pytest.raises(NotThere), store.write() as session:
            change(session)


def test_merged_wordings_are_a_persons(store: Store, person: int, pair: tuple[int, int]):
    bench, tree = pair
    with store.write() as session:
        text_versions.correct_text(session, tree, "Un grand arbre", person, None)
    merge(store, bench, tree, person)
    wording = makers.text_of(store, bench)
    assert (wording.body, wording.origin) == ("Un banc\n\nUn grand arbre", TextOrigin.PERSON)
    with store.write() as session:
        for part_id in makers.parts_of(session, bench):
            text_versions.settle_part(session, part_id)
    assert body(store, bench) == "Un banc\n\nUn grand arbre"
    undo(store, bench, person)
    assert [body(store, each) for each in pair] == ["Un banc", "Un grand arbre"]


def _published(store: Store, person: int) -> int:
    made = makers.text_message(store, "Publié")
    with store.write() as session:
        moderation.decide_contribution(session, made, "publish", by=person, expect_revision=None)
    return made


def _from(store: Store, number: str) -> int:
    with store.write() as session:
        inside = makers.intake(session)
        sender = contributors.get_or_create_contributor(session, AddressKind.PHONE, number)
        assert sender is not None
        inside.contributor_id = sender.id
        return makers.contribution_of(session, makers.part(session, inside, "Un banc")).id


def _in_consultation(store: Store) -> int:
    with store.write() as session:
        inside = makers.intake(session, Channel.SMS, makers.consultation(session))
        return makers.contribution_of(session, makers.part(session, inside, "Un banc")).id


def _worded(store: Store, person: int) -> int:
    made = makers.text_message(store, "Un blanc")
    with store.write() as session:
        text_versions.correct_text(session, made, "Un banc", person, None)
    return made


UNMERGEABLE = {
    "itself": (lambda s, p: (makers.text_message(s, "Un banc"),) * 2, linking.CannotLink),
    "a published one": (lambda s, p: (makers.text_message(s, "Un banc"), _published(s, p)), linking.CannotLink),
    "into a published one": (lambda s, p: (_published(s, p), makers.text_message(s, "Un banc")), linking.CannotLink),
    "of two people": (lambda s, p: (_from(s, "+33612345678"), _from(s, "+33687654321")), linking.CannotLink),
    "of two consultations": (lambda s, p: (_in_consultation(s), _in_consultation(s)), linking.CannotLink),
    "worded with waiting": (lambda s, p: (_worded(s, p), makers.voicemail(s)), linking.NotSettled),
    "unconfirmed with worded": (lambda s, p: (makers.heard(s, "un banc"), _worded(s, p)), linking.NotSettled),
    "nothing": (lambda s, p: (makers.text_message(s, "Un banc"), 999_999), NotThere),
}


@pytest.mark.parametrize(("make", "error"), UNMERGEABLE.values(), ids=UNMERGEABLE)
def test_unmergeable(store: Store, person: int, make, error: type[InboxError]):
    into, other = make(store, person)
    with pytest.raises(error) as caught:
        merge(store, into, other, person)
    assert caught.value.remedy
    assert units(store) == len(listed(store))


def test_unread_ones_are_merged_and_read_afterwards(store: Store, person: int):
    first, second = makers.voicemail(store), makers.heard(store, "un arbre")
    merge(store, first, second, person)
    assert (makers.state_of(store, first).reading, body(store, first)) == (Reading.WAITING, "Un arbre")
    makers.hear(store, first, "un banc")
    assert (makers.state_of(store, first).reading, body(store, first)) == (Reading.READ, "Un banc\n\nUn arbre")


def test_what_was_read_while_merged_is_given_back(store: Store, person: int):
    first, second = makers.text_message(store, "Un banc"), makers.voicemail(store)
    merge(store, first, second, person)
    makers.hear(store, first, "un arbre")
    undo(store, first, person)
    assert (body(store, first), body(store, second)) == ("Un banc", "Un arbre")
    assert (makers.state_of(store, second).reading, found_by(store, "arbre")) == (Reading.READ, {second})


def test_crosswise_merges_at_once(store: Store, person: int, pair: tuple[int, int]):
    def try_to(into_other: tuple[int, int]) -> str:
        try:
            merge(store, *into_other, person)
        except NotThere:
            return "too late"
        return "merged"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_to, [pair, pair[::-1]])) == ["merged", "too late"]
    assert units(store) == 2
    assert len(listed(store)) == 1


def test_reading_ends_while_it_is_merged(store: Store, person: int):
    """Whichever is first, the reading's result reaches the contribution that speaks for the part."""
    for _ in range(3):
        first, second = makers.text_message(store, "Un banc"), makers.voicemail(store)
        waiting = makers.reading_steps(store, second)  # before they may be the other's
        with ThreadPoolExecutor(2) as pool:
            reading = pool.submit(makers.take_and_hear, store, waiting, "un arbre")
            merge(store, first, second, person)
            reading.result()
        assert (makers.state_of(store, first).reading, body(store, first)) == (Reading.READ, "Un banc\n\nUn arbre")


# --- splitting -----------------------------------------------------------------------------------


def two_parts(store: Store) -> int:
    with store.write() as session:
        inside = makers.intake(session)
        return makers.contribution_of(
            session, makers.part(session, inside, "Un banc"), makers.part(session, inside, "Un arbre")
        ).id


def test_splitting_parts_and_taking_it_back(store: Store, person: int):
    whole = two_parts(store)
    first, second = parts(store, whole)
    with store.write() as session:
        piece = linking.split_parts(session, whole, [second], person).id
    assert (body(store, whole), body(store, piece)) == ("Un banc", "Un arbre")
    assert (parts(store, whole), parts(store, piece), units(store)) == ([first], [second], 2)
    assert (found_by(store, "arbre"), listed(store)) == ({piece}, [piece, whole])
    assert reference(store, piece) != reference(store, whole)
    undo(store, whole, person)
    assert (body(store, whole), listed(store), units(store)) == ("Un banc\n\nUn arbre", [whole], 2)


def test_split_off_while_it_waits_leaves_no_foreign_words(store: Store, person: int):
    with store.write() as session:
        inside = makers.intake(session)
        made = makers.contribution_of(
            session,
            makers.part(session, inside, "Un banc"),
            makers.part(session, inside, media=[MediumKind.RECORDING]),
        )
    (typed, _) = parts(store, made.id)
    with store.write() as session:
        piece = linking.split_parts(session, made.id, [typed], person).id
    assert (body(store, made.id), body(store, piece), found_by(store, "banc")) == (None, "Un banc", {piece})
    makers.hear(store, made.id, "un arbre")
    assert body(store, made.id) == "Un arbre"


def test_splitting_a_text_and_taking_it_back(store: Store, person: int):
    spoken = makers.heard(store, "un banc et un arbre")
    with store.write() as session:
        (piece,) = linking.split_text(session, spoken, ["Un banc", "Un arbre"], person)
    assert (body(store, spoken), body(store, piece.id)) == ("Un banc", "Un arbre")
    assert (parts(store, spoken), units(store)) == (parts(store, piece.id), 1)
    with store.write() as session:
        moderation.decide_contribution(session, spoken, "publish", by=person, expect_revision=None)
    assert units(store) == 1  # one voice, in review until both of its contributions are decided
    undo(store, spoken, person)
    undo(store, spoken, person)
    wording = makers.text_of(store, spoken)
    assert (wording.body, wording.origin) == ("Un banc et un arbre", TextOrigin.MACHINE)
    assert (listed(store), units(store)) == ([spoken], 1)


def test_merging_what_was_split_and_taking_it_back(store: Store, person: int):
    spoken = makers.heard(store, "un banc et un arbre")
    with store.write() as session:
        (piece,) = linking.split_text(session, spoken, ["Un banc", "Un arbre"], person)
    own = parts(store, spoken)
    merge(store, spoken, piece.id, person)
    assert (body(store, spoken), parts(store, spoken), units(store)) == ("Un banc\n\nUn arbre", own, 1)
    undo(store, spoken, person)
    assert [body(store, each) for each in (spoken, piece.id)] == ["Un banc", "Un arbre"]
    assert (parts(store, spoken), parts(store, piece.id), units(store)) == (own, own, 1)


def test_piece_that_was_worked_on_is_not_taken_back(store: Store, person: int):
    whole = two_parts(store)
    with store.write() as session:
        piece = linking.split_parts(session, whole, parts(store, whole)[1:], person).id
        moderation.decide_contribution(session, piece, "publish", by=person, expect_revision=None)
    with pytest.raises(Stale):
        undo(store, whole, person)
    assert makers.state_of(store, piece).moderation is Moderation.PUBLISHED


UNSPLITTABLE = {
    "all parts": (lambda s, c, own, p: linking.split_parts(s, c, own, p), linking.CannotLink),
    "no part": (lambda s, c, own, p: linking.split_parts(s, c, [], p), linking.CannotLink),
    "another's part": (lambda s, c, own, p: linking.split_parts(s, c, [999_999], p), linking.CannotLink),
    "one text": (lambda s, c, own, p: linking.split_text(s, c, ["Un banc"], p), linking.CannotLink),
    "an empty text": (lambda s, c, own, p: linking.split_text(s, c, ["Un banc", " "], p), linking.CannotLink),
    "of an older page": (lambda s, c, own, p: linking.split_parts(s, c, own[:1], p, 1_000), Stale),
}


@pytest.mark.parametrize(("split", "error"), UNSPLITTABLE.values(), ids=UNSPLITTABLE)
def test_unsplittable(store: Store, person: int, split, error: type[InboxError]):
    whole = two_parts(store)
    own = parts(store, whole)
    with pytest.raises(error), store.write() as session:
        split(session, whole, own, person)
    assert (parts(store, whole), units(store)) == (own, 2)


def test_worded_whole_is_not_split_by_parts(store: Store, person: int):
    whole = two_parts(store)
    with store.write() as session:
        text_versions.correct_text(session, whole, "Un banc sous un arbre", person, None)
    with pytest.raises(linking.NotSettled), store.write() as session:
        linking.split_parts(session, whole, parts(store, whole)[:1], person)


def test_nothing_but_search_forgets(store: Store, person: int, pair: tuple[int, int]):
    merge(store, *pair, person)
    with store.read() as session:
        assert set(session.scalars(select(SearchTokens.contribution_id))) == {pair[0]}
        assert set(session.scalars(select(ContributionPart.contribution_id))) == {pair[0]}
        assert len(text_versions.list_versions(session, session.get_one(Contribution, pair[1]))) == 1


# --- erasing what was merged or split ------------------------------------------------------------


def merged(store: Store, person: int) -> tuple[int, list[int]]:
    bench, oak = makers.text_message(store, "Un banc"), makers.text_message(store, "Un chêne")
    with store.write() as session:
        text_versions.correct_text(session, oak, "Un grand chêne", person, None)
    merge(store, bench, oak, person)
    return bench, [bench, oak]


def merged_and_taken_back(store: Store, person: int) -> tuple[int, list[int]]:
    bench, oak = makers.text_message(store, "Un banc"), makers.text_message(store, "Un chêne")
    merge(store, bench, oak, person)
    undo(store, bench, person)
    return oak, [oak]


def split_by_parts(store: Store, person: int) -> tuple[int, list[int]]:
    with store.write() as session:
        inside = makers.intake(session)
        bench, oak = (makers.part(session, inside, body) for body in ("Un banc", "Un chêne"))
        whole = makers.contribution_of(session, bench, oak)
        piece = linking.split_parts(session, whole.id, [oak.id], person)
    return piece.id, [piece.id]


def split_by_text(store: Store, person: int) -> tuple[int, list[int]]:
    whole = makers.heard(store, "un banc et un chêne")
    with store.write() as session:
        (piece,) = linking.split_text(session, whole, ["Un banc", "Un chêne"], person)
    return piece.id, [piece.id]


def erase_parts(session: Session, contribution_id: int, person: int) -> None:
    for part_id in makers.parts_of(session, contribution_id):
        erase.erase_part(session, part_id, person, "asked")


def erase_all(session: Session, contribution_id: int, person: int) -> None:
    erase.erase_contribution(session, contribution_id, person, "asked")


@pytest.mark.parametrize("act", [erase_all, erase_parts])
@pytest.mark.parametrize("make", [merged, merged_and_taken_back, split_by_parts, split_by_text])
def test_erasing_leaves_no_version_with_its_words(store: Store, person: int, make, act):
    wanted, gone = make(store, person)
    with store.write() as session:
        act(session, wanted, person)
    with store.read() as session:
        contributions = session.scalars(select(Contribution)).all()
        bodies = [wording.body for each in contributions for wording in text_versions.list_versions(session, each)]
        assert {each.id for each in contributions if each.erased_at} >= set(gone)
    assert [body for body in bodies if "chêne" in body] == []
    assert found_by(store, "chêne") == set()
    assert units(store)


@pytest.mark.parametrize("make", [merged_and_taken_back, split_by_parts])
def test_erasing_one_keeps_what_the_other_says(store: Store, person: int, make):
    wanted, _ = make(store, person)
    with store.write() as session:
        erase.erase_contribution(session, wanted, person, "asked")
    (left,) = listed(store)
    assert (body(store, left), found_by(store, "banc")) == ("Un banc", {left})
