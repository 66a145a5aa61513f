"""Reactions of telephones, whatever made them, and quotations that residents write.

The forms are those of iOS, Google Messages and apps like them, as other programs that read such texts record them
(moezbhatti/qksms#1330); what they quote is ours.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.intent.reactions import reaction_in, repeats

RECEIPT = "Ville d'Exemple : votre avis est bien arrivé. No 482 915 307. Une personne le lira. Suite : SUIVI 482915307"

FORMS = [
    "A aimé « {} »",
    "A adoré “{}”",
    "A aimé «\u202f{}\u202f»",
    "N’a pas aimé « {} »",
    "A ri de « {} »",
    "A mis en évidence « {} »",
    "A souligné « {} »",
    "A posé une question sur « {} »",
    "S'est interrogé(e) sur « {} »",
    "A réagi par 👍 à « {} »",
    "A réagi avec 😂 à “{}”",
    "A réagi ❤️ à « {} »",
    "a attribué la mention « Adore » à « {} »",
    "A retiré la mention « J’aime » de « {} »",
    "A supprimé un “J’aime” de « {} »",
    "A retiré un cœur de « {} »",
    "A retiré 😂 de « {} »",
    "a ajouté un « J'aime » à « {} »",
    "Réagi par ❤️ à votre message : «{}»",
    "Marianne a réagi par ❤️ à votre message : «{}»",
    "👍 à « {} »",
    '\u200a\u200b🙏🏽\u200b à "\u200a{}\u200a"',
    "Liked “{}”",
    "Liked '{}'",
    'Loved "{}"',
    "Disliked “{}”",
    "Laughed at “{}”",
    "Emphasized “{}”",
    "Emphasised “{}”",
    "Questioned “{}”",
    "Reacted 🎉 to “{}”",
    "Removed a heart from “{}”",
    "Removed an exclamation from “{}”",
    "Removed 👍🏽 from “{}”",
    "🤷‍♀️ to “{}”",
    "A dit J’aime à « {} »",
    "A aimé ‘{}’",
    "A répondu « 👍 » à « {} »",
    "A réagi à « {} » par 👍",
    "Reacted to “{}” with ❤️",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("quoted", [RECEIPT, "Des bancs ?", RECEIPT[:60] + "…", "deux\nlignes"], ids=range(4))
def test_a_reaction(form: str, quoted: str) -> None:
    found = reaction_in(form.format(quoted))
    assert found is not None
    assert found.is_plain
    assert repeats(found, quoted if quoted != RECEIPT[:60] + "…" else RECEIPT)


@pytest.mark.parametrize(
    "text",
    [
        "A aimé une image",
        "A adoré votre photo",
        "Liked an image",
        "Loved a movie",
        "Laughed at an audio message",
        "Reacted 😮 to a photo",
        "A réagi par 👍 à une vidéo",
        "A réagi avec 🔥",
        "A aimé un lien",
        "Liked a link",
    ],
)
def test_a_reaction_to_a_file(text: str) -> None:
    assert reaction_in(text) is not None


WRITTEN = [
    "J’ai aimé « la fête »",
    "A aimé « la fête » mais pas le bruit",
    "A aimé la fête",
    "A aimé ça",
    "La mairie a aimé « le projet »",
    "Liked it a lot",
    "Liked",
    "Loved “The Bridge” festival",
    "Reacted well to “your plan”",
    "A réagi vite à « l'alerte »",
    "A supprimé un banc de « la place »",
    "Removed the bench from “the square”",
    "« citation »",
    "Bonjour « toi »",
    "Oui à « la place verte »",
    "👍",
    "👍 à tous",
    "😂 to the bus lane",
    "a aimé « la fête »",
    "Je ne comprends pas « votre avis est bien arrivé »",
    "Le gusta “la plaza”",
    "Liked “the new park",
    "A aimé « la place » et « le parc »",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_somebody_wrote(text: str) -> None:
    found = reaction_in(text)
    assert found is None or not (found.is_plain or repeats(found, RECEIPT))


@pytest.mark.parametrize(
    "text",
    [
        f"a aimé « {RECEIPT} »",
        f"Le ha gustado “{RECEIPT}”",
        f"Gefällt „{RECEIPT}“",
        f"Gostou de “{RECEIPT[:70]}…”",
        f"😂 to {RECEIPT}",
        f"Marianne a aimé « {RECEIPT} »",
        f"You liked “{RECEIPT}”",
        f"👍 « {RECEIPT} »",
        f"Liked “{RECEIPT[:50]}",
    ],
)
def test_what_is_one_only_if_we_sent_that(text: str) -> None:
    found = reaction_in(text)
    assert found is not None
    assert not found.is_plain
    assert repeats(found, RECEIPT)
    assert not repeats(found, "Effacer votre avis ?")


@given(st.text(max_size=300))
def test_nothing_is_raised_and_words_of_ones_own_are_never_lost(text: str) -> None:
    reaction_in(text)
    found = reaction_in(f"Je trouve que {text}")
    assert found is None
