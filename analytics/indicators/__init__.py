"""The catalogue of indicators: every row of every family file, one file a family."""

from importlib import import_module

from analytics.indicators.base import FAMILIES, SENSITIVITIES, UNITS, Indicator, Reading


def _catalogue() -> dict[str, Indicator]:
    modules = (import_module(f"{__name__}.{family}") for family in FAMILIES)
    return {row.key: row for module in modules for row in module.INDICATORS}


CATALOGUE: dict[str, Indicator] = _catalogue()

__all__ = ["CATALOGUE", "FAMILIES", "SENSITIVITIES", "UNITS", "Indicator", "Reading"]
