"""The demo itself, small, with real processes: what is said is what stands in the inbox, once."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.enums import Bucket, NotContribution
from inbox.contributions import non_contributions
from inbox.listings.ledger import count_ledger
from inbox.models import Arrival, Contribution, Intake, MailCursor, Message, Part, Reference, Transcript
from tests.demo.desk import Desk
from tests.demo.doors import prepare
from tests.demo.play import Demo, Played
from tests.demo.report import box_lines, table_lines, table_values
from tests.demo.samples import Call, Form, Mail, Page, Samples, Text
from tests.demo.screen import Screen
from tests.demo.stage import LOGIN, MARK, Stage, StageError
from tests.standins.web import free_port

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

SAMPLES = Samples(
    text=(Text(name="texto", sender="+33639980031", says=("Un abri à l'arrêt de bus,", "et un banc !")),),
    call=(Call(name="appel", sender="+33639980032", says="il faudrait planter des arbres sur la place du marché"),),
    mail=(
        Mail(
            name="mail", mailbox="nolwenn", sender="Nolwenn", subject="arbres", says="Plantez des arbres.", quotes="Q"
        ),
    ),
    page=(
        Page(name="page", title="Bonjour", says="Il manque des toilettes publiques près du marché."),
        Page(name="upload", door="upload", file="jpeg", says="La fontaine de la place ne coule plus depuis un an."),
    ),
    form=(Form(name="formulaire", ticks=("nature", "proprete")),),
)


@dataclass(frozen=True)
class Shown:
    demo: Demo
    problems: list[str]
    said: str


@pytest.fixture(scope="module")
def shown(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    stream = io.StringIO()
    with Stage(tmp_path_factory.mktemp("demo"), SAMPLES, free_port()) as stage:
        demo = Demo(stage, Screen(stream, {}), "fr")
        problems = demo.play()
        yield Shown(demo, problems, stream.getvalue())


def test_everything_is_read_listed_and_answered(shown: Shown) -> None:
    assert shown.problems == []
    assert "\x1b" not in shown.said


EXPECTED = [
    pytest.param("texto", {"abri", "bus", "banc"}, False, id="two texts in a row"),
    pytest.param("appel", {"planter", "arbres", "marché"}, True, id="speech"),
    pytest.param("mail", {"Plantez", "arbres"}, False, id="mail without what it quotes"),
    pytest.param("page", {"toilettes", "publiques", "marché"}, True, id="a page from the folder"),
    pytest.param("upload", {"fontaine", "coule"}, True, id="an uploaded page"),
    pytest.param("formulaire", {"☒", "Arbres,", "Propreté"}, True, id="a form, printed, filled in and scanned"),
]


@pytest.mark.parametrize(("name", "words", "by_machine"), EXPECTED)
def test_what_was_said_is_what_is_shown(shown: Shown, name: str, words: set[str], by_machine: bool) -> None:
    (played,) = [one for one in shown.demo.played if one.sample.name == name]
    assert played.understood is not None
    assert [word for word in words if word not in played.understood.text] == []
    assert (played.understood.confidence is not None) == by_machine
    table = "\n".join(table_lines(shown.demo))
    assert all(word in table for word in words)


def test_the_table_as_values(shown: Shown) -> None:
    values = json.loads(json.dumps(table_values(shown.demo)))
    assert [value["channel"] for value in values] == ["sms", "voicemail", "email", "paper", "paper", "paper"]
    assert {tuple(value) for value in values} == {("channel", "reference", "text", "themes", "confidence", "seconds")}
    assert len({value["reference"] for value in values}) == len(values)


def test_a_form_is_shown_box_by_box(shown: Shown) -> None:
    (line,) = box_lines(shown.demo)
    assert "☒ Propreté" in line
    assert (line.count("☒"), line.count("☐") > 5) == (2, True)


def counts(stage: Stage) -> dict[str, int]:
    tables = (Intake, Arrival, Part, Contribution, Transcript, Reference, Message)
    with stage.store.read() as session:
        rows = {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
        assert count_ledger(session).balanced
    sent = {"texts sent": len(stage.telephone.api.sent)}
    mails = {"mails sent": sum(stage.town_mailbox not in one.to for one in stage.mail.handled)}
    return rows | sent | mails


def test_everything_again_changes_no_count(shown: Shown) -> None:
    stage = shown.demo.stage
    before = counts(stage)
    user = stage.town_mailbox.partition("@")[0]
    mails = len(stage.mail.imap.messages(user))
    for played in shown.demo.played:
        again(stage, played)
    deadline = time.monotonic() + 60
    while (stage.scans / "copie.pdf").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not (stage.scans / "copie.pdf").exists(), "the same file under another name was looked at"
    assert len(stage.mail.imap.messages(user)) == mails + len(SAMPLES.mail)
    settle(stage, mails + len(SAMPLES.mail))
    assert counts(stage) == before


def again(stage: Stage, played: Played) -> None:
    assert played.sent is not None
    for webhook in played.sent.webhooks:
        first, second = webhook, stage.telephone.again(webhook)
        assert (second.status, second.body) == (first.status, first.body)
    prepared = prepare(played.sample)
    if played.sample.name == "page":
        assert prepared is not None
        (kept,) = (stage.scans / "done").iterdir()
        shutil.copy(kept, stage.scans / "copie.pdf")
    if isinstance(played.sample, Mail):
        (arrived,) = [one for one in stage.mail.handled if stage.town_mailbox in one.to]
        stage.mail.imap.deliver(stage.town_mailbox.partition("@")[0], arrived.delivered)


def settle(stage: Stage, mails: int) -> None:
    """Wait until the mailbox's watcher has seen the second copy: its cursor moves behind it."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with stage.store.read() as session:
            if session.scalar(select(MailCursor.taken)) == f"1:{mails}":
                return
        time.sleep(0.2)
    pytest.fail("the mailbox was not looked into again")


