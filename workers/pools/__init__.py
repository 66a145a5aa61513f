"""The worker pools: steps taken, done and ended."""
