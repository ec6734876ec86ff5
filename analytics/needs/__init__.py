"""What customers need, what to offer them, and what came of it."""
