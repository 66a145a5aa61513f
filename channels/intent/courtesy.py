"""What is said around a request out of courtesy, and takes nothing from it: greetings, please, thanks, a signature."""

from __future__ import annotations

import re

from channels.intent.folding import folded_message

# Phrases, folded, a comma apart; what stands in brackets may be said in several ways.
_GREETINGS = {
    "fr": """
        bonjour, bjr, rebonjour, bonsoir, bsr, salut, slt, coucou, bonjour a tous, bonjour a vous, madame, monsieur,
        mesdames, messieurs, madame monsieur, mesdames messieurs, messieurs dames, cher monsieur, chere madame,
        desole, desolee, excusez moi, pardon""",
    "en": """
        hello, hi, hey, hello there, hi there, good morning, good afternoon, good evening, dear sir, dear madam,
        dear sir or madam, sorry""",
}
_PLEASE = {
    "fr": """
        s il vous plait, s il vous plais, sil vous plait, silvousplait, silvouplait, svp+, s v p,
        s il te plait, sil te plait, stp, s t p, si possible, merci de votre comprehension, d avance merci,
        je vous prie, je vous en prie""",
    "en": "please, pleas, plz, pls, if possible, kindly",
}
_THANKS = {
    "fr": """
        (?:un grand |mille |grand )?(?:merci+s?|mercie|mrc|merki)
        (?: a vous| a tous| beaucoup| bien| d avance| bcp| infiniment| pour tout)*""",
    "en": """
        (?:many )?(?:thanks|thank you|thank u|thx|tks|ty|thankyou)
        (?: very much| so much| a lot| in advance| again| all)*, cheers, much appreciated""",
}
_CLOSINGS = {
    "fr": """
        cordialement, bien cordialement, tres cordialement, cdt, cdlt, bien a vous, au revoir, aurevoir, a bientot,
        bisous, salutations, sinceres salutations, meilleures salutations, bonne continuation, respectueusement,
        (?:et |passez une |je vous souhaite une )*(?:bonne|belle|excellente)
        (?: journee| soiree| nuit| semaine| apres midi), (?:et )*bon (?:week end|weekend|we|apres midi|courage),
        bonne fin de (?:journee|semaine), a vous aussi, a vous de meme""",
    "en": """
        regards, best regards, kind regards, best wishes, best, bye, bye bye, goodbye, good bye, yours sincerely,
        yours faithfully, sincerely, take care, all the best, good day, good night,
        (?:and |please )*(?:have|enjoy) (?:a|your) (?:very )?(?:nice|good|great|lovely)
        (?: day| evening| weekend| week| one)""",
}


def _joined(*tables: dict[str, str], language: str | None = None) -> str:
    said = ",".join(phrases for table in tables for of, phrases in table.items() if language in (None, of))
    # A line that begins with a bracket goes on with the phrase before it.
    phrases = [phrase.strip() for phrase in re.sub(r"\s*\n\s*\(\?: ", "(?: ", said).split(",")]
    return "|".join(sorted((" ".join(phrase.split()) for phrase in phrases if phrase), key=len, reverse=True))


_BEFORE = re.compile(
    rf"(?:{_joined(_GREETINGS, _PLEASE, _THANKS)}|et|and|alors|donc|ok|so)(?! (?:de|d|pour|for) )(?: |$)"
)
_AFTER = re.compile(rf"(?:^| )(?:{_joined(_PLEASE, _THANKS, _CLOSINGS, _GREETINGS)}|et|and)$")
_PARTING = re.compile(rf"(?:^| )(?:{_joined(_PLEASE, _THANKS, _CLOSINGS)})$")
"""Behind what a name may stand."""
_SAYS = {
    one: re.compile(rf"\b(?:{_joined(_GREETINGS, _PLEASE, _THANKS, _CLOSINGS, language=one)})\b")
    for one in ("fr", "en")
}
_TITLE = r"(?:mme|mlle|m|mr|mrs|ms|miss|dr|madame|monsieur|mademoiselle|famille)"
_PARTICLE = r"(?:le|la|de|du|des|d|van|von|ben|el|al|et|and)"
_NAME = r"[^\W\d_]+(?:[-'’][^\W\d_]+)*"
# At the end, after a break: « STOP⏎Mme X », « stop. M. Le Goff ».
_TITLED = re.compile(
    rf"(?:^|[\n.,;:!?–—-]\s*|\s{{2,}}|(?<=\d)\s)(?P<title>{_TITLE})\b\.?\s+(?P<name>(?:{_NAME}\.?\s*){{1,4}})$",
    re.IGNORECASE,
)
_LAST_WORDS = tuple(re.compile(rf"(?<!\S)(?:{_NAME}\.?\s+){{{more}}}{_NAME}$") for more in (2, 1, 0))
_PLACES_WORDS = """
rue avenue av place boulevard bd quai route chemin allee impasse square parc port pont gare ecole bus ligne
quartier tram metro train velo velos voiture voitures camion camions bruit travaux street road park school station
"""
_MOST_COURTESIES = 40
"""At each end: nobody is polite more often, and each is looked for in the whole text anew."""
_PLACES = frozenset(_PLACES_WORDS.split())


def without_courtesy(text: str) -> str:
    """The folded words of a text that are left when greetings, courtesies and a signature are taken off both ends."""
    # A name stands behind a request: behind a courtesy alone, the last word is the request.
    signed = _stripped(folded_message(without_name(text)))
    return signed or _stripped(folded_message(text))


def language_of_courtesy(text: str) -> str | None:
    """The language in which a text is polite; None where it is not, or in two."""
    folded = folded_message(text)
    spoken = [language for language, phrases in _SAYS.items() if phrases.search(folded)]
    return spoken[0] if len(spoken) == 1 else None


def _stripped(words: str) -> str:
    for _ in range(_MOST_COURTESIES):
        shorter = _AFTER.sub("", _BEFORE.sub("", words, count=1) if _BEFORE.match(words) else words)
        if shorter == words:
            break
        words = shorter.strip()
    return words


def without_name(text: str) -> str:
    """A text without the name it is signed with: behind a title on its own, or behind a closing courtesy."""
    text = text.strip().rstrip(".!")
    if (titled := _TITLED.search(text)) and _is_name(titled["name"]):
        return text[: titled.start()]
    # Where all is in capitals, they tell no name from another word.
    for last_words in () if text.isupper() else _LAST_WORDS:
        signed = last_words.search(text)
        if signed and _is_name(signed[0], titled=False):
            before = text[: signed.start()]
            if _closes(before) or (before.endswith("\n") and _is_first_and_last(signed[0])):
                return before
    return text


def _closes(before: str) -> bool:
    return _PARTING.search(folded_message(before)) is not None


def _is_name(written: str, *, titled: bool = True) -> bool:
    """Whether these words can be somebody's name: capitals, or one word behind a title; nothing a town is made of."""
    words = written.replace(".", " ").split()
    told = [folded_message(word) for word in words]
    if not words or any(word in _PLACES for word in told) or all(re.fullmatch(_PARTICLE, word) for word in told):
        return False
    capitals = all(w[0].isupper() or re.fullmatch(_PARTICLE, t) for w, t in zip(words, told, strict=True))
    return capitals or (titled and len(words) == 1)


def _is_first_and_last(written: str) -> bool:
    """« Jean DUPONT », where not all is written in capitals."""
    first, *last = written.split()
    return bool(last) and first.istitle() and all(word.isupper() and len(word) > 1 for word in last)
