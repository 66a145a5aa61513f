"""What is found among many texts at once, for people to decide about."""
