"""Not a word that a resident wrote leaves the text unseen: odd letters, generated ones, and citizens' own."""

import os
import random
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.parse import parse_mail
from channels.email.reply.evidence import Evidence, Relation, SplitReply
from channels.email.reply.splitting import split_reply
from tests.channels.letters_sent import LETTERS, PROGRAMS, SIGNATURE, citizens_texts, letter, losses

FOLDER = Path(__file__).parent.parent / "payloads" / "email"
ODD = {
    name: text.strip("\n")
    for name, text in tomllib.loads((FOLDER / "odd_letters.toml").read_text(encoding="utf-8"))["letters"].items()
}
CLOSED = {"Cordialement,", "Anne Riou"}
"""How two of them close: nothing else of any of them may be set apart in a mail that answers nothing."""
ANSWERING = {"iPhone", "webmail"}
COPIED = {ODD["a mail of the town, copied"]}
"""With the head that a program wrote: in an answer nothing tells where what stands below it ends."""
IN_MAKE_TEST = 300


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_letter_is_kept_whole(text: str) -> None:
    split = split_reply(text, Relation())
    assert {line for one in split.aside for line in one.text.splitlines()} <= CLOSED
    for program in PROGRAMS.keys() - (ANSWERING if text in COPIED else set()):
        body = squeezed(parse_mail(letter(text, "as it is", program, True)).body)
        assert [line for line in text.splitlines() if squeezed(line) not in body and line not in CLOSED] == [], program


def is_counted(split: SplitReply, text: str) -> bool:
    """Whether body and asides together hold the text's characters, each as often as it is there."""
    kept = split.body + "".join(one.text for one in split.aside)
    return Counter(squeezed(kept)) == Counter(squeezed(text))


SAID = [line for text in ODD.values() for line in text.splitlines()]
AROUND = [
    "> oui",
    "-- ",
    "Cordialement,",
    "Anne Le Gall",
    "Le 12/03/2026 à 10:11, Ville <avis@ville.example> a écrit :",
    "De : a@b.example",
    "Envoyé : 12 mars 2026 10:11",
    "Objet : x",
    "-----Message d'origine-----",
    "---------- Forwarded message ---------",
    "Début du message transféré :",
    "________________________________",
    "Envoyé de mon iPhone",
    "Ce message et toutes les pièces jointes sont confidentiels et destinés à ses seuls destinataires.",
    "PS : x",
    "",
    "",
]
lines = st.lists(st.one_of(st.sampled_from(SAID), st.sampled_from(AROUND)), max_size=30)
relations = st.builds(Relation, st.booleans(), st.booleans())


@given(lines, relations)
def test_body_and_asides_are_the_mail(written: list[str], relation: Relation) -> None:
    text = "\n".join(written)
    split = split_reply(text, relation)
    # The marks of a forwarded message that is quoted are nobody's words.
    if not any(one.kind.value == "forwarded" for one in split.passages):
        assert is_counted(split, text)
    words = Counter(text.replace(">", " ").split())
    kept = "\n".join([split.body, *(one.text for one in split.aside)])
    assert Counter(kept.replace(">", " ").split()) == words


@given(lines, relations)
def test_each_aside_names_its_evidence_and_each_passage_stands_in_the_text(
    written: list[str], relation: Relation
) -> None:
    split = split_reply("\n".join(written), relation)
    assert all(one.evidence in Evidence and one.text.strip() for one in split.aside)
    assert all(0 <= one.start < one.end <= len(split.body) for one in split.passages)
    assert [one.start for one in split.passages] == sorted(one.start for one in split.passages)
    if relation == Relation():
        assert {one.evidence for one in split.aside} <= {
            Evidence.CLOSING, Evidence.DELIMITER, Evidence.DEVICE, Evidence.BOILERPLATE, Evidence.FORWARD_HEAD
        }  # fmt: skip


SENTENCES = [one for one in SAID if one.rstrip().endswith((".", "!", "?")) and not one.startswith((">", "|"))]


@settings(max_examples=max(100, settings().max_examples))
@given(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8),
    st.sampled_from(["\n", "\n\n", "\n\n--\n\n", " "]),
    st.sampled_from(LETTERS),
)
def test_a_generated_letter_is_kept_whole(said: list[str], between: str, written: tuple[str, str, bool]) -> None:
    body = squeezed(parse_mail(letter(between.join(said), *written)).body)
    assert [one for one in said if squeezed(one) not in body] == []


def test_three_hundred_of_the_citizens_texts_are_kept_whole() -> None:
    """Each in two of its thirty letters; ``make soak ONLY=conservation`` tries all of all."""
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: there are no citizens' texts to try")
    texts = citizens_texts(Path(corpus))
    assert len(texts) > 5000
    chosen = random.Random("conservation").sample(texts, IN_MAKE_TEST)
    lost = [one for number, text in enumerate(chosen) for one in losses(text, slice(number % 15, None, 15))]
    assert lost == []


def test_the_letters_are_what_five_programs_send() -> None:
    assert len(PROGRAMS) == 5
    found = {program: parse_mail(letter("Un banc.", "as it is", program, True)) for program in PROGRAMS}
    assert {program for program, mail in found.items() if mail.subject != "Mon avis"} == ANSWERING
    assert {tuple(mail.body.split()) for mail in found.values()} == {("Bonjour,", "Un", "banc.")}
    assert all(mail.aside[0].text.split() == SIGNATURE.split() for mail in found.values())
