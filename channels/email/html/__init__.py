"""HTML mail laid out as text, with markers for what the page shows without words."""
