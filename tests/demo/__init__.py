"""What ``make demo`` plays: residents of an invented town, their voices, letters and pages, through the real doors."""
