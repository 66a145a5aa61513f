"""Voting at a centre's desk, and keying in voices that came on paper: nothing is kept but the sealed voice."""

from __future__ import annotations

import secrets
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from channels.intent.votes import VoteSaid, vote_in
from config.enums import ArrivalKind, Channel, Role, VoteBy
from config.wording.consultation import Consultation
from gateway.ingest import vote_intake
from gateway.ingest.vote_intake import VoteOutcome
from gateway.intake.contribute import create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.sealed_originals import seal_original
from gateway.web.manual_entry import parse_postal_address, parse_telephone
from inbox.consultations import consultation_versions
from inbox.models import Intake
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from inbox.votes import ballot_box
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.guard import allow, require_person

blueprint = Blueprint("votes", __name__, template_folder="../templates")

ACCOUNT = "vote-desk"
_LINES = 300


class _NotCounted(Exception):
    """Nothing is stored of a voice that does not count: whoever stands here is told why."""

    def __init__(self, given: VoteOutcome) -> None:
        self.given = given
        super().__init__(given.told)


class VoteForm(HouseForm):
    """Whose voice it is, and for what."""

    once = HiddenField()
    consultation = SelectField(_l("Consultation"))
    projects = StringField(
        _l("Number of the project"), validators=[DataRequired(message=_l("Write the number.")), Length(max=40)]
    )
    takes_back = SelectField(
        _l("What the person wants"), choices=[("", _l("To support it")), ("yes", _l("To take the vote back"))]
    )
    phone = StringField(_l("Telephone number"), validators=[Length(max=40)])
    address = TextAreaField(_l("Or name and postal address"), validators=[Length(max=_LINES)])
    card = StringField(_l("Number of the card"), validators=[Length(max=40)])
    word = StringField(_l("The person’s line in your list"), validators=[Length(max=80)])

    def validate_projects(self, field: StringField) -> None:
        """Numbers, and nothing else."""
        if _said(field.data or "", takes_back=False) is None:
            raise ValidationError(_("Write numbers only, such as 12 or 12, 14."))


def _said(numbers: str, *, takes_back: bool) -> VoteSaid | None:
    said = vote_in(f"{'non' if takes_back else 'oui'} {numbers}")
    return said if said is not None and not said.words else None


def _open_votes() -> list[tuple[str, Consultation]]:
    """The consultations in which one can vote today, by their short names."""
    today = _today()
    with store_of().read() as session:
        found = [
            consultation_versions.as_consultation(one)
            for one in consultation_versions.current_versions_by_slug(session)
        ]
    return [(one.slug, one) for one in found if one.projects and one.state_on(today) == "open"]


def _today() -> date:
    return utc_now().astimezone(settings_of().zone).date()


@blueprint.route("/vote", methods=["GET", "POST"])
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def vote() -> ResponseReturnValue:
    """Take a voice of somebody who stands here, or from a sheet of paper."""
    form, votes = VoteForm(), dict(_open_votes())
    form.consultation.choices = [(slug, one.title[one.language]) for slug, one in votes.items()]
    if not votes or not form.validate_on_submit():
        form.once.data = form.once.data or secrets.token_urlsafe(16)
        return _page(form, votes), 422 if form.is_submitted() else 200
    try:
        _take_in(form, votes[form.consultation.data])
    except _NotCounted as not_counted:
        flash(str(WHY_NOT.get(not_counted.given.told, WHY_NOT["unknown"])), "error")
        return _page(form, votes), 422
    flash(_("The vote has arrived. It is sealed: nobody can read it before the count."), "success")
    return redirect(url_for("votes.vote"))


WHY_NOT = {
    "unknown": _l("No project has this number: nothing was counted."),
    "too_many": _l("These are more projects than one person may support: nothing was counted."),
    "closed": _l("The vote has ended: nothing was counted."),
    "not_open_yet": _l("The vote has not begun: nothing was counted."),
    "needs_card": _l("A card is needed: write its number."),
    "card_unknown": _l("There is no card of this number: nothing was counted."),
    "no_number": _l("Write the person’s telephone number, or the postal address: each counts once."),
    "at_centre": _l("Write the person’s line in your list: each counts once."),
}
"""Why a voice does not count, in the words of whoever stands at the desk."""


def _page(form: VoteForm, votes: dict[str, Consultation]) -> str:
    rules = {one.vote.by for one in votes.values()}
    return render_template("gateway/vote.html", form=form, votes=votes, rules=rules, VoteBy=VoteBy)


def _take_in(form: VoteForm, asked: Consultation) -> None:
    """Put it into the box; raises ``_NotCounted``."""
    person, settings = require_person(), settings_of()
    said = _said(form.projects.data, takes_back=bool(form.takes_back.data))
    assert said is not None, "the form was checked"
    said = VoteSaid(said.numbers, said.takes_back, card="".join(filter(str.isdecimal, form.card.data or "")))
    once = f"{person.id}-{(form.once.data or '')[:64]}"
    original = seal_original(store_of().vault, b"", {})
    with store_of().write() as session:
        arrived = IncomingMessage(
            channel=Channel.PAPER,
            account=ACCOUNT,
            external_id=once,
            kind=ArrivalKind.ENTRY,
            raw=b"",
            original=original,
            consultation_slug=asked.slug,
            entered_by_id=person.id,
            centre_id=person.centre_id,
        )
        intake = session.get_one(Intake, store_message(session, arrived).intake_id)
        voter = _voter(session, intake, asked, said, form)
        given = vote_intake.store_vote(session, settings, intake, said, voter, at=utc_now(), once=f"desk:{once}")
        create_contributions(session, intake.id, [vote_intake.voice_part(Channel.PAPER)])
        if not given.counts:
            raise _NotCounted(given)


def _voter(session: Session, intake: Intake, asked: Consultation, said: VoteSaid, form: VoteForm) -> str | VoteOutcome:
    """Whose voice it is, by what the rule asks for."""
    if asked.vote.by is VoteBy.CENTRE:
        word, version = " ".join((form.word.data or "").split()), intake.consultation_version
        if not word or version is None:
            return VoteOutcome("at_centre")
        return ballot_box.voter_by_centre_list(session, version.consultation_id, require_person().centre_id, word)
    sender = parse_telephone(form.phone.data or "") or parse_postal_address(form.address.data or "")
    return vote_intake.identify_voter(session, intake, asked, said, sender)
