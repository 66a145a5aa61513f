"""The forms staff fill in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from inbox.web.base.labels import ERASURE_REASONS, SET_ASIDE_REASONS, options


class HouseForm(FlaskForm):  # type: ignore[misc]
    """The base of every form; the guard has checked the token before a view runs, so the form need not."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Leaves the token to the guard; ``_forms.html`` writes it into every form."""

        csrf = False


class SignInForm(HouseForm):
    """Name and password."""

    login = StringField(_l("Name you sign in with"), [DataRequired(_l("Enter your name.")), Length(max=64)])
    password = PasswordField(_l("Password"), [DataRequired(_l("Enter your password.")), Length(max=256)])
    next = HiddenField()


class ConfirmForm(HouseForm):
    """The password once more."""

    confirm_password = PasswordField(_l("Your password"), [DataRequired(_l("Enter your password.")), Length(max=1024)])


class RevisionForm(HouseForm):
    """A form that says which revision of the contribution its page showed."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class TextForm(RevisionForm):
    """A person's wording of what a contribution says."""

    body = TextAreaField(
        _l("What the resident said"),
        [DataRequired(_l("Write what you hear or read; if nothing can be understood, set the contribution aside."))],
    )


class SetAsideForm(HouseForm):
    """Why a contribution is not published."""

    reason = SelectField(
        _l("Reason for setting it aside"),
        choices=lambda: options(SET_ASIDE_REASONS, _l("Choose a reason")),
        validators=[InputRequired(_l("Choose a reason: the resident will be told."))],
    )


class EraseForm(HouseForm):
    """Why a contribution is erased, and that it really is meant; its fields stand in one form with those of others."""

    def __init__(self, **given: Any) -> None:
        super().__init__(prefix="erase-", **given)

    reason = SelectField(
        _l("Who asks for it"),
        choices=lambda: options(ERASURE_REASONS, _l("Choose a reason")),
        validators=[InputRequired(_l("Choose a reason: it stays in the history."))],
    )
    sure = BooleanField(
        _l("Erase it for good: this cannot be undone"), [InputRequired(_l("Tick the box if you are sure."))]
    )


class TagForm(HouseForm):
    """A theme of the consultation, or a free word."""

    theme = SelectField(_l("Theme of the consultation"), validate_choice=False)
    word = StringField(_l("Or a word of your own"), [Length(max=64)])

    @property
    def name(self) -> str:
        """The chosen theme's key, else the word; empty when neither was given."""
        chosen: Any = self.theme.data or self.word.data or ""
        return str(chosen).strip()
