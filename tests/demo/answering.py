"""The end of the play: the town answers everybody at once, each the way they came; one of them calls and hears it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from textwrap import shorten

from config.enums import Channel
from inbox.records.references import format_reference
from tests.demo.desk import Desk
from tests.demo.phrases import CHANNELS
from tests.demo.play import Demo, Played
from tests.demo.samples import Call, Mail, Text
from tests.demo.screen import Column, table
from tests.demo.stage import LOGIN

PATIENCE = 40
"""Seconds until an answer that has not come is given up."""
_LOOK_EVERY = 0.5

ANSWER = {
    "fr": "Merci. Le conseil en a parlé en public le 12 avril, et dit ce qu'il en fait sur la page de la consultation.",
    "en": "Thank you. The council talked about it in public on 12 April; what it does is on the consultation's page.",
}
_MARK = "12 avril"
"""Words of the answer that survive every way: residents of the demo are answered in French."""


@dataclass(frozen=True)
class Told:
    """How one resident was answered, and with which words; None where nothing came."""

    played: Played
    how: str
    words: str | None


def answer_all(demo: Demo) -> tuple[list[Told], list[str]]:
    """Write one answer on the pages, let it leave, and see how it comes; what is missing at the end."""
    desk = Desk(demo.stage.url).sign_in(LOGIN, demo.stage.password)
    page = _let_leave(desk, demo.stage.consultation.slug)
    told = [_received(demo, desk, page, one) for one in demo.played if one.understood is not None]
    missing = [demo.words["not_answered"].format(name=one.played.sample.name) for one in told if one.words is None]
    return told, missing


def _let_leave(desk: Desk, slug: str) -> str:
    """As a person does it: begin, write, look at who gets it, send; the address of the answer's page."""
    page = desk.fill("/answers/new?consultation=" + slug, "/answers/new", {})
    words = {f"words-{language}": text for language, text in ANSWER.items()} | {"general": "1"}
    desk.fill(page, page, {**words, "save": "1"})
    desk.fill(page, page, {**words, "send": "1"})
    return page


def _received(demo: Demo, desk: Desk, page: str, played: Played) -> Told:
    number = played.understood.reference if played.understood else ""
    match played.sample:
        case Text(sender=sender):
            return Told(played, demo.words["answer_sms"], _texted(demo, sender))
        case Call():
            return Told(played, demo.words["answer_voicemail"], _heard(demo, played.sample, number))
        case Mail(mailbox=mailbox):
            return Told(played, demo.words["answer_email"], _mailed(demo, mailbox))
        case _:
            return Told(played, demo.words["answer_paper"], _printed(demo, desk, page))


def _texted(demo: Demo, sender: str) -> str | None:
    for already in range(10):
        message = demo.stage.telephone.wait_for_text(sender, PATIENCE, already)
        if message is None or _MARK in message.body:
            return message.body if message else None
    return None


def _mailed(demo: Demo, mailbox: str) -> str | None:
    for already in range(10):
        mail = demo.stage.mail.wait_for_mail(mailbox, PATIENCE, already)
        body = mail.get_body(("plain",)) if mail is not None else None
        said = str(body.get_content()) if body is not None else ""
        if mail is None or _MARK in said:
            return f"{mail['Subject']} – {' '.join(said.split())}" if mail else None
    return None


def _heard(demo: Demo, sample: Call, number: str) -> str | None:
    """Call again from the same telephone, press 2, key the number, and listen."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        call = demo.stage.telephone.call(sample.sender, demo.stage.town_number, None, keys=("2", number))
        said = next((words for words in call.said if _MARK in words), None)
        if said is not None:
            return said
        time.sleep(_LOOK_EVERY)
    return None


def _printed(demo: Demo, desk: Desk, page: str) -> str | None:
    """On the sheet that hangs in the centre, as the page makes its PDF."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        action = f"{page}/notices.pdf"
        if desk.has_button(page, action):
            content = desk.download(page, action)
            return demo.words["answer_sheet"].format(size=len(content) // 1000) if content.startswith(b"%PDF") else None
        time.sleep(_LOOK_EVERY)
    return None


def answers_table(demo: Demo, told: list[Told]) -> list[str]:
    """Who was answered how, as wide as the terminal."""
    words = demo.words
    columns = [
        Column(words["channel"], 10, colour="cyan"),
        Column(words["reference"], 11, colour="bold"),
        Column(words["answered_by"], 24),
        Column(words["answered_with"], None),
    ]
    rows = [
        [
            CHANNELS[demo.language][Channel(one.played.understood.channel)],
            format_reference(one.played.understood.reference),
            one.how,
            shorten(one.words or "–", 150, placeholder=" …"),
        ]
        for one in told
        if one.played.understood is not None
    ]
    return table(columns, rows, demo.screen.width, demo.screen.style)
