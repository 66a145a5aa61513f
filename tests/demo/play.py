"""The play: the gateway starts, everybody speaks at once, and it is watched until all has been read."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import requests

from tests.demo.desk import Desk, DeskError, shows_number
from tests.demo.doors import DOOR_ERRORS, Prepared, SentSample, prepare, send
from tests.demo.phrases import CHANNELS, PHRASES, in_words
from tests.demo.samples import AnySample, Call, Mail, Text
from tests.demo.screen import Screen, padded
from tests.demo.stage import LOGIN, Stage
from tests.demo.watch import Seen, Understood, look

Made = TypeVar("Made")

PATIENCE = 150
"""Seconds until what has not been read is given up; it takes a fifth of it on two cores."""

RECEIPT_PATIENCE = 30
_LOOK_EVERY = 0.15

LIST = "/contributions"


@dataclass
class Played:
    """One sample on its way."""

    sample: AnySample
    started: float = 0.0
    sent: SentSample | None = None
    seen: Seen = field(default_factory=lambda: Seen("not_arrived"))
    seconds: float | None = None
    problem: str = ""
    """Why it will never come to its end; empty while it may."""

    @property
    def understood(self) -> Understood | None:
        """What was understood, once it was."""
        return self.seen.understood

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return bool(self.problem) or self.seconds is not None


class Demo:
    """The play from its first line to its table."""

    def __init__(self, stage: Stage, screen: Screen, language: str) -> None:
        self.stage, self.screen, self.language = stage, screen, language
        self.words = PHRASES[language]
        self.played = [Played(sample) for sample in stage.samples.all]

    def play(self) -> list[str]:
        """Everything up to the check; what is missing at its end."""
        with self.screen.board():
            files = self._set_up()
        self.screen.say()
        with self.screen.board(), ThreadPoolExecutor(len(self.played)) as doors:
            for played in self.played:
                self._show(played)
            for played, prepared in zip(self.played, files, strict=True):
                doors.submit(self._send, played, prepared)
            self._watch()
        return self._missing()

    # --- before

    def _set_up(self) -> list[Prepared]:
        """Start the gateway, and make voices and pages meanwhile."""
        self.screen.show(self.words["world"], self.words["ready"], ended=True)
        with ThreadPoolExecutor(2) as makers:
            gateway = makers.submit(self._timed, "gateway", self.stage.start_gateway)
            made = makers.submit(self._timed, "samples", lambda: [prepare(one.sample) for one in self.played])
            gateway.result()
            return made.result()

    def _timed(self, name: str, act: Callable[[], Made]) -> Made:
        started = time.monotonic()
        self.screen.show(self.words[name], self.words["preparing"])
        try:
            made = act()
        except BaseException:
            self.screen.show(self.words[name], self.words["failed"], ended=False)
            raise
        self.screen.show(
            self.words[name],
            f"{self.words['ready']}, {in_words(time.monotonic() - started, self.language)}",
            ended=True,
        )
        return made

    # --- meanwhile

    def _send(self, played: Played, prepared: Prepared) -> None:
        played.started = time.monotonic()
        try:
            played.sent = send(played.sample, self.stage, prepared)
        except DOOR_ERRORS as error:
            played.problem = self.words["not_sent"].format(name=played.sample.name, why=error)
        self._show(played)

    def _watch(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not all(played.is_over for played in self.played) and time.monotonic() < deadline:
            self.stage.check_gateway()
            with self.stage.store.read() as session:
                for played in self.played:
                    if played.sent is not None and not played.is_over:
                        played.seen = look(session, played.sent.key)
            for played in self.played:
                self._judge(played)
                self._show(played)
            time.sleep(_LOOK_EVERY)

    def _judge(self, played: Played) -> None:
        if played.is_over:
            return
        if played.seen.how == "ready":
            played.seconds = time.monotonic() - played.started
        elif played.seen.how == "needs_person":
            played.problem = self.words["not_read"].format(name=played.sample.name, why=played.seen.why)

    def _show(self, played: Played) -> None:
        name = f"{padded(CHANNELS[self.language][played.sample.channel], 10)} {_from(played.sample)}"
        if played.problem:
            self.screen.show(name, self.words["failed"], ended=False)
        elif played.seconds is not None:
            self.screen.show(name, f"{self.words['read']}, {in_words(played.seconds, self.language)}", ended=True)
        else:
            here = "arrived" if played.seen.how in {"waiting_reading", "waiting_themes"} else "sending"
            self.screen.show(name, self.words[here])

    # --- afterwards

    def _missing(self) -> list[str]:
        problems = [played.problem for played in self.played if played.problem]
        problems += [self._unfinished(played) for played in self.played if not played.is_over]
        try:
            problems += self._not_shown()
        except (DeskError, requests.RequestException) as error:
            problems.append(str(error))
        return problems

    def _not_shown(self) -> list[str]:
        """What was read, and is not in the inbox for all that, or whose resident does not know its reference."""
        desk = Desk(self.stage.url).sign_in(LOGIN, self.stage.password)
        listed = desk.listed(LIST)
        problems = []
        for played in self.played:
            if (understood := played.understood) is None:
                continue
            if not shows_number(listed, understood.reference):
                problems.append(self.words["not_in_inbox"].format(name=played.sample.name))
            if not self._has_receipt(played, understood, desk):
                problems.append(self.words["no_receipt"].format(name=played.sample.name))
        return problems

    def _unfinished(self, played: Played) -> str:
        if played.seen.how == "not_arrived":
            return self.words["not_arrived"].format(name=played.sample.name)
        return self.words["not_read"].format(
            name=played.sample.name, why=played.seen.why or self.words[played.seen.how]
        )

    def _has_receipt(self, played: Played, understood: Understood, desk: Desk) -> bool:
        """Whether the resident was told the reference the way they came."""
        assert played.sent is not None
        match played.sample:
            case Text(sender=sender):
                message = self.stage.telephone.wait_for_text(sender, RECEIPT_PATIENCE)
                return message is not None and shows_number(message.body, understood.reference)
            case Call():
                return any(shows_number(said, understood.reference) for said in played.sent.said)
            case Mail(mailbox=mailbox):
                mail = self.stage.mail.wait_for_mail(mailbox, RECEIPT_PATIENCE)
                body = mail.get_body(("plain",)) if mail is not None else None
                return body is not None and shows_number(str(body.get_content()), understood.reference)
            case _:
                return shows_number(desk.text_of(f"/batches/{understood.intake_id}"), understood.reference)


def _from(sample: AnySample) -> str:
    """Whom or where a sample comes from, as the board shows it."""
    match sample:
        case Text(sender=number) | Call(sender=number):
            return " ".join([number[:3], number[3], *(number[start : start + 2] for start in range(4, len(number), 2))])
        case Mail(sender=name):
            return name
        case _:
            return sample.name
