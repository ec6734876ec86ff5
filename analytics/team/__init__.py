"""The employees who look after customers: their books, results against expectation, groups, hand-over."""
