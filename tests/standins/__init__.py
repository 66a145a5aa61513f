"""The outside world, played on this machine: a telephone provider, a mail server, a file server."""
