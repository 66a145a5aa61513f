"""A USB modem as provider: the folders in which the daemon gammu-smsd keeps texts as files."""
