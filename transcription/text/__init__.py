"""Text to language, themes and numbers."""
