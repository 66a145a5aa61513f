"""What every subcommand needs: the settings, and the store opened at most once."""

from functools import cached_property
from pathlib import Path

from config.settings.loader import Settings
from gateway.base import settings_in_force, terminal_language
from gateway.base.store_factory import open_store
from inbox.backup.bound_values import bring_up_to_date
from inbox.storage.database import Store


class CommandContext:
    """Carries the settings file's path from the command's options to its subcommands."""

    def __init__(self, settings_path: Path | None) -> None:
        self.settings_path = settings_path

    @cached_property
    def settings(self) -> Settings:
        """The checked settings; raises ``SettingsError`` with the remedy."""
        settings = settings_in_force.load_settings_in_force(self.settings_path)
        terminal_language.set_default_language(settings.language)
        return settings

    @cached_property
    def store(self) -> Store:
        """The store, whose steps wake the pools, with its tables brought up to date."""
        store = open_store(self.settings)
        bring_up_to_date(store)
        return store
