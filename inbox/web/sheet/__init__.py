"""What stands around one contribution on a moderator's page: its queue, what could be masked, what is like it."""
