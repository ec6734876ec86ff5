"""Who gets which customers when an employee leaves: a proposal, which changes nothing by itself.

Customers and free places of the others are matched at the least cost (Kuhn 1955). A place costs what its employee
would have to do with it, over capacity; a step of distance costs as much as a whole load, so that a colleague of the
same branch is preferred until they have that much more to do; a language of the leaver's that the other does not
speak costs its share of half a load. The bank records no customer's language: the leaver's stand for it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analytics.access.book import Book
from analytics.access.staff import branches, colleagues, employees, whose
from analytics.effort import effort, typical
from analytics.errors import NotAllowed, NotEnoughData, UnknownName
from analytics.strata import Numbers, Places
from analytics.team.books import measure_of, people
from analytics.translation import translate as _

MOST = 1.3  # loads that nobody is taken beyond, while others have room
NEAR, AREA, FAR = 0.0, 1.0, 3.0  # same branch, same branch above, elsewhere: in loads
LANGUAGES = 0.5  # of a load, for an employee who speaks none of the leaver's languages
WORDS = {NEAR: "same branch", AREA: "same area", FAR: "elsewhere"}
PROPOSED = ("customer_id", "branch", "effort", "result", "employee_id", "name", "distance", "languages")


@dataclass(frozen=True, eq=False)
class Handover:
    """customers : PROPOSED, one row each, the most valuable first; distance is "same branch", "same area" or
    "elsewhere", languages the share of the leaver's that the receiver speaks. receivers : employee_id, name, branch,
    customers, workload, load, gets, workload_after, load_after; in order of their numbers. capacity : see `Team`.
    stretched : whether there was not enough room below MOST.
    """

    leaver: str
    customers: pd.DataFrame
    receivers: pd.DataFrame
    capacity: float
    measure: str
    as_of: date
    stretched: bool

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "leaver": self.leaver, "as_of": self.as_of.isoformat(), "measure": self.measure,
            "capacity": self.capacity, "stretched": self.stretched,
            "customers": [_plain(row) for row in self.customers.to_dict("records")],
            "receivers": [_plain(row) for row in self.receivers.to_dict("records")],
        }  # fmt: skip


def handover(
    book: Book, employee_id: str, as_of: date | None = None, capacity: float | None = None, most: float = MOST
) -> Handover:
    """The proposal for all customers of one employee in the book.

    capacity : customers of average effort that one can look after; left out, the median of all who do. most : loads
        that nobody is taken beyond, while others have room.
    Raises NotAllowed for whoever may see their own figures alone, UnknownName for an employee without customers in
    the book, NotEnoughData where nobody is left to take them.
    """
    if whose(book) is not None:
        raise NotAllowed(_("Hand-overs are proposed to whoever leads the employees."))
    day = book.as_of(as_of)
    measure = measure_of(book)
    rows = people(book, measure, day).looked_after
    theirs = rows["manager_id"] == employee_id
    if not theirs.any():
        raise UnknownName(
            _("{id} looks after no customer of your book.").format(id=employee_id),
            _("`team` lists who does."),
        )
    rows = rows.assign(effort=effort(rows, typical(rows)))
    limit = capacity or float(rows.groupby("manager_id")["effort"].sum().median())
    staff = _receivers(book, rows[~theirs], employee_id)
    given = rows[theirs].sort_values(["effort", "customer_id"], ascending=[False, True], ignore_index=True)
    spoken = _spoken(employees(book, [employee_id])["languages"].iloc[0])
    understood = np.array([_share(spoken, text) for text in staff["languages"]])
    distance = _distances(given["branch_id"], staff["branch_id"], branches(book))
    places, stretched = _places(staff, given["effort"].to_numpy(np.float64), limit, most)
    fixed = distance + LANGUAGES * (1 - understood)
    chosen = _evened(
        given, _matched(fixed, staff, places, float(given["effort"].mean()) / limit, limit), len(staff)
    )
    told = given.rename(columns={measure: "result"}).assign(
        branch=given["branch_id"], employee_id=staff["employee_id"].to_numpy()[chosen],
        name=staff["name"].to_numpy()[chosen], languages=understood[chosen],
        distance=[WORDS[steps] for steps in distance[np.arange(len(given)), chosen]],
    )  # fmt: skip
    told = told.sort_values(["result", "customer_id"], ascending=[False, True], ignore_index=True)[
        list(PROPOSED)
    ]
    staff = staff.sort_values("employee_id", ignore_index=True)
    return Handover(employee_id, told, shared_out(staff, told, limit), limit, measure, day, stretched)


def shared_out(receivers: pd.DataFrame, customers: pd.DataFrame, capacity: float) -> pd.DataFrame:
    """What each receiver gets, and has to do afterwards: as `Handover.receivers`.

    receivers : employee_id, name, branch, customers, workload. customers : effort, and employee_id, who gets them.
    """
    got = (
        customers.groupby("employee_id")["effort"]
        .agg(["size", "sum"])
        .reindex(receivers["employee_id"], fill_value=0)
    )
    rows = receivers[["employee_id", "name", "branch", "customers", "workload"]].reset_index(drop=True)
    after = rows["workload"] + got["sum"].to_numpy()
    return rows.assign(
        load=rows["workload"] / capacity, gets=got["size"].to_numpy(np.int64), workload_after=after,
        load_after=after / capacity,
    )  # fmt: skip


def _receivers(book: Book, others: pd.DataFrame, leaver: str) -> pd.DataFrame:
    """Who could take customers: STAFF, customers and workload; by what they have to do, not by their numbers.

    Those who look after customers of the book, and colleagues of the same role who look after none yet; nobody who
    has left or is known to leave.
    """
    work = others.groupby("manager_id")["effort"].agg(["size", "sum"])
    known = employees(book, [*work.index, *colleagues(book)])
    roles = set(known.loc[known["employee_id"].isin(work.index), "role"].dropna())
    may = known["left_on"].isna() & (known["employee_id"] != leaver)
    may &= known["employee_id"].isin(work.index) | known["role"].isin(roles)
    rows = (
        known[may]
        .set_index("employee_id")
        .join(work)
        .rename(columns={"size": "customers", "sum": "workload"})
    )
    if rows.empty:
        raise NotEnoughData(
            _("Nobody else of your book could take these customers."),
            _("Look at a larger book: a branch's or the bank's."),
        )
    rows = rows.assign(
        customers=rows["customers"].fillna(0).astype("int64"), workload=rows["workload"].fillna(0.0)
    )
    by = ["workload", "customers", "branch_id", "languages", "employee_id"]
    return rows.reset_index().sort_values(by, kind="stable", ignore_index=True)


def _spoken(languages: object) -> frozenset[str]:
    """The languages of a comma-separated list; none where it is not known.

    >>> sorted(_spoken("zh, en"))
    ['en', 'zh']
    """
    if not isinstance(languages, str):
        return frozenset()
    return frozenset(filter(None, (word.strip().lower() for word in languages.split(","))))


def _share(wanted: frozenset[str], languages: object) -> float:
    """How many of the wanted languages somebody speaks; 1 where none is known to be wanted."""
    return len(wanted & _spoken(languages)) / len(wanted) if wanted else 1.0


def _distances(customers: "pd.Series[str]", staff: "pd.Series[str]", above: dict[str, str | None]) -> Numbers:
    """NEAR, AREA or FAR between each customer and each employee; FAR where a branch is not known."""
    here, there = (
        column.astype(object).where(column.notna(), None).to_numpy() for column in (customers, staff)
    )
    areas = [np.array([above.get(place) for place in column], dtype=object) for column in (here, there)]
    known = np.array([place is not None for place in here])[:, None]
    has_area = np.array([area is not None for area in areas[0]])[:, None]
    same, close = here[:, None] == there[None, :], areas[0][:, None] == areas[1][None, :]
    return np.where(known & same, NEAR, np.where(has_area & close, AREA, FAR)).astype(np.float64)


def _places(staff: pd.DataFrame, efforts: Numbers, capacity: float, most: float) -> tuple[Places, bool]:
    """How many customers each can take; beyond `most` loads only where there is not enough room, least loaded first."""
    count, mean = len(efforts), float(efforts.mean())
    work = staff["workload"].to_numpy(np.float64)
    room = np.floor(np.maximum(most * capacity - work, 0.0) / mean).astype(np.int64)
    if room.sum() >= count:
        return np.minimum(room, count), False
    after = work[:, None] + mean * np.arange(1, count + 1)
    first = np.argsort(after, axis=None, kind="stable")[:count]
    return np.bincount(first // count, minlength=len(work)), True


def _matched(fixed: Numbers, staff: pd.DataFrame, places: Places, step: float, capacity: float) -> Places:
    """The receiver of each customer: one place each, at the least cost together.

    step : loads that a customer adds. Of equally distant customers none needs more than the cheapest places.
    """
    owner = np.repeat(np.arange(len(places)), places)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(places) - places, places) + 1
    load = staff["workload"].to_numpy(np.float64)[owner] / capacity + nth * step
    kinds, kind = np.unique(fixed, axis=0, return_inverse=True)
    costs = kinds[:, owner] + load
    wanted = np.unique(np.argsort(costs, axis=1, kind="stable")[:, : len(fixed)])
    customer, place = linear_sum_assignment(costs[kind.reshape(-1)][:, wanted])
    found = np.empty(len(fixed), np.int64)
    found[customer] = owner[wanted[place]]
    return found


def _evened(given: pd.DataFrame, chosen: Places, staff: int) -> Places:
    """The same numbers of customers of each branch for each receiver, so dealt out that nobody gets the laborious ones.

    given : by effort, the most first. Each receiver's are spread evenly over that order.
    """
    found = chosen.copy()
    for _branch, at in given.groupby("branch_id", dropna=False, sort=True).indices.items():
        counts = np.bincount(chosen[at], minlength=staff)
        owner = np.repeat(np.arange(staff), counts)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        order = np.lexsort((owner, (nth + 0.5) / counts[owner]))
        found[at] = owner[order]
    return found


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): None if pd.isna(item) else item for key, item in row.items()}
