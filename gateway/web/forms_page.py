"""The page « Formulaires »: where centres get forms to print."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, flash, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange

from channels.base.errors import ChannelError
from channels.paper.form_kinds import FormVariant, SheetSize
from channels.paper.laying.form import NoPrepaidReply
from config.enums import Role
from gateway.printing.print_run import (
    MOST_COPIES,
    PrintedRun,
    PrintOrder,
    print_card_run,
    print_run,
    render_poster,
    render_trial_sheet,
)
from gateway.web.upload_page import consultation_choices
from inbox.consultations import consultation_versions
from inbox.web import language_name
from inbox.web.base.app_context import store_of
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.guard import allow

blueprint = Blueprint("forms", __name__, template_folder="templates")

_KINDS = {
    "standard-a4": (FormVariant.STANDARD, SheetSize.A4, _l("Form, A4")),
    "standard-a5": (
        FormVariant.STANDARD,
        SheetSize.A5,
        _l("Small form, A5: two on a sheet turned over the short edge, to be cut"),
    ),
    "large-print-a4": (FormVariant.LARGE_PRINT, SheetSize.A4, _l("In large print, A4")),
    "pictograms-a4": (FormVariant.PICTOGRAMS, SheetSize.A4, _l("With pictures, A4")),
    "reply-a4": (FormVariant.REPLY, SheetSize.A4, _l("To be sent by post, prepaid, A4")),
}
_POSTER = ("poster-a4", _l("Poster, A4"))
_CARDS = (
    "cards-a4",
    _l("Numbered cards, ten on an A4 sheet, to be cut: their number can be keyed on the phone"),
)
_TRIAL = ("test-a4", _l("Test sheet for the copier, A4: its batch says whether the copier is set well"))


class PrintForm(HouseForm):
    """What is to be printed."""

    consultation = SelectField(_l("Consultation"))
    language = SelectField(_l("Language"))
    kind = RadioField(
        _l("Kind"), choices=[*((key, label) for key, (_v, _s, label) in _KINDS.items()), _POSTER, _CARDS, _TRIAL]
    )
    copies = IntegerField(
        _l("Copies"),
        default=20,
        validators=[NumberRange(0, MOST_COPIES, message=_l("Write a number from 0 to 2000."))],
    )


@blueprint.route("/forms", methods=["GET", "POST"])
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def forms() -> ResponseReturnValue:
    """Choose a form and get its PDF; every copy has a number of its own."""
    form = PrintForm()
    form.consultation.choices = consultation_choices()
    form.language.choices = _languages()
    if form.kind.data is None:
        form.kind.data = "standard-a4"
    if not form.validate_on_submit():
        return render_template("gateway/forms.html", form=form), 422 if form.is_submitted() else 200
    try:
        run = _made(form)
    except NoPrepaidReply:
        flash(_("The town has no authorisation for prepaid replies yet: ask an administrator."), "warning")
    except ChannelError:
        flash(_("This form cannot be printed so: choose another language or kind."), "warning")
    else:
        return send_file(BytesIO(run.pdf), "application/pdf", as_attachment=True, download_name=run.name)
    return render_template("gateway/forms.html", form=form), 422


def _made(form: PrintForm) -> PrintedRun:
    if form.kind.data == _POSTER[0]:
        return render_poster(store_of(), form.consultation.data, form.language.data)
    if form.kind.data == _CARDS[0]:
        order = PrintOrder(form.consultation.data, form.language.data, copies=form.copies.data)
        return print_card_run(store_of(), order)
    if form.kind.data == _TRIAL[0]:
        return render_trial_sheet(store_of(), PrintOrder(form.consultation.data, form.language.data))
    variant, size, _label = _KINDS[form.kind.data]
    order = PrintOrder(form.consultation.data, form.language.data, variant, size, form.copies.data)
    return print_run(store_of(), order)


def _languages() -> list[tuple[str, str]]:
    """The languages of all consultations, those of the newest first."""
    with store_of().read() as session:
        versions = consultation_versions.current_versions_by_slug(session)
        spoken = [language for one in versions for language in consultation_versions.as_consultation(one).languages]
    return [(code, language_name(code)) for code in dict.fromkeys(spoken)]
