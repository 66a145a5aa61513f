"""Whole calls, as a person can read them: ``call_paths.txt`` tells each, line by line, and what is kept of it.

A line without indentation is a request of the provider (its path below /hooks/voice), with four blanks a
verb of the answer, with two what the caller does; in parentheses, what happens meanwhile.
"""

from __future__ import annotations

from pathlib import Path

from tests.gateway.call_worlds import LANDLINE, NOBODYS, PARKS_NUMBER, WITHHELD, World

EVERY_STATE = ("waiting", "published", "set aside", "erased")
OVER, TOMORROW = {"opens": -60, "closes": -1}, {"opens": 1}

UNUSUAL: dict[str, World] = {
    "patience for slow speakers": World(
        voicemail={"pause_seconds": 20, "key_seconds": 12, "longest_minutes": 60, "tries": 1}
    ),
    "one language only announces no other, and 9 stays in it": World(languages=("fr",)),
    "three languages: 9 goes round": World(languages=("fr", "en", "es")),
    "nine languages, turned round": World(languages=("fr", "en", "es", "de", "it", "pt", "nl", "pl", "ro")),
    "a withheld number": World(sender=WITHHELD),
    "a withheld number, typed on keys": World(sender="+266696687"),
    "a landline: nothing is texted": World(sender=LANDLINE),
    "a mobile number of Reunion": World(sender="+262692123456"),
    "a mobile number of Martinique, the newer range": World(sender="+596709112345"),
    "a landline abroad": World(sender="+442079460000"),
    "the other consultation's number": World(to=PARKS_NUMBER),
    "a number of no consultation": World(to=NOBODYS),
    "a number of no consultation, key 2": World(to=NOBODYS, said_before=("waiting",)),
    "before the consultation opens": World(**TOMORROW),
    "before it opens, in English, and 5": World(**TOMORROW),
    "before it opens, and hangs up": World(**TOMORROW),
    "after it closed": World(**OVER),
    "after it closed, in English": World(**OVER),
    "after it closed, 3": World(**OVER),
    "after it closed, one's rights": World(**OVER),
    "after it closed, a state": World(**OVER, said_before=EVERY_STATE),
    "on the last day it is open": World(opens=-60, closes=0),
    "2: a message nobody has read yet": World(said_before=EVERY_STATE),
    "2: published": World(said_before=EVERY_STATE),
    "2: what we understood is not it": World(said_before=EVERY_STATE),
    "2, in English: what we understood is not it, of a message nobody has read yet": World(said_before=EVERY_STATE),
    "2: set aside": World(said_before=EVERY_STATE),
    "2: erased": World(said_before=EVERY_STATE),
    "2, in English: every state, one after the other": World(said_before=EVERY_STATE),
    "2, a wrong digit, then the right number": World(said_before=("waiting",)),
    "2, more often than one call may": World(said_before=EVERY_STATE, voicemail={"lookups_per_call": 2}),
    "2, more often than one number may within the hour": World(said_before=EVERY_STATE, per_hour=1),
    "2, a withheld number, more often than one call may": World(
        sender=WITHHELD, said_before=EVERY_STATE, voicemail={"lookups_per_call": 1}
    ),
    "2, then speaks too": World(said_before=("waiting",)),
    "2, the number of a card, and speaks under it": World(said_before=("card",)),
    "2, the number of a card, on a number of no consultation": World(to=NOBODYS, said_before=("card",)),
    "2, the number of a card, and it is closed": World(**OVER, said_before=("card",)),
    "recorded greeting and question": World(
        prompts=(
            "fr/voice_greeting.wav",
            "fr/voice_question.wav",
            "rues-et-places/fr/voice_question.wav",
            "en/voice_press_9.wav",
        )
    ),
    "everything of the thanks was recorded, the digits too": World(
        prompts=tuple(f"fr/voice_thanks-{n}.wav" for n in (1, 2, 3)) + tuple(f"fr/digit-{n}.wav" for n in range(10))
    ),
    "the thanks were recorded without the digits": World(
        prompts=("fr/voice_thanks-1.wav", "fr/voice_thanks-2.wav", "fr/voice_thanks-3.wav")
    ),
    "a language that only has recordings": World(
        languages=("fr", "br"), prompts=("br/voice_press_9.wav", "br/voice_greeting.wav", "br/voice_before_tone.wav")
    ),
    "a language nobody has words for is not offered": World(languages=("fr", "en", "br")),
    "the database is down when a number is keyed": World(said_before=("waiting",)),
}
"""What is different before a call, where anything is."""


def _paths() -> dict[str, tuple[World, str]]:
    told = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").strip()
    blocks = (block.partition("\n") for block in told.removeprefix("## ").split("\n\n## "))
    return {title: (UNUSUAL.get(title, World()), lines.strip("\n")) for title, _, lines in blocks}


PATHS = _paths()
