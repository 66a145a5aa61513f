"""The pages on which officials and moderators answer: what is owed, an answer before and after it leaves, results."""
