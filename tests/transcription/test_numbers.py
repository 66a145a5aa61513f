"""Which numbers of a recording are written in figures, and above all which are not."""

import os
import re
from itertools import product
from pathlib import Path

import pytest

from transcription.base.values import Word
from transcription.text.spoken_numbers import numbers_in_figures

PAUSE = "…"
"""Between the words of a case: a second in which nothing is said."""

AS_FIGURES = {
    # The language's own ways
    "tens and units": ("vingt trois", "23"),
    "ten and units": ("il y a dix sept bancs", "il y a 17 bancs"),
    "twenty and one": ("vingt et un", "21"),
    "feminine": ("trente et une signatures", "31 signatures"),
    "sixty and eleven": ("soixante et onze ans", "71 ans"),
    "sixty eleven": ("soixante onze", "71"),
    "seventy": ("j'ai soixante dix ans", "j'ai 70 ans"),
    "seventy nine": ("soixante dix neuf", "79"),
    "eighty": ("quatre vingts", "80"),
    "eighty, misspelt": ("quatre vingt", "80"),
    "ninety seven": ("quatre vingt dix sept", "97"),
    "ninety nine": ("quatre vingt dix neuf places", "99 places"),
    "as in Belgium": ("septante deux", "72"),
    "as in Switzerland": ("huitante trois", "83"),
    "as in both": ("nonante et un", "91"),
    "two hundred": ("deux cents", "200"),
    "two hundred, misspelt": ("deux cent", "200"),
    "two hundred and fifty": ("deux cent cinquante euros", "250 euros"),
    "a hundred and twenty": ("cent vingt", "120"),
    "a hundred and twenty one": ("cent vingt et un", "121"),
    "four hundred and eighty": ("quatre cent quatre vingt", "480"),
    "hundreds to the last unit": ("sept cent soixante dix huit", "778"),
    "eleven hundred": ("mille cent", "1100"),
    "twelve hundred": ("douze cents", "1200"),
    "two thousand": ("deux mille", "2000"),
    "thousands to the last unit": ("huit mille neuf cent quatre vingt dix neuf", "8999"),
    # Years and days
    "a year": ("en deux mille quinze", "en 2015"),
    "a year of the last century": ("mille neuf cent soixante huit", "1968"),
    "a year, the old way": ("mil neuf cent", "1900"),
    "a year in hundreds": ("dix neuf cent soixante", "1960"),
    "a date": ("depuis le vingt trois mars deux mille vingt", "depuis le 23 mars 2020"),
    "a day in one word, a year in three": ("le douze juin deux mille vingt quatre", "le douze juin 2024"),
    # Among other words
    "a street number": ("j'habite au vingt deux rue de siam", "j'habite au 22 rue de siam"),
    "a department": ("dans le quatre vingt treize", "dans le 93"),
    "an emergency number": ("j'ai fait le cent douze", "j'ai fait le 112"),
    "a percentage": ("vingt cinq pour cent des gens", "25 pour cent des gens"),
    "two, far apart": (
        "vingt deux vélos sur la place et trente cinq voitures",
        "22 vélos sur la place et 35 voitures",
    ),
    "an article before": ("un quartier de deux mille habitants", "un quartier de 2000 habitants"),
    "capitals": ("Vingt Trois arbres", "23 arbres"),
    "hyphens in part": ("quatre vingt dix-sept", "97"),
    "hyphens with and": ("deux cent vingt-et-un", "221"),
    "the last words": ("le bus numéro quarante deux", "le bus numéro 42"),
}

