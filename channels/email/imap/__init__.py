"""Reading a mailbox folder over IMAP: UIDs, structures, messages."""
