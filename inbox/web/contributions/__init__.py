"""The list, and the page of one contribution with all that is done there."""
