"""One answer to many contributions of all channels, while what gives and sends it is killed again and again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from channels.base.values import Address
from config.answer_states import AnswerState, GivenState, Unreachable
from config.enums import Channel, MessageState, Purpose, StepState
from config.settings.loader import load_settings
from inbox.answers import deliveries
from inbox.answers.selection import RecipientSelection
from inbox.consultations import contributors
from inbox.migrations import migrate
from inbox.models import Answer, GivenAnswer, Message, Step
from inbox.storage.database import Store
from tests.standins.telephone import Telephone
from tests.standins.web import free_port
from tests.workers.answered_town import FIXED, SLUG, Town, mail, mobile
from tests.workers.test_send import Postbox

CONTRIBUTIONS = int(os.environ.get("ANSWERS", "200"))
KILLS = 20
PATIENCE = 600
_SETTINGS = """
town = "essai"
town_name = "Essai"
[twilio]
account_sid = "{sid}"
auth_tokens = ["{token}"]
api_base = "{base}"
sender = "+33644630000"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
sender = "avis@essai.example"
[texting]
not_before = 00:00:00
not_after = 23:59:59
not_on = []
per_minute = 6000
answer_wait_minutes = 0
"""


def answers() -> None:
    """Each is reached once by their own way, or listed with the reason; costs are as foretold; opt-outs hold."""
    with tempfile.TemporaryDirectory() as name, Telephone("http://127.0.0.1:9") as telephone:
        folder, postbox, port = Path(name), Postbox(), free_port()
        smtp = Controller(postbox, hostname="127.0.0.1", port=port)
        smtp.start()
        try:
            _try(folder, telephone, postbox, port)
        finally:
            smtp.stop()


def _try(folder: Path, telephone: Telephone, postbox: Postbox, port: int) -> None:
    api = telephone.api
    written = _SETTINGS.format(sid=api.account_sid, token=api.auth_token, base=telephone.base, port=port)
    (folder / "portevoix.toml").write_text(written, encoding="utf-8")
    settings = load_settings(folder / "portevoix.toml", env={})
    store = Store.open(settings)
    migrate(store.engine)
    town = Town(store, settings)
    town.open()
    came = {town.comes(channel, sender): (channel, sender) for channel, sender in _people()}
    stopped_before, stopped_after = ([mobile(n) for n in range(start, CONTRIBUTIONS, 20)] for start in (0, 8))
    _opt_out(town, stopped_before)
    answer = town.answers(RecipientSelection(consultation=SLUG), is_general=True)
    _opt_out(town, stopped_after)
    killed = _kill_again_and_again(folder, town, answer)
    _check(town, answer, came, telephone, postbox)
    stopped = {one.value for one in (*stopped_before, *stopped_after)}
    assert not [sent for sent in api.sent if sent.to in stopped], "somebody was texted who had said STOP"
    print(f"  {len(came)} contributions, {killed} kills, {len(api.sent)} texts, {len(postbox.mails)} mails")
    store.close()


def _people() -> list[tuple[Channel, Address | None]]:
    """Texts from mobiles, one in four of them twice; calls, some withheld; mails; paper with and without a number."""
    found: list[tuple[Channel, Address | None]] = []
    for number in range(CONTRIBUTIONS):
        match number % 5:
            case 0 | 3:
                found.append((Channel.SMS, mobile(number - number % 4)))
            case 1:
                found.append((Channel.VOICEMAIL, FIXED if number % 3 else None))
            case 2:
                found.append((Channel.EMAIL, mail(f"n{number}")))
            case _:
                found.append((Channel.PAPER, mobile(50_000 + number) if number % 2 else None))
    return found


def _opt_out(town: Town, whose: list[Address]) -> None:
    with town.store.write() as session:
        for one in whose:
            contributors.opt_out(session, one.kind, one.value, town.settings.town)


def _kill_again_and_again(folder: Path, town: Town, answer: int) -> int:
    """Let a process give and send, kill it, start it again; how often it was killed before all was done."""
    chance, killed, deadline = random.Random(7), 0, time.monotonic() + PATIENCE
    while not _is_done(town, answer):
        assert time.monotonic() < deadline, "the answer is not through"
        child = subprocess.Popen([sys.executable, "-m", "tests.soak.answering_process", str(folder)])
        try:
            # Starting takes a second or two; the kill falls anywhere in what comes then.
            child.wait(2.0 + chance.random() if killed < KILLS else PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            killed += 1
    return killed


def _is_done(town: Town, answer: int) -> bool:
    with town.store.read() as session:
        if session.get_one(Answer, answer).state is not AnswerState.GIVEN:
            return False
        return not session.scalar(
            select(func.count(Step.id)).where(Step.message_id.is_not(None), Step.state == StepState.OPEN)
        )


def _check(
    town: Town,
    answer: int,
    came: dict[int, tuple[Channel, Address | None]],
    telephone: Telephone,
    postbox: Postbox,
) -> None:
    texts = Counter(sent.to for sent in telephone.api.sent if "répond" in sent.body)
    assert set(texts.values()) <= {1}, "somebody was texted twice"
    # A mail that was handed over just before a kill may be handed over again, under the same Message-ID.
    mails = {(to[0], raw.split(b"Message-ID: ")[1].split()[0]) for _sender, to, raw in postbox.mails}
    assert Counter(to for to, _id in mails) == Counter(
        sender.value for channel, sender in came.values() if channel is Channel.EMAIL and sender
    )
    with town.store.read() as session:
        given = session.scalars(select(GivenAnswer).where(GivenAnswer.answer_id == answer)).all()
        assert {one.contribution_id for one in given} == set(came)
        assert all(one.why is not None for one in given if one.state is GivenState.UNREACHABLE)
        assert not [one for one in given if one.state is GivenState.WAITING]
        sent = session.scalars(select(Message).where(Message.purpose == Purpose.ANSWER)).all()
        assert all(one.state in (MessageState.SENT, MessageState.FAILED) for one in sent)
        reached = [one for one in given if one.way == "text" and one.state is GivenState.SENDING]
        assert len(reached) == len(texts)
        opted = [one for one in given if one.why is Unreachable.OPTED_OUT]
        whole = deliveries.delivery_totals(session, answer)
        assert whole.everybody == len(came)
        assert whole.segments == sum(one.segments for one in (*reached, *(one for one in opted if one.way)))


if __name__ == "__main__":
    answers()
