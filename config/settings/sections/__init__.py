"""The sections of the settings file, one model each, and what their values are checked for."""
