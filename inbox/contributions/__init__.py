"""What residents said: texts, transcripts, tags, moderation, drafts, search."""
