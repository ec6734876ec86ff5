"""The catalogue of indicators: every row of every family file, one file a family."""

from importlib import import_module
from typing import Any

import numpy as np

from analytics.indicators.base import FAMILIES, SENSITIVITIES, UNITS, Indicator, Reading


def _catalogue() -> dict[str, Indicator]:
    modules = (import_module(f"{__name__}.{family}") for family in FAMILIES)
    return {row.key: row for module in modules for row in module.INDICATORS}


CATALOGUE: dict[str, Indicator] = _catalogue()


def summed(key: str, amounts: Any) -> Any:
    """Sums of an indicator: of money whole cents, without the dust of floating point.

    >>> float(summed("profit_12m", 4160606.710000005)), summed("active_months_12m", 0.5000000001)
    (4160606.71, 0.5000000001)
    """
    return np.round(amounts, 2) if CATALOGUE[key].unit == "currency" else amounts


__all__ = ["CATALOGUE", "FAMILIES", "SENSITIVITIES", "UNITS", "Indicator", "Reading", "summed"]
