"""How a customer thinks and decides, as surveys and managers recorded it."""

from typing import Literal

from analytics.indicators.base import Indicator
from analytics.translation import mark as _


def _attitude(
    column: str, label: str, meaning: str, sensitivity: Literal["sensitive"] | None = None
) -> Indicator:
    return Indicator(
        key=column,
        label=label,
        family="psychological",
        unit="category",
        source="customers",
        needs=(f"customers.{column}",),
        expression=lambda m: m.rows[column],
        meaning=meaning,
        sensitivity=sensitivity,
    )


INDICATORS = (
    _attitude(
        "lifestyle",
        _("Lifestyle"),
        _("As recorded today. Seen only with a permission of its own."),
        sensitivity="sensitive",
    ),
    _attitude(
        "personality",
        _("Personality"),
        _("As recorded today. Seen only with a permission of its own."),
        sensitivity="sensitive",
    ),
    _attitude("purchase_motive", _("Purchase motive"), _("Why the customer buys, as recorded today.")),
    _attitude("brand_loyalty", _("Brand loyalty"), _("How attached to the bank, as recorded today.")),
    _attitude("price_attitude", _("Attitude to price"), _("How much the price decides, as recorded today.")),
)
