"""What kinds, roles of quotations and sections are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from config.enums import ContributionKind, QuotationRole
from config.sense_states import KindFacet, Stance
from inbox.web.base.labels import Label

KINDS: dict[ContributionKind, Label] = {
    ContributionKind.QUESTION: _l("Question"),
    ContributionKind.PROPOSAL: _l("Proposal"),
    ContributionKind.FAULT: _l("Report of a fault"),
    ContributionKind.OPINION: _l("Opinion"),
    ContributionKind.THANKS: _l("Thanks to the town"),
    ContributionKind.FACT: _l("Tells a fact"),
    ContributionKind.FEELING: _l("Tells a feeling"),
    ContributionKind.PASSING: _l("Passing"),
    ContributionKind.RECURRING: _l("Recurring"),
    ContributionKind.PERMANENT: _l("Permanent"),
    ContributionKind.URGENT: _l("Urgent"),
}

FACETS: dict[KindFacet, Label] = {
    KindFacet.PURPOSE: _l("What for"),
    KindFacet.GROUND: _l("Fact or feeling"),
    KindFacet.LASTING: _l("How lasting"),
    KindFacet.URGENCY: _l("Urgency"),
}

STANCES: dict[Stance, Label] = {
    Stance.FOR: _l("For"),
    Stance.AGAINST: _l("Against"),
    Stance.NEITHER: _l("Neither"),
}

ROLES: dict[QuotationRole, Label] = {
    QuotationRole.TYPICAL: _l("A typical voice"),
    QuotationRole.DIVERGENT: _l("A divergent voice"),
    QuotationRole.SINGLE: _l("A voice apart: least like the others"),
    QuotationRole.CAMPAIGN: _l("The text that many sent"),
    QuotationRole.OWN_VOICE: _l("A voice of its own within it"),
    QuotationRole.QUESTION: _l("A question"),
    QuotationRole.CHOSEN: _l("Chosen by an official"),
}

SECTIONS: dict[str, Label] = {
    "question": _l("The question"),
    "who": _l("Who took part"),
    "ledger": _l("Everything that arrived"),
    "themes": _l("What it was about"),
    "campaigns": _l("Many voices, one text"),
    "topics": _l("What many speak of, named by people"),
    "kinds": _l("Questions, proposals, faults, opinions"),
    "questions": _l("Asked, and not answered yet"),
    "places": _l("Places"),
    "aside": _l("Set aside, and why"),
    "unread": _l("What could not be read"),
    "machine": _l("What the machine did, and how often it was right"),
    "method": _l("How this report was made"),
}
"""In the order of a report that nobody has arranged."""