AS_HEARD = {
    # One word is never touched
    "one": "un banc et une poubelle",
    "nine": "il faudrait un vélo neuf",
    "a hundred": "cent personnes",
    "twenty": "vingt bancs",
    "four mills": "quatre moulins",
    "a thousand": "mille mercis",
    "hyphens of its own": "vingt-trois",
    # Two numbers
    "two numbers": "vingt trois quarante cinq",
    "a phone number": "zéro six douze trente quatre cinquante six soixante dix huit",
    "a phone number, pausing": f"zéro six {PAUSE} vingt trois {PAUSE} quarante cinq {PAUSE} soixante dix",
    "a hotline": "appelez le trente neuf dix neuf",
    "digits": "un deux trois quatre",
    "digits, a code": "sept deux zéro neuf",
    "a postal code": "vingt neuf deux cents",
    "about so many": "trois quatre cents personnes",
    "decades": "les années soixante quatre vingt",
    "years in a row": "deux mille vingt deux mille vingt et un",
    "a stammer": "vingt vingt cinq",
    "a four by four": "un quatre quatre",
    "two, four": "vingt deux quatre vingt",
    # Two that belong together
    "two or three hundred": "deux ou trois cents personnes",
    "one or two thousand": "un ou deux mille",
    "three to four thousand": "trois à quatre mille",
    "maybe three hundred": "deux peut être trois cents",
    "two hundred or three": "deux cents ou trois",
    "a decimal": "trois virgule vingt cinq",
    "a time": "à deux heures vingt cinq",
    "a time after noon": "à midi vingt cinq",
    "a price": "deux euros quatre vingt dix",
    "percent of the rest": "vingt pour cent vingt fois de suite",
    # Parts of something else
    "an ordinal": "la vingt troisième",
    "an ordinal over a hundred": "la cent vingt troisième",
    "an ordinal with and": "la cent vingt et unième",
    "an ordinal in the nineties": "le quatre vingt dix neuvième",
    "millions": "vingt cinq millions",
    "millions and thousands": "deux millions cinq cent mille",
    "ten thousand": "dix mille",
    "hundreds of thousands": "deux cent cinquante mille euros",
    "eighty, and a bench": "quatre vingt et un banc",
    # What follows or goes before may be another word
    "an article after": "il y en a cent un jour de marché",
    "an article after eighty": "j'habite au quatre vingt un immeuble ancien",
    "an adjective before": "un vélo neuf cent euros",
    "a date before": "le deux cent personnes sont venues",
    "a date in the twenties before": "le vingt mille personnes",
    "an article before a hundred": "un cent vingt",
    "a pause inside": f"il en faut vingt {PAUSE} trois c'est pas assez",
    "a pause before the last": f"deux cent {PAUSE} cinquante",
    "a thousand and one": "les mille et une nuits",
    "cents of a euro": "cinquante cents vingt fois",
    "twenties after a hundred": "cent vingts",
    "figures of the model's own": "23 mille",
}


def said(text: str, confidence: float = 1.0) -> list[Word]:
    """Each word a third of a second long, a tenth of a second apart."""
    words, at = [], 0.0
    for word in text.split():
        if word == PAUSE:
            at += 1.0
            continue
        words.append(Word(word, confidence, at, at + 0.3))
        at += 0.4
    return words


def written(text: str, language: str = "fr") -> str:
    return " ".join(word.text for word in numbers_in_figures(said(text), language))


@pytest.mark.parametrize(("text", "figures"), AS_FIGURES.values(), ids=AS_FIGURES)
def test_a_number_of_several_words_is_written_in_figures(text: str, figures: str):
    assert written(text) == figures


@pytest.mark.parametrize("text", AS_HEARD.values(), ids=AS_HEARD)
def test_what_may_be_something_else_stays_as_heard(text: str):
    assert written(text) == text.replace(f"{PAUSE} ", "")


def test_the_figures_are_where_their_words_were_and_as_sure_as_the_least_sure():
    words = [
        Word("Depuis", 0.9, 0.0, 0.4),
        Word("quatre", 0.8, 0.4, 0.7),
        Word("vingt", 0.4, 0.9, 1.2),
        Word("ans", 1.0, 1.3, 1.6),
    ]
    assert numbers_in_figures(words, "fr") == [words[0], Word("80", 0.4, 0.4, 1.2), words[3]]


@pytest.mark.parametrize("language", ["en", "de", "", None])
def test_other_languages_stay_as_heard(language: str | None):
    words = [*said("twenty two bedroom flats"), *said("deux cent cinquante")]
    assert numbers_in_figures(words, language) == words


