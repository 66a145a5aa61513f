"""What counts as no contribution: all of it on its page, each taken back by one click, and the ledger balances."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Bucket, Channel, MessageState, Moderation, NotContribution, Purpose, Reading, Role, StepKind
from config.settings.loader import Settings
from config.settings.sections.mail_section import Smtp
from config.wording.consultation import read_consultation
from gateway.ingest.reclassification import make_contribution
from gateway.intake.contribute import NewPart, create_contributions
from gateway.reading.readers import Readers
from gateway.web import non_contribution_pages as pages
from gateway.web.app import create_app
from inbox.accounts import passwords, staff
from inbox.consultations import consultation_versions
from inbox.contributions import moderation, non_contributions
from inbox.contributions.optimistic_locking import NotThere
from inbox.erasure import erase
from inbox.listings import contribution_list, ledger
from inbox.listings.contribution_list import ContributionFilter
from inbox.listings.visibility import visibility_of
from inbox.models import Contribution, Intake, Message, Part
from inbox.storage.database import Store
from tests.gateway import judged_samples as samples
from tests.inbox.pages.conftest import post
from tests.inbox.pages.seed import PASSWORD
from tests.signed_in import sign_in_as
from workers.runtime.worker_context import WorkerContext

SIGHT = visibility_of([Role.MODERATOR])


@pytest.fixture
def settings(store_settings, tmp_path: Path) -> Settings:  # type: ignore[no-untyped-def]
    return Settings(
        data_dir=store_settings.data_dir,
        keys_dir=store_settings.keys_dir,
        smtp=Smtp(host="127.0.0.1", sender="avis@ville.example"),
    )


@pytest.fixture
def town(store: Store, settings: Settings) -> Store:
    with store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(settings.consultation_files[0]))
    return store


@pytest.fixture
def person(town: Store) -> int:
    with town.write() as session:
        return staff.create_person(session, "mod", "Léna", passwords.hash_password(PASSWORD), [Role.MODERATOR]).id


def book(store: Store) -> ledger.Ledger:
    with store.read() as session:
        found = ledger.count_ledger(session)
        assert found.balanced, found.problems
        # The page and the ledger never disagree.
        assert non_contributions.counts_by_kind(session) == found.not_contributions
        assert non_contributions.count_non_contributions(session) == found.counts[Bucket.NOT_CONTRIBUTION]
    return found


def listed(store: Store) -> list[int]:
    with store.read() as session:
        return [row.id for row in contribution_list.list_contributions(session, ContributionFilter(), SIGHT).rows]


# --- one of each kind, on both servers --------------------------------------------------------------

Make = Callable[[Session], non_contributions.UnitKind]


def judge(session: Session, kind: NotContribution, channel: Channel) -> None:
    """A part that was judged to be of a kind."""
    inside = samples.silent_call(session, f"judged-{kind}")
    intake = session.get_one(Intake, inside)
    intake.not_contribution, intake.channel = None, channel
    session.flush()
    create_contributions(
        session, inside, [NewPart("text", channel, body=f"Un banc ({kind.value})", not_contribution=kind)]
    )


# A voice for a project has a bucket of its own, and no text is left of it that could be taken back.
@pytest.mark.parametrize("kind", [kind for kind in NotContribution if kind is not NotContribution.VOTE])
def test_every_kind_is_taken_back_put_back_and_taken_again(
    town: Store, settings: Settings, person: int, kind: NotContribution
) -> None:
    with town.write() as session:
        if kind is NotContribution.NO_MESSAGE:
            samples.silent_call(session)
        else:
            judge(session, kind, Channel.SMS)
    assert book(town).not_contributions == {kind: 1}
    with town.read() as session:
        (one,) = non_contributions.list_non_contributions(session).rows
    made = set()
    for _ in range(3):  # twice by mistake, once more by another person
        with town.write() as session:
            made.add(make_contribution(session, settings, one.unit, one.id, person))
    (contribution_id,) = made
    assert (book(town).counts[Bucket.IN_REVIEW], book(town).units) == (1, 1)
    assert listed(town) == [contribution_id]
    with town.read() as session:
        line = moderation.undoable_decision(session, session.get_one(Contribution, contribution_id))
        reading = session.get_one(Contribution, contribution_id).reading
    assert line is not None
    assert (line.action, line.person_id, line.details["kind"]) == (non_contributions.TAKEN, person, kind.value)
    assert reading is (Reading.NEEDS_PERSON if kind is NotContribution.NO_MESSAGE else Reading.READ)
    with town.write() as session:
        moderation.undo_decision(session, contribution_id, line.id, person)
    assert book(town).not_contributions == {kind: 1}
    assert listed(town) == []
    with town.read() as session:
        (again,) = non_contributions.list_non_contributions(session).rows
        assert non_contributions.withdrawn_part(session, contribution_id) == again.id
    with town.write() as session:
        assert make_contribution(session, settings, again.unit, again.id, person) == contribution_id, (
            "the same reference"
        )
    assert book(town).counts[Bucket.IN_REVIEW] == 1
    assert listed(town) == [contribution_id]


def test_an_intake_judged_as_a_whole_keeps_its_other_parts_where_they_were(
    town: Store, settings: Settings, person: int
) -> None:
    with town.write() as session:
        inside = samples.silent_call(session)
        intake = session.get_one(Intake, inside)
        intake.not_contribution = None
        session.flush()
        parts = [NewPart(key, Channel.PAPER, body=key, not_contribution=NotContribution.FOREIGN_PAGE) for key in "ab"]
        create_contributions(session, inside, parts)
        for part in session.scalars(select(Part)):
            part.not_contribution = None
        intake.not_contribution = NotContribution.FOREIGN_PAGE
    assert book(town).not_contributions == {NotContribution.FOREIGN_PAGE: 2}
    with town.write() as session:
        make_contribution(session, settings, "part", session.scalars(select(func.min(Part.id))).one(), person)
    assert (book(town).counts[Bucket.IN_REVIEW], book(town).not_contributions) == (1, {NotContribution.FOREIGN_PAGE: 1})


def test_what_was_erased_is_not_there(town: Store, settings: Settings, person: int) -> None:
    with town.write() as session:
        inside = samples.silent_call(session)
        erase.erase_intake(session, inside, person, "asked")
    assert book(town).not_contributions == {}
    for unit, number in (("intake", inside), ("part", 987), ("intake", 987)):
        with pytest.raises(NotThere), town.write() as session:
            make_contribution(session, settings, unit, number, person)  # type: ignore[arg-type]


def test_pages_of_the_list_hold_everything_once(town: Store) -> None:
    with town.write() as session:
        for number in range(7):
            samples.silent_call(session, f"CA-{number}")
            samples.text(session, f"SM-{number}", "STOP", NotContribution.KEYWORD)
    seen, cursor = [], None
    with town.read() as session:
        for _ in range(10):
            page = non_contributions.list_non_contributions(session, before=cursor, limit=3)
            seen += [(row.unit, row.id) for row in page.rows]
            if (cursor := page.next_cursor) is None:
                break
        only = non_contributions.list_non_contributions(session, kind=NotContribution.KEYWORD, channel=Channel.SMS).rows
        assert (
            non_contributions.list_non_contributions(session, kind=NotContribution.KEYWORD, channel=Channel.PAPER).rows
            == []
        )
        for nonsense in ("", "part-", "part-x", "intake-999999", "x-1", "part-" + "9" * 30):
            assert len(non_contributions.list_non_contributions(session, before=nonsense).rows) == 14
    assert len(seen) == len(set(seen)) == 14
    assert len(only) == 7


# --- receipts ---------------------------------------------------------------------------------------


@pytest.fixture
def filled(town: Store, settings: Settings, tmp_path: Path) -> Store:
    samples.fill(town, settings, tmp_path)
    return town


def found(store: Store, kind: NotContribution) -> non_contributions.NonContribution:
    with store.read() as session:
        return non_contributions.list_non_contributions(session, kind=kind).rows[0]


RECEIPTS = {
    # A text's sender is told; a machine's mail is never answered; who said nothing is not; a form's stands on the list.
    NotContribution.KEYWORD: [MessageState.QUEUED],
    NotContribution.THANKS: [MessageState.QUEUED],
    NotContribution.AUTOMATIC_REPLY: [],
    NotContribution.BOUNCE: [],
    NotContribution.MAILING_LIST: [],
    NotContribution.NO_MESSAGE: [],
    NotContribution.BLANK_PAGE: [MessageState.PRINTED],
}


def test_a_receipt_goes_where_a_person_can_get_it(filled: Store, settings: Settings, person: int) -> None:
    sent = {}
    for kind in RECEIPTS:
        one = found(filled, kind)
        with filled.write() as session:
            made = make_contribution(session, settings, one.unit, one.id, person)
        with Readers(settings) as readers:
            samples.do_all(WorkerContext(settings, filled, readers), StepKind.TAKE_APART)
        with filled.read() as session:
            told = select(Message.state).where(Message.contribution_id == made, Message.purpose == Purpose.RECEIPT)
            sent[kind] = list(session.scalars(told))
    assert sent == RECEIPTS
    assert book(filled).counts[Bucket.NOT_CONTRIBUTION] == 0


# --- the pages --------------------------------------------------------------------------------------


@pytest.fixture
def app(filled: Store, settings: Settings) -> Flask:
    return create_app(settings, filled)


@pytest.fixture
def client(app: Flask, person: int) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in_as(client, person)
    return client


def test_everything_stands_on_its_page_with_what_gave_it_away(client: FlaskClient, filled: Store) -> None:
    page = html.unescape(client.get("/not-contributions").text)
    for kind, count in book(filled).not_contributions.items():
        assert f'{pages.kind_label(kind)} <span class="count">{count}</span>' in page
        assert str(pages.WHY[kind]) in page
    for evidence in ("Auto-Submitted: auto-replied", "List-Id: <lettre.asso.example>", "Merci beaucoup !"):
        assert evidence in page
    assert 'Not contributions <span class="count">7</span></a>' in client.get("/contributions").text
    assert page.count("It is a contribution<") == 7
    ledger_page = client.get("/ledger").text
    assert 'href="/not-contributions"' in ledger_page


def test_one_click_and_it_goes_to_review_and_back(client: FlaskClient, filled: Store) -> None:
    one = found(filled, NotContribution.BOUNCE)
    path = f"/not-contributions/{one.unit}/{one.id}"
    page = html.unescape(client.get(path).text)
    assert "Return-Path: <>" in page
    assert "From: MAILER-DAEMON@mx.maison.example" in page
    answer = post(client, f"{path}/take", {}, page=path)
    sheet = html.unescape(client.get(answer.location).text)
    assert "It is a contribution now, and waits for review." in sheet
    assert "Taken as a contribution by a person" in sheet
    assert client.get(path).location == answer.location.partition("#")[0]
    assert post(client, f"{path}/take", {}, page="/ledger").location == answer.location
    undo = re.search(r'formaction="(/contributions/\d+/undo/\d+)"', sheet)
    assert undo is not None
    with filled.read() as session:
        revision = session.scalars(select(Contribution.revision)).one()
    back = post(client, undo[1], {"revision": revision}, page="/ledger")
    assert client.get(back.location).location == path
    assert "undone" in client.get(path).text
    assert book(filled).not_contributions[NotContribution.BOUNCE] == 1


def test_filters_and_their_empty_states(client: FlaskClient) -> None:
    bounces = client.get("/not-contributions?kind=bounce").text
    assert bounces.count('class="row judged"') == 1
    assert client.get("/not-contributions?kind=bounce&channel=sms").text.count('class="row judged"') == 0
    assert "Nothing of this kind." in client.get("/not-contributions?kind=foreign_page").text
    for nonsense in ("kind=x&channel=y", "before=x", "kind=%00"):
        assert client.get(f"/not-contributions?{nonsense}").text.count('class="row judged"') == 7


def test_what_is_none_of_it_is_not_there(client: FlaskClient) -> None:
    for path in ("part/99999", "intake/1", "x/1", "part/99999999999999999999", "part/-1"):
        assert client.get(f"/not-contributions/{path}").status_code in {302, 404}, path


def test_only_moderators_see_it(app: Flask, filled: Store) -> None:
    with filled.write() as session:
        official = staff.create_person(session, "elu", "Yann", passwords.hash_password(PASSWORD), [Role.OFFICIAL]).id
    client = app.test_client()
    sign_in_as(client, official)
    assert client.get("/not-contributions").status_code == 403
    assert "/not-contributions" not in client.get("/ledger").text


def test_nothing_at_all(town: Store, settings: Settings, person: int) -> None:
    client = create_app(settings, town).test_client()
    sign_in_as(client, person)
    assert "hors contributions" in client.get("/not-contributions", headers={"Accept-Language": "fr"}).text


def test_every_kind_says_why() -> None:
    assert [kind for kind in NotContribution if not pages.WHY.get(kind)] == []
    assert Moderation.IN_REVIEW
