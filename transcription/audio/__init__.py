"""Recordings to words: decoding, voice activity detection, speech recognition, confidence."""
