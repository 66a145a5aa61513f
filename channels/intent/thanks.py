"""A message that only thanks: it asks for nothing, says nothing about the town, and joins nothing."""

from __future__ import annotations

import re

from channels.intent.courtesy import without_name
from channels.intent.folding import collapse_doubled, emoji_matters, folded_message, is_picture, strip_emoticons

_MOST_WORDS = 30
_THANKING = {
    "fr": "merci mercis mercie remercie remercions remerciement remerciements mrc mrci merki mersi msi trugarez",
    "en": "cheers thanks thank thx tks thnx thanx thks ty tysm thankyou",
    # Who has little French thanks as at home.
    "": "gracias danke tak grazie obrigado obrigada choukran chokran shukran tesekkurler mersi спасибо شكرا",
}
# Nothing can be said about a street or a bus with these words alone; denials and doubts are not among them.
_WORDS = """
a accuse affection agreable annee attention avoir bras coeur comprehension disponibilite du ecoute ecouter efficacite
en equipe fetes fond information informations lecture lire lu meme meilleurs patience quand voeux au aussi
avance avoir bcp beaucoup belle bien bientot bon bonjour bjr bonne bonsoir c ce cela cet cette chere cher confirmation
continuation cool cordialement cdt d dac daccord accord de dont du encore est et etes excellente fois genial gentil
gentille gentillesse grand impec infiniment j je journee l la le les m madame mademoiselle mesdames message messieurs
mille monsieur nickel note nous ok okay parfait pour prendre pris prise compte rapide rapidement rapidite recu
reception reponse repondu retour s salut salutations semaine sentiments service sincerement sms schon soin soiree
suite super sympa top tous tout toute toutes tres un une vite vos votre vous all and answer appreciated best bye
cheers day dear evening fine for good got great have hello hi it kind lot lots madam many much nice perfect quick
received regards reply sir so that the u very you your
"""
_POLITE = frozenset(collapse_doubled(word) for word in _WORDS.split())
_BY_WORD = {collapse_doubled(word): language for language, words in _THANKING.items() for word in words.split()}
_MANY = re.compile(r"10{2,6}|1 000")
_HANDS = "🙏"


def only_thanks(text: str) -> bool:
    """Whether a text thanks and says nothing else; a question is never only thanks."""
    return language_of_thanks(text) is not None


def language_of_thanks(text: str) -> str | None:
    """The language (fr, en) in which a text only thanks; None when it says anything else."""
    if "?" in text or emoji_matters(text):
        return None
    if _is_folded_hands(text):
        return "fr"
    words = [
        collapse_doubled(word) for word in _MANY.sub(" ", folded_message(strip_emoticons(without_name(text)))).split()
    ]
    if not 0 < len(words) <= _MOST_WORDS:
        return None
    thanked = [_BY_WORD[word] for word in words if word in _BY_WORD]
    if not thanked or not all(word in _POLITE or word in _BY_WORD for word in words):
        return None
    return "en" if thanked[0] == "en" else "fr"


def _is_folded_hands(text: str) -> bool:
    """Folded hands alone thank like a word; a raised thumb may be a vote."""
    return _HANDS in text and all(character.isspace() or is_picture(character) for character in text)
