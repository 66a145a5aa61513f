"""What every reading shares: values, file types, and external programs run under limits."""
