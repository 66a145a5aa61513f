"""Steps that are still to be done, how they are taken and ended, and how far outside lists were read."""
