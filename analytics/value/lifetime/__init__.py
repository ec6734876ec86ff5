"""What customers will bring: the book's outlook, how well last year's came true, and the models behind it."""