def _below_hundred(number: int) -> list[str]:
    """How a number is said in French, without hyphens (Académie française, « quatre vingts », « septante »)."""
    small = "zéro|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
    small += "|dix sept|dix huit|dix neuf"
    names = small.split("|")
    if number < len(names):
        return [names[number]]
    tens, unit = divmod(number, 10)
    bases = {
        2: ["vingt"],
        3: ["trente"],
        4: ["quarante"],
        5: ["cinquante"],
        6: ["soixante"],
        7: ["septante"],
        8: ["huitante", "octante"],
        9: ["nonante"],
    }
    ways = [base if not unit else f"{base} et un" if unit == 1 else f"{base} {names[unit]}" for base in bases[tens]]
    ways += [way.removesuffix(" un") + " une" for way in ways if way.endswith(" et un")]
    if tens == 7:
        ways += ["soixante et onze"] if unit == 1 else []
        ways.append(f"soixante {_below_hundred(10 + unit)[0]}")
    if tens >= 8:
        rest = number - 80
        ways += [f"quatre vingt {_below_hundred(rest)[0]}"] if rest else ["quatre vingt", "quatre vingts"]
    return ways


def _below_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    heads = ["cent"] if hundreds == 1 else [f"{_below_hundred(hundreds)[0]} cent"]
    if not rest:
        return heads if hundreds == 1 else [*heads, f"{heads[0]}s"]
    return [f"{head} {tail}" for head in heads for tail in _below_hundred(rest)]


def _spelt(number: int) -> list[str]:
    thousands, rest = divmod(number, 1_000)
    if not thousands:
        return _below_thousand(rest)
    heads = ["mille", "mil"] if thousands == 1 else [f"{_below_hundred(thousands)[0]} mille"]
    ways = [f"{head} {tail}" for head in heads for tail in _below_thousand(rest)] if rest else heads
    if 11 <= number // 100 <= 19:
        hundreds = f"{_below_hundred(number // 100)[0]} cent"
        tails = _below_hundred(number % 100) if number % 100 else []
        ways = [*ways, *(f"{hundreds} {tail}" for tail in tails), *([hundreds, f"{hundreds}s"] if not tails else [])]
    return ways


SPELT = {way: number for number in range(10_000) for way in _spelt(number)}
LEFT = re.compile(r"^neuf |(?<!et) une?$|^\S+$")
"""What is left as heard although it is a number: a single word, « vélo neuf cent », « cent un jour »."""


def test_every_number_up_to_9999_however_it_is_said():
    wrong = {way for way, number in SPELT.items() if written(way) != (way if LEFT.search(way) else str(number))}
    assert wrong == set()


def test_no_other_words_of_numbers_in_a_row_become_one():
    vocabulary = sorted({word for way in SPELT for word in way.split()} | {"zéro", "million", "milliards"})
    rows = (" ".join(row) for length in (2, 3) for row in product(vocabulary, repeat=length))
    wrong = {}
    for row in rows:
        # A plural too many is the recogniser's spelling, and « et » at an end is another word.
        plain = re.sub(r"\b(cent|vingt)s(?= )", r"\1", row)
        if row.startswith("et ") or row.endswith(" et"):
            continue
        if (figures := written(row)) not in {row, str(SPELT.get(plain))}:
            wrong[row] = figures
    assert wrong == {}


CORPUS = Path(os.environ.get("PORTEVOIX_CORPUS", "/nonexistent"))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="PORTEVOIX_CORPUS is not set")
def test_in_what_residents_write_nothing_but_numbers_becomes_figures():
    # Without punctuation and hyphens, as a recogniser would give it.
    files = [*CORPUS.glob("citizen_text/[br]*/*.csv"), *CORPUS.glob("speech/*/*.txt")]
    changed = set()
    for file in files:
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            words = said(" ".join(re.findall(r"\w+['’]?", line.lower())))
            kept = {(word.start, word.end) for word in words}
            for figures in numbers_in_figures(words, "fr"):
                if (figures.start, figures.end) not in kept:
                    heard = [word.text for word in words if figures.start <= word.start < figures.end]
                    changed.add((" ".join(heard), figures.text))
    assert files
    assert changed == {("vingt quatre", "24")}
