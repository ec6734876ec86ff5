"""All rules run over a book, what a person has dealt with taken out, and the sentences of those shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.access.book import Book
from analytics.alerts import dates, habits, money
from analytics.alerts.base import FOUND, Alert, Asked
from analytics.change import Change, change, holdings_key
from analytics.errors import BadInput, UnknownName
from analytics.indicators import CATALOGUE, SENSITIVITIES
from analytics.jobs import checkpoint
from analytics.population import default_value
from analytics.store.marks import Mark
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

_ORDER = (*money.ALERTS[:1], *habits.ALERTS, *money.ALERTS[1:], *dates.ALERTS)
ALERTS: dict[str, Alert] = {alert.key: alert for alert in _ORDER}
COLUMNS = ["alert", *FOUND]
OCCURRENCE = ["alert", "customer_id", "period"]  # what a mark is about
TERMS = "terms"  # of deposit products, in months, beside the thresholds of `maturing`
LONGEST_TERM = 600  # months

Said = Mapping[str, Mapping[str, Any]]


def alerts(
    book: Book, as_of: date, said: Said | None = None, today: date | None = None, value: str = ""
) -> pd.DataFrame:
    """What there is to look at: alert, customer_id, since, period, size, first, second; largest size first.

    said : own thresholds, by alert and key; the others are the defaults. today : the day that coming dates are
        counted from where `as_of` is the newest date; else they are counted from `as_of`. value : the indicator
        that tiers are made of, the book's usual one where none is named.
    size : money of the base currency: what left, what matures, else the customer's balance, or what came in
        over twelve months where balances are not known. A rule that this person or bank can't have finds nothing.
    Raises BadInput or UnknownName for a threshold that can't be, NotAllowed for a value that is not theirs.
    """
    measured = change(book, value or default_value(book)[0], book.as_of(as_of))
    return with_value(book, without_value(book, as_of, said, today), measured)


@dataclass(frozen=True)
class Found:
    """What the rules found that no value decides: as `alerts`, in no order, beside what they were asked."""

    as_of: date
    said: Said
    today: date | None
    rows: pd.DataFrame

    @property
    def key(self) -> str:
        """What was asked, in a line."""
        return f"{self.as_of}|{self.said}|{self.today}"


def without_value(book: Book, as_of: date, said: Said | None = None, today: date | None = None) -> Found:
    """What stays found whatever value is asked for. Raises as `alerts`."""
    asked = _questions(book, as_of, said or {}, today, "")
    return Found(as_of, said or {}, today, _found(book, as_of, asked))


def with_value(book: Book, others: Found, measured: Change) -> pd.DataFrame:
    """What a value decides and all that was found without it: as `alerts`."""
    asked = _questions(book, others.as_of, others.said, others.today, measured.key, measured)
    return _in_order(others.rows, _found(book, others.as_of, asked))


def _found(book: Book, as_of: date, questions: list[tuple[Asked, Alert]]) -> pd.DataFrame:
    """What the rules find that a value decides where it was measured, else all others."""
    found = []
    for asked, alert in questions:
        checkpoint()
        if alert.by_value == (asked.measured is not None) and why_not(alert, asked) is None:
            found.append(alert.find(asked).assign(alert=alert.key))
    rows = [one for one in found if len(one)]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    return _sized(book, as_of, pd.concat([one.astype({"first": object, "second": object}) for one in rows]))


def _in_order(*parts: pd.DataFrame) -> pd.DataFrame:
    """What was found in parts, largest size first."""
    rows = [part for part in parts if len(part)]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    whole = pd.concat(rows)
    whole["alert"] = pd.Categorical(whole["alert"], list(ALERTS), ordered=True)
    whole = whole.sort_values(["size", "alert", "since", "customer_id"], ascending=[False, True, True, True])
    return whole.astype({"alert": "str"})[COLUMNS].reset_index(drop=True)


def with_sentences(
    rows: pd.DataFrame, book: Book, as_of: date, today: date | None = None, value: str = ""
) -> pd.DataFrame:
    """The rows that are shown, each with its `sentence` in the language in use."""
    asked = {alert.key: one for one, alert in _questions(book, as_of, {}, today, value)}
    texts = [ALERTS[str(row.alert)].sentence(row, asked[str(row.alert)]) for row in rows.itertuples()]
    return rows.assign(sentence=pd.Series(texts, index=rows.index, dtype="str"))


def unavailable(
    book: Book, as_of: date, said: Said | None = None, today: date | None = None, value: str = ""
) -> dict[str, str]:
    """The rules that find nothing here whatever happens, and why; without those of a class that is not granted."""
    reasons = {}
    for asked, alert in _questions(book, as_of, said or {}, today, value):
        reason = why_not(alert, asked)
        if reason and granted(alert, book):
            reasons[alert.key] = reason
    return reasons


def granted(alert: Alert, book: Book) -> bool:
    """Whether this person has the class that the rule needs."""
    return not alert.sensitivity or alert.sensitivity in book.scope.columns


def why_not(alert: Alert, asked: Asked) -> str | None:
    """Why a rule can't be had here, None where it can."""
    book = asked.book
    if not granted(alert, book):
        kind = _(SENSITIVITIES[str(alert.sensitivity)])
        return _("Your permissions do not show {columns} figures.").format(columns=kind)
    missing = book.warehouse.missing(alert.needs)
    if missing:
        return _("The warehouse has no {columns}.").format(columns=_(", ").join(missing))
    if sum(end <= asked.as_of for end in book.warehouse.month_ends) < alert.history:
        return _("There are too few months before this date.")
    return alert.lacks(asked)


