"""Faults passed on by themselves: sent once to the town's fault-report system (Open311), and asked after.

A fault is sent when its contribution is published and was passed on to a service. Its words are those that everybody
may read. A process that is killed between sending and noting it sends it again with the same ``Idempotency-Key``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests

from config.bounded_answers import AnswerTooLong, read_bounded
from config.enums import Role
from config.settings.loader import Settings
from inbox.answers import service_requests
from inbox.answers.service_requests import CLOSED, OPEN, DueFault
from inbox.export import open311
from inbox.export.open311 import FaultQuery
from inbox.listings.visibility import visibility_of
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)

SECONDS = 20.0
LONGEST_ANSWER = 1_000_000
"""Bytes; a longer one is none of a fault's."""
ASKED_EVERY = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)


class NotTaken(Exception):
    """What the other system answered instead, in a few words of ours."""


def pass_faults_on(here: WatcherContext) -> None:
    """Send what was not sent, and ask after what was."""
    if not here.settings.open311.url:
        return
    with here.store.read() as session:
        due = service_requests.due_faults(session, utc_now())
    for fault in due:
        try:
            if fault.outside_id is None:
                _send(here.settings, here.store, fault)
            else:
                _ask(here.settings, here.store, fault)
        except (NotTaken, requests.RequestException, ValueError) as error:
            met = str(error) if isinstance(error, NotTaken) else f"not reached ({type(error).__name__})"
            wait = min(LONGEST_WAIT, timedelta(minutes=2**fault.attempts))
            with here.store.write() as session:
                service_requests.record_fault_attempt(session, fault.contribution_id, utc_now() + wait, met=met)
            log.warning("fault %d: %s", fault.contribution_id, met)


def _send(settings: Settings, store: Store, fault: DueFault) -> None:
    with store.read() as session:
        query = FaultQuery(ids=[fault.contribution_id])
        found = open311.service_requests(session, visibility_of([Role.OFFICIAL]), settings.zone, query)
    if not found:
        return
    body = {
        "service_code": found[0]["service_code"] or "",
        "description": found[0]["description"],
        "address_string": found[0]["address"] or settings.town_name,
        "api_key": settings.open311.api_key.get_secret_value(),
    }
    once = {"Idempotency-Key": f"portevoix-{settings.town}-{fault.contribution_id}"}
    answer = _answer(settings, "POST", "requests.json", body, once)
    given = str(answer.get("service_request_id") or "")
    if not given or len(given) > 64:
        raise NotTaken("answered without a number")
    with store.write() as session:
        service_requests.record_fault_sent(session, fault.contribution_id, given, utc_now() + ASKED_EVERY)


def _ask(settings: Settings, store: Store, fault: DueFault) -> None:
    query = {"service_request_id": fault.outside_id or ""}
    answer = _answer(settings, "GET", "requests.json", query, {})
    status, notes = str(answer.get("status", "")).casefold(), answer.get("status_notes")
    if status not in (OPEN, CLOSED):
        raise NotTaken("answered no status")
    words = notes.replace("\0", "").strip()[:400] if isinstance(notes, str) else ""
    with store.write() as session:
        service_requests.record_service_status(session, fault.contribution_id, status, words, None)
        service_requests.record_fault_attempt(session, fault.contribution_id, utc_now() + ASKED_EVERY)


def _answer(
    settings: Settings, method: str, path: str, values: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, Any]:
    """The first row of what it answers; raises ``NotTaken``, requests.RequestException, ValueError."""
    sent = dict(values)
    if settings.open311.jurisdiction:
        sent["jurisdiction_id"] = settings.open311.jurisdiction
    place = {"data": sent} if method == "POST" else {"params": sent}
    with requests.Session() as http:
        http.trust_env = False
        with http.request(
            method,
            f"{settings.open311.url}/{path}",
            headers=dict(headers),
            timeout=SECONDS,
            stream=True,
            allow_redirects=False,
            **place,  # type: ignore[arg-type]  # either of both
        ) as answer:
            if not 200 <= answer.status_code < 300:
                raise NotTaken(f"answered {answer.status_code}")
            try:
                raw = read_bounded(answer, LONGEST_ANSWER, SECONDS)
            except AnswerTooLong as error:
                raise NotTaken("answered without end") from error
    rows = json.loads(raw)
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        raise NotTaken("answered no list of requests")
    return rows[0]