JUDGED_TEXTS = {"+33639980041": "STOP", "+33639980042": "Stop merci bonne journée", "+33639980031": "Merci beaucoup !"}
JUDGED_MAILS = (
    b"From: Lea <lea@maison.example>\r\nTo: avis@brest.example\r\nSubject: Absence\r\nAuto-Submitted: auto-replied\r\n"
    b"\r\nJe suis absente. Au fait, un banc manque au parc.\r\n",
    b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.maison.example\r\nTo: avis@brest.example\r\n"
    b"Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nUser unknown.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.maison.example\r\n\r\n"
    b"Final-Recipient: rfc822; nono@maison.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n",
    b"From: Asso <asso@liste.example>\r\nTo: avis@brest.example\r\nSubject: L\r\nList-Id: <lettre.asso.example>\r\n"
    b"Precedence: list\r\n\r\nVenez nombreux samedi.\r\n",
)


def test_what_machines_judged_stands_on_its_page_and_one_is_taken_back(shown: Shown) -> None:
    stage = shown.demo.stage
    for sender, body in JUDGED_TEXTS.items():
        stage.telephone.text(sender, stage.town_number, body)
    for raw in JUDGED_MAILS:
        stage.mail.imap.deliver(stage.town_mailbox.partition("@")[0], raw)
    expected = len(JUDGED_TEXTS) + len(JUDGED_MAILS)
    deadline = time.monotonic() + 90
    found: list[non_contributions.NonContribution] = []
    while len(found) < expected and time.monotonic() < deadline:
        time.sleep(0.2)
        with stage.store.read() as session:
            found = non_contributions.list_non_contributions(session).rows
    assert len(found) == expected
    desk = Desk(stage.url).sign_in(LOGIN, stage.password)
    page = desk.text_of("/not-contributions")
    for said in ("STOP", "Merci beaucoup !", "Je suis absente.", "User unknown.", "Venez nombreux samedi."):
        assert said in page
    absent = next(one for one in found if one.kind is NotContribution.AUTOMATIC_REPLY)
    sheet = desk.press("/not-contributions", f"/not-contributions/{absent.unit}/{absent.id}/take")
    assert "un banc manque au parc" in desk.text_of(sheet)
    assert "Le compte est bon" in desk.text_of("/ledger")
    with stage.store.read() as session:
        book = count_ledger(session)
    assert (book.balanced, book.counts[Bucket.NOT_CONTRIBUTION]) == (True, expected - 1)


def test_another_folder_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(StageError, match="was not made by the demo"), Stage(tmp_path, SAMPLES):
        pass
    assert (tmp_path / "letters.txt").read_text() == "mine"
    assert not (tmp_path / MARK).exists()


def test_wrong_samples_end_with_a_message(tmp_path: Path) -> None:
    wrong = tmp_path / "samples.toml"
    wrong.write_text('[[text]]\nname = "a"\nsender = "0612345678"\nsays = ["x"]\n')
    command = [sys.executable, "-m", "tests.demo.run", "--once", "--samples", str(wrong), "--data", str(tmp_path / "d")]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == 1
    assert "sender" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
