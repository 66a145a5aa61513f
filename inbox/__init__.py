"""Every row, the media store, moderation, and the pages of moderators, centres and officials."""
