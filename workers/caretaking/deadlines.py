"""What is due on a day, and done by itself: votes are counted once all is closed, officials are reminded of answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from inbox.administration import deadline_reminders
from inbox.answers import owed_answers
from inbox.answers.owed_answers import OwedAnswers
from inbox.consultations import consultation_versions
from inbox.models.column_types import utc_now
from inbox.votes import counting
from workers.caretaking.town_messages import send_mail
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)


def count_votes(here: WatcherContext) -> None:
    """Count where a consultation has closed; once more a day later, with what came late."""
    today = utc_now().astimezone(here.settings.zone).date()
    with here.store.read() as session:
        current = [
            (one.consultation_id, consultation_versions.as_consultation(one))
            for one in consultation_versions.current_versions_by_slug(session)
        ]
        due = [(number, asked) for number, asked in current if counting.is_due(session, number, asked, today)]
    for number, asked in due:
        with here.store.write() as session:
            found = counting.count_votes(session, number, asked, today, here.settings.zone)
        log.info("votes of %s are counted: %d people voted", asked.slug, found.voters)


def remind_of_answers(here: WatcherContext) -> None:
    """Mail those named for it before an answer that was promised is due, and each week once that day has passed."""
    addresses = here.settings.alerts.answer_mails or here.settings.alerts.mails
    if not addresses or not here.settings.smtp.configured:
        return
    today = utc_now().astimezone(here.settings.zone).date()
    with here.store.read() as session:
        owed = owed_answers.list_owed_answers(session, today)
    for one in owed:
        due_on = _reminder_day(one, today)
        if due_on is None:
            continue
        with here.store.write() as session:
            is_due = deadline_reminders.claim_reminder(session, one.consultation_id, due_on)
        if is_due and not _remind(here, one, addresses):
            with here.store.write() as session:
                deadline_reminders.release_reminder(session, one.consultation_id, due_on)


def _reminder_day(one: OwedAnswers, today: date) -> date | None:
    """The day of the reminder that is due; None where nothing is owed, or nothing was promised."""
    promised = one.consultation.answer_by
    is_owed = one.unanswered or (one.contributions and not one.published)
    if one.days_left is None or promised is None or one.phase == "concluded" or not is_owed:
        return None
    return deadline_reminders.reminder_due(promised, today)


def _remind(here: WatcherContext, one: OwedAnswers, addresses: tuple[str, ...]) -> bool:
    """Whether somebody was reached."""
    subject, body = reminder_words(one, here.settings.language, here.settings.public_url)
    reached = 0
    for address in addresses:
        try:
            send_mail(here.settings, address, subject, body)
            reached += 1
        except Exception as error:  # noqa: BLE001 — the next one may be reached
            log.warning("a reminder could not be sent (%s)", type(error).__name__)
    return bool(reached)


def reminder_words(one: OwedAnswers, language: str, url: str) -> tuple[str, str]:
    """Subject and body: what is promised for when, how many wait, and since when."""
    words = _WORDS.get(language, _WORDS["en"])
    locale = language if language in _WORDS else "en"
    assert one.days_left is not None
    assert one.consultation.answer_by is not None
    left = "passed" if one.days_left < 0 else "today" if not one.days_left else "left"
    facts = {
        "title": one.consultation.title.get(language) or one.consultation.title[one.consultation.language],
        "by": format_date(one.consultation.answer_by, "long", locale=locale),
        "days": abs(one.days_left),
        "unanswered": one.unanswered,
        "all": one.contributions,
        "oldest": format_date(one.oldest.date(), "long", locale=locale) if one.oldest else "",
        "url": f"{url}/answers",
    }
    lines = [words[left], words["waiting"] if one.unanswered else words["answered"]]
    lines += [] if one.published else [words["unpublished"]]
    lines.append(words["where"])
    return words["subject"].format(**facts), "\n\n".join(lines).format(**facts) + "\n"


_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "subject": "Réponses promises : {title}",
        "left": "« {title} » : une réponse est promise pour le {by}, dans {days} j.",
        "today": "« {title} » : une réponse est promise pour aujourd’hui, {by}.",
        "passed": "« {title} » : une réponse était promise pour le {by}, il y a {days} j.",
        "waiting": "{unanswered} avis sur {all} attendent une réponse, le plus ancien depuis le {oldest}.",
        "answered": "Les {all} avis ont une réponse.",
        "unpublished": "Rien n’est encore publié des résultats.",
        "where": "Répondre : {url}",
    },
    "en": {
        "subject": "Answers promised: {title}",
        "left": "“{title}”: an answer is promised for {by}, in {days} d.",
        "today": "“{title}”: an answer is promised for today, {by}.",
        "passed": "“{title}”: an answer was promised for {by}, {days} d ago.",
        "waiting": "{unanswered} of {all} contributions wait for an answer, the oldest since {oldest}.",
        "answered": "All {all} contributions have an answer.",
        "unpublished": "Nothing of the results is published yet.",
        "where": "To answer: {url}",
    },
}
