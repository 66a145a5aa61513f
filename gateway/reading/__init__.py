"""Channels and transcription composed over paths, storing nothing."""
