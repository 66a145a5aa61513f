"""What residents wish for what they said: to be called back with the answer, to let others hear their voice."""
