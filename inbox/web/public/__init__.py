"""The pages for everybody, without account, cookie or script: consultations, what was published, states, notices."""
