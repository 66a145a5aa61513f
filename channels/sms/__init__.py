"""Text messages: how one is recognised, and how it is answered."""
