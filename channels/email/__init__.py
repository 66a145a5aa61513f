"""E-mail: ``parse`` takes a message apart, ``compose`` puts an answer, ``imap`` reads a folder."""
