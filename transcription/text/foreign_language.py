"""Which language a text is in that no consultation was asked in, so that it goes to somebody who reads it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

FEWEST_WORDS = 3
"""Of a shorter text in the Latin script nothing is said."""

SURE = 0.8
"""Of the detector's confidence, 0-1, among all languages that it knows here."""

_BY_SCRIPT = (
    "ar",
    "be",
    "bg",
    "el",
    "fa",
    "he",
    "hi",
    "hy",
    "ja",
    "ka",
    "ko",
    "ru",
    "sr",
    "ta",
    "th",
    "uk",
    "ur",
    "zh",
)
"""Languages that the script alone tells from French and English."""

# Frequent words of languages in the Latin script. The detector takes hasty French for Hungarian (« ya pas de bancs c
# nul »), so a language is believed only where more of its own words stand in a text than of the languages one asked in.
_FREQUENT = {
    "br": "ha an ar eo deoc demat trugarez evit gant ket war hon ma da zo ez eus kalz re muioc h hag e er un ul ur",
    "de": "der die das und ist nicht ich wir sie es ein eine mit für auf zu den dem mehr bitte haben sind bei im am",
    "en": "the and of to is are we my our for with need want you there this that should would at have has they more",
    "es": "el la los las y que de en un una es no por para con más se hay mi muy pero está son su falta como del al",
    "fr": "le la les l d des de du un une et est sont pour plus dans sur pas il elle je j nous on qui que c ne y a ça",
    "it": "il lo la gli le di che e è un una per con non più si della del dei nel sono ci vorrei molto anche in",
    "nl": "de het een en van is niet ik wij met voor op meer zijn er dat te bij maar graag hebben wordt aan",
    "pl": "i w na nie jest się z do że to więcej dla proszę są jak czy o po przy bardzo ale mamy",
    "pt": "o a os as e que de em um uma não por para com mais é do da no na dos são muito mas há precisamos falta",
    "ro": "și si în in nu este e un o la de cu pentru mai din că sunt pe mult vrem multe foarte dar ar",
    "sq": "dhe në një nuk është për me më të e i se duhet shumë ka janë na ju",
    "sw": "na ya wa kwa ni katika tunahitaji zaidi hakuna sana la za cha kuwa",
    "tl": "ang ng mga sa na at ay kami po namin hindi may kailangan",
    "tr": "ve bir bu için daha çok var yok istiyoruz fazla de da ile ne değil lütfen olsun parkta bizim gibi",
    "vi": "và của là có không cho trong một các được chúng tôi rất nhiều cần thêm ở",
}
_NEVER_IN = {"bg": frozenset("ыэё"), "sr": frozenset("ыэёъйщ"), "uk": frozenset("ыэё"), "ru": frozenset("іїєґў")}
"""Letters that a language does not have: of a short sentence in Cyrillic letters the detector is too sure."""
_CYRILLIC = frozenset("абвгдежзиклмнопрстуфхц")
_WORD = re.compile(r"[^\W\d_]+")


def foreign_language_of(text: str, known: Collection[str]) -> str | None:
    """The language (ISO 639-1) of a text that is in none of ``known``; None where it is, or nobody can be sure.

    Breton, which the detector does not know, is told by its frequent words alone.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    if not words:
        return None
    script = _script_of(words)
    if script is None:
        return _latin(text, words, known) if len(words) >= FEWEST_WORDS else None
    found = _surest(text)
    return found if found in _BY_SCRIPT and found not in known else None


def _latin(text: str, words: list[str], known: Collection[str]) -> str | None:
    spoken = set(words)
    found = "br" if _own_words(spoken, "br", {"fr", "en", *known}) >= FEWEST_WORDS else _surest(text)
    if found is None or found in known or found not in _FREQUENT:
        return None
    ours = _own_words(spoken, found, known)
    theirs = max((_own_words(spoken, language, {found}) for language in known if language in _FREQUENT), default=0)
    return found if ours > theirs else None


def _own_words(words: set[str], language: str, others: Collection[str]) -> int:
    """How many of the words are frequent in a language and in none of the others."""
    shared = {word for other in others if other != language for word in _frequent(other)}
    return len(words & (_frequent(language) - shared))


@cache
def _frequent(language: str) -> frozenset[str]:
    return frozenset(_FREQUENT.get(language, "").split())


def _script_of(words: list[str]) -> str | None:
    """The script of most letters where it is not the Latin one."""
    letters = "".join(words)
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters)
    return None if 2 * latin >= len(letters) else unicodedata.name(letters[0], "").partition(" ")[0]


def _surest(text: str) -> str | None:
    whole = text.encode("utf-8", "replace").decode()  # the detector fails over halves of characters
    letters = set(whole.casefold())
    for one in _detector().compute_language_confidence_values(whole):
        found = one.language.iso_code_639_1.name.lower()
        if letters.isdisjoint(_NEVER_IN.get(found, ())):
            return found if one.value >= SURE or letters & _CYRILLIC else None
    return None


@cache
def _detector() -> LanguageDetector:
    """Trigrams only: 40 MB and a third of a second, in the process that looks for themes."""
    codes = [getattr(IsoCode639_1, name.upper(), None) for name in (*_BY_SCRIPT, *_FREQUENT)]
    return (
        LanguageDetectorBuilder.from_iso_codes_639_1(*(code for code in codes if code is not None))
        .with_low_accuracy_mode()
        .build()
    )
