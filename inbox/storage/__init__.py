"""The database, its transactions, the media store, and the encryption of both."""
