"""What a mail is: written by a person, by a machine, forwarded; from whom, to which of our addresses."""
