"""The town's account at the telephone provider, as the settings name it."""

from channels.providers import twilio
from config.settings.loader import Settings
from workers.errors import NotSetUp


def account_of(settings: Settings) -> twilio.Account:
    """The town's account at the provider; raises ``NotSetUp``."""
    provider = settings.twilio
    if not provider.configured:
        raise NotSetUp("There is no telephone provider.", "Set twilio.account_sid and twilio.auth_tokens.")
    return twilio.Account(
        sid=provider.account_sid,
        token=provider.auth_tokens[0].get_secret_value(),
        api_base=provider.api_base,
        media_hosts=provider.media_hosts,
    )
