"""Consultations with their versions, and the people who take part in them."""
