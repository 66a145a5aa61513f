"""What every way in shares: the values it hands over, its errors, and who may be answered."""
