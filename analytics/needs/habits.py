"""How a segment deals with the bank, what changed and what it said, against comparable customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics.access.activity import CHANNELS, HOURS, WEEKDAYS, activity, answers, channels
from analytics.access.book import Book
from analytics.calendar import months_before
from analytics.needs.matching import Match, Numbers, effective_size
from analytics.needs.measures import means, share_difference, wilson
from analytics.needs.report import matched, name_of
from analytics.segmentation import Segmentation
from analytics.translation import mark as _

COLUMNS = (
    "what", "here", "there", "difference", "low", "high", "own_low", "own_high", "size", "peers",
)  # fmt: skip
DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
WATCHED = (
    "balance_average_3m", "investments_average_3m", "loans_average_3m", "credit_amount_12m", "transactions_count_12m",
    "channel_mobile_share_12m", "products_held",
)  # fmt: skip
# Who holds nothing of it has no average of it: that is nothing, and what changes when somebody begins or ends.
NOTHING_HELD = dict.fromkeys(("balance_average_3m", "investments_average_3m", "loans_average_3m"), 0.0)
BEFORE = 6  # months
FEW = 30  # answers to a survey, on either side, below which they are said to be few
MOST_ATTITUDES = 8  # answers that are told apart; a question with more different ones is free text
NPS = "nps"


@dataclass(frozen=True, eq=False)
class Ways:
    """A segment's habits beside its peers'. Every table has COLUMNS, means of customers as `measures.means` has them.

    channels, weekdays, hours : share of a customer's transactions in twelve months; hours empty where transactions
        have no time of day. The bank's other channels together are "". changes : indicators now less six months
        before, by their key, of customers who were there then; since : when that was, None where the data begin
        later. scores : 0 to 10. attitudes : share of those asked who gave this answer, with `question`.
    """

    as_of: date
    channels: pd.DataFrame
    weekdays: pd.DataFrame
    hours: pd.DataFrame
    changes: pd.DataFrame
    since: date | None
    scores: pd.DataFrame
    attitudes: pd.DataFrame


def ways(book: Book, found: Segmentation, segment: int) -> Ways:
    """How a segment of this segmentation acts, what changed, what it said. Raises as `report.needs_of`."""
    name_of(found, segment)
    ids, beside = matched(book, found, segment)
    order = pd.Index(ids.to_pylist())
    acts = activity(book, found.as_of).set_index("customer_id").reindex(order)
    since = months_before(found.as_of, BEFORE)
    known = since >= book.warehouse.month_ends[0]
    said = answers(book, found.as_of).set_index("customer_id").reindex(order)
    return Ways(
        found.as_of, _channels(acts, channels(book, found.as_of), beside),
        compared(list(DAYS), _shares(acts[list(WEEKDAYS)], acts["transactions"]), beside),
        _hours(acts, beside), _changes(book, order, since, found.as_of, beside) if known else compared([], None, beside),
        since if known else None, _scores(said, beside), _attitudes(said, beside),
    )  # fmt: skip


def compared(names: Sequence[str], values: Numbers | None, beside: Match) -> pd.DataFrame:
    """COLUMNS, a row a name of which two customers or more on either side have a figure.

    values : shape (n_customers, n_names).
    """
    if values is None or not names:
        return pd.DataFrame(columns=list(COLUMNS))
    told = means(values, beside.compared, beside.weights)
    rows = pd.DataFrame({"what": names, **told._asdict()}, columns=list(COLUMNS))
    return rows.dropna(subset=["low", "high"]).reset_index(drop=True)


def _shares(counts: pd.DataFrame, whole: "pd.Series[float]") -> Numbers:
    """Of each customer's transactions; NaN for those without any."""
    total = whole.to_numpy(np.float64)[:, None]
    cells = counts.to_numpy(np.float64)
    return np.asarray(np.divide(cells, total, out=np.full_like(cells, np.nan), where=total > 0))


def _channels(acts: pd.DataFrame, named: list[str], beside: Match) -> pd.DataFrame:
    """Channels that anybody compared used, most used first; "" for all that are not told apart."""
    kept = acts[list(CHANNELS[: len(named)])]
    counts = kept.assign(rest=acts["transactions"] - kept.sum(axis=1, min_count=1).fillna(0))
    rows = compared([*named, ""], _shares(counts, acts["transactions"]), beside)
    rows = rows[(rows["here"] > 0) | (rows["there"] > 0)]
    return rows.sort_values("here", ascending=False, kind="stable", ignore_index=True)


def _hours(acts: pd.DataFrame, beside: Match) -> pd.DataFrame:
    if not (acts["timed"] > 0).any():
        return compared([], None, beside)
    return compared([str(n) for n in range(24)], _shares(acts[list(HOURS)], acts["timed"]), beside)


def _changes(book: Book, order: "pd.Index[str]", since: date, as_of: date, beside: Match) -> pd.DataFrame:
    keys = [key for key in WATCHED if book.available[key] is None]
    now, then = (
        book.frame(keys, as_of=day)
        .fillna(NOTHING_HELD)
        .set_index("customer_id")
        .reindex(order)
        .to_numpy(np.float64)
        for day in (as_of, since)
    )
    return compared(keys, now - then, beside)


def _scores(said: pd.DataFrame, beside: Match) -> pd.DataFrame:
    if NPS not in said:
        return compared([], None, beside)
    return compared([NPS], said[[NPS]].to_numpy(np.float64), beside)


def _attitudes(said: pd.DataFrame, beside: Match) -> pd.DataFrame:
    """The answers to every question but the score, as shares of those who answered it."""
    parts = [compared([], None, beside).assign(question="")]
    for question in said.columns.drop(["surveyed_on", NPS], errors="ignore"):
        given = said[question].astype("string").astype(object).where(said[question].notna(), None)
        usual = given.value_counts()
        if 0 < len(usual) <= MOST_ATTITUDES:
            parts.append(_answered(given, usual.index, beside).assign(question=str(question)))
    told = [part for part in parts if len(part)] or parts
    return pd.concat(told, ignore_index=True)


def _answered(given: "pd.Series[str]", usual: "pd.Index[str]", beside: Match) -> pd.DataFrame:
    """Shares of those who answered, with the intervals of shares; nothing where one side has no answer."""
    places = usual.get_indexer(pd.Index(given))
    known, weights = beside.compared & (places >= 0), np.where(places >= 0, beside.weights, 0.0)
    size, effective = int(known.sum()), effective_size(weights)
    if not size or not effective:
        return compared([], None, beside)
    here = np.bincount(places[known], minlength=len(usual)) / size
    kept = weights > 0
    there = np.bincount(places[kept], weights=weights[kept], minlength=len(usual)) / weights.sum()
    ends, own = share_difference(here, size, there, effective), wilson(here, size)
    return pd.DataFrame(
        {
            "what": usual.astype(object), "here": here, "there": there, "difference": here - there,
            "low": ends.low, "high": ends.high, "own_low": own.low, "own_high": own.high,
            "size": size, "peers": int(kept.sum()),
        }
    )  # fmt: skip
