"""A wish to be erased that is said in other words than the keyword: « je veux supprimer mon avis », "delete my text".

It is answered with how to do it, and a person sees it; whoever wishes to be erased is never published instead. What
somebody wants erased in the town (« Effacer les tags du tunnel ») is no such wish: it has to be about one's own words.
"""

from __future__ import annotations

import re

from channels.base.values import Command, CommandKind
from channels.intent import wish_phrases as say
from channels.intent.courtesy import without_courtesy
from channels.intent.folding import folded_message

_MOST_CHARACTERS = 1600
"""Ten segments: a wish that is longer says other things too."""

_MOST_OTHER_WORDS = 10
"""With more words of weight than these besides the wish, a message is a contribution that also wishes something."""


_NO_OBJECT = r"(?! (?:le|la|les|l|un|une|des|du|de|d|ce|cet|cette|ces|mon|ma|mes|the|a|an|all|those|these|this|that)\b)"
"""« Mon avis : supprimer le parking » says what is to go: it is no wish about the view."""


def _wishes(language: str) -> re.Pattern[str]:
    erase, own, said, which = say.ERASE[language], say.OWN[language], say.SAID[language], say.WHICH[language]
    words, erased = rf"{own} {which}{said}\b", say.ERASED[language]
    things = (
        rf"{own} {which}(?:(?:{said}|{say.BESIDES[language]})\b|{say.PERSONAL[language]}{say.KEPT_BY_US[language]})"
    )
    some = [
        rf"{erase} {say.BETWEEN[language]}(?:{things}|{say.SENT_WITHOUT_OWN[language]})",
        rf"{say.NOUN_OF_ERASING[language]} {things}",
        # « que mon message soit supprimé », "my message deleted"; not « mon message a été supprimé ? ».
        rf"{words} (?:[0-9 ]+ )?(?:doit |doivent |must |should |soit |soient |to be |be |est a |a |etre )+{erase}\b"
        rf"{_NO_OBJECT}",
        rf"{words} (?:[0-9 ]+ )?{erased}\b{_NO_OBJECT}",
        *(pattern.replace("OWN_WORDS", words) for pattern in say.NEVER_PUBLISH[language]),
    ]
    return re.compile(r"\b(?:" + "|".join(some) + r")(?<! )")


