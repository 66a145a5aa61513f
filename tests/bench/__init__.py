"""Speed and memory as ratios against the bare engine or library, measured in the same run."""
