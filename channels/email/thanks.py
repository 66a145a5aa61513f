"""A reply that only thanks: it asks for nothing, says nothing about the town, and joins nothing."""

from __future__ import annotations

from channels.keywords import fold

_MOST_WORDS = 30
_THANKING = frozenset(("merci", "mercis", "remercie", "remercions", "remerciements", "thanks", "thank", "thx"))
# Nothing can be said about a street or a bus with these words alone; denials and doubts are not among them.
_WORDS = """
a accuse agreable au aussi avance avoir beaucoup belle bien bientot bon bonjour bonne bonsoir c ce cela cet cette
chere cher confirmation continuation cordialement d de dont du est et etes grand gentil gentille gentillesse infiniment
j je journee l la le les m madame mademoiselle message messieurs mesdames mille monsieur note nous ok parfait pour
prendre pris prise compte rapide rapidement rapidite recu reception reponse repondu retour s salutations semaine
sentiments service sincerement soin soiree suite super sympa toute toutes tous tout tres un une vite vos votre vous
all and answer best day dear evening for good got have it kind lot lots madam many much nice quick received regards
reply sir so that the very you your
"""
_POLITE = _THANKING | frozenset(_WORDS.split())


def only_thanks(text: str) -> bool:
    """Whether a text thanks and says nothing else; a question is never only thanks."""
    words = fold(text).split()
    if not 0 < len(words) <= _MOST_WORDS or "?" in text:
        return False
    return not _THANKING.isdisjoint(words) and all(word in _POLITE for word in words)
