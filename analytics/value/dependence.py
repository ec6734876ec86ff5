"""What a book loses if its largest customers leave."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analytics.value.measures import Amounts, rounding

LEAVING = (1, 5, 10)


def dependence(amounts: ArrayLike, leaving: tuple[int, ...] = LEAVING) -> pd.DataFrame:
    """What goes when the largest 1, 5, 10 customers go.

    amounts : shape (n_customers,), one unit, in any order; NaN where a customer has no value.
    Returns one row for each count that the book has: leave (customers), loses (their sum), share (of the net
    total, above 1 where the others lose; NaN where the net total is not positive), left (the total afterwards).

    >>> dependence([50, 20, 10, 10, 10, -20]).to_dict("list")
    {'leave': [1, 5], 'loses': [50.0, 100.0], 'share': [0.625, 1.25], 'left': [30.0, -20.0]}
    """
    given = np.asarray(amounts, dtype=np.float64).ravel()
    known = given[np.isfinite(given)]
    place = known.size - min(max(leaving), known.size)
    # Only the largest are needed in order.
    largest = np.sort(np.partition(known, place)[place:] if place > 0 else known)[::-1]
    positive = bool(known.sum() > rounding(known))
    return losses(sums_of_largest(np.cumsum(largest), leaving), float(known.sum()), positive=positive)


def sums_of_largest(running: Amounts, leaving: tuple[int, ...] = LEAVING) -> dict[int, float]:
    """What the largest 1, 5, 10 bring together, from amounts cumulated best first; only counts that there are."""
    return {count: float(running[count - 1]) for count in leaving if count <= running.size}


def losses(largest: dict[int, float], total: float, *, positive: bool) -> pd.DataFrame:
    """The table of `dependence`. positive : whether shares of the net total mean anything."""
    sums = np.array(list(largest.values()), dtype=np.float64)
    return pd.DataFrame(
        {
            "leave": list(largest),
            "loses": sums,
            "share": sums / total if positive else np.full(sums.size, np.nan),
            "left": total - sums,
        }
    )
