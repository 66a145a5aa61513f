"""What of a text is forwarded, or perhaps not meant, is marked where it stands, and can be folded by the reader."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.email.parse import parse_mail
from config.enums import ArrivalKind, Channel
from gateway.intake.contribute import create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.reading.mail_parts import mail_parts
from inbox.models import Contribution
from inbox.web.contributions.marked_passages import TextPiece, text_pieces
from tests.inbox.pages.conftest import Inbox, post
from tests.inbox.pages.seed import SLUG

F, S = "forwarded", "perhaps_signature"


def shown(pieces: tuple[TextPiece, ...]) -> list[object]:
    return [[str(one.label), *shown(one.inner)] if one.label else one.text for one in pieces]


def placed(passages: list[tuple[str, str]]) -> Iterator[dict[str, object]]:
    """As they are stored; where one is part of the one before, it stands at its end."""
    at, outer = 0, ""
    for kind, said in passages:
        start = at - len(said) if outer != said and outer.endswith(said) else at + 1
        at, outer = start + len(said), said
        yield {"kind": kind, "text": said, "start": start, "end": at}


TEXTS: dict[str, tuple[str, list[tuple[str, str]], list[object]]] = {
    "nothing to mark": ("Un banc.", [], ["Un banc."]),
    "at the end": ("Un banc.\n\nAnne", [(S, "Anne")], ["Un banc.", ["Perhaps a signature", "Anne"]]),
    "all of it": ("Anne", [(S, "Anne")], [["Perhaps a signature", "Anne"]]),
    "one within another": (
        "Voir :\n\nLe car.\n\nRose\n\nMerci",
        [(F, "Le car.\n\nRose"), (S, "Rose")],
        [
            "Voir :",
            ["Forwarded: somebody else’s words, handed on", "Le car.", ["Perhaps a signature", "Rose"]],
            "Merci",
        ],
    ),
    "the same words twice": (
        "Anne\n\nAnne\n\nAnne",
        [(S, "Anne"), (S, "Anne")],
        [["Perhaps a signature", "Anne"], ["Perhaps a signature", "Anne"], "Anne"],
    ),
    "reworded by a person": ("Un banc.", [(S, "Anne")], ["Un banc."]),
    "nothing at all": ("", [], [""]),
}


@pytest.mark.parametrize(("text", "passages", "expected"), TEXTS.values(), ids=TEXTS)
def test_a_text_in_pieces(inbox: Inbox, text: str, passages: list[tuple[str, str]], expected: list[object]) -> None:
    with inbox.app.test_request_context(headers={"Accept-Language": "en"}):
        assert shown(text_pieces(text, [*placed(passages)])) == expected


MAIL = """From: anne@poste.example
Subject: Tr: le car

C'est pour ma mère.

Envoyé de mon iPhone

Début du message transféré :

> De: Rose <rose@poste.example>
> Date: 2 mars 2025 à 18:40:12 UTC+1
> Objet: le car
>
> Le car ne passe plus.
>
> Cordialement
"""


def test_the_page_marks_them_and_says_what_proves_the_rest(inbox: Inbox, tmp_path: Path) -> None:
    with inbox.store.write() as session:
        arrived = IncomingMessage(
            Channel.EMAIL, "seed", "forwarded", ArrivalKind.MAIL, MAIL.encode(), consultation_slug=SLUG
        )
        (made,) = create_contributions(
            session, store_message(session, arrived).intake_id, mail_parts(parse_mail(MAIL.encode()), tmp_path)
        )
    client = inbox.client("mod")
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/contributions/{made}").text).split())
    told = (
        "C&#39;est pour ma mère. Forwarded: somebody else’s words, handed on Le car ne passe plus. Perhaps a signature"
    )
    assert page.count(f"{told} Cordialement") == 1  # a mail without files is shown once
    assert "Signature · set apart, not part of the contribution · a telephone or a mail program says this" in page
    assert "Forwarded mail · set apart, not part of the contribution · a mail program writes this above" in page
    path = f"/contributions/{made}"
    with inbox.store.read() as session:
        revision = session.get_one(Contribution, made).revision
    post(client, f"{path}/text", {"revision": revision, "body": "Le car ne passe plus."}, page=path)
    page = client.get(path).text
    assert page.count('<details class="passage"') == 2  # as it arrived only
