"""Whether everything is accounted for and running: ledger, quarantine, status."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Bucket, Role, StepKind, StepState
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.jobs import reconciliation, steps
from inbox.jobs.steps import NotReplayable
from inbox.listings import recount
from inbox.listings.kept_ledger import kept_ledger
from inbox.listings.ledger import Ledger
from inbox.listings.visibility import Aspect, who_sees
from inbox.models import Arrival, Contribution, Heartbeat, Intake, MailCursor, Refusal, Step
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.keyset import cut_page
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.formats import moment, pretty
from inbox.web.base.guard import SignedIn, allow, require_person
from inbox.web.base.labels import BUCKET_MEANINGS, BUCKETS, CHANNELS, NOT_CONTRIBUTIONS, PROCESSES, Label
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.contributions.list_query import views_for
from inbox.web.contributions.media_pages import DOWNLOADED
from inbox.web.contributions.theme_labels import title_of

pages = Blueprint("oversight", __name__)

SILENT_AFTER = timedelta(seconds=60)
"""A process that has not been seen for this long is shown as silent; they are seen every ten seconds."""

PAGE_ROWS = 50

AT_ONCE = 500
"""How many failures are tried again by one button."""

REFUSALS_SHOWN = timedelta(days=30)

_VIEW_OF = {
    Bucket.WAITING: "waiting",
    Bucket.IN_REVIEW: "todo",
    Bucket.SET_ASIDE: "aside",
    Bucket.PUBLISHED: "published",
}


@dataclass(frozen=True)
class LedgerLine:
    """A bucket of the ledger."""

    label: Label
    meaning: Label
    count: int
    share: str
    """Width of its bar, in percent."""
    url: str | None
    kinds: tuple[tuple[Label, int], ...] = ()


@dataclass(frozen=True)
class HeldStep:
    """A step in quarantine."""

    id: int
    kind: StepKind
    subject: str
    reason: str
    attempts: int
    at: datetime
    url: str | None
    originals: tuple[str, ...]
    to_compare: bool
    """Whether a person only has to look: trying again would come to the same."""


@dataclass(frozen=True)
class ProcessStatus:
    """A process of the gateway, and whether it is alive."""

    name: str
    note: str
    """What it says itself: how far it is, or what it misses."""
    seen_at: datetime
    alive: bool

    @property
    def purpose(self) -> Label:
        """What it is for; empty for a process that these pages do not know."""
        return PROCESSES.get(self.name.partition("-")[0], "")


@dataclass(frozen=True)
class WaitingSteps:
    """Steps of one kind that wait for the same reason."""

    kind: StepKind
    reason: str
    count: int
    oldest: datetime


# Counted from what residents can be answered to what nobody can be answered to any more.
_ORDER = (
    Bucket.PUBLISHED,
    Bucket.IN_REVIEW,
    Bucket.WAITING,
    Bucket.SET_ASIDE,
    Bucket.VOTE,
    Bucket.QUARANTINED,
    Bucket.NOT_CONTRIBUTION,
    Bucket.ERASED,
)


@pages.get("/ledger")
@allow(Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
def ledger_page() -> ResponseReturnValue:
    """Everything that arrived, in exactly one bucket each."""
    wanted = request.args.get("consultation", "")
    with store_of().read() as rows:
        versions = {
            version.consultation.slug: version for version in consultation_versions.current_versions_by_slug(rows)
        }
        chosen = versions.get(wanted)
        book = kept_ledger(rows, chosen.consultation_id if chosen else None)
        checked = recount.last_recount(rows)
        titles = [(slug, title_of(version, choose_language())) for slug, version in versions.items()]
    return render_template(
        "ledger.html",
        lines=[_line(book, bucket, require_person()) for bucket in _ORDER],
        units=book.units,
        counted=sum(book.counts.values()),
        balanced=book.balanced,
        checked=checked,
        problems=book.problems,
        choices=[("", _("All consultations")), *titles],
        chosen=wanted if chosen else "",
    )


def _line(book: Ledger, bucket: Bucket, person: SignedIn) -> LedgerLine:
    count = book.counts.get(bucket, 0)
    kinds = tuple((NOT_CONTRIBUTIONS[kind], number) for kind, number in book.not_contributions.items())
    return LedgerLine(
        label=BUCKETS[bucket],
        meaning=BUCKET_MEANINGS[bucket],
        count=count,
        share=f"{100 * count / book.units:.2f}" if book.units else "0",
        url=_where(bucket, person),
        kinds=kinds if bucket is Bucket.NOT_CONTRIBUTION else (),
    )


def _where(bucket: Bucket, person: SignedIn) -> str | None:
    """Where a person can look at what is in a bucket; None where they may not, or there is nothing to see."""
    if bucket is Bucket.QUARANTINED:
        return url_for("oversight.quarantine") if person.sight.sees(Aspect.ORIGINALS) else None
    if bucket is Bucket.NOT_CONTRIBUTION and "judged.index" in current_app.view_functions:
        return url_for("judged.index") if person.sight.sees(Aspect.ORIGINALS) else None
    view = _VIEW_OF.get(bucket)
    return url_for("contributions.index", view=view) if view in views_for(person.sight) else None


@pages.get("/quarantine")
@allow(*who_sees(Aspect.ORIGINALS))
def quarantine() -> ResponseReturnValue:
    """What failed three times, each with its reason."""
    with store_of().read() as rows:
        page = cut_page(
            lambda place, most: steps.quarantined_steps(rows, most, behind=place),
            lambda place, most: steps.quarantined_steps(rows, most, ahead_of=place),
            number_in(request.args, "after"),
            number_in(request.args, "before"),
            PAGE_ROWS,
        )
        subjects, originals = _subjects(rows, page.rows), _originals(rows, page.rows)
    held = [
        HeldStep(
            id=step.step_id,
            kind=step.kind,
            subject=subjects[step.step_id],
            reason=step.reason,
            attempts=step.attempts,
            at=step.since,
            url=_url(step),
            originals=originals.get(step.step_id, ()),
            to_compare=_is_to_compare(step),
        )
        for step in page.rows
    ]
    return render_template(
        "quarantine.html",
        held=held,
        newer_url=url_for("oversight.quarantine", after=held[-1].id) if held and page.is_more_behind else None,
        older_url=url_for("oversight.quarantine", before=held[0].id) if held and page.is_more_before else None,
    )


def _is_to_compare(step: steps.Quarantined) -> bool:
    return step.kind is StepKind.SPLIT_PAGES and step.state is StepState.NEEDS_PERSON


def _url(step: steps.Quarantined) -> str | None:
    if step.contribution_id is not None:
        return url_for("contributions.show", contribution_id=step.contribution_id)
    return url_for("batches.batch", intake_id=step.intake_id) if _is_to_compare(step) else None


def _subjects(rows: Session, held: list[steps.Quarantined]) -> dict[int, str]:
    """What each is about, as staff know it: channel and reference, or channel and time of arrival."""
    made = [step.contribution_id for step in held if step.contribution_id is not None]
    of_made = {
        one.id: one.channel
        for one in rows.execute(select(Contribution.id, Contribution.channel).where(Contribution.id.in_(made)))
    }
    numbers = references.references_of(rows, made)
    came_in = [step.intake_id for step in held if step.intake_id is not None]
    of_intakes = {
        one.id: f"{CHANNELS[one.channel]}, {moment(one.received_at)}"
        for one in rows.execute(select(Intake.id, Intake.channel, Intake.received_at).where(Intake.id.in_(came_in)))
    }
    found = {}
    for step in held:
        if step.contribution_id is not None:
            number = numbers.get(step.contribution_id, "")
            found[step.step_id] = f"{CHANNELS[of_made[step.contribution_id]]} {pretty(number)}"
        elif step.intake_id is not None:
            found[step.step_id] = of_intakes[step.intake_id]
        else:
            found[step.step_id] = str(_("message %(number)s", number=step.message_id or step.part_id))
    return found


def _originals(rows: Session, held: list[steps.Quarantined]) -> dict[int, tuple[str, ...]]:
    """Where to fetch the files of each arrival that has no contribution to show them."""
    of = {step.intake_id for step in held if step.contribution_id is None}
    arrivals = rows.execute(
        select(Arrival.id, Arrival.intake_id)
        .where(Arrival.intake_id.in_(of), Arrival.kind.in_(DOWNLOADED))
        .where(Arrival.sealed_raw.is_not(None) | Arrival.locator.is_not(None) | Arrival.archive_id.is_not(None))
        .order_by(Arrival.id)
    )
    urls: dict[int, list[str]] = {}
    for arrival_id, intake_id in arrivals:
        urls.setdefault(intake_id, []).append(url_for("media.arrived", arrival_id=arrival_id))
    return {step.step_id: tuple(urls.get(step.intake_id or 0, ())) for step in held if step.contribution_id is None}


@pages.post("/quarantine/replay")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def replay_all() -> ResponseReturnValue:
    """Have all that failed done again, as after something was installed; what a person has to compare stays."""
    with store_of().write() as rows:
        failed = [step.step_id for step in steps.quarantined_steps(rows, AT_ONCE) if not _is_to_compare(step)]
        for step_id in failed:
            with suppress(NotReplayable):
                steps.replay_step(rows, step_id, require_person().id)
    flash(ngettext("%(num)d is being tried again.", "%(num)d are being tried again.", len(failed)), "success")
    return redirect(url_for("oversight.quarantine", _anchor="outcome"))


@pages.post("/quarantine/<int:step_id>/replay")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def replay_step(step_id: int) -> ResponseReturnValue:
    """Have a step done again from the start."""
    try:
        with store_of().write() as rows:
            steps.replay_step(rows, step_id, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("It is being tried again."), "success")
    return redirect(url_for("oversight.quarantine", _anchor="outcome"))


@pages.post("/quarantine/<int:step_id>/seen")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def end_seen(step_id: int) -> ResponseReturnValue:
    """Take off the list what a person only had to look at."""
    with store_of().write() as rows:
        steps.acknowledge_step(rows, step_id, require_person().id)
    flash(_("It is off the list."), "success")
    return redirect(url_for("oversight.quarantine", _anchor="outcome"))


@pages.get("/status")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def status() -> ResponseReturnValue:
    """Which processes are alive, what waits and why, what was refused."""
    now = utc_now()
    with store_of().read() as rows:
        beats = rows.execute(select(Heartbeat.process, Heartbeat.note, Heartbeat.seen_at).order_by(Heartbeat.process))
        processes = [ProcessStatus(name, note, seen_at, now - seen_at < SILENT_AFTER) for name, note, seen_at in beats]
        refusals = rows.execute(
            select(Refusal.day, Refusal.door, Refusal.reason, Refusal.count.label("times"))
            .where(Refusal.day >= (now - REFUSALS_SHOWN).date())
            .order_by(Refusal.day.desc(), Refusal.door, Refusal.reason)
            .limit(200)
        ).all()
        waiting = _waiting(rows)
        late = reconciliation.caught_up_since(rows, REFUSALS_SHOWN)
        columns = (MailCursor.account, MailCursor.folder, MailCursor.not_taken_in, MailCursor.looked_at)
        folders = rows.execute(select(*columns).order_by(MailCursor.account, MailCursor.folder)).all()
    return render_template(
        "status.html", processes=processes, refusals=refusals, waiting=waiting, late=late, folders=folders
    )


def _waiting(rows: Session) -> list[WaitingSteps]:
    reason = func.coalesce(Step.reason, "")
    found = rows.execute(
        select(Step.kind, reason, func.count(), func.min(Step.created_at))
        .where(Step.state == StepState.OPEN)
        .group_by(Step.kind, reason)
        .order_by(func.count().desc())
        .limit(100)
    )
    return [WaitingSteps(*row) for row in found]
