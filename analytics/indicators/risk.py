"""What may go wrong with a customer."""

import ibis

from analytics.indicators.base import Indicator
from analytics.translation import mark as _

INDICATORS = (
    Indicator(
        key="risk_tolerance",
        label=_("Risk tolerance"),
        family="risk",
        unit="score",
        source="customers",
        needs=("customers.risk_tolerance",),
        expression=lambda m: m.rows.risk_tolerance,
        meaning=_("Assessed tolerance for investment risk, 1 (cautious) to 5 (bold), as recorded today."),
    ),
    Indicator(
        key="months_since_risk_assessment",
        label=_("Months since risk assessment"),
        family="risk",
        unit="months",
        source="customers",
        needs=("customers.risk_assessed_on",),
        expression=lambda m: m.months_since(m.rows.risk_assessed_on),
        meaning=_(
            "Calendar months from the recorded risk assessment to the as-of date; older than twelve is stale."
        ),
        better="lower",
        changeable=True,
    ),
    Indicator(
        key="days_past_due_12m",
        label=_("Worst arrears"),
        family="risk",
        unit="days",
        needs=("balances.days_past_due",),
        expression=lambda m: ibis.cases((m.in_months(12), m.rows.days_past_due)).max(),
        meaning=_(
            "The most days that any account was past due within the twelve whole months to the as-of date; 0 without arrears."
        ),
        empty=0,
        better="lower",
        changeable=True,
    ),
    Indicator(
        key="loan_to_balance",
        label=_("Loans against balance"),
        family="risk",
        unit="share",
        needs=("balances.average_balance", "products.category"),
        expression=lambda m: (
            m.sum("loan_cents", 3) / (m.sum("deposit_cents", 3) + m.sum("investment_cents", 3)).nullif(0)
        ),
        meaning=_(
            "Loans as a multiple of deposits and investments over the last three whole months. Empty without a balance."
        ),
        window=3,
        better="lower",
        changeable=True,
    ),
    Indicator(
        key="risk_cost_12m",
        label=_("Risk cost"),
        family="risk",
        unit="currency",
        needs=("balances.average_balance", "products.risk_cost_rate"),
        expression=lambda m: m.amount("risk_cents"),
        meaning=_("Expected credit loss charged on loans over the twelve whole months to the as-of date."),
        empty=0,
        better="lower",
        sensitivity="profit",
    ),
)
