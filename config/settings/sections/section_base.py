"""What every section of the settings file is: frozen, and strict about unknown names."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the settings file; unknown names are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class ProviderSection(Section):
    """What is set for a provider of texts and calls; each provider declares its own."""

    @property
    def configured(self) -> bool:
        """Whether there is an account, a telephone or a modem of this provider."""
        raise NotImplementedError
