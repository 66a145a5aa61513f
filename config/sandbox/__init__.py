"""Child processes with limits on time, memory, output and processes."""
