"""The section ``[[scan_folders]]``: folders into which copiers put scanned forms."""

from pathlib import Path

from pydantic import Field

from config.settings.sections.section_base import Section


class ScanFolder(Section):
    """A folder into which a copier or a person puts scanned forms."""

    path: Path = Field(description="The folder that is watched.")
    centre: str = Field(min_length=1, description="The neighbourhood centre whose forms these are.")
    consultation: str | None = Field(default=None, description="The consultation's short name, when there are several.")
    pages_per_form: int = Field(default=1, ge=1, le=20, description="How many pages one form has, backs included.")
    settle_seconds: int = Field(
        default=3, ge=0, le=3600, description="How long a whole file must have stopped growing before it is taken in."
    )
    unfinished_seconds: int = Field(
        default=120,
        ge=0,
        le=86_400,
        description="How long a file without its end must have stopped growing before it is taken in as damaged.",
    )
    together_seconds: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="How soon after another a file must come to be of the same batch; 0 makes each a batch of its own.",
    )
    keep_days: int = Field(
        default=7,
        ge=0,
        le=3660,
        description="How long a file that was taken in stays in the folder done, where erasing does not reach it.",
    )
