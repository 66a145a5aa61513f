"""What comes without being pushed: mailboxes, scan folders, the provider's lists, the spool; and the sweeper."""
