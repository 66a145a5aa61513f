"""Those who sign in, and the tokens with which mailboxes are signed in to."""
