"""Offers: the eligible products of each customer by expected worth, each with its reason in plain words.

Expected worth is the probability that a customer like this takes the product within twelve months, times what the
product brings in twelve months per holder. Suitability comes first: what is held back never gets a rank.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.errors import NotEnoughData
from analytics.exports import export
from analytics.jobs import checkpoint
from analytics.needs.margins import margins, remarks
from analytics.needs.propensity import Propensities, propensities
from analytics.needs.reasons import reasons
from analytics.needs.suitability import (
    ELIGIBLE,
    REASONS,
    a_year_before,
    counted,
    held_back,
    standing,
    unknown,
)
from analytics.needs.traits import People, people
from analytics.translation import translate as _

MOST = 3
LEAST_CHANCE = 0.005  # what fewer than one of 200 alike would take is no offer, however much it would bring
BATCH = 50_000  # customers at once: their columns take 4 bytes times some hundred each
OF_THE_PRODUCT = ("not_sold", "already_held")  # told of a customer only where nothing else holds back
COLUMNS = ("customer_id", "product_id", "product", "rank", "probability", "margin", "worth", "reason")

Ranked = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64], NDArray[np.float32]]
_NONE: Ranked = (np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int64), np.zeros(0, np.float32))
_KINDS = {"rank": "int64", "probability": "float64", "margin": "float64", "worth": "float64"}
_EMPTY = pd.DataFrame({name: pd.Series(dtype=_KINDS.get(name, "str")) for name in COLUMNS})


@dataclass(frozen=True)
class Offering:
    """What the book's customers may be offered as of a date.

    seen : the customers. why : shape (n_customers, n_products), as `held_back` gives it. probability : the same
    shape, None where nothing could be learnt. margins : as `margins.margins`, None where they are not for this
    person or not in the data. warnings : in words, the gravest first.
    """

    seen: People
    why: NDArray[np.int8]
    model: Propensities | None
    probability: NDArray[np.float32] | None
    margins: pd.DataFrame | None
    warnings: tuple[str, ...]

    def places(self, customer_ids: Sequence[str] | None = None) -> NDArray[np.intp]:
        """Where customers stand, all of them for None; those outside the book are left out."""
        return np.arange(len(self.seen)) if customer_ids is None else self.seen.known.places(customer_ids)

    def best(
        self, customer_ids: Sequence[str] | None = None, most: int = MOST, *, rows: int | None = None
    ) -> pd.DataFrame:
        """The best offers of each customer: COLUMNS, in the order of the book and then of rank.

        margin and worth are NaN where profit is not shown: then the rank is by probability. A product that is worth
        nothing, or hardly ever taken, gets no rank. rows : only so many, those worth most first.
        """
        parts = [self._ranked(some, most) for some in _batches(self.places(customer_ids))]
        who, what, rank, score = (
            (np.concatenate(part) for part in zip(*parts, strict=True)) if parts else _NONE
        )
        if rows is not None:
            first = np.argsort(-score, kind="stable")[:rows]
            who, what, rank = who[first], what[first], rank[first]
        framed = [self._framed(who[some], what[some], rank[some]) for some in _batches(np.arange(len(who)))]
        return pd.concat(framed, ignore_index=True) if framed else _EMPTY.copy()

    def _framed(self, who: NDArray[np.intp], what: NDArray[np.intp], rank: NDArray[np.int64]) -> pd.DataFrame:
        checkpoint()
        products, model, probability = self.seen.known.products, self.model, self.probability
        if probability is None or model is None:  # nobody has a rank then
            return _EMPTY.copy()
        chance = probability[who, what].astype(np.float64)
        margin = np.nan if self.margins is None else self.margins["margin"].to_numpy()[what]
        return pd.DataFrame(
            {
                "customer_id": self.seen.known.ids[who],
                "product_id": products.index.to_numpy()[what],
                "product": products["name"].to_numpy()[what],
                "rank": rank,
                "probability": chance,
                "margin": margin,
                "worth": chance * margin,
                "reason": reasons(self.seen, model, who, what, chance),
            }
        )

    def _ranked(self, places: NDArray[np.intp], most: int) -> "Ranked":
        """The best products of some customers: who, what, rank, worth; of equals the first on the shelf."""
        if self.probability is None:
            return _NONE
        worth = self.probability[places]
        if self.margins is not None:
            worth = worth * self.margins["margin"].to_numpy(np.float32)
        worth[(self.why[places] != ELIGIBLE) | (self.probability[places] < LEAST_CHANCE)] = 0.0
        rows, found = np.arange(len(places)), []
        for rank in range(1, min(most, worth.shape[1]) + 1):
            what = worth.argmax(axis=1)
            best = worth[rows, what]
            some = best > 0
            found.append((places[some], what[some], np.full(int(some.sum()), rank), best[some]))
            worth[rows, what] = 0.0
        who, what, ranks, scores = (np.concatenate(part) for part in zip(_NONE, *found, strict=True))
        order = np.lexsort((ranks, who))
        return who[order], what[order], ranks[order], scores[order]

    def served(self, customer_ids: Sequence[str] | None = None) -> int:
        """How many customers can be offered something at all."""
        return int((self.why[self.places(customer_ids)] == ELIGIBLE).any(axis=1).sum())

    def unserved(self, customer_ids: Sequence[str] | None = None) -> pd.DataFrame:
        """Who can be offered nothing: customer_id, and reason, what holds back most of what they don't hold."""
        places = self.places(customer_ids)
        places = places[~(self.why[places] == ELIGIBLE).any(axis=1)]
        tally = np.stack(
            [(self.why[places] == code).sum(axis=1) for code in range(1, len(REASONS) + 1)], axis=1
        )
        tally[:, [code for code, reason in enumerate(REASONS) if reason.key in OF_THE_PRODUCT]] *= -1
        keys = np.array([reason.key for reason in REASONS], dtype=object)
        return pd.DataFrame(
            {"customer_id": self.seen.known.ids[places], "reason": keys[tally.argmax(axis=1)]}
        )

    def lapsed(self, today: date, customer_ids: Sequence[str] | None = None) -> int:
        """How many could be offered something as of the date, but their risk assessment has run out by today."""
        places = self.places(customer_ids)
        served = places[(self.why[places] == ELIGIBLE).any(axis=1)]
        return int((self.seen.known.assessed[served] < np.datetime64(a_year_before(today))).sum())

    def counts(self, customer_ids: Sequence[str] | None = None) -> pd.DataFrame:
        """Each product's eligible customers and those held back by reason, as `suitability.counted`."""
        return counted(self.why[self.places(customer_ids)], self.seen.known.products)


