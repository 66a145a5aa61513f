"""What the demo shows in the end: the table, how residents were answered, and the way into the inbox."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Sequence
from pathlib import Path

from config.enums import Channel
from inbox.records.references import format_reference
from tests.demo.phrases import CHANNELS, in_words
from tests.demo.play import Demo
from tests.demo.screen import Column, Screen, columns_of, padded, table
from tests.demo.stage import LOGIN
from tests.demo.watch import Understood

_TRANSLATIONS = Path(__file__).parents[2] / "inbox" / "translations"


def in_the_pages_words(language: str) -> Callable[[str], str]:
    """How the pages say a reason in this language."""
    return gettext.translation("messages", _TRANSLATIONS, [language], fallback=True).gettext


def table_lines(demo: Demo) -> list[str]:
    """What was understood, as wide as the terminal."""
    words, language = demo.words, demo.language
    columns = [
        Column(words["channel"], 10, colour="cyan"),
        Column(words["reference"], 11, colour="bold"),
        Column(words["text"], None),
        Column(words["themes"], 24, colour="green"),
        Column(words["confidence"], 8, "right"),
        Column(words["seconds"], 7, "right"),
    ]
    labels = {theme.key: theme.label.get(language, theme.key) for theme in demo.stage.consultation.themes}
    rows = []
    for played in demo.played:
        if (understood := played.understood) is None or played.seconds is None:
            continue
        rows.append(
            [
                CHANNELS[language][Channel(understood.channel)],
                format_reference(understood.reference),
                " ".join(understood.text.split()),
                "\n".join(labels.get(key, key) for key in understood.themes) or "–",
                _sure(understood),
                in_words(played.seconds, language),
            ]
        )
    return table(columns, rows, demo.screen.width, demo.screen.style)


def box_lines(demo: Demo) -> list[str]:
    """Each form that was printed, filled in and scanned, box by box."""
    lines = []
    for played in demo.played:
        if played.understood is not None and played.understood.boxes:
            boxes = "   ".join(f"{'☒' if ticked else '☐'} {label}" for label, ticked in played.understood.boxes)
            lines.append(demo.words["boxes"].format(name=played.sample.name, boxes=boxes))
    return lines


def _sure(understood: Understood) -> str:
    if understood.confidence is None:
        return "–"
    return f"{understood.confidence * 100:.0f} %" + (" ?" if understood.doubt else "")


def table_values(demo: Demo) -> list[dict[str, object]]:
    """The table for programs; confidence is 0 to 1, and None where a person wrote everything."""
    return [
        {
            "channel": understood.channel,
            "reference": understood.reference,
            "text": understood.text,
            "themes": list(understood.themes),
            "confidence": None if understood.confidence is None else round(understood.confidence, 4),
            "seconds": round(played.seconds, 2),
        }
        for played in demo.played
        if (understood := played.understood) is not None and played.seconds is not None
    ]


def show_result(demo: Demo, problems: Sequence[str], seconds: float) -> None:
    """The table, and below it whether all is well."""
    screen, words = demo.screen, demo.words
    screen.say()
    for line in table_lines(demo):
        screen.say(line)
    for line in box_lines(demo):
        screen.tell(line)
    screen.tell(words["confidence_note"], "dim")
    doubts = {played.understood.doubt for played in demo.played if played.understood is not None} - {""}
    if doubts:
        screen.tell(
            words["doubt_note"].format(why=" ".join(sorted(map(in_the_pages_words(demo.language), doubts)))), "yellow"
        )
    screen.say()
    if problems:
        screen.tell(words["missing"], "red", "bold")
        for problem in problems:
            screen.tell(problem, indent="  ")
        screen.tell(words["log"].format(path=demo.stage.log_path), "dim")
    else:
        screen.tell(words["in_inbox"].format(count=len(demo.played)), "green")
        screen.tell(_receipts(demo), "green")
    screen.tell(words["total"].format(seconds=in_words(seconds, demo.language)), "dim")


def _receipts(demo: Demo) -> str:
    """How residents got their references."""
    counts = {channel: sum(one.sample.channel is channel for one in demo.played) for channel in Channel}
    ways = [f"{count} {demo.words[f'receipts_{channel.value}']}" for channel, count in counts.items() if count]
    return demo.words["receipts"].format(how=", ".join(ways))


def show_door(screen: Screen, demo: Demo) -> None:
    """Where the inbox is, and how to get in."""
    words = demo.words
    public = f"{demo.stage.url}/consultations"
    facts = [
        (words["inbox"], demo.stage.url),
        (words["public"], public),
        (words["login"], LOGIN),
        (words["password"], demo.stage.password),
    ]
    width = max(columns_of(name) for name, _ in facts)
    screen.say()
    for name, value in facts:
        screen.say(f"  {padded(name, width)}  {screen.style.paint(value, 'bold')}")
    screen.say()
    screen.tell(words["stays"], "dim")
