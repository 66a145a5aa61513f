"""A language model that invents on purpose: an OpenAI-compatible server, and what such models are known to do.

Written from what the literature on summaries names (paraphrase, negation, quantifiers, wrong attribution, wrong
numbers), knowing the sentences it is given and nothing of how they will be checked.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence

from tests.standins.web import Answer, Asked

Invention = Callable[[random.Random, str, Sequence[str]], str]
_QUOTED = re.compile(r"« ?([^«»]+?) ?» \(n° ([\d ]+)\)")
_OPENINGS = ("Par ailleurs,", "De plus,", "En outre,", "Enfin,", "D'autre part,")


def _said(sentence: str) -> str:
    found = _QUOTED.search(sentence)
    return found[1] if found else ""


def _with_said(sentence: str, words: str) -> str:
    found = _QUOTED.search(sentence)
    return sentence[: found.start(1)] + words + sentence[found.end(1) :] if found else sentence


def _number(dice: random.Random, sentence: str, change: Callable[[int], object]) -> str:
    return re.sub(r"\d+", lambda found: str(change(int(found[0]))), sentence, count=1)


# --- paraphrase -------------------------------------------------------------------------------------------

_SYNONYMS = {
    "manque": "faudrait", "banc": "siège", "bancs": "sièges", "école": "crèche",
    "aimerions": "exigeons", "place": "rue",
    "mairie": "préfecture", "arbres": "fleurs", "enfants": "jeunes", "anciens": "retraités", "fontaine": "source",
    "vélos": "motos", "demandons": "suggérons", "ligne": "navette", "dimanche": "samedi", "pourquoi": "comment",
    "nuit": "journée", "jeu": "manège", "lampadaires": "lumières", "passage": "chemin", "canal": "fleuve",
    "noir": "froid",
}  # fmt: skip


def synonym(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    said = _said(sentence)
    for old, new in dice.sample(sorted(_SYNONYMS.items()), len(_SYNONYMS)):
        changed = re.sub(rf"\b{old}\b", new, said, count=1, flags=re.IGNORECASE)
        if changed != said:
            return _with_said(sentence, changed)
    return _with_said(sentence, f"{said} Vraiment.")


def shortened(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    """A part of what was said; never whole sentences of it, which would be no invention."""
    words = _said(sentence).split()
    places = [place for place in range(1, len(words)) if words[place - 1][-1] not in ".!?…"]
    if not places:
        return f"Selon la presse, {sentence}"
    cut = dice.choice(places)
    return _with_said(sentence, " ".join(words[cut:] if dice.random() < 0.5 else words[:cut]))


def indirect(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    said = _said(sentence).rstrip(".!?…")
    return dice.choice(
        ["Un habitant dit que {}.", "Des habitants expliquent que {}.", "On entend souvent : {}."]
    ).format(said[:1].lower() + said[1:])


def spliced(dice: random.Random, sentence: str, others: Sequence[str]) -> str:
    return _with_said(sentence, f"{_said(sentence)} {_said(dice.choice(others))}")


# --- negation ---------------------------------------------------------------------------------------------


def negated_quote(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    said = _said(sentence)
    return _with_said(sentence, dice.choice([f"Non : {said}", f"{said} Ou plutôt non.", f"Ce n’est pas vrai : {said}"]))


def negated_verb(_dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    for old, new in (
        ("ont été", "n’ont pas été"), ("a été", "n’a pas été"), ("parlent de", "ne parlent pas de"),
        ("parle de", "ne parle pas de"), ("sont venues", "ne sont pas venues"), ("est venue", "n’est pas venue"),
        ("voix, 1 texte", "voix, aucun texte"), ("sont sans réponse", "ont eu réponse"), ("dit :", "ne dit pas :"),
    ):  # fmt: skip
        if old in sentence:
            return sentence.replace(old, new, 1)
    return f"Il est faux que {sentence}"


# --- quantifiers ------------------------------------------------------------------------------------------


def quantified(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    many = ("La plupart des", "Presque toutes les", "De nombreuses", "Plus de {n}", "Environ {n}", "Au moins {n}",
            "Seulement {n}", "Toutes les", "Quelques", "Près de {n}", "{n} %  des", "Une majorité de")  # fmt: skip
    return re.sub(r"^\d+", lambda found: dice.choice(many).format(n=found[0]), sentence, count=1)


def everybody(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    who = (
        "tous les habitants disent",
        "beaucoup d’habitants disent",
        "les habitants disent",
        "plusieurs habitants disent",
    )
    return re.sub("un habitant dit", dice.choice(who), sentence, count=1, flags=re.IGNORECASE)


# --- wrong attribution ------------------------------------------------------------------------------------


def other_reference(dice: random.Random, sentence: str, others: Sequence[str]) -> str:
    mine = _QUOTED.search(sentence)
    strangers = [found[2] for one in others if (found := _QUOTED.search(one)) and found[1] != (mine[1] if mine else "")]
    return sentence.replace(mine[2], dice.choice(strangers)) if mine and strangers else f"{sentence} (n° 111 111 111)"


def nobody(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    number = "".join(str(dice.randrange(10)) for _ in range(8))
    return re.sub(r"n° [\d ]+", f"n° {dice.randrange(1, 10)}{number}", sentence)


def by_title(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    who = ("Le maire", "Une infirmière", "Un commerçant", "Le conseil", "Une élue", "Un enfant de dix ans", "La ville")
    return re.sub(r"(?:Sur « .+? », un|Un) habitant dit", f"{dice.choice(who)} dit", sentence, count=1)


def other_label(dice: random.Random, sentence: str, others: Sequence[str]) -> str:
    """A figure said of another theme, or of another way in."""
    mine = re.search(r"de « (.+?) »|par (.+?)\.$", sentence)
    labels = [found for one in others if (found := re.search(r"^\d+.*(?:de « (.+?) »|par (.+?)\.$)", one))]
    wanted = [f[1] or f[2] for f in labels if mine and bool(f[1]) == bool(mine[1]) and f[0].split()[0] not in sentence]
    return (
        sentence.replace(mine[1] or mine[2], dice.choice(wanted)) if mine and wanted else f"Selon la presse, {sentence}"
    )


# --- numbers ----------------------------------------------------------------------------------------------


def off_by_some(dice: random.Random, sentence: str, others: Sequence[str]) -> str:
    """A number that no sentence of this kind has."""
    taken: dict[str, set[int]] = {re.sub(r"\d+", "#", one, count=1): set() for one in others}
    for one in others:
        taken[re.sub(r"\d+", "#", one, count=1)].add(int((re.findall(r"\d+", one) or ["0"])[0]))
    form = re.sub(r"\d+", "#", sentence, count=1)

    def other(number: int) -> int:
        candidates = [number + by for by in (1, 2, 7, 10, 100, number) if number + by not in taken.get(form, set())]
        return dice.choice(candidates)

    return _number(dice, sentence, other)


def in_letters(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    words = ("Une dizaine de", "Deux douzaines de", "Cent vingt", "Trois fois plus de", "Une centaine de", "Dix-sept")
    return re.sub(r"^\d+", dice.choice(words), sentence, count=1)


def concluded(dice: random.Random, sentence: str, _others: Sequence[str]) -> str:
    return dice.choice(
        [f"{sentence.rstrip('.')}, soit une hausse de 12 %.", f"{sentence.rstrip('.')}, ce qui montre une attente.",
         f"Heureusement, {sentence}", f"{sentence.rstrip('.')} et la ville doit agir."]
    )  # fmt: skip


OF_QUOTES: dict[str, Invention] = {
    "synonym": synonym, "shortened": shortened, "indirect": indirect, "spliced": spliced,
    "negated quote": negated_quote,
    "negated verb": negated_verb, "everybody": everybody, "other reference": other_reference, "nobody": nobody,
    "by title": by_title,
}  # fmt: skip
OF_FIGURES: dict[str, Invention] = {
    "negated verb": negated_verb, "quantified": quantified, "other label": other_label, "off by some": off_by_some,
    "in letters": in_letters, "concluded": concluded,
}  # fmt: skip


def inventions(given: Sequence[str], count: int, seed: int = 1) -> list[tuple[str, str]]:
    """So many inventions from true sentences: what was done, and the sentence; each differs from what is true."""
    dice, true = random.Random(seed), set(given)
    made: list[tuple[str, str]] = []
    kinds = [*((name, do, True) for name, do in OF_QUOTES.items()), *((n, do, False) for n, do in OF_FIGURES.items())]
    quotes = [one for one in given if _QUOTED.search(one)]
    figures = [one for one in given if not _QUOTED.search(one)]
    while len(made) < count:
        name, do, is_quote = kinds[len(made) % len(kinds)]
        sentence = do(dice, dice.choice(quotes if is_quote else figures), quotes if is_quote else figures)
        made.append((name, sentence if sentence not in true else f"{sentence} Chacun le sait bien ici."))
    return made


def truths(given: Sequence[str], count: int, seed: int = 1) -> list[str]:
    """So many true sentences, some behind a connecting phrase."""
    dice, made = random.Random(seed), []
    for number in range(count):
        one = given[number % len(given)]
        opening = dice.choice(("", "", *_OPENINGS))
        made.append(f"{opening} {one[:1].lower() + one[1:]}" if opening else one)
    return made


class InventingModel:
    """Answers as an OpenAI-compatible server does."""

    def __init__(self, count: int = 200, status: int = 200) -> None:
        self.count, self.status = count, status
        self.prompts: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        """One completion: a truth, an invention, a truth, …"""
        self.prompts.append(json.loads(asked.body)["messages"][0]["content"])
        given = [line[2:] for line in self.prompts[-1].splitlines() if line.startswith("- ")]
        lines = []
        for true, (_name, invented) in zip(truths(given, self.count), inventions(given, self.count), strict=True):
            lines += [true, invented]
        content = "\n".join(lines)
        return Answer.of_json({"choices": [{"message": {"role": "assistant", "content": content}}]}, self.status)
