"""Whom staff may prove to be by a provider outside (OpenID Connect), such as ProConnect."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import token_url_or_none


class Oidc(Section):
    """Signing in by OpenID Connect, beside the password: accounts that exist already, under their e-mail address."""

    issuer: Annotated[str, AfterValidator(token_url_or_none)] = Field(
        default="", description="The provider's address (issuer); empty: people sign in with their password only."
    )
    name: str = Field(default="ProConnect", max_length=64, description="What the provider is called on the button.")
    client_id: str = Field(default="", max_length=255, description="What the provider knows this gateway by.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="The secret that goes with client_id.")
    scope: str = Field(default="openid email", max_length=255, description="What the provider is asked for.")
    addresses_are_verified: bool = Field(
        default=False,
        description="Whether the provider verifies every e-mail address without saying so of each.",
    )
