"""The section ``[voicemail]``: how calls are answered, and for how long is listened."""

from pathlib import Path

from pydantic import Field

from config.settings.sections.section_base import Section


class Voicemail(Section):
    """How calls are answered: patience, and the town's own recordings of what callers hear."""

    pause_seconds: int = Field(
        default=8, ge=2, le=60, description="How long a silence ends a message; slow speakers need time."
    )
    key_seconds: int = Field(default=5, ge=1, le=30, description="How long a menu waits for a key after it was said.")
    digit_seconds: int = Field(
        default=10, ge=2, le=60, description="How long each next digit of a reference may take to be keyed."
    )
    longest_minutes: int = Field(default=30, ge=1, le=60, description="How long one message may be.")
    tries: int = Field(default=3, ge=1, le=8, description="How often the tone is given to a caller who says nothing.")
    lookups_per_call: int = Field(
        default=5,
        ge=1,
        le=100,
        description="How many references can be keyed in one call; texting.lookups_per_hour holds besides.",
    )
    missed_lookups_per_hour: int = Field(
        default=60,
        ge=1,
        le=1_000_000,
        description="How many numbers that lead nowhere all callers together may key in an hour; then only who keys "
        "their own on their own telephone is told its state.",
    )
    calls_back: bool = Field(default=True, description="Whether callers may ask to be called back with the answer.")
    call_price: float = Field(default=0, ge=0, le=10, description="What a minute of a call of ours costs in euros.")
    lends_voices: bool = Field(default=True, description="Whether callers may let others hear their own voice.")
    lends_voices_online: bool = Field(
        default=True, description="Whether they may, by a yes of its own, let it be heard on the public pages, too."
    )
    reads_aloud: bool = Field(
        default=True,
        description="Whether a synthetic voice (espeak-ng) reads published words on the public pages, when asked to.",
    )
    prompts_dir: Path | None = Field(
        default=None,
        description="A folder of your own recordings of what callers hear, such as fr/voice_greeting.mp3.",
        json_schema_extra={"shown": "none: a voice reads the texts"},
    )
