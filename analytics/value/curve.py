"""Which points of the curve of cumulated value are kept: few, and exact where it is read off."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics.value.measures import Amounts, CustomersFor, Whale, top_count

CURVE_POINTS = 500


def kept_points(
    running: Amounts, humps: Whale, for_80: CustomersFor | None, fractions: Sequence[float]
) -> dict[str, Any]:
    """Dense where the curve bends (its head and its loss tail), exact at the marks.

    running : shape (n_customers,), cumulated best first. fractions : top fractions of customers to keep exactly.
    """
    size = running.size
    if size < CURVE_POINTS:
        counts = np.arange(size + 1)
    else:
        bend = np.geomspace(1, size, 110)
        tenths = [tenth / 10 for tenth in range(1, 11)]
        marks = [top_count(size, fraction) for fraction in (*fractions, *tenths)]
        marks += [0, size, humps.peak_customers, size - humps.loss_makers]
        marks += [for_80.customers] if for_80 else []
        wanted = np.concatenate((marks, np.linspace(0, size, 240), bend, size - bend))
        counts = np.unique(np.rint(wanted).astype(np.int64))
    return {"counts": counts, "running": np.concatenate(([0.0], running))[counts]}