_WISHES = {language: _wishes(language) for language in say.ERASE}
_FORGOTTEN = {language: re.compile(rf"\b(?:{pattern})\b") for language, pattern in say.FORGET_ME.items()}
# Told of the past or the other way round, it is a complaint or a question: a person reads it.
_NO_WISH = re.compile(
    r"\b(?:pourquoi|why|qui a|who|avez vous|vous avez|vous aviez|ont|a ete|ont ete|was|were|has been|have been"
    r"|did you|you"
    r" have|you ve|you|j ai|i have|i ve) (?:(?!envoye|ecrit|laisse|sent|wrote)[a-z]+ ){0,2}?"
    r"(?:sup+rim|ef+ac|retir|enlev|an+ul|delet|eras|remov)"
    r"|\b(?:ne|n|sans|without|don t|do not|never|not) (?:[a-z]+ )?(?:sup+rim|ef+ac|retir|enlev|an+ul|oubli|delet"
    r"|eras|remov)"
    r"|\b(?:a|ont|avait) (?:[a-z]+ )?(?:sup+rime|ef+ace|retire|enleve|an+ule)e?s?\b"
    r"|\bpourquoi\b|\bwhy\b"
)
_CALLED_BACK = re.compile(r"\b(?:can|could|would|will|please|veuillez|pouvez|pourriez|si) (?:you|vous)\b")
_REFERENCE = re.compile(r"(?<![0-9])[1-9][0-9]{2} ?[0-9]{3} ?[0-9]{3}(?![0-9 ]*[0-9])")
_NUMBERED = (
    r"(?:(?:n|no|nr|num|numero|number|ref|reference|code|avis|message|sms|texto|texte|contribution|commentaire|opinion"
)
_NUMBERED += (
    r"|text|comment|le|la|l|les|de|du|d|the|of|my|mon|ma|mes|moi|a|ce|cet|cette|this|that|it|please|svp|stp|portant) )*"
)
_WANT = (
    r"(?:je (?:veux|voudrais|souhaite|souhaiterais|desire|demande a|vous demande de|vous prie de|aimerais)"
    r"|(?:pouvez|pourriez|pourrez) vous|veuillez|merci de?(?: bien vouloir)?|priere de|a|il faut|i (?:want"
    r"|would like|d like"
    r"|wish)(?: you)? to|(?:can|could|would|will) you|how (?:can|do) i|comment (?:faire pour)?)"
)
_ABOUT_REFERENCE = {
    language: re.compile(
        rf"(?:{_WANT} )*(?:(?:le|la|l|les|tout) )?{erase} {_NUMBERED}[0-9][0-9 ]{{6,14}}"
        rf"|(?:.{{0,80}} )?[0-9][0-9 ]{{6,14}} (?:.{{0,60}} )??(?:(?:le|la|l|les|a|de|to"
        rf"|please) )*{erase}(?: (?:le|la|it|svp))?"
    )
    for language, erase in say.ERASE.items()
}
# A verb alone: which one's own words are meant is plain; « annuler », « enlever » alone could be anything.
_ALONE = {
    "fr": re.compile(
        rf"(?:{_WANT} )*(?:(?:le|la|l|les|tout) )?(?:me )?(?:sup+rim(?:er?|ez|e)|ef+ac(?:er?|ez)|ef+as+er?)"
        r"(?: (?:ca|cela|le|la))?"
    ),
    "en": re.compile(rf"(?:{_WANT} )*(?:del+ete?|erase)(?: (?:it|this|that))?"),
}
_WITHDRAWN = {
    language: re.compile(
        rf"(?:{_WANT} )*{ignore} (?:{say.OWN[language]} {say.WHICH[language]}{say.SAID[language]}\b"
        rf"|{say.SENT_WITHOUT_OWN[language]}).{{0,60}}"
    )
    for language, ignore in say.IGNORE.items()
}
# « …, merci de le supprimer », at the end of what says that something was sent.
_SENT_BY_MISTAKE = {
    language: re.compile(
        rf".{{0,300}}\b(?:{mistake})\b.{{0,300}}?\b(?:{_WANT} )*(?:(?:le|la|l|les) )?{say.ERASE[language]}"
        r"(?: (?:le|la|les|it|them|this|that|mon message|my message))?"
    )
    for language, mistake in say.BY_MISTAKE.items()
}
_LIGHT = frozenset(say.LIGHT_WORDS.split())


def erasure_command_in(text: str) -> Command | None:
    """The wish to be erased that a message is, with the reference it names; None when it is another, or more."""
    found = _wish_in(text)
    return found if found is not None and _other_words(text) <= _MOST_OTHER_WORDS else None


def erasure_wish_in_longer_text(text: str) -> Command | None:
    """The wish to be erased in a message that says a good deal besides: it is a contribution, and a person decides."""
    found = _wish_in(text)
    return found if found is not None and _other_words(text) > _MOST_OTHER_WORDS else None


def _wish_in(text: str) -> Command | None:
    if len(text) > _MOST_CHARACTERS:
        return None
    folded = folded_message(text)
    if _NO_WISH.search(_CALLED_BACK.sub(" ", folded)):
        return None
    core = without_courtesy(text)
    language = next((one for one in _WISHES if _says(one, folded, core)), None)
    if language is None:
        return None
    named = _REFERENCE.search(folded)
    return Command(CommandKind.ERASE_WISH, named[0].replace(" ", "") if named else None, language)


def _says(language: str, folded: str, core: str) -> bool:
    whole = (
        *(_ABOUT_REFERENCE[language], _ALONE[language], _FORGOTTEN[language]),
        *(_WITHDRAWN[language], _SENT_BY_MISTAKE[language]),
    )
    return _WISHES[language].search(folded) is not None or any(pattern.fullmatch(core) for pattern in whole)


def _other_words(text: str) -> int:
    """How many words of some weight a message has that do not belong to the wish."""
    folded = folded_message(text)
    for language in _WISHES:
        folded = _WISHES[language].sub(" ", folded)
    return sum(len(word) > 3 and word.isalpha() and word not in _LIGHT for word in folded.split())
