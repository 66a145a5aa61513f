"""The subcommands of ``portevoix``, grouped by what they are for."""
