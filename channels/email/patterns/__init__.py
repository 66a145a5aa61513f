"""What mail programs, companies and letter writers put around a message, as patterns for whole lines."""
