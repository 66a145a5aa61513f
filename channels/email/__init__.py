"""E-mail: ``parse`` takes a message apart, ``compose`` puts an answer, ``mailbox`` reads a folder."""
