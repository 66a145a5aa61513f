"""Of a mail's plain text and its page, the one that was written; and letters that look like nothing."""

from email.message import EmailMessage

import pytest

from channels.email.parse import Mail, MailProblem, parse_mail


def twins(plain: str, page: str) -> Mail:
    message = EmailMessage()
    message["From"] = "anne@poste.example"
    message.set_content(plain)
    message.add_alternative(page, subtype="html")
    return parse_mail(message.as_bytes())


LETTER = "Le trottoir de la rue Victor-Hugo est trop étroit pour les poussettes, il faut l'élargir avant l'automne."
STUBS = {
    "an address": ("https://mail.example/voir?id=1", f"<p>{LETTER}</p>", False),
    "a wish for another program": ("This message requires an HTML viewer.", f"<p>{LETTER}</p>", True),
    "the same in French": (
        "Si ce message ne s'affiche pas correctement, consultez la version en ligne : https://v.example",
        f"<div><b>{LETTER}</b></div>",
        True,
    ),
    "a few words": ("Bonjour", f"<p>Bonjour</p><p>{LETTER}</p>", False),
    "the beginning": (LETTER[:60], f"<p>{LETTER}</p>", False),
    "one sentence of two": (LETTER, f"<p>{LETTER}</p><p>Des bancs manquent aussi près du marché couvert.</p>", False),
    "another language": ("The pavement is too narrow for prams in this street.", f"<p>{LETTER}</p>", True),
}


@pytest.mark.parametrize(("plain", "page", "differ"), STUBS.values(), ids=STUBS)
def test_the_page_is_taken_where_the_plain_text_leaves_something_out(plain: str, page: str, differ: bool) -> None:
    mail = twins(plain, page)
    assert LETTER in mail.body
    assert mail.twins == (plain,)
    assert (MailProblem.TWINS in mail.problems) is differ


SAME = {
    "the same": (LETTER, f"<p>{LETTER}</p>"),
    "wrapped, with a link": (
        LETTER.replace(", ", ",\n") + "\nhttps://v.example/plan",
        f"<p>{LETTER} <a href='https://v.example/plan'>plan</a></p>",
    ),
    "more in the plain text": (LETTER + " Merci d'avance à toute l'équipe.", f"<p>{LETTER}</p>"),
    "an empty page": (LETTER, "<p>&nbsp;</p>"),
}


@pytest.mark.parametrize(("plain", "page"), SAME.values(), ids=SAME)
def test_otherwise_the_plain_text_is_taken(plain: str, page: str) -> None:
    mail = twins(plain, page)
    assert (mail.body.split(), mail.twins) == (plain.split(), ())


JOINED = {
    "Persian": "می‌خواهم درخت‌های بیشتری",
    "a family": "👩‍👧‍👦 merci",
    "a flag of two signs": "🏳️‍🌈 et ❤️‍🔥",
    "Hindi": "क्‍ष और र्‍य",
    "Malayalam": "അവന്‍ വന്നു",
}


@pytest.mark.parametrize("words", JOINED.values(), ids=JOINED)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_joiners_belong_to_the_words(words: str, kind: str) -> None:
    message = EmailMessage()
    message.set_content(words if kind == "plain" else f"<p>{words}</p>", subtype=kind)
    assert parse_mail(message.as_bytes()).body == words
