"""One customer whole: who it is, where they stand among their like, what happened when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.access.relationship import accounts_of
from analytics.errors import NotEnoughData
from analytics.formats import day, number
from analytics.indicators import CATALOGUE
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.value.quantity import Quantity
from analytics.vocabulary import in_words

ALIKE = ("customer_type", "business_line", "region")  # peers have these in common
FEW = 20  # peers, below which a percentile says little
TOO_FEW = 5  # below which there is none
EVENTS = {
    "opened": mark("Account opened"),
    "closed": mark("Account closed"),
    "contact": mark("Contacted"),
    "answer": mark("Answered"),
    "survey": mark("Survey"),
    "referral": mark("Referred somebody"),
}  # fmt: skip


@dataclass(frozen=True)
class Customer:
    """What is recorded of a customer, and every indicator that this book may use; figures are empty for one
    who had not joined by then. before : the value at the month end before, None where there is none."""

    customer_id: str
    known: dict[str, Any]
    figures: "pd.Series[Any]"
    before: float | None

    @property
    def name(self) -> str:
        """The name as this person may see it, else the number."""
        return str(self.known.get("name") or self.customer_id)


@dataclass(frozen=True)
class Standing:
    """Where a customer stands among peers. alike : indicator and label that peers share; count : the others.

    above : per indicator the share of the peers with a figure who have a lower one, NaN where it can't be said.
    """

    count: int
    alike: dict[str, str | None]
    above: "pd.Series[float]"


def customer(book: Book, customer_id: str, as_of: date, value: str) -> Customer:
    """A customer of the book. Raises UnknownName alike for one outside and for none."""
    known = book.attributes(customer_id)
    figures = book.frame_of(customer_id, tuple(book.usable()), as_of=as_of)
    earlier = [end for end in book.warehouse.month_ends if end < as_of]
    then = book.frame_of(customer_id, (value,), as_of=earlier[-1]) if earlier else figures.iloc[:0]
    return Customer(customer_id, known, figures, None if then.empty else float(then[value]))


def standing(book: Book, customer_id: str, as_of: date, keys: Sequence[str] = ()) -> Standing:
    """A customer among the others of the book of the same type, business line and region.

    keys : the indicators to compare, all numbers that the book may use where none are named. Of less than
    TOO_FEW peers with a figure nothing is said. Raises NotEnoughData for one who had not joined by then.
    """
    usable = book.usable()
    shared = [key for key in ALIKE if key in usable]
    asked = list(keys) or [key for key, row in usable.items() if row.is_number]
    own = book.frame_of(customer_id, (*shared, *asked), as_of=as_of)
    if own.empty:
        raise NotEnoughData(_("This customer had not joined on {day}.").format(day=day(as_of)))
    rows = book.frame(asked, as_of=as_of, where=" and ".join(_same(key, own[key]) for key in shared))
    others = rows[rows["customer_id"] != customer_id][asked].astype("float64")
    mine = own[asked].astype("float64")
    with_figure = others.notna().sum()
    above = others.lt(mine).sum() / with_figure
    said = above.where(mine.notna() & (with_figure >= TOO_FEW))
    return Standing(len(others), {key: _label(own[key]) for key in shared}, said)


def _same(key: str, label: Any) -> str:
    text = _label(label)
    return f"{key} is empty" if text is None else f"{key} = '{text.replace(chr(39), chr(39) * 2)}'"


def _label(label: Any) -> str | None:
    return None if label is None or pd.isna(label) else str(label)


def months_of(book: Book, customer_id: str, as_of: date) -> pd.DataFrame:
    """Every month from a customer's first to the date: month_end, transactions, money_in, money_out, balance.

    In a month in which nothing was booked there is no money in or out; without an account the balance is empty.
    """
    rows = book.rows_of("months", customer_id).set_index("month_end").sort_index()
    ends = [end for end in book.warehouse.month_ends if len(rows) and rows.index[0] <= end <= as_of]
    flows = dict.fromkeys(("transactions", "money_in", "money_out"), 0)
    return rows.reindex(pd.Index(ends, name="month_end")).fillna(flows).reset_index()


def events(book: Book, customer_id: str, as_of: date) -> pd.DataFrame:
    """What happened with a customer by then: day, kind (of EVENTS), about; oldest first.

    Hold-outs of campaigns were not contacted and are not among them.
    """
    accounts = accounts_of(book, customer_id, as_of)
    contacts = book.rows_of("contacts", customer_id)
    contacts = contacts[~contacts["is_holdout"].astype(bool)]
    surveys = book.rows_of("surveys", customer_id)
    referrals = book.rows_of("referrals", customer_id)
    parts = [
        _events("opened", accounts["opened_on"], accounts["product"]),
        _events("closed", accounts["closed_on"], accounts["product"]),
        _events("contact", contacts["contacted_at"], contacts["campaign"]),
        _events("answer", contacts["responded_at"], contacts["campaign"]),
        _events("survey", surveys["surveyed_on"], _score(surveys)),
        _events("referral", referrals["referred_on"], pd.Series("", index=referrals.index)),
    ]
    whole = pd.concat(parts, ignore_index=True)
    return whole[whole["day"] <= pd.Timestamp(as_of)].sort_values("day", kind="stable", ignore_index=True)


def _events(kind: str, days: "pd.Series[Any]", about: "pd.Series[Any]") -> pd.DataFrame:
    rows = pd.DataFrame({"day": pd.to_datetime(days).dt.normalize(), "kind": kind, "about": about})
    return rows.dropna(subset=["day"]).fillna({"about": ""}).astype({"about": "str", "kind": "str"})


def _score(surveys: pd.DataFrame) -> "pd.Series[Any]":
    scores = surveys["nps"].astype("Int64").astype("string")
    return scores.fillna("")


def who_sentence(one: Customer, value: Quantity, as_of: date, segment: str = "") -> str:
    """Who it is, what they are worth, since when, and in which segment where that is known."""
    if one.figures.empty:
        return _("{name} had not joined on {day}.").format(name=one.name, day=day(as_of))
    since = one.known.get("onboarded_on")
    shapes = {
        (False, False): _("{name}: {label} of {figure} on {day}."),
        (True, False): _("{name}: {label} of {figure} on {day}; customer since {since}."),
        (False, True): _("{name}: {label} of {figure} on {day}; in segment “{segment}”."),
        (True, True): _(
            "{name}: {label} of {figure} on {day}; customer since {since}, in segment “{segment}”."
        ),
    }
    return shapes[bool(since), bool(segment)].format(
        name=one.name, label=value.label.lower(), figure=value.text(one.figures[value.key]), day=day(as_of),
        since=day(since), segment=segment,
    )  # fmt: skip


def peers_sentence(found: Standing) -> str:
    """Who the peers are, how many, and what to think of few."""
    parts = [
        _("{label} {name}").format(
            label=_(CATALOGUE[key].label).lower(), name=in_words(name) if name else _("unknown")
        )
        for key, name in found.alike.items()
    ]
    alike = _(", ").join(parts)
    if not alike:
        return _("Peers are all other customers of your book: {n}.").format(n=number(found.count))
    if found.count < TOO_FEW:
        text = _(
            "Peers are the other customers of your book with the same {alike}: {n}, too few to compare with."
        )
    elif found.count < FEW:
        text = _(
            "Peers are the other customers of your book with the same {alike}: only {n}, so read this with care."
        )
    else:
        text = _("Peers are the other customers of your book with the same {alike}: {n}.")
    return text.format(alike=alike, n=found.count)
