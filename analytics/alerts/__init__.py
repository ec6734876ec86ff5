"""What somebody should look at in their book: transparent rules, each with its own thresholds.

`base` says what a rule is, `money`, `habits` and `dates` hold the rules, `report` runs them over a book.
"""
