"""The forms of accounts: who somebody is, and passwords."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, ValidationError

from inbox.accounts import staff
from inbox.web.base.form_fields import HouseForm


class NewPasswordForm(HouseForm):
    """A password somebody chooses, twice."""

    password = PasswordField(_l("Password"), [DataRequired(_l("Choose a password."))])
    again = PasswordField(
        _l("The same password once more"), [EqualTo("password", _l("The two are not the same. Type it once more."))]
    )

    def validate_password(self, field: Any) -> None:
        """Say what is wrong with a password, if something is."""
        if not staff.PASSWORD_LENGTH <= len(field.data or "") <= staff.PASSWORD_LENGTH_MOST:
            raise ValidationError(
                _(
                    "Choose a password of at least %(count)s characters: four words do well.",
                    count=staff.PASSWORD_LENGTH,
                )
            )


class ChoosePasswordForm(NewPasswordForm):
    """What somebody who was invited chooses."""


class SetUpForm(NewPasswordForm):
    """The first account."""

    name = StringField(_l("Your name"), [DataRequired(_l("Enter your name.")), Length(max=128)])
    login = StringField(
        _l("Name you will sign in with"), [DataRequired(_l("Choose a name to sign in with.")), Length(max=64)]
    )
