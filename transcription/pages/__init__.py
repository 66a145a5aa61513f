"""Pictures and PDFs opened, straightened and prepared for reading."""
