"""Voices for projects: put into a sealed box as they come, and counted by the published rule once all is closed."""