def unmarked(rows: pd.DataFrame, marks: Iterable[Mark]) -> pd.DataFrame:
    """The alerts that a person has not dealt with."""
    known = pd.DataFrame([(mark.alert, mark.customer_id, mark.period) for mark in marks], columns=OCCURRENCE)
    if known.empty or rows.empty:
        return rows
    told = pd.MultiIndex.from_frame(known.assign(period=pd.to_datetime(known["period"])))
    mine = pd.MultiIndex.from_frame(rows[OCCURRENCE].assign(period=pd.to_datetime(rows["period"])))
    return rows[~mine.isin(told)].reset_index(drop=True)


def checked(said: Said) -> dict[str, dict[str, Any]]:
    """Every rule's thresholds, the defaults where nothing is said. Raises BadInput or UnknownName, naming what."""
    for key in said:
        if key not in ALERTS:
            raise UnknownName(_("There is no alert '{name}'.").format(name=key))
    whole = {key: _of_one(alert, said.get(key, {})) for key, alert in ALERTS.items()}
    whole["maturing"][TERMS] = _terms(said.get("maturing", {}).get(TERMS, {}))
    return whole


def _of_one(alert: Alert, said: Mapping[str, Any]) -> dict[str, Any]:
    known = {threshold.key: threshold for threshold in alert.thresholds}
    for key in said:
        if key not in known and (alert.key, key) != ("maturing", TERMS):
            raise UnknownName(_("There is no threshold '{name}'.").format(name=key))
    return {key: one.checked(said.get(key, one.default)) for key, one in known.items()}


def _terms(said: Mapping[str, Any]) -> dict[str, int]:
    for months in said.values():
        if not isinstance(months, int) or isinstance(months, bool) or not 0 <= months <= LONGEST_TERM:
            raise BadInput(
                _("A term must be whole months from 0 to {most}, got {value!r} instead.").format(
                    most=LONGEST_TERM, value=months
                )
            )
    return {str(product): months for product, months in said.items()}


def _questions(
    book: Book, as_of: date, said: Said, today: date | None, value: str, measured: Change | None = None
) -> list[tuple[Asked, Alert]]:
    as_of, limits = book.as_of(as_of), checked(said)
    key = value or default_value(book)[0]
    book.require([key])
    measure = Quantity.of(CATALOGUE[key], book.warehouse.manifest.base_currency)
    newest = as_of == book.warehouse.newest_as_of
    from_day = max(as_of, today) if today and newest else as_of
    terms = limits["maturing"][TERMS]
    return [
        (Asked(book, as_of, from_day, measure, limits[alert.key], terms, measured), alert)
        for alert in ALERTS.values()
    ]


def _sized(book: Book, as_of: date, rows: pd.DataFrame) -> pd.DataFrame:
    """What a rule is about in money, where it does not say so itself: what the customer has with the bank."""
    size = rows["size"].astype("float64")
    if size.isna().any():
        key = holdings_key(book)
        held = book.frame((key,), as_of=as_of).set_index("customer_id")[key]
        size = size.fillna(rows["customer_id"].map(held)).fillna(0.0)
    return rows.assign(size=size)
