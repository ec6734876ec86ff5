"""Who calls whom, and when: a call list per relationship manager, best first, fairly divided."""

import heapq

import numpy as np
import pandas as pd

from analytics.errors import BadInput
from analytics.translation import translate as _

COLUMNS = ["manager_id", "week", "place", "customer_id", "worth"]
MOST_A_WEEK = 500


def call_list(members: pd.DataFrame, capacity: int) -> pd.DataFrame:
    """One row a call, COLUMNS, in the order in which they are made: manager by manager, week by week.

    members : customer_id, manager_id (empty or missing for nobody), worth (expected; missing counts as least)
        and is_holdout. Hold-outs are left out.
    capacity : calls a week that each manager has time for.
    Every manager calls their own customers, the one expected to bring most first, among equals by customer_id.
    Customers without a manager go, the best first, to whoever has the fewest calls by then, among equals by
    manager_id; where no member has a manager they are one list without one. week and place count from 1.
    Raises BadInput for a capacity of none or more than MOST_A_WEEK.
    """
    if not 1 <= capacity <= MOST_A_WEEK:
        raise BadInput(
            _("A week has room for 1 to {most} calls.").format(most=MOST_A_WEEK),
            _("Give a whole number that one person can call in a week."),
        )
    rows = members.loc[~members["is_holdout"].astype(bool), ["customer_id", "manager_id", "worth"]]
    rows = rows.drop_duplicates("customer_id")
    rows = in_order(rows.assign(manager_id=rows["manager_id"].fillna("").astype(str)))
    rows["manager_id"] = _divided(rows["manager_id"].to_numpy())
    rows = rows.sort_values("manager_id", kind="stable").reset_index(drop=True)
    place = rows.groupby("manager_id").cumcount()
    return rows.assign(week=place // capacity + 1, place=place % capacity + 1)[COLUMNS]


def in_order(members: pd.DataFrame) -> pd.DataFrame:
    """Members in the order of their turn: the one expected to bring most first, among equals by customer_id."""
    return members.sort_values(["worth", "customer_id"], ascending=[False, True], na_position="last")


def _divided(managers: np.ndarray) -> np.ndarray:
    """Give customers of nobody, in their order, to the manager with the fewest calls."""
    names, counts = np.unique(managers[managers != ""], return_counts=True)
    if not len(names):
        return managers
    loads = [(int(count), str(name)) for count, name in zip(counts, names, strict=True)]
    heapq.heapify(loads)
    given = managers.astype(object)
    for place in np.flatnonzero(managers == ""):
        load, name = loads[0]
        given[place] = name
        heapq.heapreplace(loads, (load + 1, name))
    return given
