"""Words: what residents hear and read, the consultation's own, and how words, dates and segments are handled."""
