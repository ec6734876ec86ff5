"""Where a customer is."""

from analytics.indicators.base import Indicator
from analytics.translation import mark as _

INDICATORS = (
    Indicator(
        key="region",
        label=_("Region"),
        family="geographic",
        unit="category",
        source="customers",
        needs=("customers.district_id", "districts.region"),
        expression=lambda m: m.rows.region,
        meaning=_("The region of the customer's district, as it is today."),
    ),
    Indicator(
        key="city_tier",
        label=_("City tier"),
        family="geographic",
        unit="category",
        source="customers",
        needs=("customers.district_id", "districts.city_tier"),
        expression=lambda m: m.rows.city_tier.cast("string"),
        meaning=_("The size class of the customer's city; 1 is the largest. As it is today."),
    ),
    Indicator(
        key="district_population",
        label=_("People in the district"),
        family="geographic",
        unit="count",
        source="customers",
        needs=("customers.district_id", "districts.population"),
        expression=lambda m: m.rows.population.cast("float64"),
        meaning=_("Inhabitants of the customer's district, as recorded today."),
    ),
    Indicator(
        key="branch",
        label=_("Branch"),
        family="geographic",
        unit="category",
        source="customers",
        needs=("customers.branch_id", "branches.name"),
        expression=lambda m: m.rows.branch,
        meaning=_("The branch that looks after the customer, as it is today."),
    ),
    Indicator(
        key="manager",
        label=_("Manager"),
        family="geographic",
        unit="category",
        source="customers",
        needs=("customers.manager_id",),
        expression=lambda m: m.rows.manager,
        meaning=_("Who looks after the customer, as it is today; by number where no name is recorded."),
    ),
)
