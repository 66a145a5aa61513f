"""Quotations of our own mails: what is ours is proven so, and what stands among our words is told to a person."""

import pytest

from channels.email.mime.problems import MailProblem
from config.enums import Channel
from gateway.intake.contribute import NewPart, Passage, SetApart
from gateway.intake.new_parts import QUOTES_MORE
from gateway.mail.quoted_words import compare_quotations

SENT = """Bonjour,

votre message est bien arrivé le 12 mars, numéro 482 915 307. Une personne va le lire.
Pour compléter, répondez ici."""
HEAD = "Le 12/03/2026 à 10:11, Ville <avis@ville.example> a écrit :"
QUOTED = """> Bonjour,
>
> votre message est bien arrivé le 12 mars, numéro 482 915 307. Une
> personne va le lire.
> Pour compléter, répondez ici."""


def part(body: str, *aside: SetApart, passages: tuple[Passage, ...] = (), why: str | None = None) -> NewPart:
    return NewPart("body", Channel.EMAIL, body=body, aside=aside, passages=passages, needs_person=why)


def quote(text: str, evidence: str = "attribution") -> SetApart:
    return SetApart("quote", text, evidence)


NAME = SetApart("signature", "Cordialement,\nAnne", "closing")
MORE = MailProblem.MORE_APART.value
CASES = {
    "ours, wrapped anew": (
        part("Un banc.", quote(f"{HEAD}\n{QUOTED}"), NAME, why=MORE),
        part("Un banc.", quote(f"{HEAD}\n{QUOTED}", "ours"), NAME, why=MORE),  # the signature is longer still
    ),
    "ours alone": (
        part("Un banc, rue de Siam.", quote(f"{HEAD}\n{QUOTED}"), why=f"{MORE} x"),
        part("Un banc, rue de Siam.", quote(f"{HEAD}\n{QUOTED}", "ours"), why="x"),
    ),
    "an answer among ours": (
        part("Voir ci-dessous.", quote(f"{HEAD}\n> Bonjour,\n> il manque un banc\n> Pour compléter, répondez ici.")),
        part(
            "Voir ci-dessous.",
            quote(f"{HEAD}\n> Bonjour,\n> il manque un banc\n> Pour compléter, répondez ici."),
            why=QUOTES_MORE,
        ),
    ),
    "an answer below ours": (
        part("", quote(f"{HEAD}\n> Pour compléter, répondez ici.\nUn banc."), why=MORE),
        part("", quote(f"{HEAD}\n> Pour compléter, répondez ici.\nUn banc."), why=f"{QUOTES_MORE} {MORE}"),
    ),
    "somebody else's": (
        part("Oui.", quote("Le 12/03/2026 à 10:11, Rose <r@poste.example> a écrit :\n> Un banc ?")),
        part("Oui.", quote("Le 12/03/2026 à 10:11, Rose <r@poste.example> a écrit :\n> Un banc ?")),
    ),
    "perhaps a quotation, and ours": (
        part(
            "> Pour compléter, répondez ici.\n\nUn banc, et ceci :\n\n> un arbre",
            passages=(Passage("perhaps_quote", 0, 31), Passage("perhaps_quote", 53, 63)),
        ),
        part(
            "Un banc, et ceci :\n\n> un arbre",
            quote("> Pour compléter, répondez ici.", "ours"),
            passages=(Passage("perhaps_quote", 20, 30),),
        ),
    ),
    "between two ideas": (
        part("Un banc.\n\n> Bonjour,\n\nUn arbre.", passages=(Passage("perhaps_quote", 10, 20),)),
        part("Un banc.\n\nUn arbre.", quote("> Bonjour,", "ours")),
    ),
    "forwarded, and like ours": (
        part("Pour compléter, répondez ici.", passages=(Passage("forwarded", 0, 29),)),
        part("Pour compléter, répondez ici.", passages=(Passage("forwarded", 0, 29),)),
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_a_quotation_of_ours(before: NewPart, after: NewPart) -> None:
    found = compare_quotations(before, SENT)
    assert found == after
    assert all(found.body[one.start : one.end] for one in found.passages if found.body)


def test_nothing_is_compared_with_nothing() -> None:
    one = part("Un banc.", quote(f"{HEAD}\n{QUOTED}"), why=MORE)
    assert compare_quotations(one, "") is one
