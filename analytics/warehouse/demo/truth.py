"""The truths planted in the synthetic bank, kept beside the warehouse and never in it."""

import json
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from analytics.warehouse.demo.affinities import AFFINITIES, PARTNERS, read
from analytics.warehouse.demo.archetypes import ARCHETYPES, MIXES, expected_shares, mix_of
from analytics.warehouse.demo.bank import managers_for
from analytics.warehouse.demo.outreach import CAMPAIGNS, HOLDOUT
from analytics.warehouse.demo.period import PEAK_SHARE, Period

# What the heavy tail was tuned to, in yearly profit contribution. `top_share`: of the best fifth, in the net.
WHALE = {"top_fifth": 0.2, "top_share": [0.75, 0.90], "losing_customers": [0.10, 0.25]}

_CUSTOMERS = """
SELECT p.customer_id, p.archetype, p.onboarded_on, p.first_active > 0 AS joined, p.has_left AS "left",
    CASE WHEN p.has_left THEN p.until END AS left_on, p.last_active < p.last_month AS went_silent,
    CASE WHEN f.gets_salary THEN p.pay_day END AS pay_day
FROM demo_people p JOIN demo_flow f USING (customer_no) ORDER BY p.customer_no
"""


def write_truth(
    con: duckdb.DuckDBPyConnection, options: dict[str, int], period: Period, folder: Path
) -> None:
    """Write `archetypes.parquet` (one row a customer) and `truth.json`. Needs the generator's helpers."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(con.execute(_CUSTOMERS).to_arrow_table(), folder / "archetypes.parquet")
    text = json.dumps(_document(con, options, period), ensure_ascii=False, indent=1, default=str)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def _document(con: duckdb.DuckDBPyConnection, options: dict[str, int], period: Period) -> dict[str, object]:
    managers = managers_for(options["customers"])
    shares = expected_shares(managers)
    return {
        "options": options,
        "period": {"start": period.start, "end": period.end},
        "archetypes": [{**asdict(a), "expected_share": round(shares[a.key], 4)} for a in ARCHETYPES],
        "whale": WHALE,
        "salary_days": sorted({day for a in ARCHETYPES for day in a.pay_days if a.paid}),
        "seasons": [asdict(month) for month in period.calendar()],
        "share_of_card_payments_on_peak_days": PEAK_SHARE,
        "affinities": {
            archetype: {product: count / 100 for line in slots.values() for product, _, count in read(line)}
            for archetype, slots in AFFINITIES.items()
        },
        "decided_together": PARTNERS,
        "referrals": {"longest_chain": _longest_chain(con)},
        "campaigns": [{key: getattr(c, key) for key in ("campaign_id", "base", "uplift")} for c in CAMPAIGNS],
        "holdout": HOLDOUT,
        "books": {"mixes": MIXES, "managers": dict(_books(con))},
    }


def _books(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    rows = con.execute("SELECT manager_id, manager_no FROM demo_managers ORDER BY manager_no").fetchall()
    return [(manager, mix_of(number)) for manager, number in rows]


def _longest_chain(con: duckdb.DuckDBPyConnection) -> int:
    """The most steps from somebody whom nobody referred; everybody is referred once at most."""
    query = """
    WITH RECURSIVE chain AS (
        SELECT referred_id, 1 AS steps FROM source.referrals
        WHERE referrer_id NOT IN (SELECT referred_id FROM source.referrals)
        UNION ALL
        SELECT r.referred_id, c.steps + 1 FROM chain c JOIN source.referrals r ON r.referrer_id = c.referred_id
    ) SELECT coalesce(max(steps), 0) FROM chain"""
    return int(con.execute(query).fetchall()[0][0])
