"""The forms of accounts: who somebody is, and passwords."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, ValidationError

from config.enums import Role
from inbox.accounts import passwords
from inbox.accounts.passwords import LikeTheLogin, TooShort, WeakPassword
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.labels import ROLES
from inbox.web.base.page_language import language_code


class NewPasswordForm(HouseForm):
    """A password somebody chooses, twice."""

    password = PasswordField(_l("New password"), [DataRequired(_l("Choose a password."))])
    again = PasswordField(
        _l("The same password once more"), [EqualTo("password", _l("The two are not the same. Type it once more."))]
    )

    owner: str = ""
    """The name its owner signs in with, which must not be the password."""

    def validate_password(self, field: Any) -> None:
        """Say what is wrong with a password, if something is."""
        try:
            passwords.check_strength(field.data or "", self.owner)
        except WeakPassword as error:
            raise ValidationError(_why(error)) from error


def _why(error: WeakPassword) -> str:
    """What to tell somebody whose password others would guess."""
    if isinstance(error, TooShort):
        least = passwords.LEAST_CHARACTERS
        return str(_("Choose a password of at least %(count)s characters: four words do well.", count=least))
    if isinstance(error, LikeTheLogin):
        return str(_("This is little more than the name you sign in with. Choose something nobody would guess."))
    return str(_("Many people choose this, or it follows the keys. Four words that do not belong together do well."))


class ChoosePasswordForm(NewPasswordForm):
    """What somebody who was invited chooses."""


class OwnPasswordForm(NewPasswordForm):
    """The password one has, and the one that is to take its place."""

    present = PasswordField(
        _l("Your present password"), [DataRequired(_l("Enter your present password.")), Length(max=1024)]
    )


class CodeForm(HouseForm):
    """A code of one's telephone."""

    code = StringField(_l("Code"), [DataRequired(_l("Type the code.")), Length(max=32)])


class SignInCodeForm(CodeForm):
    """The code that is asked for after the password."""

    next = HiddenField()


class KeyNameForm(HouseForm):
    """What its owner calls a security key."""

    name = StringField(_l("Name of the key"), [DataRequired(_l("Give the key a name.")), Length(max=64)])


class NewKeyForm(KeyNameForm):
    """A security key that is to be registered: its name, and what it answered."""

    credential = HiddenField()


class SignInKeyForm(HouseForm):
    """What a security key answered when somebody signs in."""

    next = HiddenField()
    credential = HiddenField()


class SetUpForm(NewPasswordForm):
    """The first account."""

    name = StringField(_l("Your name"), [DataRequired(_l("Enter your name.")), Length(max=128)])
    login = StringField(
        _l("Name you will sign in with"), [DataRequired(_l("Choose a name to sign in with.")), Length(max=64)]
    )


def _names_in(typed: str | None) -> list[str]:
    """Names between commas."""
    return [name for name in (one.strip() for one in (typed or "").split(",")) if name]


class PersonForm(HouseForm):
    """What an administrator says of somebody: name, roles, centre."""

    name = StringField(_l("Name"), [DataRequired(_l("Enter a name.")), Length(max=128)])
    roles = SelectMultipleField(
        _l("Roles"),
        choices=[(role.value, label) for role, label in ROLES.items()],
        validators=[DataRequired(_l("Choose at least one role."))],
    )
    centre = SelectField(_l("Neighbourhood centre"))
    languages = StringField(_l("Other languages this person reads"), [Length(max=200)])

    def validate_languages(self, field: StringField) -> None:
        """Every one by its name in the language of the page, or by its code."""
        unknown = [name for name in _names_in(field.data) if language_code(name) is None]
        if unknown:
            raise ValidationError(_("No language is called %(name)s.", name=unknown[0]))

    @property
    def chosen_languages(self) -> list[str]:
        """The codes of what was typed (ISO 639-1)."""
        return [code for name in _names_in(self.languages.data) if (code := language_code(name))]

    @property
    def chosen_roles(self) -> list[Role]:
        """The roles that are ticked."""
        return [Role(value) for value in self.roles.data or ()]


class InviteForm(PersonForm):
    """The same of somebody new, and the name they will sign in with."""

    login = StringField(
        _l("Name to sign in with"), [DataRequired(_l("Choose a name to sign in with.")), Length(max=64)]
    )
