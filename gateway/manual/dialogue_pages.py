"""The pages docs/dialogues.fr.md and dialogues.en.md: every text as a resident meets it, in the dialogue it belongs to.

Calls are played through the spoken menu itself, so what stands here is what is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

from channels import voice
from channels.base.call_steps import CallStep, Gather, GoTo, HangUp, Pause, Play, Record, Say
from channels.base.values import IncomingCall, Recording
from channels.voice import CallFacts, Place, Position, SpokenState
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, read_consultation
from config.wording.message_catalog import TextPreview, preview_texts, resident_text, spoken_text
from config.wording.message_keys import COUNTED, SAMPLE_FACTS, TEXT_KEYS
from gateway.manual.answer_words import ANSWER_TEXTS
from gateway.manual.dialogue_words import HAPPENS, SCENES, TEXTED, UNASKED, WORDS
from gateway.manual.form_words import FORM_TEXTS
from gateway.manual.vote_words import VOTE_TEXTS

REFERENCE = "482915307"
_SECOND = {"fr": 15.1, "en": 12.8}
"""Characters spoken in a second: all spoken texts read by espeak-ng 1.51 at its usual speed, pooled."""
_BASE, _HEARD = "https://ville.example/hooks/voice", "heard"
_RECEIVED = date(2026, 3, 12)
_RECORDING = Recording("RE" + "0" * 32, _BASE, 12)


@dataclass(frozen=True)
class _Scene:
    """A call: what its caller does at each place, and what is so."""

    acts: tuple[str, ...]
    begins: Position = Position.GREETING
    day: int = 0
    """Days from the opening."""
    state: str = "unknown"
    known: bool = True
    heard: bool = True
    reference: bool = True


_SCENES = {
    "leaves": _Scene(("speaks", "waits")),
    "silent": _Scene(("silent", "silent", "silent"), Position.SPEAK),
    "again": _Scene(("1", "2", "speaks", "hangs up"), Position.SPOKEN),
    "not_there": _Scene(("1", "2", "silent", "silent", "silent"), Position.SPOKEN, heard=False),
    "keys": _Scene(("3", "0", "hangs up")),
    "waiting": _Scene(("2", REFERENCE, "hangs up"), state="waiting"),
    "published": _Scene(("hangs up",), Position.STATE, state="published"),
    "set_aside": _Scene(("hangs up",), Position.STATE, state="set_aside"),
    "erased": _Scene(("hangs up",), Position.STATE, state="erased"),
    "unknown": _Scene(("hangs up",), Position.STATE),
    "later": _Scene(("hangs up",), Position.STATE, state="later"),
    "before": _Scene(("waits",), day=-1),
    "over": _Scene(("waits",), day=10_000),
    "stranger": _Scene(("hangs up",), known=False),
    "no_number": _Scene((), Position.THANKS, reference=False),
}


_FITTING = {Gather: ("waits", "hangs up"), Record: ("speaks", "silent")}
"""What a caller can do where, besides pressing keys."""


def dialogues_page(language: str) -> str:
    """Everything residents hear and read in one language, as Markdown."""
    words = WORDS[language]
    consultation = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
    texts = {shown.key: shown for shown in preview_texts(consultation, language)}
    lines = [f"# {words['title']}", "", words["intro"], "", f"## {words['calls']}", "", words["calls_intro"], ""]
    for name, scene in _SCENES.items():
        lines += [f"### {SCENES[language][name]}", "", *_table(scene, consultation, language), ""]
    lines += [f"## {words['texts']}", "", words["texts_intro"], ""]
    for shown in texts.values():
        if shown.price is not None:
            lines += [*_exchange(shown, language), ""]
    told = "\n".join(lines)
    for heading, start in (
        ("mails", "email_"),
        ("paper", "paper_"),
        ("forms", "form_"),
        ("promises", "promise_"),
        ("reasons", "reason_"),
        ("more", ""),
    ):
        left = [shown for key, shown in texts.items() if key.startswith(start) and f"`{key}`" not in told]
        intro = [words[f"{heading}_intro"], ""] if f"{heading}_intro" in words else []
        lines += [f"## {words[heading]}", "", *intro]
        for shown in left:
            title = (UNASKED[language] | FORM_TEXTS[language] | ANSWER_TEXTS[language] | VOTE_TEXTS[language]).get(
                shown.key, shown.when
            )
            lines += [f"{title} (`{shown.key}`){words['colon']}", "", *_quoted(shown.text), ""]
        told = "\n".join(lines)
    return told.rstrip() + "\n"


# --- calls


def _table(scene: _Scene, consultation: Consultation, language: str) -> Iterator[str]:
    words = WORDS[language]
    yield f"| {words['who']} | {words['what']} | {words['text']} | {words['seconds']} |"
    yield "| --- | --- | --- | --- |"
    names = _names(consultation if scene.known else None, language)
    for who, what in _played(scene, consultation, language):
        found, key = names.get(what, ("", ""))
        seconds = f"{max(1, round(len(what) / _SECOND[found]))} s" if found else ""
        mark = f"`{key}`" if key else ""
        yield f"| {words[who]} | {what} | {mark} | {seconds} |"


def _names(consultation: Consultation | None, language: str) -> dict[str, tuple[str, str]]:
    """Language and key of a spoken text, by what it says."""
    facts = _facts(language, consultation)
    languages = consultation.languages if consultation else ("fr", "en")
    keys = [key for key in TEXT_KEYS if key.startswith("voice_")]
    return {spoken_text(key, one, consultation, **facts).text: (one, key) for one in languages for key in keys}


def _facts(language: str, consultation: Consultation | None) -> dict[str, object]:
    reason = resident_text("reason_names_a_person", language, consultation)
    counted = {name: SAMPLE_FACTS[name] for name in (*COUNTED, "number")}
    return {"reference": REFERENCE, "received": _RECEIVED, "reason": reason, **counted}


def _played(scene: _Scene, consultation: Consultation, language: str) -> Iterator[tuple[str, str]]:
    """(who, what) through a call, as the spoken menu leads it."""
    words, about = WORDS[language], consultation if scene.known else None
    facts = CallFacts(
        _BASE,
        about,
        consultation.opens + timedelta(days=scene.day),
        consultation.languages,
        reference=REFERENCE if scene.reference else "",
        state=SpokenState(scene.state, about, _facts(language, about)),
        heard=_HEARD if scene.heard else "",
    )
    call = IncomingCall("AC", "CA", None, "")
    tries = 1 if scene.reference else 4
    place: Place | None = Place(scene.begins, language, tries)
    if scene.begins is Position.SPOKEN:
        call = replace(call, recording=_RECORDING)
    if scene.begins is Position.GREETING:
        yield "resident", words["calls_up"]
    acts = list(scene.acts)
    while place is not None:
        steps = voice.answer_call(place, call, facts)
        place, call = None, replace(call, recording=None, digits="")
        for step in steps:
            yield from _said(step, words)
            act = acts[0] if acts else ""
            if act in _FITTING.get(type(step), ()) or (isinstance(step, Gather) and act.isdigit()):
                yield "resident", words["presses" if act.isdigit() else acts[0].replace(" ", "_")].format(keys=act)
                acts.pop(0)
                if act == "hangs up":
                    return
                if isinstance(step, Gather | Record) and (act.isdigit() or act == "speaks"):
                    place = _place(step.action)
                    call = replace(call, digits=act) if act.isdigit() else replace(call, recording=_RECORDING)
                    break
            if isinstance(step, GoTo):
                place = _place(step.address)


def _place(url: str) -> Place:
    parts = urlsplit(url)
    return Place.of(parts.path.rpartition("/")[2], dict(parse_qsl(parts.query)))


def _said(step: CallStep, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What the town makes heard with one step."""
    match step:
        case Gather():
            for inner in step.said:
                yield from _said(inner, words)
        case Say():
            yield "town", step.text
        case Play():
            yield "town", words["replay"]
        case Pause():
            yield "town", words["pause"].format(seconds=step.seconds)
        case Record():
            yield "town", words["tone"]
        case HangUp():
            yield "town", words["ends"]


# --- texts, mails, paper


def _exchange(shown: TextPreview, language: str) -> Sequence[str]:
    words = WORDS[language]
    sent = TEXTED[language].get(shown.key)
    before = (
        f"{words['sends']}{words['colon']} {sent}"
        if sent
        else (HAPPENS[language] | ANSWER_TEXTS[language] | VOTE_TEXTS[language]).get(shown.key, shown.when)
    )
    return [f"**{before}**", "", *_quoted(shown.text), ">", f"> `{shown.key}` · {cost_in_words(shown, language)}"]


def cost_in_words(shown: TextPreview, language: str) -> str:
    """What a text message costs, and why it costs more than it must, where it does."""
    words, price = WORDS[language], shown.price
    assert price is not None
    cost = words["cost"].format(units=price.units, encoding=price.encoding, count=price.count)
    if price.count == 1 or not TEXT_KEYS[shown.key].one_segment:
        return cost
    why = words["cost_letters"].format(letters=" ".join(price.costly)) if price.costly else words["cost_long"]
    return f"{cost}. **{words['cost_needless'].format(count=price.count, why=why)}**"


def _quoted(text: str) -> Sequence[str]:
    return [f"> {line}".rstrip() for line in text.strip().splitlines()]
