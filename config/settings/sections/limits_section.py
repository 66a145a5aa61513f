"""The sections ``[limits]`` and ``[sandbox]``: size, pages, seconds and memory that one file or engine may cost."""

from pydantic import Field

from config.sandbox.layers import BubblewrapUse
from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import Megabytes, Seconds


class Limits(Section):
    """What one file, message or engine may cost; what is above is kept and shown to a person."""

    upload_mb: Megabytes = Field(default=200, description="The largest file that can be uploaded.")
    media_mb: Megabytes = Field(default=64, description="The largest recording or picture that is fetched.")
    mail_mb: Megabytes = Field(default=60, description="The largest mail that is taken apart.")
    fetch_seconds: Seconds = Field(default=60, description="How long fetching one recording or picture may take.")
    connect_seconds: Seconds = Field(default=10, description="How long connecting to another server may take.")
    pages: int = Field(default=300, ge=1, le=5000, description="How many pages one file may have.")
    pixels: int = Field(
        default=100_000_000,
        ge=1_000_000,
        description="How many pixels one page may have: A3 at 600 dpi has 70 million.",
    )
    page_seconds: Seconds = Field(default=60, description="How long reading one page may take.")
    open_seconds: Seconds = Field(default=120, description="How long opening one image, PDF or recording may take.")
    memory_mb: Megabytes = Field(default=2000, description="How much memory opening or reading one file may take.")
    recording_seconds: Seconds = Field(default=3660, description="How much of one recording is listened to.")
    speech_seconds: Seconds = Field(
        default=900,
        description="How long listening to a recording of up to seven minutes may take; a longer one may take as many "
        "times that as it is longer.",
    )
    speech_memory_mb: Megabytes = Field(default=8000, description="How much memory the speech engine may take.")

    @property
    def mail_bytes(self) -> int:
        """``mail_mb`` in bytes."""
        return int(self.mail_mb * 1_000_000)


class Sandbox(Section):
    """How files are kept from harm while they are read."""

    bubblewrap: BubblewrapUse = Field(
        default=BubblewrapUse.AUTO,
        description="Whether files are read in namespaces of their own: auto where bwrap works, off, or required.",
    )
