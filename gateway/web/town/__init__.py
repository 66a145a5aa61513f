"""The pages on which a town sets what the gateway knows of: providers, mailboxes, engines, backups, themes tried."""
