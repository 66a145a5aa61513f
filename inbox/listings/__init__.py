"""What is shown of many contributions at once: lists, batches, the ledger, and who may see what."""
