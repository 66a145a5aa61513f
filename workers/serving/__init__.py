"""Connections at the one address: told apart by what they ask for, and handed to the process that answers it."""
