"""The database servers: how each is connected to, and which of them answers a read."""
