"""Consultations whose forms are laid out: the packaged one, and ones that ask more, less or longer."""

from __future__ import annotations

from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, read_consultation
from config.wording.form_questions import FormQuestions

PACKAGED = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")

_QUARTERS = [
    {"key": f"q{n}", "label": {"fr": name, "en": name}}
    for n, name in enumerate(["Bellevue", "Le port", "Saint-Marc et Saint-Martin", "Lambézellec", "Les Quatre-Moulins"])
]
_ALL = {
    "quarters": _QUARTERS,
    "age_limits": [18, 30, 60],
    "zones": [{"key": f"z{n}", "label": {"fr": f"Votre idée {n}", "en": f"Idea {n}"}} for n in (1, 2)],
    "reply_authorisation": "12345",
    "reply_address": ["VILLE D’EXEMPLE", "29209 EXEMPLE CEDEX"],
}


def asking(**form: object) -> Consultation:
    return PACKAGED.model_copy(update={"form": FormQuestions.model_validate(form)})


CONSULTATIONS = {
    "nothing configured": PACKAGED,
    "all there is": asking(**_ALL),
    "least": asking(ask_themes=False, drawing=False, contact=[]),
    "prepaid": asking(reply_authorisation="12345", reply_address=["VILLE D’EXEMPLE", "29209 EXEMPLE CEDEX"]),
    "a long question": PACKAGED.model_copy(
        update={
            "question": dict.fromkeys(
                ("fr", "en"), "Comment imaginez-vous la place dans vingt ans, et qui devrait s’y sentir bien ?"
            ),
            "can_change": dict.fromkeys(("fr", "en"), "Les arbres, les bancs, les jeux, les fontaines. " * 5),
        }
    ),
    "Arabic, from right to left": PACKAGED.model_copy(
        update={
            "languages": ("ar", "fr", "en"),
            **{
                name: {**getattr(PACKAGED, name), "ar": words}
                for name, words in {
                    "title": "شوارعنا وساحاتنا",
                    "question": "ما الذي يجب تغييره في شارعك أو حيّك؟",
                    "can_change": "المقاعد والأشجار والإنارة.",
                    "cannot_change": "خط الترام.",
                    "decides": "المجلس البلدي.",
                }.items()
            },
        }
    ),
}
