"""An installation filled with what invented residents say, for training, screenshots and tests."""
