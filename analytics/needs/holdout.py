"""Who is left alone: drawn at random within each manager's customers, so that nobody chooses."""

import numpy as np
import pandas as pd


def drawn(members: pd.DataFrame, share: float, seed: int) -> "pd.Series[bool]":
    """Whether each member is a hold-out: a share of every manager's customers, to one more or less.

    members : customer_id, manager_id (missing for nobody). Everybody has the same chance, whatever their
    worth, and the same seed draws the same ones whatever the order of the rows.
    Source: systematic sampling with a random start from a list in random order within strata (Cochran 1977, 8).

    >>> few = pd.DataFrame({"customer_id": ["A", "B", "C", "D"], "manager_id": ["E1", "E1", "E2", "E2"]})
    >>> int(drawn(few, 0.5, seed=7).sum())
    2
    """
    chance = np.random.default_rng(seed)
    ordered = members.assign(manager_id=members["manager_id"].fillna("").astype(str))
    ordered = ordered.sort_values("customer_id", kind="stable")
    ordered = ordered.assign(lot=chance.random(len(ordered))).sort_values(["manager_id", "lot"])
    steps = np.floor(chance.random() + share * np.arange(len(ordered) + 1))
    return pd.Series(np.diff(steps) > 0, index=ordered.index).reindex(members.index)
