"""What a customer does: transactions, channels, rhythm."""

from analytics.indicators.base import Indicator
from analytics.translation import mark as _

INDICATORS = (
    Indicator(
        key="transactions_count_12m",
        label=_("Transactions"),
        family="behaviour",
        unit="count",
        expression=lambda m: m.sum("transactions"),
        monthly="transactions",
        meaning=_("Transactions booked in the twelve whole months to the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="credit_amount_12m",
        label=_("Money in"),
        family="behaviour",
        unit="currency",
        expression=lambda m: m.amount("credit_cents"),
        monthly="credit_cents",
        meaning=_(
            "Sum of the amounts that came into the customer's accounts in the twelve whole months to the as-of date."
        ),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="debit_amount_12m",
        label=_("Money out"),
        family="behaviour",
        unit="currency",
        expression=lambda m: m.amount("debit_cents"),
        monthly="debit_cents",
        meaning=_(
            "Sum of the amounts that left the customer's accounts in the twelve whole months to the as-of date, as a positive figure."
        ),
        empty=0,
    ),
    Indicator(
        key="net_amount_12m",
        label=_("Money in less money out"),
        family="behaviour",
        unit="currency",
        expression=lambda m: (m.sum("credit_cents") - m.sum("debit_cents")) / 100.0,
        meaning=_("Money in less money out over the twelve whole months to the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="average_ticket_12m",
        label=_("Average ticket"),
        family="behaviour",
        unit="currency",
        expression=lambda m: (
            (m.sum("credit_cents") + m.sum("debit_cents")) / 100.0 / m.sum("transactions").nullif(0)
        ),
        meaning=_(
            "Mean size of a transaction, in or out, over the twelve whole months to the as-of date. Empty without transactions."
        ),
    ),
    Indicator(
        key="active_months_12m",
        label=_("Active months"),
        family="behaviour",
        unit="months",
        expression=lambda m: m.sum("active_months"),
        meaning=_("How many of the twelve whole months to the as-of date have at least one transaction."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="days_since_last_transaction",
        label=_("Days since last transaction"),
        family="behaviour",
        unit="days",
        expression=lambda m: m.days_since(m.rows.last_booked_on.max()),
        meaning=_(
            "Calendar days from the last booked transaction to the as-of date. Empty for a customer without transactions."
        ),
        window=0,
        better="lower",
    ),
    Indicator(
        key="months_since_first_transaction",
        label=_("Months since first transaction"),
        family="behaviour",
        unit="months",
        expression=lambda m: m.months_since(m.rows.first_booked_on.min()),
        meaning=_(
            "Calendar months from the first transaction in the data to the as-of date. Empty for a customer without transactions."
        ),
        window=0,
        changeable=False,
    ),
    Indicator(
        key="transactions_change_6m",
        label=_("Change in transactions"),
        family="behaviour",
        unit="share",
        expression=lambda m: m.change("transactions"),
        meaning=_(
            "Transactions of the last six whole months against the six before. Empty where there were none before."
        ),
        better="higher",
    ),
    Indicator(
        key="credit_change_6m",
        label=_("Change in money in"),
        family="behaviour",
        unit="share",
        expression=lambda m: m.change("credit_cents"),
        meaning=_(
            "Money in over the last six whole months against the six before. Empty where there was none before."
        ),
        better="higher",
    ),
    Indicator(
        key="salary_amount_12m",
        label=_("Salary received"),
        family="behaviour",
        unit="currency",
        needs=("transactions.kind",),
        expression=lambda m: m.amount("salary_cents"),
        meaning=_("Money in of kind “salary” over the twelve whole months to the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="card_spend_12m",
        label=_("Card spending"),
        family="behaviour",
        unit="currency",
        needs=("transactions.kind",),
        expression=lambda m: m.amount("card_cents"),
        meaning=_(
            "Money out of kind “card” over the twelve whole months to the as-of date, as a positive figure."
        ),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="channel_mobile_share_12m",
        label=_("Share by mobile"),
        family="behaviour",
        unit="share",
        needs=("transactions.channel",),
        expression=lambda m: m.share("mobile_count"),
        meaning=_(
            "Share of the transactions, by count, of the twelve whole months to the as-of date that came by channel “mobile”."
        ),
    ),
    Indicator(
        key="channel_digital_share_12m",
        label=_("Share by mobile and online"),
        family="behaviour",
        unit="share",
        needs=("transactions.channel",),
        expression=lambda m: m.share("digital_count"),
        meaning=_(
            "Share of the transactions, by count, of the twelve whole months to the as-of date that came by mobile, online or web."
        ),
    ),
    Indicator(
        key="channel_branch_share_12m",
        label=_("Share at the branch"),
        family="behaviour",
        unit="share",
        needs=("transactions.channel",),
        expression=lambda m: m.share("branch_count"),
        meaning=_(
            "Share of the transactions, by count, of the twelve whole months to the as-of date made at a branch."
        ),
    ),
    Indicator(
        key="weekend_share_12m",
        label=_("Share at weekends"),
        family="behaviour",
        unit="share",
        expression=lambda m: m.share("weekend_count"),
        meaning=_(
            "Share of the transactions, by count, of the twelve whole months to the as-of date booked on a Saturday or Sunday."
        ),
    ),
    Indicator(
        key="foreign_share_12m",
        label=_("Share in foreign currency"),
        family="behaviour",
        unit="share",
        needs=("transactions.currency",),
        expression=lambda m: m.share("foreign_count"),
        meaning=_(
            "Share of the transactions, by count, of the twelve whole months to the as-of date that were not in the base currency."
        ),
    ),
)
