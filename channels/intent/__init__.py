"""What a message as a whole asks for, when it is no contribution: keywords, thanks, reactions, wishes to be erased."""