def offering(book: Book, as_of: date) -> Offering:
    """Everything that the book's customers may be offered: learn, price, hold back.

    Raises NotEnoughData without products or accounts. Where nothing can be learnt, or profit is not for this
    person, the warnings say so and the rest stands.
    """
    seen = people(book, as_of)
    said = unknown(book)
    model, probability = None, None
    try:
        model = propensities(book, as_of)
        probability = scored(model, seen)
        said += model.warnings(seen.known.products)
    except NotEnoughData as error:
        said.append(str(error))
    checkpoint(0.7, _("Working out what products bring"))
    found, remarked = _margins(book, seen, as_of)
    return Offering(seen, held_back(seen.known), model, probability, found, (*said, *remarked))


def _margins(book: Book, seen: People, as_of: date) -> tuple[pd.DataFrame | None, list[str]]:
    reason = book.available["profit_12m"]
    if reason:
        return None, [_("Offers are ranked by probability, not by worth. {reason}").format(reason=reason)]
    found = margins(book, seen.known, as_of)
    if not (found["margin"] > 0).any():
        return None, [
            _("Offers are ranked by probability, not by worth: no product brings anything by the data.")
        ]
    currency = book.warehouse.manifest.base_currency
    return found, remarks(found, seen.known.products, currency)


def scored(model: Propensities, seen: People) -> NDArray[np.float32]:
    """The probability of each product for each customer, held or not; shape (n_customers, n_products)."""
    found = np.empty(seen.known.held.shape, dtype=np.float32)
    for some in _batches(np.arange(len(seen))):
        checkpoint()
        part = slice(int(some[0]), int(some[-1]) + 1)
        found[part] = model.probability(seen.columns(part))
    return found


def _batches(places: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    for first in range(0, len(places), BATCH):
        yield places[first : first + BATCH]


@dataclass(frozen=True)
class Offers:
    """table : as `Offering.best`. held_back : as `Offering.counts`. customers : asked about, of whom `served` can be
    offered something."""

    table: pd.DataFrame
    held_back: pd.DataFrame
    customers: int
    served: int
    warnings: tuple[str, ...]


def offers(
    book: Book, customer_ids: Sequence[str] | None, as_of: date, most: int = MOST, *, where: str = ""
) -> Offers:
    """The best offers of some customers, of all who pass a filter for None. Raises as `offering`."""
    if customer_ids is None and where:
        customer_ids = book.table((), as_of=as_of, where=where)["customer_id"].to_pylist()
    found = offering(book, as_of)
    asked = len(found.places(customer_ids))
    return Offers(
        found.best(customer_ids, most),
        found.counts(customer_ids),
        asked,
        found.served(customer_ids),
        found.warnings,
    )


def offer_counts(book: Book, customer_ids: Sequence[str] | None, as_of: date) -> list[dict[str, Any]]:
    """The `offers` of the `needs` document: product, eligible and held_back by reason. Nothing is learnt for it.

    Raises NotEnoughData without products or accounts.
    """
    known = standing(book, as_of)
    places = slice(None) if customer_ids is None else known.places(customer_ids)
    return counts_document(counted(held_back(known)[places], known.products))


def counts_document(counts: pd.DataFrame) -> list[dict[str, Any]]:
    """`Offering.counts` as JSON: reasons that hold nobody back are left out."""
    return [
        {
            "product": product,
            "eligible": int(row["eligible"]),
            "held_back": {reason.key: int(row[reason.key]) for reason in REASONS if row[reason.key]},
        }
        for product, row in counts.iterrows()
    ]


def offers_table(
    book: Book, customer_ids: Sequence[str] | None, as_of: date, most: int = MOST
) -> pd.DataFrame:
    """The rows of `needs --out`: customer_id, product_id, rank, reason."""
    return offers(book, customer_ids, as_of, most).table[["customer_id", "product_id", "rank", "reason"]]


def write_offers(
    book: Book, customer_ids: Sequence[str] | None, as_of: date, path: Path, most: int = MOST,
    recipe_hash: str | None = None,
) -> int:  # fmt: skip
    """Write `offers_table` to a file by its ending; how many rows it has. Raises as `exports.export`."""
    rows = offers_table(book, customer_ids, as_of, most)
    export(rows, path, book, as_of=as_of, recipe_hash=recipe_hash)
    return len(rows)
