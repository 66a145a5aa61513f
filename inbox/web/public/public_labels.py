"""What the public pages call things, in the words of residents."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from config.answer_states import FollowUpKind, Outcome, ReportReason
from config.enums import Bucket, Channel, SetAsideReason, VoteBy
from inbox.web.base.labels import Label

OUTCOMES: dict[Outcome, Label] = {
    Outcome.PASSED_ON: _l("passed on to a service"),
    Outcome.UNDER_STUDY: _l("under study"),
    Outcome.KEPT: _lp("idea", "kept"),
    Outcome.IN_BUDGET: _l("in the budget"),
    Outcome.DONE: _l("done"),
    Outcome.NOT_KEPT: _lp("idea", "not kept"),
}

CHANNELS: dict[Channel, Label] = {
    Channel.SMS: _l("by text message"),
    Channel.VOICEMAIL: _l("by telephone"),
    Channel.EMAIL: _l("by e-mail"),
    Channel.PAPER: _l("on paper"),
}

BUCKETS: dict[Bucket, Label] = {
    Bucket.PUBLISHED: _l("published"),
    Bucket.IN_REVIEW: _l("read by a machine or received, waiting for a person"),
    Bucket.WAITING: _l("being received"),
    Bucket.SET_ASIDE: _l("read and kept, but not published; the reasons are below"),
    Bucket.VOTE: _l("votes for projects, sealed until the count"),
    Bucket.NOT_CONTRIBUTION: _l("no opinions: thanks, wrong numbers, blank pages, automatic mails"),
    Bucket.QUARANTINED: _l("could not be read by a machine: a person looks"),
    Bucket.ERASED: _l("erased, as asked or because their time was over"),
}

REASONS: dict[SetAsideReason, Label] = {
    SetAsideReason.OFF_TOPIC: _l("about another subject"),
    SetAsideReason.NAMES_A_PERSON: _l("accuses a named person"),
    SetAsideReason.INSULTING: _l("insults"),
    SetAsideReason.UNLAWFUL: _l("against the law"),
    SetAsideReason.ADVERTISING: _l("advertising"),
    SetAsideReason.UNREADABLE: _l("cannot be understood"),
    SetAsideReason.DUPLICATE: _l("the same person sent it twice"),
    SetAsideReason.WITHDRAWN: _l("its author no longer wants it to count"),
}

VOTERS: dict[VoteBy, Label] = {
    VoteBy.ADDRESS: _l("One person, one vote: a telephone number or a postal address counts once."),
    VoteBy.CARD: _l("One person, one vote: each card that the town gave out counts once."),
    VoteBy.CENTRE: _l("One person, one vote: you vote at a neighbourhood centre, which checks its list."),
}

FOLLOW_UPS: dict[FollowUpKind, Label] = {
    FollowUpKind.RESULTS: _l("Results"),
    FollowUpKind.FOLLOW_UP: _l("What came of it"),
}

REPORTS: dict[ReportReason, Label] = {
    ReportReason.NAMES_A_PERSON: _l("It names or describes a person"),
    ReportReason.MINE: _l("It is mine, and I do not want it here"),
    ReportReason.INSULTING: _l("It insults or threatens"),
    ReportReason.UNLAWFUL: _l("It is against the law"),
    ReportReason.OTHER: _l("Something else"),
}

PHASES: dict[str, Label] = {
    "before": _l("opens on %(when)s"),
    "open": _l("open until %(when)s"),
    "closed": _l("closed since %(when)s: what was said is being answered"),
    "concluded": _l("concluded: the results are below"),
}
