"""What the bank does with its customers: campaigns with a hold-out, referrals, surveys."""

from dataclasses import astuple, dataclass, fields
from datetime import date

import duckdb

from analytics.warehouse.demo.draws import bell, percent, uniform, whole
from analytics.warehouse.demo.period import Period
from analytics.warehouse.demo.writing import help_with, keep

HOLDOUT = 0.2  # share of the chosen who are left alone, at random
REFERRED = 0.35  # share of newcomers who were brought by somebody
ANSWERS = 0.22  # share of customers who answered a survey
RESPONSE_DAYS = 28


@dataclass(frozen=True)
class Campaign:
    """`base`: response of those left alone; `uplift`: what contact truly adds, the same for everybody.

    `months_before`: how long before the period's end it starts. `reach`: share of each archetype that is chosen.
    """

    campaign_id: str
    name: str
    product_id: str
    channel: str
    cost_per_contact: float
    months_before: int
    base: float
    uplift: float
    reach: tuple[float, float, float, float, float, float, float]


# fmt: off
CAMPAIGNS = (
    Campaign("K01", "Family cover 家庭保障", "I01", "phone", 14.0, 30, 0.040, 0.060, (0.30, 0.05, 0.0, 0.05, 0.0, 0.0, 0.05)),
    Campaign("K02", "Year-end funds 年终基金", "F02", "mobile", 0.3, 22, 0.050, 0.000, (0.15, 0.30, 0.20, 0.0, 0.0, 0.0, 0.0)),
    Campaign("K03", "Spring deposits 春季存款", "D03", "branch", 22.0, 19, 0.080, 0.050, (0.05, 0.15, 0.0, 0.0, 0.35, 0.0, 0.20)),
    Campaign("K04", "Wake up 唤醒", "P01", "mobile", 0.3, 14, 0.010, 0.015, (0.0, 0.0, 0.05, 0.0, 0.0, 0.60, 0.10)),
    Campaign("K05", "Working capital 经营贷", "L04", "phone", 18.0, 11, 0.060, 0.080, (0.0, 0.0, 0.0, 0.60, 0.0, 0.0, 0.0)),
    Campaign("K06", "Platinum card 白金卡", "C02", "online", 0.8, 8, 0.070, 0.040, (0.25, 0.40, 0.10, 0.05, 0.0, 0.0, 0.0)),
    Campaign("K07", "Student wallet 青年钱包", "P01", "mobile", 0.3, 6, 0.120, 0.070, (0.0, 0.0, 0.50, 0.0, 0.0, 0.0, 0.0)),
    Campaign("K08", "Autumn wealth 金秋理财", "W01", "phone", 16.0, 2, 0.055, 0.065, (0.20, 0.45, 0.0, 0.10, 0.10, 0.0, 0.0)),
)
# fmt: on


def write_outreach(con: duckdb.DuckDBPyConnection, period: Period) -> None:
    """Make campaigns, contacts, referrals and surveys. Needs `demo_people` and `demo_traits`."""
    start = {month.month_no: month.starts_on for month in period.calendar()}
    held = [
        (start[period.months - 1 - c.months_before], *astuple(c))
        for c in CAMPAIGNS
        if c.months_before < period.months
    ]
    columns = " ".join(["starts_on", *(field.name for field in fields(Campaign))])
    help_with(con, "demo_campaigns", columns, held)
    keep(con, "campaigns", "FROM demo_campaigns")
    keep(con, "contacts", _contacts(period.end))
    keep(con, "referrals", _REFERRALS)
    keep(con, "surveys", _surveys(period), extra=["attitude"])


def _contacts(end: date) -> str:
    """Who was chosen, when, and whether they responded: one draw decides, the hold-out's bar is lower."""
    return f"""
    WITH chosen AS (
        SELECT p.customer_id, p.until, c.*, hash(xor(p.key, hash(c.campaign_id))) AS pair,
            c.starts_on + {whole("contacted on", 14, "pair")} AS day, {uniform("holdout", "pair")} < {HOLDOUT} AS is_holdout
        FROM demo_people p JOIN demo_campaigns c ON p.onboarded_on < c.starts_on AND p.until >= c.starts_on + 45
        WHERE {uniform("chosen", "hash(xor(p.key, hash(c.campaign_id)))")} < c.reach[p.archetype_no + 1]
    )
    SELECT campaign_id, customer_id, day + to_seconds(32400 + {whole("contacted at", 28800, "pair")}) AS contacted_at, is_holdout,
        CASE WHEN {uniform("responds", "pair")} < base + CASE WHEN is_holdout THEN 0 ELSE uplift END
            THEN day + 1 + {whole("responded on", RESPONSE_DAYS, "pair")}
                + to_seconds(32400 + {whole("responded at", 40000, "pair")}) END AS responded_at
    FROM chosen ORDER BY campaign_id, customer_id"""


# Newcomers name somebody who was in the same book before them; early customers are named most, so chains form.
_REFERRALS = f"""
WITH ranked AS (
    SELECT customer_no, customer_id, key, manager_no, onboarded_on, until, first_active,
        row_number() OVER (PARTITION BY manager_no ORDER BY onboarded_on, customer_no) AS place
    FROM demo_people
), naming AS (
    SELECT *, 1 + CAST(floor(pow({uniform("named")}, 1.5) * (place - 1)) AS BIGINT) AS named
    FROM ranked WHERE first_active > 0 AND place > 1 AND {uniform("referred")} < {REFERRED}
)
SELECT r.customer_id AS referrer_id, n.customer_id AS referred_id, n.onboarded_on AS referred_on
FROM naming n JOIN ranked r ON r.manager_no = n.manager_no AND r.place = n.named
WHERE r.until >= n.onboarded_on ORDER BY n.customer_no
"""


def _surveys(period: Period) -> str:
    """One answer a customer, 0 to 10 around the archetype's own, on a day that they were with the bank."""
    days = f"least(p.until - p.onboarded_on, 27 * {period.months}) * {uniform('surveyed on', 'p.key')}"
    nps = f"greatest(0, least(10, round(p.usual_nps + 1.9 * {bell('nps', 'p.key')})))"
    return f"""
    SELECT p.customer_id, p.until - CAST(floor({days}) AS INTEGER) AS surveyed_on, {nps} AS nps, t.answer AS attitude
    FROM demo_people p LEFT JOIN demo_traits t
        ON t.trait = 'attitude' AND t.archetype = p.archetype AND t.step = {percent("attitude", "p.key")}
    WHERE {uniform("answers", "p.key")} < {ANSWERS} ORDER BY p.customer_no"""
