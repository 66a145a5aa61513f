"""The section about how recordings are listened to."""

from typing import Literal

from pydantic import Field

from config.settings.sections.section_base import Section

SpeechEngineName = Literal["vosk", "whisper"]
_ENGINES: dict[str, tuple[SpeechEngineName, ...]] = {
    "vosk": ("vosk",),
    "whisper": ("whisper",),
    "both": ("whisper", "vosk"),
}


class Speech(Section):
    """How recordings are listened to."""

    engine: Literal["vosk", "whisper", "both"] = Field(
        default="vosk",
        description="What listens: vosk is light; whisper understands more and needs the extra portevoix[whisper]; "
        "both marks every word that the two heard differently.",
    )
    engines: dict[str, Literal["vosk", "whisper", "both"]] = Field(
        default={},
        description="What listens in one language, such as br to vosk.",
        json_schema_extra={"shown": "engine, in every language"},
    )
    order: Literal["arrival", "newest_short"] = Field(
        default="arrival",
        description="Which recording is listened to next: as they arrived, or newest_short: those of up to two minutes "
        "first, the newest before the others; what has waited for an hour comes before all.",
    )
    voice_detection: bool = Field(default=True, description="Whether long silences are skipped before listening.")
    pause_seconds: float = Field(
        default=3.0,
        ge=1.0,
        le=30.0,
        description="A silence longer than this is skipped; one second of it is kept before and after a voice.",
    )
    models: dict[str, str] = Field(
        default={},
        description="Which installed speech model hears which language, such as fr to vosk-model-small-fr-0.22.",
        json_schema_extra={"shown": "the best one installed"},
    )
    demo_model: bool = Field(
        default=True,
        description="Whether the small model that comes along, made for synthetic voices, may be used at all.",
    )

    def engines_for(self, language: str) -> tuple[SpeechEngineName, ...]:
        """Which engines listen in a language (ISO 639-1); the first one's words are the text."""
        return _ENGINES[self.engines.get(language, self.engine)]
