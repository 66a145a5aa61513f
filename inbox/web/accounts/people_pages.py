"""« Personnes »: who signs in and as what; inviting, changing, closing and reopening accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from config.enums import Role
from inbox.accounts import one_time_links, second_factors, sign_in_sessions, staff
from inbox.accounts.passwords import NO_PASSWORD
from inbox.accounts.staff import LastAdministrator, LoginTaken
from inbox.desk import language_routing
from inbox.models import Centre, History, Person
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.records.history import HistoryEntry
from inbox.web.accounts.account_forms import InviteForm, PersonForm
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import Label
from inbox.web.base.page_language import language_name

pages = Blueprint("people", __name__)

ACTIONS: dict[str, Label] = {
    "created": _l("Account made"),
    "invited": _l("A new link was made"),
    "link_used": _l("The link was used"),
    "signed_in": _l("Signed in"),
    "confirmed": _l("Confirmed the password"),
    "sign_in_refused": _l("A wrong password"),
    "signed_out": _l("Signed out"),
    "digest_wished": _l("Asked for mails on what waits"),
    "digest_ended": _l("Ended the mails on what waits"),
    "signed_out_everywhere": _l("Signed out everywhere"),
    "password_changed": _l("Password changed"),
    "roles_changed": _l("Roles changed"),
    "details_changed": _l("Name or centre changed"),
    "languages_read_changed": _l("Languages changed"),
    "deactivated": _l("Account closed"),
    "reactivated": _l("Account opened again"),
    "second_factor_on": _l("Second factor turned on"),
    "second_factor_off": _l("Second factor turned off"),
    "second_factor_refused": _l("A wrong code, or a wrong security key"),
    "recovery_code_used": _l("A recovery code was used"),
    "outside_identity_bound": _l("Signed in by the provider for the first time"),
    "security_key_added": _l("A security key was added"),
    "security_key_removed": _l("A security key was removed"),
}
"""What the history says of an account, in words."""


@dataclass(frozen=True)
class AccountRow:
    """An account as the administrator sees it."""

    id: int
    login: str
    name: str
    roles: Sequence[Role]
    centre: str
    """The slug of the centre; empty for none."""
    centre_name: str
    active: bool
    has_password: bool
    invited_until: datetime | None
    second_factor: bool
    signed_in_at: datetime | None


@pages.get("/settings/people")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """Every account, those that are closed last."""
    with store_of().read() as rows:
        people = _everybody(rows)
    people.sort(key=lambda one: (not one.active, one.name.casefold()))
    return render_template("people.html", people=people)


def _everybody(rows: Session) -> list[AccountRow]:
    found = rows.scalars(select(Person).options(selectinload(Person.roles), selectinload(Person.centre))).all()
    subjects = {f"person:{person.id}": person.id for person in found}
    seen = rows.execute(
        select(History.subject, func.max(History.at))
        .where(History.subject.in_(subjects), History.action == "signed_in")
        .group_by(History.subject)
    )
    signed_in = {subjects[subject]: at for subject, at in seen}
    invited = one_time_links.pending_invitations(rows, utc_now())
    factors = second_factors.who_have_one(rows)
    return [
        AccountRow(
            id=person.id,
            login=person.login,
            name=person.name,
            roles=sorted(role.role for role in person.roles),
            centre=person.centre.slug if person.centre else "",
            centre_name=person.centre.name if person.centre else "",
            active=person.active,
            has_password=person.password_hash != NO_PASSWORD,
            invited_until=invited.get(person.id),
            second_factor=person.id in factors,
            signed_in_at=signed_in.get(person.id),
        )
        for person in found
    ]


@pages.get("/settings/people/new")
@allow(Role.ADMINISTRATOR, confirmed=True)
def new() -> ResponseReturnValue:
    """The form with which somebody is invited."""
    form = InviteForm()
    form.centre.choices = _centres()
    return render_template("person_new.html", form=form)


@pages.post("/settings/people/new")
@allow(Role.ADMINISTRATOR, confirmed=True)
def invite() -> ResponseReturnValue:
    """Add an account, and show the link with which its owner chooses a password: now, and never again."""
    form = InviteForm()
    form.centre.choices = _centres()
    if not form.validate():
        return render_template("person_new.html", form=form), 422
    try:
        with store_of().write() as rows:
            person = staff.create_person(
                rows,
                form.login.data,
                form.name.data,
                NO_PASSWORD,
                form.chosen_roles,
                form.centre.data or None,
                by=require_person().id,
            )
            language_routing.set_languages_read(rows, person.id, form.chosen_languages, require_person().id)
            token = one_time_links.create_invitation(rows, person.id, utc_now())
    except LoginTaken as error:
        form.login.errors = [error_message(error)]
        return render_template("person_new.html", form=form), 422
    return _link_page(person.name, token)


def _link_page(name: str, token: str) -> str:
    link = f"{settings_of().public_url}{url_for('set_up.form', token=token)}"
    return render_template("person_link.html", name=name, link=link)


@pages.get("/settings/people/<int:person_id>")
@allow(Role.ADMINISTRATOR)
def show(person_id: int) -> ResponseReturnValue:
    """One account: what may be changed of it, and what has happened to it."""
    return _person_page(person_id, None)


@pages.post("/settings/people/<int:person_id>")
@allow(Role.ADMINISTRATOR, confirmed=True)
def change(person_id: int) -> ResponseReturnValue:
    """Change name, roles and centre; where roles change, open sessions end."""
    form = PersonForm()
    form.centre.choices = _centres()
    if not form.validate():
        return _person_page(person_id, form), 422

    def apply(rows: Session, login: str, by: int) -> None:
        staff.change_details(rows, login, form.name.data, form.centre.data or None, by)
        staff.set_roles(rows, login, form.chosen_roles, by)
        language_routing.set_languages_read(rows, person_id, form.chosen_languages, by)

    return _act(person_id, apply, _("It is changed."))


@pages.post("/settings/people/<int:person_id>/invite")
@allow(Role.ADMINISTRATOR, confirmed=True)
def invite_again(person_id: int) -> ResponseReturnValue:
    """Show a new link, for who has lost the first one, or the password."""
    with store_of().write() as rows:
        person = rows.get(Person, person_id)
        if person is None or not person.active:
            abort(404)
        token = one_time_links.create_invitation(rows, person.id, utc_now())
        history.record_event(rows, f"person:{person.id}", "invited", require_person().id)
        name = person.name
    return _link_page(name, token)


@pages.post("/settings/people/<int:person_id>/close")
@allow(Role.ADMINISTRATOR, confirmed=True)
def close(person_id: int) -> ResponseReturnValue:
    """Close an account; its sessions end, what it did stays in the history."""
    return _act(person_id, staff.deactivate, _("The account is closed. Nothing of what it did is lost."))


@pages.post("/settings/people/<int:person_id>/reopen")
@allow(Role.ADMINISTRATOR, confirmed=True)
def reopen(person_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    return _act(person_id, staff.reactivate, _("The account is open again."))


@pages.post("/settings/people/<int:person_id>/sign-out")
@allow(Role.ADMINISTRATOR, confirmed=True)
def sign_out(person_id: int) -> ResponseReturnValue:
    """End every session of somebody."""

    def apply(rows: Session, _login: str, by: int) -> None:
        count = sign_in_sessions.end_all_sessions(rows, person_id)
        history.record_event(rows, f"person:{person_id}", "signed_out_everywhere", by, {"sessions": count})

    return _act(person_id, apply, _("Every session of this person has ended."))


@pages.post("/settings/people/<int:person_id>/second-factor")
@allow(Role.ADMINISTRATOR, confirmed=True)
def remove_second_factor(person_id: int) -> ResponseReturnValue:
    """Ask somebody who has lost their telephone for the password alone."""

    def apply(rows: Session, _login: str, by: int) -> None:
        second_factors.remove_second_factor(rows, person_id, by)

    return _act(person_id, apply, _("The password alone is asked for now."))


def _act(person_id: int, change: Callable[[Session, str, int], object], success: str) -> ResponseReturnValue:
    """Do something to an account by its login, in one transaction, and say how it ended."""
    try:
        with store_of().write() as rows:
            person = rows.get(Person, person_id)
            if person is None:
                abort(404)
            change(rows, person.login, require_person().id)
    except LastAdministrator as error:
        flash(error_message(error), "error")
    else:
        flash(success, "success")
    return redirect(url_for("people.show", person_id=person_id, _anchor="outcome"))


def _centres() -> list[tuple[str, str]]:
    with store_of().read() as rows:
        found = rows.execute(select(Centre.slug, Centre.name).order_by(Centre.name)).all()
    return [("", _("None")), *((slug, name) for slug, name in found)]


def _person_page(person_id: int, form: PersonForm | None) -> str:
    with store_of().read() as rows:
        person = next((one for one in _everybody(rows) if one.id == person_id), None)
        if person is None:
            abort(404)
        languages = language_routing.languages_read(rows, person_id)
        past: list[HistoryEntry] = history.history_of(rows, f"person:{person_id}", limit=50)
    if form is None:
        roles = [role.value for role in person.roles]
        reads = ", ".join(language_name(code) for code in languages)
        form = PersonForm(formdata=None, name=person.name, centre=person.centre, roles=roles, languages=reads)
        form.centre.choices = _centres()
    return render_template("person.html", person=person, form=form, past=past, actions_of=ACTIONS)
