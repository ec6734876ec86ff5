"""What the bank earns with a customer, and what the customer holds."""

from analytics.indicators.base import Indicator
from analytics.translation import mark as _

MARGIN = (
    "balances.average_balance",
    "accounts.product_id",
    "products.category",
    "product_rates.transfer_rate",
)
BALANCES = ("balances.average_balance",)

INDICATORS = (
    Indicator(
        key="profit_12m",
        label=_("Profit"),
        family="value",
        unit="currency",
        needs=MARGIN,
        expression=lambda m: m.amount("profit_cents"),
        monthly="profit_cents",
        meaning=_(
            "Spread over the transfer rate plus fees, less risk cost and cost to serve, over the twelve whole months to the as-of date. Treasury's own result is outside."
        ),
        empty=0,
        better="higher",
        sensitivity="profit",
    ),
    Indicator(
        key="revenue_12m",
        label=_("Revenue"),
        family="value",
        unit="currency",
        needs=MARGIN,
        expression=lambda m: m.amount("revenue_cents"),
        monthly="revenue_cents",
        meaning=_(
            "Spread over the transfer rate plus fees, before risk cost and cost to serve, over the twelve whole months to the as-of date."
        ),
        empty=0,
        better="higher",
        sensitivity="profit",
    ),
    Indicator(
        key="cost_12m",
        label=_("Cost"),
        family="value",
        unit="currency",
        needs=("channel_costs.unit_cost", "transactions.channel"),
        expression=lambda m: m.amount("cost_cents"),
        monthly="cost_cents",
        meaning=_("Risk cost plus cost to serve by channel over the twelve whole months to the as-of date."),
        empty=0,
        better="lower",
        sensitivity="profit",
    ),
    Indicator(
        key="lifetime_value_36m",
        label=_("Lifetime value"),
        family="value",
        unit="currency",
        source="lifetime",
        expression=lambda m: m.rows.lifetime_cents.sum().cast("float64") / 100.0,
        meaning=_(
            "What the customer is expected to bring in the 36 months after the as-of date, less 10% a year the later it comes, by models fitted to the whole bank: the mean month's profit of the last year for as long as such customers stay, or, where only transactions are known, expected purchases x expected amount. Empty at dates that no model could be fitted for."
        ),
        better="higher",
        sensitivity="profit",
    ),
    Indicator(
        key="deposit_spread_12m",
        label=_("Spread on deposits"),
        family="value",
        unit="currency",
        needs=MARGIN,
        expression=lambda m: m.amount("spread_cents") - m.amount("lending_spread_cents"),
        meaning=_(
            "Average deposit balance x (transfer rate less customer rate) x days / 365, month by month, over the twelve whole months to the as-of date."
        ),
        empty=0,
        better="higher",
        sensitivity="profit",
    ),
    Indicator(
        key="lending_spread_12m",
        label=_("Spread on loans and cards"),
        family="value",
        unit="currency",
        needs=MARGIN,
        expression=lambda m: m.amount("lending_spread_cents"),
        monthly="lending_spread_cents",
        meaning=_(
            "Average balance lent x (customer rate less transfer rate) x days / 365, month by month, over the twelve whole months to the as-of date; before risk cost."
        ),
        empty=0,
        better="higher",
        sensitivity="profit",
    ),
    Indicator(
        key="service_cost_12m",
        label=_("Cost to serve"),
        family="value",
        unit="currency",
        needs=("channel_costs.unit_cost", "transactions.channel"),
        expression=lambda m: m.amount("service_cents"),
        monthly="service_cents",
        meaning=_(
            "Number of transactions x the unit cost of their channel, over the twelve whole months to the as-of date."
        ),
        empty=0,
        better="lower",
        sensitivity="profit",
    ),
    Indicator(
        key="profit_change_12m",
        label=_("Change in profit"),
        family="value",
        unit="currency",
        needs=MARGIN,
        expression=lambda m: m.amount("profit_cents") - m.amount("profit_cents", 12, 12),
        meaning=_("Profit of the last twelve whole months less that of the twelve before."),
        window=24,
        empty=0,
        better="higher",
        sensitivity="profit",
    ),
    Indicator(
        key="fees_12m",
        label=_("Fees"),
        family="value",
        unit="currency",
        needs=("transactions.fee",),
        expression=lambda m: m.amount("fee_cents"),
        monthly="fee_cents",
        meaning=_("Fees paid on transactions over the twelve whole months to the as-of date."),
        empty=0,
        better="higher",
    ),
    Indicator(
        key="balance_average_3m",
        label=_("Average balance"),
        family="value",
        unit="currency",
        needs=BALANCES,
        expression=lambda m: (
            (m.sum("deposit_cents", 3) + m.sum("investment_cents", 3))
            / 100.0
            / m.sum("balance_months", 3).nullif(0)
        ),
        meaning=_(
            "Deposits and investments together, mean of the last three whole months that have a balance. Loans and cards are not in it."
        ),
        window=3,
        better="higher",
    ),
    Indicator(
        key="investments_average_3m",
        label=_("Average investments"),
        family="value",
        unit="currency",
        needs=(*BALANCES, "products.category"),
        expression=lambda m: m.average("investment_cents"),
        meaning=_(
            "Funds, wealth and insurance products, mean of the last three whole months that have a balance."
        ),
        window=3,
        better="higher",
    ),
    Indicator(
        key="loans_average_3m",
        label=_("Average loans"),
        family="value",
        unit="currency",
        needs=(*BALANCES, "products.category"),
        expression=lambda m: m.amount("loan_cents", 3) / m.sum("loan_months", 3).nullif(0),
        meaning=_("Loans and card credit, mean of the last three whole months that have one."),
        window=3,
    ),
    Indicator(
        key="balance_change_6m",
        label=_("Change in balance"),
        family="value",
        unit="share",
        needs=BALANCES,
        expression=lambda m: m.change("deposit_cents"),
        meaning=_(
            "Deposit balances of the last six whole months against the six before. Empty where there were none before."
        ),
        better="higher",
    ),
)
