"""What residents are told: receipts, states, answers to keywords."""
