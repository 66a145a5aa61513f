"""Two hundred recordings in which nobody speaks, generated from a seed and a formula; see README.md."""
