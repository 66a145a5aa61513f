"""The settings: a typed model, read from one TOML file and the environment."""
