"""« Réglages »: what is still to be done before a first consultation, and where everything is set."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Bucket, Channel, Role
from config.settings.schema import Settings
from config.wording.consultation import Consultation
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.consultations import consultation_versions
from inbox.listings.kept_ledger import kept_ledger
from inbox.models import Centre, Person, PersonRole
from inbox.web.administration.consultation_pages import example_consultation, today
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow
from inbox.web.base.labels import Label

pages = Blueprint("administration", __name__)


@dataclass(frozen=True)
class SetUpTask:
    """Something to be done before a first consultation."""

    name: str
    label: Label
    hint: Label
    endpoint: str
    done: bool
    optional: bool = False

    @property
    def url(self) -> str | None:
        """Where it is done; None where that page is not part of this application."""
        return url_for(self.endpoint) if self.endpoint in current_app.view_functions else None


PLACES: tuple[tuple[Label, tuple[tuple[str, Label, Label], ...]], ...] = (
    (
        _l("What is asked"),
        (
            ("consultations.index", _l("Consultations"), _l("Questions, dates, themes, texts, versions.")),
            ("centres.index", _l("Centres"), _l("Where forms are handed out and collected.")),
        ),
    ),
    (
        _l("The town"),
        (
            ("town_settings.town", _l("Town"), _l("Name, logo, address of these pages, who answers for the data.")),
            ("people.index", _l("People"), _l("Who signs in, and what each may do.")),
            (
                "tools.index",
                _l("The town’s tools"),
                _l("Programs that read and answer here, or are told what happens."),
            ),
        ),
    ),
    (
        _l("The ways in"),
        (
            ("town_settings.telephone", _l("Telephone and texts"), _l("The provider, the numbers, a test call.")),
            ("mailbox_settings.index", _l("Mailboxes"), _l("Where mails arrive and receipts leave, a test mail.")),
            ("upkeep.engines", _l("Speech and print"), _l("What reads recordings and pages here.")),
        ),
    ),
    (
        _l("Keeping watch"),
        (
            ("upkeep.status", _l("How everything is"), _l("What works, what does not, and what to do.")),
            ("town_settings.alerts", _l("Who is told"), _l("A silent door, a full disk, a missed backup.")),
            ("backups.index", _l("Backups"), _l("Made, checked, downloaded; how to move to another machine.")),
            ("updates.show", _l("Updates"), _l("Which version runs, and how a newer one comes here.")),
        ),
    ),
)


@pages.get("/settings")
@allow(Role.ADMINISTRATOR)
def home() -> ResponseReturnValue:
    """What is to be done, and every page."""
    with store_of().read() as session:
        tasks = _tasks(session, settings_of())
    places = [
        (heading, [(url_for(endpoint), label, hint) for endpoint, label, hint in entries if _is_there(endpoint)])
        for heading, entries in PLACES
    ]
    # What is done by others, as a first text, is no task for whom it would keep here.
    left = [task for task in tasks if not task.done and not task.optional]
    return render_template("administration/home.html", tasks=tasks, left=left, places=places)


def _is_there(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _tasks(session: Session, settings: Settings) -> list[SetUpTask]:
    ours = _own_open(session)
    addresses = [address for one in ours for address in one.addresses.listed()]
    named = settings.town_name != type(settings).model_fields["town_name"].default
    telephone = settings.has_provider
    moderators = session.scalar(
        select(func.count(func.distinct(Person.id)))
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, PersonRole.role == Role.MODERATOR)
    )
    book = kept_ledger(session, None)
    centres = session.scalar(select(func.count(Centre.id))) or 0
    return [
        SetUpTask("town", _l("Name the town"), _l("Residents hear and read it."), "town_settings.town", named),
        SetUpTask(
            "person",
            _l("Invite somebody who moderates"),
            _l("At least one person reads what residents say."),
            "people.index",
            bool(moderators),
        ),
        SetUpTask(
            "consultation",
            _l("Write a consultation"),
            _l("The question, what can change, who decides, until when."),
            "consultations.index",
            bool(ours),
        ),
        SetUpTask(
            "number",
            _l("Connect a telephone number"),
            _l("For texts and calls; give it to the consultation."),
            "town_settings.telephone",
            telephone and any(channel is Channel.SMS for channel, _value in addresses),
        ),
        SetUpTask(
            "mailbox",
            _l("Connect a mailbox"),
            _l("For mails; give it to the consultation."),
            "mailbox_settings.index",
            bool(settings.mailboxes) and any(channel is Channel.EMAIL for channel, _value in addresses),
            optional=True,
        ),
        SetUpTask(
            "centre",
            _l("Name a centre"),
            _l("Where forms are handed out and collected."),
            "centres.index",
            bool(centres) and any(channel is Channel.PAPER for channel, _value in addresses),
            optional=True,
        ),
        SetUpTask(
            "alerts",
            _l("Say who is told when something is wrong"),
            _l("By mail or by text."),
            "town_settings.alerts",
            bool(settings.alerts.mails or settings.alerts.phones),
        ),
        SetUpTask(
            "backup",
            _l("Make a first backup"),
            _l("And keep a copy elsewhere, with the keys apart from it."),
            "backups.index",
            errands.last_succeeded(session, ErrandKind.BACKUP) is not None,
        ),
        SetUpTask(
            "first",
            _l("Send a first text or hand in a first form"),
            _l("Text the number, or type in a letter: it appears in the list a moment later."),
            "entry.enter",
            book.units > 0,
        ),
        SetUpTask(
            "decision",
            _l("Decide about it"),
            _l("Publish it, or set it aside with a reason."),
            "contributions.index",
            any(book.counts.get(bucket) for bucket in (Bucket.PUBLISHED, Bucket.SET_ASIDE)),
        ),
    ]


def _own_open(session: Session) -> list[Consultation]:
    """The consultations that are or will be open, but for the example that came along."""
    found = []
    for version in consultation_versions.current_versions_by_slug(session):
        consultation = consultation_versions.as_consultation(version)
        untouched = version.created_by_id is None and consultation.slug == example_consultation().slug
        if consultation.closes >= today() and not untouched:
            found.append(consultation)
    return found
