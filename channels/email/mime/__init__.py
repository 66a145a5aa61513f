"""A message's MIME structure: its parts, its text and its files, whatever a mail program made of them."""
