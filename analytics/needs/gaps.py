"""Products that a segment holds more, or less, than comparable customers outside it."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from analytics.needs.matching import Match, Places
from analytics.needs.measures import SURE, chance_of, share_difference, wilson

OPEN = 0.05  # share of the segment that must lack a product before it is an opportunity
POINTS = 0.01  # of a share: differences below it are sure in a large book, and nothing to speak of
MORE, LESS = 1, -1
STRONGEST = 3
COLUMNS = (
    "name", "category", "is_active", "held_share", "peer_share", "lift", "difference", "low", "high", "own_low",
    "own_high", "peer_low", "peer_high", "chance", "differs", "holders", "compared", "peer_holders", "peers",
    "customers", "segment",
)  # fmt: skip


def gaps(places: Places, products: Places, shelf: pd.DataFrame, match: Match) -> pd.DataFrame:
    """Each product that anybody compared holds: COLUMNS, by product_id, the most distinctive first.

    places, products : shape (n_holdings,), the customer's place in the match and the product's on the shelf, each
        pair once. shelf : one row a product, by product_id: name, category, is_active.

    held_share, peer_share : of the segment's customers who found peers, and weighted of these peers; lift is their
    ratio (NaN where no peer holds it), difference the first less the second, low and high its 95 % interval
    (`measures.share_difference`). own_low ... peer_high : Wilson's interval of each share. chance : the p-value,
    adjusted for asking of so many products at once. differs : MORE or LESS where it is at most SURE, else 0.
    holders of compared, peer_holders of peers : customers, counted. customers : those of the whole segment, compared
    or not, who hold none of it yet; segment : how many it has.
    """
    count = len(shelf)
    compared, weights = match.compared[places], match.weights[places]
    holders, everyone, there = (
        np.bincount(products[kept], minlength=count) for kept in (compared, match.inside[places], weights > 0)
    )
    known = np.flatnonzero((holders > 0) | (there > 0))
    peers = np.clip(np.bincount(products, weights=weights, minlength=count), 0.0, 1.0)
    figures = _figures(holders[known] / match.count, peers[known], match)
    figures |= {"holders": holders[known], "peer_holders": there[known]}
    figures |= {"customers": match.customers - everyone[known]}
    order = np.argsort(-np.maximum(figures["low"], -figures["high"]), kind="stable")
    rows = shelf[["name", "category", "is_active"]].iloc[known[order]]
    told: dict[str, Any] = {name: cells[order] for name, cells in figures.items()}
    told |= {str(name): rows[name].to_numpy() for name in rows}
    told |= {"compared": match.count, "peers": match.peers, "segment": match.customers}
    return pd.DataFrame(told, index=rows.index, columns=list(COLUMNS))


def _figures(shares: NDArray[Any], peers: NDArray[Any], match: Match) -> dict[str, NDArray[Any]]:
    ends = share_difference(shares, match.count, peers, match.effective)
    own, others = wilson(shares, match.count), wilson(peers, match.effective)
    chance = chance_of(shares, match.count, peers, match.effective)
    chance = false_discovery_control(chance) if len(chance) else chance
    return {
        "held_share": shares,
        "peer_share": peers,
        "lift": np.divide(shares, peers, out=np.full_like(shares, np.nan), where=peers > 0),
        "difference": shares - peers,
        "low": ends.low,
        "high": ends.high,
        "own_low": own.low,
        "own_high": own.high,
        "peer_low": others.low,
        "peer_high": others.high,
        "chance": chance,
        "differs": np.where(chance <= SURE, np.sign(shares - peers), 0).astype(np.int64),
    }


def common_needs(found: pd.DataFrame, most: int = STRONGEST) -> pd.DataFrame:
    """What the segment holds more of than its peers and part of it has not yet: the opportunity.

    Sold products of which the segment surely holds more, and which at least OPEN of its customers lack, those
    first whose difference is surely largest.
    """
    told = (found["differs"] == MORE) & (found["difference"] >= POINTS)
    return found[told & _open(found)].head(most)


def hints(found: pd.DataFrame, most: int = STRONGEST) -> pd.DataFrame:
    """Where nothing is sure: what stands out most all the same, and may be chance."""
    told = (found["differs"] == 0) & (found["difference"] >= POINTS)
    return found[told & _open(found)].head(most)


def _open(found: pd.DataFrame) -> "pd.Series[bool]":
    """Products that are sold and that enough of the segment lack."""
    return found["is_active"] & (found["customers"] >= np.maximum(1, OPEN * found["segment"]))


def shortfalls(found: pd.DataFrame, most: int = STRONGEST) -> pd.DataFrame:
    """Sold products of which the segment surely holds less than its peers."""
    told = (found["differs"] == LESS) & (found["difference"] <= -POINTS)
    return found[told & found["is_active"]].head(most)
