"""How much work a customer is: a customer of average effort counts as one."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
EFFORTS = ("transactions_count_12m", "contacts_count_12m")  # beside being there at all


def typical(table: pd.DataFrame) -> dict[str, float]:
    """What a customer of these has of each of EFFORTS on average; those that are known and not all zero."""
    means = {key: float(table[key].fillna(0).mean()) for key in EFFORTS if key in table and len(table)}
    return {key: mean for key, mean in means.items() if mean > 0}


def effort(table: pd.DataFrame, usual: Mapping[str, float]) -> Numbers:
    """Each customer's effort; shape (n_customers,).

    The mean of 1, of their transactions over the usual ones, and of their contacts over the usual ones: who has
    twice as many of both counts as 1.67.

    >>> rows = pd.DataFrame({"transactions_count_12m": [100.0, 300.0]})
    >>> effort(rows, {"transactions_count_12m": 200.0}).tolist()
    [0.75, 1.25]
    """
    parts = [np.ones(len(table))]
    parts += [table[key].fillna(0).to_numpy(np.float64) / mean for key, mean in usual.items() if key in table]
    return np.asarray(np.mean(parts, axis=0))
