"""A language model that invents in ways of its own, written by somebody who had not read the checker."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

_TEMPLATES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("second_inventor.toml").read_text(encoding="utf-8")
)
_QUOTED = re.compile(r"« (?P<quote>.+) » \(n° (?P<reference>[\d\s]+)\)")
_THEME = re.compile(r"^(?P<n>[\d\s]+) contributions? parle(?:nt)? de « (?P<theme>.+) »\.")


def second_inventions(given: Sequence[str], count: int, seed: int = 1) -> list[tuple[str, str]]:
    """So many inventions, no two alike, from the true sentences a model is given (in French): way, and sentence."""
    dice = random.Random(seed)
    quotes = [found for one in given if (found := _QUOTED.search(one))]
    themes = [found for one in given if (found := _THEME.search(one))]
    ways = [(way, template) for way, templates in _TEMPLATES.items() for template in templates]
    made: dict[str, str] = {}
    while len(made) < count:
        way, template = ways[dice.randrange(len(ways))]
        quote, elsewhere = dice.sample(quotes, 2)
        theme, other = dice.sample(themes, 2)
        words, figure = quote["quote"].split(), int("".join(theme["n"].split()))
        sentence = template.format(
            n=theme["n"].strip(),
            m=max(0, figure + dice.choice((-3, -2, -1, 1, 2, 3, 10))),
            theme=theme["theme"],
            other=other["theme"],
            quote=quote["quote"],
            half=" ".join(words[: max(2, len(words) // 2)]),
            last=words[-1],
            reference=quote["reference"],
            wrong=elsewhere["reference"],
        )
        if sentence not in given:
            made[sentence] = way
    return [(way, sentence) for sentence, way in made.items()]
