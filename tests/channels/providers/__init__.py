"""What every provider owes, and what each adds: a folder for each, with a ``contract_case``."""
