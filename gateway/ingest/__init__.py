"""Each door, from what arrived to intake, parts and receipts."""
