"""What machines suggest of many texts, and what people make of it: one spelling for code, rows and pages."""

from collections.abc import Mapping
from enum import StrEnum

from config.enums import ContributionKind as Kind


class KindFacet(StrEnum):
    """What a kind says of a contribution; a text may be several of one facet."""

    PURPOSE = "purpose"
    GROUND = "ground"
    """Whether it tells what is the case, or how somebody feels about it."""
    LASTING = "lasting"
    URGENCY = "urgency"


KINDS_OF: Mapping[KindFacet, tuple[Kind, ...]] = {
    KindFacet.PURPOSE: (Kind.QUESTION, Kind.PROPOSAL, Kind.FAULT, Kind.OPINION, Kind.THANKS),
    KindFacet.GROUND: (Kind.FACT, Kind.FEELING),
    KindFacet.LASTING: (Kind.PASSING, Kind.RECURRING, Kind.PERMANENT),
    KindFacet.URGENCY: (Kind.URGENT,),
}


class TopicState(StrEnum):
    """What became of a group of texts that a machine proposed."""

    PROPOSED = "proposed"
    NAMED = "named"
    THROWN_AWAY = "thrown_away"
    """Not proposed again."""


class Stance(StrEnum):
    """How a contribution stands to a proposal that a person named."""

    FOR = "for"
    AGAINST = "against"
    NEITHER = "neither"
