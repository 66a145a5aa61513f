"""What the states, ways and outcomes of answers are called on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from config.answer_states import AnswerState, FollowUpKind, Outcome, Unreachable, Way

if TYPE_CHECKING:
    from inbox.web.base.labels import Label

STATES: dict[AnswerState, Label] = {
    AnswerState.DRAFT: _l("Draft"),
    AnswerState.TO_APPROVE: _l("Waits for a second person"),
    AnswerState.LEAVING: _l("About to leave"),
    AnswerState.GIVEN: _lp("answer", "Sent"),
    AnswerState.WITHDRAWN: _l("Withdrawn"),
}

WAYS: dict[Way, Label] = {
    Way.TEXT: _l("Text message"),
    Way.MAIL: _l("E-mail"),
    Way.PHONE: _l("Heard by telephone"),
    Way.CALL: _l("Call back"),
    Way.LETTER: _l("Letter"),
    Way.NOTICE: _l("Sheet in the centre"),
}

WAY_MEANINGS: dict[Way, Label] = {
    Way.TEXT: _l("in the sending hours, to the number they wrote from or gave"),
    Way.MAIL: _l("below the mail they wrote"),
    Way.PHONE: _l("whoever calls and keys the number hears it"),
    Way.CALL: _l("we call whoever asked for it, three times at most; then they can call"),
    Way.LETTER: _l("to print, for windowed envelopes"),
    Way.NOTICE: _l("to print in large letters, and to hang up"),
}

DELIVERIES: dict[str, Label] = {
    "waiting": _l("about to leave"),
    "sending": _l("on its way"),
    "sent": _lp("delivery", "sent"),
    "delivered": _l("delivered"),
    "failed": _l("could not be sent"),
    "to_hear": _l("can be heard"),
    "heard": _l("has been heard"),
    "to_print": _l("to be printed"),
    "printed": _l("printed"),
    "unreachable": _l("could not be reached"),
    "together": _l("told with another contribution of the same person"),
    "withdrawn": _l("withdrawn before it left"),
}

UNREACHABLE: dict[Unreachable, Label] = {
    Unreachable.WITHHELD: _l("The number was withheld, and nothing else was given."),
    Unreachable.NO_TEXTS: _l("Texted from a fixed line, which takes no texts back."),
    Unreachable.OPTED_OUT: _l("Wants no more texts (STOP). By the number, the answer can still be heard and read."),
    Unreachable.NO_MAIL: _l("A machine wrote it, or the town has no outgoing mail."),
    Unreachable.ERASED: _l("It has been erased."),
    Unreachable.REFUSED: _l("The provider or the mail server did not take it."),
    Unreachable.TOO_MANY: _l("This address has been sent as many mails as it gets in a day."),
}

SOUND_PROBLEMS: dict[str, Label] = {
    "no_sound": _l("There is no sound in this file that can be read."),
    "too_long": _l("It is longer than five minutes."),
    "not_fetched": _l("The telephone provider did not hand the recording over."),
}

OUTCOMES: dict[Outcome, Label] = {
    Outcome.PASSED_ON: _l("Passed on to a service"),
    Outcome.UNDER_STUDY: _l("Under study"),
    Outcome.KEPT: _lp("outcome", "Kept"),
    Outcome.IN_BUDGET: _l("In the budget"),
    Outcome.DONE: _l("Done"),
    Outcome.NOT_KEPT: _l("Not kept: the answer says why"),
}

PHASES: dict[str, Label] = {
    "before": _l("Not open yet"),
    "open": _lp("consultation", "Open"),
    "closed": _lp("consultation", "Closed"),
    "concluded": _lp("consultation", "Concluded"),
}

FOLLOW_UPS: dict[FollowUpKind, Label] = {
    FollowUpKind.RESULTS: _l("Results"),
    FollowUpKind.FOLLOW_UP: _l("What came of it"),
}
