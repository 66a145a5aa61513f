"""Typing in a letter or a call on somebody's behalf."""

from __future__ import annotations

import json
import secrets

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from channels.base.callers import phone_address
from channels.base.values import Address
from config.enums import AddressKind, ArrivalKind, Channel, Role
from config.wording.message_catalog import resident_text
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.sealed_originals import seal_original
from gateway.receipts import compose_receipt
from gateway.web.upload_page import consultation_choices
from inbox.consultations import consultation_versions
from inbox.models import Intake
from inbox.records import references
from inbox.web import language_name
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.guard import allow, require_person

blueprint = Blueprint("entry", __name__, template_folder="../templates")

ACCOUNT = "entered"


class EntryForm(HouseForm):
    """What somebody said or wrote, and where they can be answered."""

    once = HiddenField()
    """Made with the form, so that sending it twice with the same words is one contribution."""
    channel = SelectField(
        _l("How it came"),
        choices=[(Channel.PAPER.value, _l("Letter or form")), (Channel.VOICEMAIL.value, _l("Call or conversation"))],
    )
    consultation = SelectField(_l("Consultation"))
    text = TextAreaField(
        _l("What the person said or wrote"),
        validators=[
            DataRequired(message=_l("Write what the person said.")),
            Length(max=20_000, message=_l("This is longer than 20,000 characters.")),
        ],
    )
    language = SelectField(_l("Language"))
    answer_to = StringField(_l("Mobile number for the answer"), validators=[Length(max=40)])

    address = TextAreaField(_l("Or postal address, for a letter"), validators=[Length(max=300)])

    def validate_answer_to(self, field: StringField) -> None:
        """Either nothing, or a number that can be written to."""
        if (field.data or "").strip() and parse_telephone(field.data) is None:
            raise ValidationError(
                _("This is no telephone number: write it like 06 12 34 56 78 or +33 6 12 34 56 78, or leave it empty.")
            )


def parse_telephone(written: str) -> Address | None:
    """A number as it was typed; None where it is none."""
    return phone_address(written, settings_of().region)


def parse_postal_address(written: str) -> Address | None:
    """An address as it stands on an envelope, its lines parted by commas; None where too little stands there."""
    lines = [" ".join(line.split()).replace(",", " ") for line in written.splitlines()]
    lines = [line for line in lines if line]
    return Address(AddressKind.POSTAL, ", ".join(lines)) if len(lines) > 1 else None


@blueprint.route("/enter", methods=["GET", "POST"])
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def enter() -> ResponseReturnValue:
    """Type in a contribution for somebody else; the page then shows the reference to hand on."""
    form = EntryForm()
    form.consultation.choices = consultation_choices()
    form.language.choices = [(code, language_name(code)) for code in settings_of().languages]
    if not form.validate_on_submit():
        form.once.data = form.once.data or secrets.token_urlsafe(16)
        return render_template("gateway/entry.html", form=form), 422 if form.is_submitted() else 200
    entered = _take_in(form)
    if entered is None:
        flash(_("This was entered before and has been erased since: nothing was stored."), "error")
        return redirect(url_for("entry.enter"))
    intake_id, reference = entered
    flash(
        _(
            "It has arrived. Reference: %(reference)s. Please hand it on.",
            reference=references.format_reference(reference),
        ),
        "success",
    )
    return redirect(url_for("entry.slip", intake_id=intake_id))


@blueprint.get("/enter/<int:intake_id>")
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def slip(intake_id: int) -> ResponseReturnValue:
    """The slip to print for what one typed in oneself: the number, and what it is good for."""
    with store_of().read() as session:
        intake = session.get(Intake, intake_id)
        if intake is None or intake.entered_by_id != require_person().id or intake.erased_at is not None:
            abort(404)
        reference = references.reference_of_intake(session, intake_id)
        if reference is None:
            abort(404)
        version = intake.consultation_version
        consultation = consultation_versions.as_consultation(version) if version else None
        spoken = intake.language or settings_of().language
        received = intake.received_at.date()
    words = resident_text("paper_receipt", spoken, consultation, reference=reference, received=received)
    return render_template("gateway/slip.html", reference=reference, words=words, spoken=spoken)


def _take_in(form: EntryForm) -> tuple[int, str] | None:
    """Intake and reference; None when the same form was sent before and its contribution erased."""
    person = require_person()
    address = parse_telephone(form.answer_to.data or "") or parse_postal_address(form.address.data or "")
    entered = {
        name: form[name].data for name in ("channel", "consultation", "text", "language", "answer_to", "address")
    }
    raw = json.dumps(entered, ensure_ascii=False).encode()
    vault = store_of().vault
    original = seal_original(vault, raw, {})
    with store_of().write() as session:
        # Browsers go back to a form that was sent: other words in it are another contribution.
        content = vault.keyring.keyed_hash("entry", raw)
        arrived = IncomingMessage(
            channel=Channel(form.channel.data),
            account=ACCOUNT,
            external_id=f"{person.id}-{(form.once.data or '')[:64]}-{content}",
            kind=ArrivalKind.ENTRY,
            raw=raw,
            original=original,
            sender=address,
            consultation_slug=form.consultation.data,
            language=form.language.data,
            entered_by_id=person.id,
            centre_id=person.centre_id,
        )
        accepted = store_message(session, arrived)
        part = NewPart("entry", arrived.channel, body=form.text.data.strip())
        contribution_id = create_contributions(session, accepted.intake_id, [part])[0]
        if contribution_id is None:
            return None
        if accepted.is_new:
            compose_receipt.queue_text_receipt(session, settings_of(), contribution_id, address)
        return accepted.intake_id, references.reference_of(session, contribution_id)
