"""What a town sets on the pages, has done in the background, and is told of."""
