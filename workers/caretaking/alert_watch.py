"""The watch: what is wrong becomes an alert, and those named for it are told, once, by mail or text."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta

from config.settings.loader import Settings
from inbox.administration import alerts, errands
from inbox.administration.alerts import AlertKind, RaisedAlert
from inbox.administration.errands import ErrandKind
from inbox.desk import danger_queue
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup
from workers.caretaking.town_messages import send_mail, send_text
from workers.processes.process_list import heartbeat_names
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)

GONE = timedelta(minutes=30)

FORGOTTEN = timedelta(days=2)
"""A process that was not seen for so long was taken out, or is on a machine that is switched off on purpose."""


def detect_problems(here: WatcherContext) -> None:
    """See what is wrong, and what is over."""
    now = utc_now()
    silent = _silent(here, now)
    free = _free_mb(here.settings)
    age = _backup_age(here, now)
    with here.store.read() as session:
        in_danger = danger_queue.list_dangerous(session)
    with here.store.write() as session:
        for name, minutes in silent.items():
            alerts.raise_alert(session, AlertKind.SILENT, name, {"minutes": minutes})
        alerts.end_alerts(session, AlertKind.SILENT, still=list(silent))
        danger_queue.update_danger_alerts(session, in_danger)
        if free < here.settings.alerts.free_mb:
            alerts.raise_alert(session, AlertKind.DISK, details={"free_mb": free})
        else:
            alerts.end_alerts(session, AlertKind.DISK)
        if age is not None:
            alerts.raise_alert(session, AlertKind.BACKUP, details={"days": age})
        else:
            alerts.end_alerts(session, AlertKind.BACKUP)


def _silent(here: WatcherContext, now: datetime) -> dict[str, int]:
    """The processes that are silent for too long, and for how many minutes."""
    limit = timedelta(minutes=here.settings.alerts.silent_minutes)
    with here.store.read() as session:
        beats = alerts.heartbeat_times(session)
    ours = heartbeat_names(here.settings)
    newest = max(beats.values(), default=now)
    # When all fell silent at once the machine was off: nothing is wrong with one of them.
    return {
        name: round((now - seen_at).total_seconds() / 60)
        for name, seen_at in beats.items()
        if name in ours and limit < now - seen_at < FORGOTTEN and newest - seen_at > limit
    }


def forget_stopped_processes(here: WatcherContext) -> None:
    """Forget the heartbeats of processes that are started no more, as of a mailbox that was taken out."""
    ours = sorted(heartbeat_names(here.settings))
    # Another machine may start what this one does not: it has told of a silence by then.
    long_ago = utc_now() - timedelta(minutes=here.settings.alerts.silent_minutes) - GONE
    with here.store.write() as session:
        alerts.delete_old_heartbeats(session, ours, long_ago)


def _free_mb(settings: Settings) -> int:
    return shutil.disk_usage(settings.data_dir).free // 1_000_000


def _backup_age(here: WatcherContext, now: datetime) -> int | None:
    """How many days old the newest backup is, when it is older than it may be; counted from the first arrival."""
    most = here.settings.alerts.backup_days
    if not most:
        return None
    with here.store.read() as session:
        made = errands.last_succeeded(session, ErrandKind.BACKUP)
        # Before something has come in there is nothing to lose.
        since = made or intake_lookup.first_intake_time(session)
    days = (now - since).days if since is not None else 0
    return days if days > most else None


def send_alerts(here: WatcherContext) -> None:
    """Tell those named for it what nobody was told of yet; it is tried again while nobody can be reached."""
    settings = here.settings
    with here.store.read() as session:
        untold = alerts.unsent_alerts(session)
    if not untold or not (settings.alerts.mails or settings.alerts.phones):
        return
    words = "\n".join(f"{alert_text(alert, settings.language)}{_where(settings, alert)}" for alert in untold)
    reached = 0
    for address in settings.alerts.mails:
        reached += _told_by_mail(settings, address, words)
    for number in settings.alerts.phones:
        reached += _told_by_text(settings, number, words, untold)
    if reached:
        with here.store.write() as session:
            alerts.record_alerts_sent(session, [alert.id for alert in untold])


def _where(settings: Settings, alert: RaisedAlert) -> str:
    """The page of what an alert is about; only who may see it can open it."""
    kind, _, number = alert.about.partition(":")
    return f" {settings.public_url}/contributions/{number}" if kind == "contribution" else ""


def _told_by_mail(settings: Settings, address: str, words: str) -> bool:
    subject, foot = _MAIL.get(settings.language, _MAIL["en"])
    body = f"{words}\n\n{foot.format(url=settings.public_url)}\n"
    try:
        send_mail(settings, address, subject.format(town=settings.town_name), body)
    except Exception as error:  # noqa: BLE001 — the next one may be reached
        log.warning("an alert could not be told by mail (%s)", type(error).__name__)
        return False
    return True


def _told_by_text(settings: Settings, number: str, words: str, untold: list[RaisedAlert]) -> bool:
    said = f"{settings.town_name}: {words}".replace("\n", " ")[:300]
    name = f"portevoix-{settings.town}-alert-{untold[-1].id}-{number[-4:]}"
    try:
        send_text(settings, number, said, name)
    except Exception as error:  # noqa: BLE001 — likewise
        log.warning("an alert could not be told by text (%s)", type(error).__name__)
        return False
    return True


_MAIL: Mapping[str, tuple[str, str]] = {
    "fr": ("{town} : Portevoix a besoin de vous", "Ce qu’il faut faire : {url}/settings/status"),
    "en": ("{town}: Portevoix needs you", "What to do: {url}/settings/status"),
}

_WORDS: Mapping[str, Mapping[AlertKind, str]] = {
    "fr": {
        AlertKind.SILENT: "Une partie du service ne répond plus depuis {minutes} min ({about}).",
        AlertKind.DISK: "Le disque est presque plein : il reste {free_mb} Mo.",
        AlertKind.BACKUP: "La dernière sauvegarde a {days} jours.",
        AlertKind.DANGER: "Un message parle peut-être d’un danger : à lire tout de suite.",
    },
    "en": {
        AlertKind.SILENT: "A part of the service has not answered for {minutes} min ({about}).",
        AlertKind.DISK: "The disk is nearly full: {free_mb} MB are left.",
        AlertKind.BACKUP: "The newest backup is {days} days old.",
        AlertKind.DANGER: "A message may speak of danger: please read it at once.",
    },
}


def alert_text(alert: RaisedAlert, language: str) -> str:
    """An alert as those named for it read it: nothing of what a resident said."""
    return _WORDS.get(language, _WORDS["en"])[alert.kind].format(about=alert.about, **alert.details)
