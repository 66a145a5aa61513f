"""Digests as mails: in their reader's language, numbers and pages only, each once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date

from config.settings.loader import Settings
from inbox.desk import digests
from inbox.desk.digests import DigestFigures, DueDigest
from inbox.models import DigestSubscription
from workers.caretaking.town_messages import send_mail
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)


def send_digests(here: WatcherContext, now: datetime) -> None:
    """Send those that are due at this moment of the town's day."""
    if not here.settings.smtp.host:
        return
    with here.store.read() as session:
        due = digests.due_digests(session, now)
    for one in due:
        _send(here, one)


def _send(here: WatcherContext, due: DueDigest) -> None:
    """Noted first: a process that is killed while it sends leaves one unsent rather than sent twice."""
    with here.store.write() as session:
        row = session.get(DigestSubscription, due.person_id)
        before = row.sent_for if row else None
        if not digests.claim_digest(session, due):
            return
    with here.store.read() as session:
        figures = digests.digest_figures(session, due)
    if figures.is_empty:
        return
    subject, body = digest_mail(here.settings, due, figures)
    try:
        send_mail(here.settings, due.address, subject, body)
    except Exception as error:  # noqa: BLE001 — the next one may be reached, and this one at the next turn
        log.warning("a digest could not be sent (%s)", type(error).__name__)
        with here.store.write() as session:
            digests.release_digest(session, due, before)


def digest_mail(settings: Settings, due: DueDigest, figures: DigestFigures) -> tuple[str, str]:
    """Subject and words."""
    language = due.language or settings.language
    language = language if language in _WORDS else "en"
    words = _WORDS[language]
    url = settings.public_url

    def said(key: str, count: int, **more: object) -> str:
        return words[f"{key}_one" if count == 1 else key].format(count=count, **more)

    def day(moment: date) -> str:
        return format_date(moment, "d MMMM", locale=language)

    lines = [words["since"].format(when=day(due.since.astimezone(settings.zone)))]
    if due.moderates:
        lines.append(said("arrived", figures.arrived))
    lines.append(said("published", figures.published))
    if figures.to_read:
        lines += ["", said("to_read", figures.to_read)]
        if figures.oldest is not None:
            lines.append(words["oldest"].format(when=day(figures.oldest.astimezone(settings.zone))))
        lines.append(f"{url}/triage")
    if figures.looked_again:
        lines += ["", said("again", figures.looked_again), f"{url}/triage"]
    if figures.flagged:
        lines += ["", said("flagged", figures.flagged), f"{url}/flagged"]
    if figures.to_approve:
        lines += ["", said("to_approve", figures.to_approve), f"{url}/answers"]
    for one in figures.owed:
        title = one.consultation.title.get(language) or one.consultation.title[one.consultation.language]
        left = one.days_left or 0
        deadline = said("late", -left) if left < 0 else said("left", left)
        lines += ["", f"{title}{words['colon']} {said('owed', one.unanswered)} {deadline}", f"{url}/answers"]
    lines += ["", words["end"].format(url=url)]
    waits = figures.to_read + figures.looked_again + figures.flagged + figures.to_approve
    subject = said("subject", waits) if waits else words["subject_none"]
    return f"{settings.town_name}{words['colon']} {subject}", "\n".join(lines) + "\n"


_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "colon": "\u00a0:",
        "subject": "{count} choses vous attendent",
        "subject_one": "une chose vous attend",
        "subject_none": "ce qui est arrivé",
        "since": "Depuis le {when}\u00a0:",
        "arrived": "- {count} avis sont arrivés",
        "arrived_one": "- un avis est arrivé",
        "published": "- {count} avis ont été publiés",
        "published_one": "- un avis a été publié",
        "to_read": "{count} avis sont à lire.",
        "to_read_one": "Un avis est à lire.",
        "oldest": "Le plus ancien attend depuis le {when}.",
        "again": "{count} avis sont à relire\u00a0: leurs auteurs ne sont pas d’accord.",
        "again_one": "Un avis est à relire\u00a0: son auteur n’est pas d’accord.",
        "flagged": "{count} avis publiés sont signalés.",
        "flagged_one": "Un avis publié est signalé.",
        "to_approve": "{count} réponses attendent l’accord d’une deuxième personne.",
        "to_approve_one": "Une réponse attend l’accord d’une deuxième personne.",
        "owed": "{count} avis n’ont pas de réponse.",
        "owed_one": "un avis n’a pas de réponse.",
        "left": "Il reste {count} jours.",
        "left_one": "Il reste un jour.",
        "late": "La date promise est passée depuis {count} jours.",
        "late_one": "La date promise est passée depuis hier.",
        "end": "Vous avez demandé ce courriel. Pour le changer ou l’arrêter\u00a0: {url}/account",
    },
    "en": {
        "colon": ":",
        "subject": "{count} things wait for you",
        "subject_one": "one thing waits for you",
        "subject_none": "what has arrived",
        "since": "Since {when}:",
        "arrived": "- {count} opinions arrived",
        "arrived_one": "- one opinion arrived",
        "published": "- {count} opinions were published",
        "published_one": "- one opinion was published",
        "to_read": "{count} opinions are to be read.",
        "to_read_one": "One opinion is to be read.",
        "oldest": "The oldest has been waiting since {when}.",
        "again": "{count} opinions are to be looked at again: their authors do not agree.",
        "again_one": "One opinion is to be looked at again: its author does not agree.",
        "flagged": "{count} published opinions are flagged.",
        "flagged_one": "One published opinion is flagged.",
        "to_approve": "{count} answers wait for a second person.",
        "to_approve_one": "One answer waits for a second person.",
        "owed": "{count} opinions have no answer.",
        "owed_one": "one opinion has no answer.",
        "left": "{count} days are left.",
        "left_one": "One day is left.",
        "late": "The promised day was {count} days ago.",
        "late_one": "The promised day was yesterday.",
        "end": "You asked for this mail. To change or stop it: {url}/account",
    },
}
