"""The pages of those who sign in: their own account, their sessions, their colleagues."""
