"""Whom a customer brought."""

from analytics.indicators.base import Indicator
from analytics.indicators.value import MARGIN
from analytics.translation import mark as _

NEEDS = ("referrals.referrer_id",)

INDICATORS = (
    Indicator(
        key="referrals_count",
        label=_("Referrals"),
        family="referral",
        unit="count",
        source="referrals",
        needs=NEEDS,
        expression=lambda m: m.rows.count(),
        meaning=_("Customers that this customer referred, up to the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="referred_profit_12m",
        label=_("Profit of the referred"),
        family="referral",
        unit="currency",
        source="referred_months",
        needs=(*NEEDS, *MARGIN),
        expression=lambda m: m.amount("profit_cents"),
        meaning=_(
            "Profit, over the twelve whole months to the as-of date, of the customers that this customer referred."
        ),
        empty=0,
        better="higher",
        sensitivity="profit",
        changeable=False,
        of_others=True,
    ),
    Indicator(
        key="days_since_last_referral",
        label=_("Days since last referral"),
        family="referral",
        unit="days",
        source="referrals",
        needs=NEEDS,
        expression=lambda m: m.days_since(m.rows.referred_on.max()),
        meaning=_(
            "Calendar days from the last referral to the as-of date. Empty for a customer who referred nobody."
        ),
        better="lower",
    ),
)
