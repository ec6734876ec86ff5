"""What a book loses if its largest customers leave."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analytics.value.measures import rounding

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
    counts = [count for count in leaving if count <= known.size]
    total, place = float(known.sum()), known.size - max(counts, default=0)
    # Only the largest are needed in order.
    largest = np.sort(np.partition(known, place)[place:] if 0 < place < known.size else known)[::-1]
    loses = np.array([float(largest[:count].sum()) for count in counts])
    positive = total > rounding(known)
    return pd.DataFrame(
        {
            "leave": counts,
            "loses": loses,
            "share": loses / total if positive else np.full(loses.size, np.nan),
            "left": total - loses,
        }
    )
