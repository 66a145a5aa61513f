"""What the columns of every file mean, and the DCAT description of the open-data edition (DCAT-AP 3, JSON-LD)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.wording.consultation import Consultation
from inbox.export.json_lines_export import KEYS

COLUMN_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "reference": {
        "en": "nine digits by which the contribution is found; opens its state to whoever knows it",
        "fr": "neuf chiffres qui mènent à la contribution ; qui les connaît peut en lire l’état",
    },
    "channel": {"en": "the way it came", "fr": "la voie par laquelle elle est venue"},
    "consultation": {"en": "title of the consultation", "fr": "titre de la consultation"},
    "received": {
        "en": "date and time of its first part, on the town’s clocks",
        "fr": "jour et heure de son premier envoi, à l’heure de la ville",
    },
    "text": {
        "en": "the wording in force; for officials only of what was published",
        "fr": "la rédaction en vigueur ; pour les agents et élus, seulement de ce qui est publié",
    },
    "read_by_machine_unconfirmed": {
        "en": "whether only a machine has read it: then it is no quotation",
        "fr": "si seule une machine l’a lu : ce n’est alors pas une citation",
    },
    "machine_confidence_percent": {
        "en": "how sure the machine was, on average over its words; moderators only",
        "fr": "à quel point la machine était sûre, en moyenne sur les mots ; modérateurs seulement",
    },
    "reading": {"en": "how far machines are; moderators only", "fr": "où en sont les machines ; modérateurs seulement"},
    "moderation": {"en": "what a moderator decided", "fr": "ce qu’un modérateur a décidé"},
    "reason": {"en": "why it was set aside", "fr": "pourquoi elle a été écartée"},
    "themes": {"en": "its themes", "fr": "ses thèmes"},
    "theme_count": {"en": "how many themes it has", "fr": "combien elle a de thèmes"},
    "voices": {"en": "how many messages it is made of", "fr": "de combien d’envois elle est faite"},
    "language": {"en": "language of the text (ISO 639)", "fr": "langue du texte (ISO 639)"},
    "centre": {
        "en": "where a form was handed in; empty for none, or generalised",
        "fr": "où un formulaire a été remis ; vide s’il n’y en a pas, ou si c’est généralisé",
    },
    "quarter": {
        "en": "the one quarter its text speaks of; empty for none, several, or generalised",
        "fr": "le seul quartier dont parle son texte ; vide s’il n’y en a aucun ou plusieurs, ou généralisé",
    },
    "age": {
        "en": "the age group ticked on its form; empty when not asked, not said, or generalised",
        "fr": "la tranche d’âge cochée sur son formulaire ; vide si elle n’est pas demandée, pas dite, ou généralisée",
    },
    "month": {"en": "month of arrival; empty when generalised", "fr": "mois d’arrivée ; vide si c’est généralisé"},
    "week": {
        "en": "Monday of the week of arrival; empty when generalised",
        "fr": "lundi de la semaine d’arrivée ; vide si c’est généralisé",
    },
}


def data_dictionary(language: str, columns: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Of each column: its key, its name in the spreadsheets, and what it means."""
    return [
        (key, columns.get(key, key), COLUMN_MEANINGS[key].get(language) or COLUMN_MEANINGS[key]["en"])
        for key in (*KEYS, "centre", "quarter", "age", "month", "week")
    ]


def dcat_description(
    consultation: Consultation, address: str, files: Mapping[str, str], at: datetime
) -> dict[str, Any]:
    """The description of the open-data edition; ``files``: media type -> address."""
    return {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@type": "dcat:Dataset",
        "@id": address,
        "dct:title": [{"@language": code, "@value": words} for code, words in consultation.title.items()],
        "dct:description": [{"@language": code, "@value": words} for code, words in consultation.question.items()],
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": consultation.town_name},
        "dct:issued": at.date().isoformat(),
        "dct:language": list(consultation.languages),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": consultation.opens.isoformat(),
            "dcat:endDate": consultation.closes.isoformat(),
        },
        "dcat:keyword": [theme.label[consultation.language] for theme in consultation.themes],
        "dcat:distribution": [
            {"@type": "dcat:Distribution", "dcat:accessURL": file, "dcat:mediaType": kind}
            for kind, file in files.items()
        ],
    }
