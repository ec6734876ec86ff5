"""What if rates move: the book's profit under other prices, another transfer curve or other exchange rates.

Balances and transactions are held still: nobody is taken to move money because of the change.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.earnings import at_other_rates
from analytics.segmentation import segment_toml
from analytics.shock import Shock
from analytics.value.abc import abc_sizes_fixed
from analytics.value.profit import by_segment, profit_frame

TIERS = ("A", "B", "C")
STEPS = ("products", "curve", "currencies")
LISTED = 200


@dataclass(frozen=True)
class Repriced:
    """A book's profit before and after a shock, in whole cents.

    steps : what products' rates, the curve and currencies change, in that order, each after the ones before it;
        before + steps = after, exactly. changed : customers whose profit is another.
    customers : customer_id, before, after, change, tier_before, tier_after, largest changes first, LISTED at
        most. moved : those of other tiers before and after, LISTED at most, and movers how many there are.
    tiers : customers by tier before (rows) and after (columns), None where the net profit is not positive and
        has no tiers.
    """

    shock: Shock
    before: int
    steps: dict[str, int]
    after: int
    count: int
    changed: int
    customers: pd.DataFrame
    moved: pd.DataFrame
    movers: int
    tiers: pd.DataFrame | None


def repriced(
    book: Book,
    as_of: date,
    products: tuple[tuple[str, float], ...] = (),
    curve: float = 0.0,
    currencies: tuple[tuple[str, float], ...] = (),
) -> Repriced:
    """The book's profit as it would have been at other rates over the twelve months to the date.

    products, curve, currencies : see `Shock`. Raises NotAllowed where profit can't be shown.
    """
    shock = Shock(products, curve, currencies)
    return summary(shock, repriced_frame(book, shock, as_of))


def repriced_by_segment(
    book: Book,
    as_of: date,
    products: tuple[tuple[str, float], ...],
    curve: float,
    currencies: tuple[tuple[str, float], ...],
    recipe_text: str,
) -> pd.DataFrame:
    """The same by segment of a recipe, as its segments are now: segment, name, customers, before, STEPS, after.

    Customers in no segment are the last row, number 0, so that the lines add up to the book's.
    """
    rows = repriced_frame(book, Shock(products, curve, currencies), as_of)
    members = segment_toml(book, recipe_text).members[["customer_id", "segment", "segment_name"]]
    return by_segment(rows, members, ("before", *STEPS, "after"))


def repriced_frame(book: Book, shock: Shock, as_of: date) -> pd.DataFrame:
    """Every customer of the book: customer_id, before, STEPS, after, in whole cents; before + steps = after."""
    rows = profit_frame(book, as_of)[["customer_id", "profit"]].rename(columns={"profit": "before"})
    if not shock.moves:
        return rows.assign(**dict.fromkeys(STEPS, 0), after=rows["before"])
    stages = at_other_rates(book, tuple(shock.stages()), as_of).set_index("customer_id")
    told = stages.reindex(rows["customer_id"]).fillna(0).to_numpy(np.int64)
    for place, step in enumerate(STEPS):
        rows[step] = told[:, place + 1] - told[:, place]
    return rows.assign(after=rows["before"] + rows[list(STEPS)].sum(axis=1))


def summary(shock: Shock, rows: pd.DataFrame) -> Repriced:
    """The bridge, the tiers and the customers that change most.

    rows : as `repriced_frame` gives them.
    """
    rows = rows.assign(change=rows["after"] - rows["before"])
    before, after = tiers(rows["before"].to_numpy()), tiers(rows["after"].to_numpy())
    known = before is not None and after is not None
    rows = rows.assign(tier_before=before if known else "", tier_after=after if known else "")
    largest = rows.iloc[np.argsort(-rows["change"].abs().to_numpy(), kind="stable")]
    moved = largest[largest["tier_before"] != largest["tier_after"]]
    shown = ["customer_id", "before", "after", "change", "tier_before", "tier_after"]
    return Repriced(
        shock=shock,
        before=int(rows["before"].sum()),
        steps={step: int(rows[step].sum()) for step in STEPS},
        after=int(rows["after"].sum()),
        count=len(rows),
        changed=int((rows["change"] != 0).sum()),
        customers=largest.loc[largest["change"] != 0, shown].head(LISTED).reset_index(drop=True),
        moved=moved[shown].head(LISTED).reset_index(drop=True),
        movers=len(moved),
        tiers=_table(rows) if known else None,
    )


def tiers(amounts: NDArray[np.int64]) -> NDArray[np.str_] | None:
    """Each customer's tier: A bring 80 % of the net total, A and B 95 %; None where that is not positive.

    Customers with equal amounts are in one tier.

    >>> tiers(np.array([1, 50, 30, 15, 4])).tolist()
    ['C', 'A', 'A', 'B', 'C']
    """
    if amounts.sum() <= 0:
        return None
    ordered = np.sort(amounts)[::-1]
    n_a, n_b = abc_sizes_fixed(ordered.astype(np.float64))
    least_a, least_b = ordered[n_a - 1], ordered[n_a + n_b - 1]
    return np.where(amounts >= least_a, "A", np.where(amounts >= least_b, "B", "C"))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    counts = pd.crosstab(rows["tier_before"], rows["tier_after"])
    return counts.reindex(index=list(TIERS), columns=list(TIERS), fill_value=0)
