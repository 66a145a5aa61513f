"""Office documents to the text that was typed in them."""
