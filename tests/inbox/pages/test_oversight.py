"""Ledger, quarantine, status, and the receipts of paper batches."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Blueprint, render_template
from sqlalchemy import select, update

from config.enums import Role, StepKind, StepState
from config.wording.consultation import Consultation
from inbox.consultations import consultation_versions
from inbox.jobs import steps
from inbox.listings import recount
from inbox.models import Centre, Heartbeat, Intake, MailCursor, Part, Step
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.web import MenuEntry
from inbox.web.base.guard import allow
from inbox.web.contributions.history_view import LINES
from tests.inbox.pages.conftest import Inbox, make_app, post


def test_the_ledger_shows_every_bucket_and_balances(inbox: Inbox) -> None:
    text = inbox.client("elu").get("/ledger").text
    rows = re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]+)<.*?<td class="figure">(\d+)</td>', text, re.DOTALL)
    assert rows == [
        ("Published", "1"),
        ("To review", "8"),
        ("Being read", "1"),
        ("Set aside", "1"),
        ("Votes", "0"),
        ("In quarantine", "1"),
        ("Not a contribution", "2"),
        ("Erased", "0"),
        ("Arrived in all", "14"),
    ]
    assert "The ledger balances: 14 arrived, 14 accounted for." in text
    assert "Undelivered mail <span" in text


def test_a_ledger_that_does_not_balance_says_what_is_wrong(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        # A step that vanished: its part would wait for ever.
        part = select(Part.id).where(Part.intake_id == inbox.seeded.intakes["waiting"]).scalar_subquery()
        session.execute(update(Step).where(Step.part_id == part).values(state=StepState.DONE))
    text = inbox.client("mod").get("/ledger").text
    assert "The ledger does not balance" in text
    assert "waits, but nothing is left to be done to it" in text


def test_the_ledger_tells_of_the_last_recount(inbox: Inbox) -> None:
    recount.recount_everything(inbox.store, datetime(2026, 3, 4, 2, 30, tzinfo=UTC))
    assert "and the counts were right." in inbox.client("elu").get("/ledger").text
    with inbox.store.write() as session:
        session.execute(update(Part).values(bucket="published"))
    recount.recount_everything(inbox.store)
    assert re.search(r"\d+ counts were wrong and have been put right\.", inbox.client("elu").get("/ledger").text)
    assert "ont été corrigés." in inbox.client("elu", language="fr").get("/ledger").text


def test_quarantine_leads_on_and_back(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.web.operations.PAGE_ROWS", 2)
    with inbox.store.write() as session:
        intakes = session.scalars(select(Intake.id).order_by(Intake.id)).all()
        for intake_id in intakes[:5]:
            step = steps.add_step(session, StepKind.TAKE_APART, intake=intake_id)
            session.execute(update(Step).where(Step.id == step.id).values(state=StepState.QUARANTINED))
    client, seen, address = inbox.client("mod"), [], "/quarantine"
    for rel in ("next", "next", "prev", "prev"):
        text = client.get(address).text
        seen.append(re.findall(r'action="/quarantine/(\d+)/replay"', text))
        link = re.search(rf'href="([^"]+)" rel="{rel}"', text)
        assert link is not None, (address, rel)
        address = link[1].replace("&amp;", "&")
    first = re.findall(r'action="/quarantine/(\d+)/replay"', client.get(address).text)
    assert [len(page) for page in seen] == [2, 2, 2, 2]
    assert (seen[1], first) == (seen[3], seen[0])
    assert len({*seen[0], *seen[1], *seen[2]}) == 6


def test_a_long_history_is_shown_a_page_at_a_time(inbox: Inbox) -> None:
    contribution_id = inbox.seeded.contributions["published"]
    with inbox.store.write() as session:
        for _ in range(LINES):
            history.record_event(session, f"contribution:{contribution_id}", "no_receipt")
    for login in ("mod", "elu"):
        client = inbox.client(login)
        text = client.get(f"/contributions/{contribution_id}").text
        older = re.search(r'href="([^"]+history=\d+#past-head)" rel="next"', text)
        assert older is not None
        text = client.get(older[1].replace("&amp;", "&").partition("#")[0]).text
        assert "Arrived" in text
        assert 'rel="next"' not in text
        assert f'href="/contributions/{contribution_id}#past-head"' in text


def test_quarantine_names_the_reason_and_tries_again(inbox: Inbox) -> None:
    client = inbox.client("mod", language="fr")
    text = client.get("/quarantine").text
    assert "Un nouvel essai est fait\N{NO-BREAK SPACE}; si cela se répète, une personne lit l’original." in text
    action = re.search(r'action="(/quarantine/\d+/replay)"', text)
    assert action is not None
    answer = post(client, action[1], {}, page="/quarantine")
    assert answer.location == "/quarantine#outcome"
    assert "Nouvel essai en cours." in client.get("/quarantine").text
    assert "Aucun échec à relancer." in client.get("/quarantine").text
    contribution = client.get(f"/contributions/{inbox.seeded.contributions['broken']}").text
    assert "En cours de lecture" in contribution
    assert "Nouvel essai" in contribution


def test_a_file_nobody_could_open_can_be_fetched_from_quarantine(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        intake = inbox.seeded.intakes["scan"]
        session.execute(update(Step).where(Step.state == StepState.QUARANTINED).values(part_id=None, intake_id=intake))
    client = inbox.client("mod")
    link = re.search(r'href="(/arrivals/\d+)"', client.get("/quarantine").text)
    assert link is not None
    assert client.get(link[1]).data == b"scan"


def test_status_tells_the_living_from_the_silent(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        session.execute(update(Heartbeat).where(Heartbeat.process != "mailbox avis").values(seen_at=utc_now()))
    text = inbox.client("admin").get("/status").text
    states = re.findall(r'<th scope="row">([^<]+).*?<span class="badge (good|bad)">', text, re.DOTALL)
    assert states == [("mailbox avis", "bad"), ("pages", "good"), ("speech", "good"), ("web", "good")]
    assert "No speech model installed: portevoix models install" in text
    assert "wrong signature: is the provider’s token in the settings the right one?" in text
    assert "Listening to a recording" in text


def test_status_counts_the_mails_that_are_still_on_the_server(inbox: Inbox) -> None:
    assert "Mailboxes" not in inbox.client("admin").get("/status").text
    with inbox.store.write() as session:
        for folder, left in (("INBOX", 0), ("Parc", 6800)):
            cursor = MailCursor(account="avis@ville.example", folder=folder, uidvalidity=1, looked_at=utc_now())
            cursor.taken, cursor.not_taken_in = "1:3200", left
            session.add(cursor)
    text = inbox.client("admin").get("/status").text
    shown = re.findall(r'avis@ville.example<span class="soft small meaning">(\w+)</span>.*?"figure">([^<]+)<', text)
    assert shown == [("INBOX", "0"), ("Parc", "6,800")]


def test_a_batch_prints_one_receipt_for_each_form(inbox: Inbox) -> None:
    text = inbox.client("centre").get(f"/batches/{inbox.seeded.intakes['scan']}").text
    numbers = re.findall(r'class="receipt-number">(\d{3}.\d{3}.\d{3})<', text)
    assert len(numbers) == len(set(numbers)) == 2  # the third page was blank
    assert "02 98 00 00 00" in text


def test_what_a_centre_hands_out_is_worded_by_the_town(inbox: Inbox) -> None:
    intake_id = inbox.seeded.intakes["scan"]
    with inbox.store.write() as session:
        intake = session.get_one(Intake, intake_id)
        assert intake.consultation_version
        body = {**intake.consultation_version.body}
        body["texts"] = {"fr": {"paper_receipt": "Gardez bien ce numéro : {reference:spaced}."}}
        reworded = consultation_versions.import_consultation(session, Consultation.model_validate(body))
        session.execute(update(Intake).where(Intake.id == intake_id).values(consultation_version_id=reworded.id))
    text = inbox.client("centre").get(f"/batches/{intake_id}").text
    assert len(re.findall(r'<p lang="fr">Gardez bien ce numéro : \d{3}.\d{3}.\d{3}\.</p>', text)) == 2


def test_all_that_failed_is_tried_again_by_one_button(inbox: Inbox) -> None:
    with inbox.store.read() as session:
        before = {one.step_id for one in steps.quarantined_steps(session, 50)}
    assert before
    answer = post(inbox.client("mod"), "/quarantine/replay", {}, page="/quarantine")
    assert answer.location == "/quarantine#outcome"
    with inbox.store.read() as session:
        assert steps.quarantined_steps(session, 50) == []


def test_a_centre_sees_its_own_batches_only(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        other = session.scalars(select(Centre.id).where(Centre.slug == "recouvrance")).one()
        session.execute(update(Intake).where(Intake.id == inbox.seeded.intakes["scan"]).values(centre_id=other))
    path = f"/batches/{inbox.seeded.intakes['scan']}"
    assert inbox.client("centre").get(path).status_code == 404
    assert path not in inbox.client("centre").get("/batches").text
    assert inbox.client("mod").get(path).status_code == 200


def test_each_role_starts_at_a_page_of_its_own(inbox: Inbox) -> None:
    starts = {login: inbox.client(login).get("/").location for login in ("mod", "elu", "centre", "admin")}
    assert starts == {
        "mod": "/contributions",
        "elu": "/contributions",
        "centre": "/today",
        "admin": "/contributions",
    }
    assert inbox.client().get("/").location == "/sign-in"


def test_the_menu_shows_what_a_role_may_enter_and_where_one_is(inbox: Inbox) -> None:
    menus = {}
    for login in ("mod", "elu", "centre"):
        text = inbox.client(login).get("/", follow_redirects=True).text
        menus[login] = re.findall(
            r'<a href="([^"]+)"( aria-current="page")?><svg', text.split('class="menu-row')[1].split("</nav>")[0]
        )
    here = ' aria-current="page"'
    assert menus == {
        "mod": [
            ("/contributions", here),
            ("/triage", ""),
            ("/reports", ""),
            ("/batches", ""),
            ("/keying", ""),
            ("/ledger", ""),
            ("/quarantine", ""),
            ("/status", ""),
        ],
        "elu": [("/contributions", here), ("/reports", ""), ("/ledger", "")],
        "centre": [("/today", here), ("/batches", ""), ("/keying", "")],
    }


def test_other_rooms_add_their_pages_to_the_menu(inbox: Inbox, tmp_path: Path) -> None:
    doors = Blueprint("doors", __name__)

    @doors.get("/upload")
    @allow(Role.CENTRE)
    def upload() -> str:
        return render_template("error.html", problem="Upload", remedy="")

    app = make_app(inbox.store, tmp_path, doors, entries=[MenuEntry("doors.upload", "Hand in scans", "upload")])
    client = Inbox(app, inbox.store, inbox.seeded).client("centre")
    assert client.get("/").location == "/today"
    assert '<a href="/upload"><svg' in client.get("/today").text
    assert "Hand in scans" in client.get("/upload").text


def test_times_are_the_towns(inbox: Inbox) -> None:
    with inbox.store.write() as session:
        at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
        session.execute(update(Intake).where(Intake.id == inbox.seeded.intakes["text"]).values(received_at=at))
    text = inbox.client("mod", language="fr").get(f"/contributions/{inbox.seeded.contributions['text']}").text
    assert "2 juil. 2026, 00:30" in text
