"""What requests, their states and what happened to them are called on the pages; and the pages' forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from config.rights_states import IdentityCheck, RightsKind, RightsState, RightsWay
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.labels import Label, options

KINDS: dict[RightsKind, Label] = {
    RightsKind.ACCESS: _l("Access: to have a copy of everything"),
    RightsKind.RECTIFICATION: _l("Rectification: to have something put right"),
    RightsKind.OBJECTION: _l("Objection: no longer to be taken into account"),
    RightsKind.ERASURE: _l("Erasure: to have everything destroyed"),
}

WAYS: dict[RightsWay, Label] = {
    RightsWay.LETTER: _l("By letter"),
    RightsWay.EMAIL: _l("By e-mail"),
    RightsWay.TELEPHONE: _l("By telephone"),
    RightsWay.TEXT: _l("By text message"),
    RightsWay.IN_PERSON: _l("In person"),
}

CHECKS: dict[IdentityCheck, Label] = {
    IdentityCheck.SAME_ADDRESS: _l("Asked from the number or the mailbox the contribution came from"),
    IdentityCheck.CODE_SENT: _l("A code was sent to that number or mailbox, and they said it"),
    IdentityCheck.PAPER: _l("Showed the slip with the reference, or an identity document (of which no copy is kept)"),
}

STATES: dict[RightsState, Label] = {
    RightsState.OPEN: _l("To be answered"),
    RightsState.ANSWERED: _l("Answered"),
    RightsState.REFUSED: _l("Refused"),
}

ACTIONS: dict[str, Label] = {
    "rights_recorded": _l("Recorded"),
    "rights_identity": _l("The person was recognised"),
    "rights_extended": _l("Extended to three months"),
    "rights_searched": _l("Searched for what is kept"),
    "rights_left_out": _l("Left out, as somebody else’s"),
    "rights_copy": _l("The copy was made"),
    "rights_rectified": _l("The text was put right"),
    "rights_objected": _l("Set aside, as was asked"),
    "rights_opted_out": _l("No more messages to this address"),
    "rights_erased": _l("Erased"),
    "rights_refused": _l("Refused, with the reason"),
    "rights_answered": _l("Answered"),
}


class NewRequestForm(HouseForm):
    """A request, as it came."""

    kind = RadioField(
        _l("What is asked for"),
        choices=[(one.value, label) for one, label in KINDS.items()],
        validators=[InputRequired(_l("Choose what is asked for."))],
    )
    way = SelectField(
        _l("How it came"),
        choices=lambda: options(WAYS, _l("Choose how it came")),
        validators=[InputRequired(_l("Choose how it came."))],
    )
    received_on = DateField(
        _l("The day it came"), [InputRequired(_l("Enter the day it came: the month runs from it."))]
    )
    who = TextAreaField(
        _l("Who asks, and where the answer goes"),
        [DataRequired(_l("Write who asks, and where the answer goes.")), Length(max=2000)],
    )

    def validate_received_on(self, field: Any) -> None:
        """Nothing came tomorrow."""
        if field.data is not None and field.data > date.today():  # noqa: DTZ011 - a day on paper has no zone
            raise ValidationError(_("This day has not come yet."))


class IdentityForm(HouseForm):
    """How it was made sure who asks."""

    how = RadioField(
        _l("How did you make sure?"),
        choices=[(one.value, label) for one, label in CHECKS.items()],
        validators=[InputRequired(_l("Choose how you made sure."))],
    )


class PersonSearchForm(HouseForm):
    """What somebody contributed under."""

    said = StringField(
        _l("Telephone number, mail address or reference"),
        [DataRequired(_l("Enter a number, an address or a reference.")), Length(max=255)],
    )


class ReasonForm(HouseForm):
    """Why it takes longer, or is refused, as the person is told it."""

    reason = TextAreaField(
        _l("The reason, as the person is told it"), [DataRequired(_l("Write the reason.")), Length(max=4000)]
    )


class RectifyForm(HouseForm):
    """What a contribution is to say."""

    body = TextAreaField(_l("What it says from now on"), [DataRequired(_l("Write what it says from now on."))])


class ObjectForm(HouseForm):
    """Objecting: whether messages go on."""

    no_messages = BooleanField(_l("And no more messages to this address"))


class ConfirmationForm(HouseForm):
    """That it really is meant."""

    sure = BooleanField(
        _l("Erase all of it for good: this cannot be undone"), [InputRequired(_l("Tick the box if you are sure."))]
    )


class AnswerForm(HouseForm):
    """What the person was answered."""

    note = TextAreaField(_l("What was answered, and where it was sent"), [Length(max=4000)])
