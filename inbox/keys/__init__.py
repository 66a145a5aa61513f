"""The key service: who asks for which data key, for which step or call, and how it is asked."""
