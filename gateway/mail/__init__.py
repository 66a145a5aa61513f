"""Mailboxes: signing in, threads, and what a mail quotes of our own words."""
