"""A data-protection impact assessment (GDPR, article 35), filled from the settings and consultations as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from config.settings.loader import Settings
from config.wording.consultation import Consultation

LANGUAGES = ("fr", "en")

_WAYS = {
    "fr": ("fournisseur de téléphonie (SMS, appels)", "courriel", "dossiers de scan", "page de dépôt des centres"),
    "en": ("telephone provider (texts, calls)", "e-mail", "scan folders", "upload page of the centres"),
}
_RECIPIENTS = {
    "fr": (
        ("le fournisseur de téléphonie", "numéros, textes, enregistrements, réponses"),
        ("le serveur de courriel", "courriels reçus et envoyés"),
        ("le stockage d’objets", "fichiers, scellés"),
        ("le fournisseur d’identité", "connexions des agents"),
        ("le modèle de langue", "textes publiés dont un brouillon est demandé"),
    ),
    "en": (
        ("the telephone provider", "numbers, texts, recordings, answers"),
        ("the mail server", "e-mails received and sent"),
        ("the object store", "files, sealed"),
        ("the provider of sign-ins", "sign-ins of staff"),
        ("the language model", "published texts of which a draft is asked for"),
    ),
}
_WORDS = {
    "fr": {"never": "jamais", "after": "après {} jours", "made": "tous les {} jours, {} gardées", "none": "à la main"},
    "en": {"never": "never", "after": "after {} days", "made": "every {} days, {} kept", "none": "by hand"},
}


def impact_assessment(settings: Settings, consultations: Sequence[Consultation], language: str, today: date) -> str:
    """The assessment as Markdown, in French or English."""
    words, backups = _WORDS[language], settings.backups
    days = backups.retire_keys_after_days
    environment = Environment(
        loader=PackageLoader("gateway", "templates/assessment"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, whose table cells are kept by ``_cell``
    )
    used = _used(settings)
    ways = [
        way
        for way, is_used in zip(_WAYS[language], (used[0], used[1], bool(settings.scan_folders), True), strict=True)
        if is_used
    ]
    names = ("twilio, …", "mailboxes, smtp", "media", "oidc", "draft_model")
    told = zip(_RECIPIENTS[language], names, used, strict=True)
    return environment.get_template(f"{language}.md").render(
        settings=settings,
        today=today.isoformat(),
        consultations=[_row(one, language) for one in consultations],
        ways=ways,
        recipients=[(who, what, name) for (who, what), name, is_used in told if is_used],
        has_model=used[4],
        has_oidc=used[3],
        https=settings.public_url.startswith("https:"),
        keys_apart=_cell(str(settings.keys_dir)),
        sandbox=f"bubblewrap: {settings.sandbox.bubblewrap.value}",
        backups=words["made"].format(backups.every_days, backups.keep) if backups.every_days else words["none"],
        retired=words["after"].format(days) if days else words["never"],
    )


def _used(settings: Settings) -> tuple[bool, bool, bool, bool, bool]:
    """Which recipients there are: telephone, mail, objects, sign-ins, model."""
    mail = bool(settings.mailboxes) or bool(settings.smtp.host)
    objects = settings.media.store != "folder"
    return settings.has_provider, mail, objects, bool(settings.oidc.issuer), bool(settings.draft_model.url)


def _row(one: Consultation, language: str) -> dict[str, Any]:
    titles = dict(one.title)
    return {
        "title": _cell(titles.get(language) or next(iter(titles.values()))),
        "opens": one.opens,
        "closes": one.closes,
        "controller": _cell(one.controller),
        "dpo": _cell(one.dpo),
        **one.retention.model_dump(),
    }


def _cell(said: str) -> str:
    return " ".join(said.split()).replace("|", "\\|")
