"""The front door: the one place where what arrived becomes an intake, and an intake its contributions."""
