"""What many parts of the inbox write: the history, references, counts of rejected requests."""
