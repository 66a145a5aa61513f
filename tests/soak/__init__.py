"""Long runs against real processes: too long for every test run, not to be left out before a release."""
