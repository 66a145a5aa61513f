"""The report's pages: composed in the reader's language, arranged, kept in versions."""
