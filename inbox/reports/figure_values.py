"""The figures of a report, as values that can be kept in a version."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from config.enums import Bucket, Channel, ContributionKind, SetAsideReason
from config.sense_states import TopicState


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class ThemeFigures(_Value):
    """One theme among what was published."""

    key: str
    count: int
    confirmed: int
    """Kept or put by a person; the others are only suggested."""


class CampaignFigures(_Value):
    """Many who sent one text."""

    group_id: int
    voices: int
    channels: dict[Channel, int]
    with_own_words: int
    """How many of them say more than the common text."""


class KindFigures(_Value):
    """One kind among what was published."""

    kind: ContributionKind
    confirmed: int
    suggested: int
    """And neither kept nor thrown away by a person."""


class QuarterFigures(_Value):
    """Contributions by the quarter whose places they name; they add up to all that was published."""

    quarters: tuple[tuple[str, int], ...] = ()
    several: int = 0
    none: int = 0


class AgeFigures(_Value):
    """Contributions by the age group that was ticked on a form; they add up to all that was published."""

    groups: tuple[tuple[str, int], ...] = ()
    """As ``18-29``, the youngest first; ``60-`` has no end."""
    unsaid: int = 0
    """Not asked, or not ticked."""


class TopicFigures(_Value):
    """A group of texts that speak of one thing."""

    topic_id: int
    name: str
    words: tuple[str, ...]
    state: TopicState
    is_proposal: bool
    confirmed: int
    """Members that a person kept."""
    suggested: int
    in_favour: int
    """Of the confirmed ones, for it as a person says; so ``against`` and ``neither``."""
    against: int
    neither: int


class PlaceFigures(_Value):
    """A place that published texts name."""

    place: str
    quarter: str
    count: int


class ThemeModelFigures(_Value):
    """What was learned of a theme, and how often it would have been right."""

    theme: str
    decisions: int
    kept: int
    precision: float | None
    coverage: float | None
    words: tuple[str, ...]


class MachineFigures(_Value):
    """What machines did with what was published, and what people made of it."""

    themes_suggested: int
    themes_kept: int
    themes_removed: int
    read_by_machine: int
    confirmed_unchanged: int
    corrected: int


class ReleasedFigures(_Value):
    """Who spoke, as the open-data edition says it: what everybody reads tells no more than that, by no difference."""

    rows: int = 0
    centres: tuple[tuple[str, int], ...] = ()
    ages: AgeFigures = AgeFigures()


class Figures(_Value):
    """All figures of a report."""

    consultation_id: int
    version: int
    """Of the consultation."""
    at: datetime
    buckets: dict[Bucket, int]
    units: int
    balanced: bool
    published: int
    set_aside: int
    in_review: int
    channels: dict[Channel, int]
    """Of what was published."""
    arrived: dict[Channel, int]
    """Of everything that arrived."""
    days: tuple[tuple[date, int], ...]
    """When what was published had arrived."""
    centres: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    themes: tuple[ThemeFigures, ...]
    unthemed: int
    campaigns: tuple[CampaignFigures, ...]
    campaign_count: int = 0
    """How many there are in all, of which ``campaigns`` holds the largest."""
    repeated: int
    """Published contributions that say what an earlier one says already."""
    kinds: tuple[KindFigures, ...]
    unanswered: int
    """Confirmed questions to which no answer has gone out."""
    places: tuple[PlaceFigures, ...]
    quarters: QuarterFigures = QuarterFigures()
    ages: AgeFigures = AgeFigures()
    topics: tuple[TopicFigures, ...] = ()
    """Those that people named."""
    reasons: tuple[tuple[SetAsideReason, int], ...]
    needs_person: int
    quarantined: int
    machine: MachineFigures
    models: tuple[ThemeModelFigures, ...]
    released: ReleasedFigures | None = None
    """Of a version that everybody may read."""

    def as_released(self) -> Figures:
        """As everybody reads them: centres and ages, which no published text shows, as they were released."""
        told = self.released or ReleasedFigures()
        return self.model_copy(update={"centres": told.centres, "ages": told.ages})

    @property
    def texts(self) -> int:
        """How many different texts were published: campaigns and the like counted once."""
        return self.published - self.repeated
