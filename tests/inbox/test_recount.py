"""Kept counts: wrong ones are found and put right, two transactions at once keep them, and nothing erased stays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from config.enums import Channel
from inbox.contributions import tags, text_versions
from inbox.erasure import erase
from inbox.listings import kept_ledger, ledger, recount
from inbox.migrations import kept_counts, migrate
from inbox.models import Contribution, Intake
from inbox.records import tallies
from inbox.storage.database import Store
from tests.bench.town import fill
from tests.inbox import makers

WRONG = {
    "a count": "UPDATE contribution_tally SET n = n + 1 WHERE theme = ''",
    "a count of a theme": "DELETE FROM contribution_tally WHERE theme <> ''",
    "a count of the ledger": "DELETE FROM unit_tally WHERE bucket = 'in_review'",
    "two that cancel out": """
        UPDATE unit_tally SET n = n + (CASE bucket WHEN 'in_review' THEN 1 ELSE -1 END)
        WHERE bucket IN ('in_review', 'waiting')""",
    "what is listed": "UPDATE contribution SET listed = false",
    "a bucket of a part": "UPDATE part SET bucket = 'published' WHERE bucket = 'in_review'",
    "a bucket of an intake": "UPDATE intake SET bucket = 'erased' WHERE bucket IS NULL",
    "whose wording": "UPDATE contribution SET origin = NULL",
    "a batch": "UPDATE intake SET scanned_batch = id WHERE scanned_batch IS NULL",
}


@pytest.mark.parametrize("statement", WRONG.values(), ids=WRONG)
def test_what_is_kept_wrong_is_found_and_put_right(store: Store, statement: str):
    person, made = makers.moderator(store), makers.text_message(store, "Un banc")
    makers.voicemail(store)
    with store.write() as session:
        tags.add_tag(session, made, "mobilier", person)
    with store.read() as session:
        assert recount.count_differences(session) == []
    with store.write() as session:
        session.execute(text(statement))
    with store.read() as session:
        assert recount.count_differences(session)
    noted = recount.recount_everything(store, datetime(2026, 3, 1, 2, tzinfo=UTC))
    assert noted.differences > 0
    with store.read() as session:
        assert recount.count_differences(session) == []
        assert recount.last_recount(session).differences == noted.differences
    assert recount.recount_everything(store).differences == 0


def test_a_recount_notes_what_only_it_can_find(store: Store):
    with store.write() as session:
        made = makers.intake(session, Channel.VOICEMAIL)
        other = Intake(
            channel=Channel.SMS, account="a", external_id="b", key_id=made.key_id, not_contribution="no_message"
        )
        session.add(other)
        session.flush()
        unfounded = f"intake:{other.id} "
        waiting = f"intake:{made.id} "
    assert [one.startswith(unfounded) for one in recount.recount_everything(store).problems] == [True]
    with store.read() as session:
        book = kept_ledger.kept_ledger(session)
        counted = ledger.count_ledger(session)
    assert sorted(one.split()[0] + " " for one in book.problems) == sorted([unfounded, waiting])
    assert (book.counts, book.not_contributions, book.units) == (
        counted.counts,
        counted.not_contributions,
        counted.units,
    )
    assert set(book.problems) == set(counted.problems)


def test_the_version_before_comes_up_with_its_counts(empty_database):
    store = Store.open(empty_database)
    migrate(store.engine)
    fill(store, 120)
    with store.read() as session:
        kept = tallies.contribution_tallies(session), tallies.unit_tallies(session)
    migrate(store.engine, "0011")
    migrate(store.engine)
    with store.read() as session:
        assert recount.count_differences(session) == []
        assert (sorted(map(str, tallies.contribution_tallies(session))), tallies.unit_tallies(session)) == (
            sorted(map(str, kept[0])),
            kept[1],
        )
    store.close()


def test_every_trigger_is_in_the_database(store: Store):
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if store.engine.dialect.name == "postgresql":
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with store.read() as session:
        found = set(session.scalars(text(names)))
    assert {trigger.name for trigger in kept_counts.TRIGGERS} <= found


def test_a_free_word_that_was_erased_is_in_no_count(store: Store):
    person = makers.moderator(store)
    made, other = makers.text_message(store, "Un banc"), makers.text_message(store, "Un arbre")
    with store.write() as session:
        tags.add_tag(session, made, "Zorglubier", person)
        tags.add_tag(session, other, "Trefoulard", person)
    with store.write() as session:
        erase.erase_contribution(session, made, person, "asked")
        tags.remove_tag(session, other, "Trefoulard", person)
    tallies.compact_tallies(store)
    with store.read() as session:
        assert set(session.scalars(text("SELECT DISTINCT theme FROM contribution_tally"))) == {""}
        assert recount.count_differences(session) == []


def test_many_at_once_keep_the_counts(store: Store):
    person = makers.moderator(store)
    made = [makers.text_message(store, "Un banc") for _ in range(4)]

    def add(session: Session, turn: int) -> None:
        makers.text_message_in(session, "Un banc de plus")

    def sort(session: Session, turn: int) -> None:
        put = tags.add_tag if turn % 2 else tags.remove_tag
        put(session, made[turn % 4], "mobilier", person)

    def correct(session: Session, turn: int) -> None:
        text_versions.correct_text(session, made[turn % 4], f"Un banc, dit {turn} fois", person, None)

    def erase_one(session: Session, turn: int) -> None:
        made_here = makers.text_message_in(session, "À effacer")
        erase.erase_contribution(session, made_here, person, "asked")

    failures: list[BaseException] = []

    def run(act: Callable[[Session, int], None]) -> None:
        try:
            for turn in range(6):
                with store.write() as session:
                    act(session, turn)
                tallies.compact_tallies(store)
        except Exception as error:  # noqa: BLE001 - shown in the thread that asserts
            failures.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in (add, add, sort, correct, erase_one)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.read() as session:
        assert recount.count_differences(session) == []
        assert session.query(Contribution).count() == 4 + 6 + 6 + 6
