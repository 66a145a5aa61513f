"""Report documents: the blocks of a report as HTML, DOCX, ODT and PDF files."""
