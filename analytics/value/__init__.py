"""What customers are worth, and how unevenly."""
