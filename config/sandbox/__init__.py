"""Child processes that reach nothing but what they are given, with limits on time, memory, output and processes."""
