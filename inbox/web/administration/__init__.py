"""The pages on which a town sets itself up: what is still to be done, consultations, centres."""
