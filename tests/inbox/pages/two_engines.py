"""Recordings that two engines heard, corrected by a moderator with the keyboard: with both readings, and with one."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Page
from sqlalchemy import select

from inbox.contributions import text_versions, transcripts
from inbox.jobs import steps
from inbox.models import Contribution, Medium
from inbox.storage.database import Store
from tests.inbox.makers import reading_steps, voicemail

SAID = (
    "il faudrait un banc devant la mairie et un autre au port",
    "le bus du soir ne passe plus depuis le mois de mars",
    "la piste cyclable de la rue de siam est trop étroite",
    "je voudrais plus de jeux pour les enfants au jardin",
    "les lampadaires de notre rue sont en panne depuis lundi",
    "on ne peut plus traverser devant la poste sans danger",
    "pourquoi a t on coupé les arbres de la place guérin",
    "il manque une fontaine près du terrain de boules",
    "les poubelles débordent chaque dimanche au marché",
    "merci de réparer le trottoir devant la pharmacie",
)
"""What people said."""

MISHEARD = (
    {3: "blanc", 6: "mari", 11: "porc"},
    {1: "but", 8: "mot"},
    {2: "récitable", 7: "signe"},
    {3: "jeu", 8: "enfin"},
    {1: "lampe", 8: "banc"},
    {4: "traversée", 9: "dangers"},
    {4: "coupe", 10: "garin"},
    {3: "fontaines", 8: "poules"},
    {2: "débordant", 4: "dimanches"},
    {2: "préparer", 4: "trottoirs"},
)
"""What the first engine heard instead, by place. Of each recording the second engine hears the last otherwise too."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What it took to put right some recordings."""

    keys: int
    seconds: float
    right: int
    """How many texts were published as they were said."""


def words_of(number: int, *, both: bool) -> list[dict[str, object]]:
    """The transcript of a recording: with ``both``, doubtful where two engines differ, the second one's reading there.

    The second engine is right about all misheard words, and itself mishears one that the first heard well.
    """
    said, misheard = SAID[number].split(), MISHEARD[number]
    false_alarm = min(place for place in range(len(said)) if place not in misheard)
    words: list[dict[str, object]] = []
    for place, word in enumerate(said):
        heard = misheard.get(place, word)
        one: dict[str, object] = {"text": heard, "confidence": 0.95, "start": place * 0.4, "end": place * 0.4 + 0.35}
        if both and (heard != word or place == false_alarm):
            one |= {"confidence": 0.45, "other": word if heard != word else "hum"}
        words.append(one)
    return words


def recordings(store: Store, count: int, *, both: bool) -> list[int]:
    """So many recordings that were heard; their contributions."""
    made = []
    for number in range(count):
        contribution = voicemail(store)
        (step,) = reading_steps(store, contribution)
        lease = steps.claim_step(store, step)
        assert lease is not None
        with store.write() as session:
            medium = session.scalars(select(Medium.id).where(Medium.part_id == lease.part_id)).one()
            transcripts.add_transcript(
                session,
                medium,
                engine="vosk+whisper" if both else "vosk",
                model="none",
                language="fr",
                words=words_of(number, both=both),
                took_seconds=0.1,
            )
            steps.end_step(session, lease, steps.Done())
        made.append(contribution)
    return made


def put_right(page: Page, store: Store, count: int, *, both: bool) -> Effort:
    """Correct and publish so many recordings by keys alone."""
    made = recordings(store, count, both=both)
    keys, began = 0, time.monotonic()
    for number, contribution in enumerate(made):
        page.goto(f"/contributions/{contribution}")
        pressed = _with_both(page, number) if both else _by_typing(page, number)
        with page.expect_navigation():
            page.keyboard.press(pressed[-1])
        keys += len(pressed)
    seconds = time.monotonic() - began
    with store.read() as session:
        texts = [text_versions.current_text(session, session.get_one(Contribution, one)) for one in made]
    wanted = [said[:1].upper() + said[1:] for said in SAID[:count]]
    return Effort(
        keys, seconds, sum(text is not None and text.body == said for text, said in zip(texts, wanted, strict=True))
    )


def _press(page: Page, keys: list[str]) -> None:
    for key in keys:
        page.keyboard.press(key)


def _with_both(page: Page, number: int) -> list[str]:
    """N to the first doubt; then O where the other engine is right, N where the first one is; P publishes."""
    keys = ["n"]
    disputed = [(place, word) for place, word in enumerate(words_of(number, both=True)) if "other" in word]
    for place, _word in disputed:
        keys.append("o" if place in MISHEARD[number] else "n")
    _press(page, keys)
    return [*keys, "p"]


def _by_typing(page: Page, number: int) -> list[str]:
    """E opens the text; word by word to each wrong one, which is typed anew; Ctrl and Enter publish."""
    page.keyboard.press("e")
    keys = ["e"]
    page.keyboard.press("Control+Home")
    keys.append("Control+Home")
    at, said = 0, SAID[number].split()
    for place in sorted(MISHEARD[number]):
        steps_right = ["Control+ArrowRight"] * (place - at)
        _press(page, [*steps_right, "Control+Shift+ArrowRight"])
        typed = f" {said[place]}"  # Chromium steps to the end of a word, and selects the space before the next
        page.keyboard.type(typed)
        keys += [*steps_right, "Control+Shift+ArrowRight", *typed]
        at = place + 1
    return [*keys, "Control+Enter"]
