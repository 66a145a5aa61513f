"""What of a mail is not newly written, set apart where something other than its wording proves it."""
