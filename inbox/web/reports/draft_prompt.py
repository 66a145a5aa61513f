"""What a language model is given for a draft: the sentences that may stand in it, all of them true, and the rules."""

from __future__ import annotations

from collections.abc import Mapping

from inbox.records import references
from inbox.reports.figure_values import Figures
from inbox.reports.report_quotations import QuotedPassage
from inbox.web.base.labels import CHANNELS
from inbox.web.contributions.theme_labels import theme_label
from inbox.web.reports.composition import ComposedReport

MOST_QUOTED = 60

_RULES: Mapping[str, str] = {
    "fr": (
        "Écris un brouillon de synthèse d'une consultation. N'emploie que les phrases de la liste, telles quelles,"
        " une par ligne ; choisis-les et range-les. Devant une phrase peut se tenir l'un de ces mots :"
        " « Par ailleurs, », « De plus, », « En outre, », « Enfin, », « D'autre part, »."
        " Rien d'autre : toute autre phrase sera rayée."
    ),
    "en": (
        "Write a draft of a consultation's summary. Use only sentences of the list, each as it stands, one a line;"
        " choose and order them. One of these may stand before a sentence: “Also,”, “Moreover,”, “In addition,”,"
        " “Finally,”, “Besides,”. Nothing else: any other sentence will be struck."
    ),
}
_FORMS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    # One, several.
    "fr": {
        "published": ("{n} contribution a été publiée.", "{n} contributions ont été publiées."),
        "theme": ("{n} contribution parle de « {label} ».", "{n} contributions parlent de « {label} »."),
        "channel": ("{n} contribution est venue par {label}.", "{n} contributions sont venues par {label}."),
        "campaign": ("{n} voix, 1 texte.", "{n} voix, 1 texte."),
        "set_aside": ("{n} contribution a été écartée.", "{n} contributions ont été écartées."),
        "unanswered": ("{n} question est sans réponse.", "{n} questions sont sans réponse."),
        "quote": ("Un habitant dit : « {quote} » (n° {reference})",) * 2,
        "theme_quote": ("Sur « {label} », un habitant dit : « {quote} » (n° {reference})",) * 2,
    },
    "en": {
        "published": ("{n} contribution has been published.", "{n} contributions have been published."),
        "theme": ("{n} contribution speaks of “{label}”.", "{n} contributions speak of “{label}”."),
        "channel": ("{n} contribution came by {label}.", "{n} contributions came by {label}."),
        "campaign": ("{n} voices, 1 text.", "{n} voices, 1 text."),
        "set_aside": ("{n} contribution was set aside.", "{n} contributions were set aside."),
        "unanswered": ("{n} question has no answer.", "{n} questions have no answer."),
        "quote": ("A resident says: “{quote}” (no. {reference})",) * 2,
        "theme_quote": ("On “{label}”, a resident says: “{quote}” (no. {reference})",) * 2,
    },
}


def prompt(report: ComposedReport) -> str:
    """The words for the model."""
    language = report.language if report.language in _RULES else "en"
    listed = "\n".join(f"- {one}" for one in sentences(report))
    return f"{_RULES[language]}\n\n{report.said(report.consultation.question)}\n\n{listed}\n"


def sentences(report: ComposedReport) -> list[str]:
    """Every true sentence of a listed form about a report, quotations at the end."""
    figures, forms = report.figures, _FORMS[report.language if report.language in _FORMS else "en"]

    def said(form: str, count: int, label: str = "") -> str:
        return forms[form][count > 1].format(n=count, label=label)

    found = [said("published", figures.published)]
    found += [said("theme", one.count, _label(report, one.key)) for one in figures.themes if one.count]
    found += [said("channel", count, str(CHANNELS[way])) for way, count in figures.channels.items()]
    found += [said("campaign", one.voices) for one in figures.campaigns]
    found += [said(form, count) for form, count in _rest(figures).items() if count]
    themes = {one.key for one in figures.themes}
    for one in [quoted for quoted in report.quoted if not quoted.is_cut][:MOST_QUOTED]:
        form = "theme_quote" if one.theme in themes else "quote"
        found.append(forms[form][0].format(label=_label(report, one.theme), quote=_line(one), reference=_number(one)))
    return found


def _rest(figures: Figures) -> dict[str, int]:
    return {"set_aside": figures.set_aside, "unanswered": figures.unanswered}


def _label(report: ComposedReport, key: str) -> str:
    return theme_label(key, report.consultation, report.language)


def _line(one: QuotedPassage) -> str:
    return " ".join(one.text.split())


def _number(one: QuotedPassage) -> str:
    return references.format_reference(one.reference)
