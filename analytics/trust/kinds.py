"""Are there only so many different customers that every kind of them looks like a group?"""

import pandas as pd

MOST_KINDS = 40  # four a segment, in the most segments that are tried
NEARLY_ALL = 0.9


def alike(table: pd.DataFrame) -> float:
    """The share of customers who are the same as another in every indicator.

    >>> alike(pd.DataFrame({"products_held": [1, 1, 2, 3]}))
    0.5
    """
    return float(table.duplicated(keep=False).mean())


def few_kinds(table: pd.DataFrame) -> int | None:
    """How many different customers there are, where nearly all are the same as another in few kinds; else None.

    >>> few_kinds(pd.DataFrame({"products_held": [1, 2, 3] * 9})), few_kinds(pd.DataFrame({"tenure_years": [1, 2]}))
    (3, None)
    """
    kinds = len(table.drop_duplicates())
    return kinds if kinds <= MOST_KINDS and alike(table) >= NEARLY_ALL else None
