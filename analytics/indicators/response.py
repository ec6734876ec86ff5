"""How a customer answers when the bank calls."""

from analytics.indicators.base import Indicator
from analytics.translation import mark as _

NEEDS = ("contacts.contacted_at",)

INDICATORS = (
    Indicator(
        key="contacts_count_12m",
        label=_("Contacts"),
        family="response",
        unit="count",
        source="contacts",
        needs=NEEDS,
        expression=lambda m: m.rows.recent.sum(),
        meaning=_("Campaign contacts in the twelve months to the as-of date; hold-outs are not contacts."),
        empty=0,
        changeable=False,
    ),
    Indicator(
        key="responses_count",
        label=_("Answers"),
        family="response",
        unit="count",
        source="contacts",
        needs=(*NEEDS, "contacts.responded_at"),
        expression=lambda m: m.rows.answered.sum(),
        meaning=_("Campaign contacts answered up to the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="response_rate",
        label=_("Response rate"),
        family="response",
        unit="share",
        source="contacts",
        needs=(*NEEDS, "contacts.responded_at"),
        expression=lambda m: m.rows.answered.sum() / m.rows.count().cast("float64").nullif(0),
        meaning=_(
            "Share of the campaign contacts up to the as-of date that were answered. Empty for a customer never contacted."
        ),
        better="higher",
    ),
    Indicator(
        key="days_since_last_contact",
        label=_("Days since last contact"),
        family="response",
        unit="days",
        source="contacts",
        needs=NEEDS,
        expression=lambda m: m.days_since(m.rows.contacted_on.max()),
        meaning=_(
            "Calendar days from the last campaign contact to the as-of date. Empty for a customer never contacted."
        ),
        changeable=False,
    ),
)
