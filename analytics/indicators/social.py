"""Who a customer is."""

from analytics.indicators.base import Indicator, Reading
from analytics.translation import mark as _


def _age(m: Reading) -> object:
    born = m.rows.birth_date
    not_yet = (born.month() * 100 + born.day()) > m.day.month * 100 + m.day.day
    return m.day.year - born.year() - not_yet.cast("int32")


def _attribute(column: str, label: str, meaning: str) -> Indicator:
    """A recorded label of the customer, as it stands today."""
    return Indicator(
        key=column,
        label=label,
        family="social",
        unit="category",
        source="customers",
        needs=(f"customers.{column}",),
        expression=lambda m: m.rows[column],
        meaning=meaning,
    )


INDICATORS = (
    Indicator(
        key="age_years",
        label=_("Age"),
        family="social",
        unit="years",
        source="customers",
        needs=("customers.birth_date",),
        expression=_age,
        meaning=_("Completed years of life at the as-of date."),
    ),
    _attribute("gender", _("Gender"), _("As recorded today.")),
    _attribute("customer_type", _("Customer type"), _("Personal or business, as recorded today.")),
    _attribute("business_line", _("Business line"), _("The department that serves the customer today.")),
    _attribute("occupation", _("Occupation"), _("As recorded today.")),
    _attribute("education", _("Education"), _("As recorded today.")),
    _attribute("marital_status", _("Marital status"), _("As recorded today.")),
    _attribute("home_ownership", _("Home ownership"), _("As recorded today.")),
    Indicator(
        key="annual_income",
        label=_("Yearly income"),
        family="social",
        unit="currency",
        source="customers",
        needs=("customers.annual_income",),
        expression=lambda m: m.rows.annual_income.cast("float64"),
        meaning=_("Income a year as the customer stated it, in the base currency, as recorded today."),
        better="higher",
    ),
    Indicator(
        key="religion",
        label=_("Religion"),
        family="social",
        unit="category",
        source="customers",
        needs=("customers.religion",),
        expression=lambda m: m.rows.religion,
        meaning=_("As recorded today. Seen only with a permission of its own."),
        sensitivity="sensitive",
    ),
)
