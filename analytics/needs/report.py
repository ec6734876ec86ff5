"""What the customers of a segment have in common: the products, against comparable customers outside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.access.book import Book, frame_of
from analytics.access.holdings import held_sql, shelf
from analytics.errors import BadInput, NotEnoughData
from analytics.formats import labelled, number, percent
from analytics.indicators import CATALOGUE
from analytics.needs.associations import associations
from analytics.needs.gaps import gaps
from analytics.needs.matching import COARSE, COVER, MATCHED_ON, Match, Places, match
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation, segment_toml
from analytics.translation import translate as _
from analytics.workers import both

MADE_OF = ("accounts.customer_id", "accounts.product_id")
Offers = Callable[[Book, Sequence[str], date], list[dict[str, Any]]]


@dataclass(frozen=True, eq=False)
class Needs:
    """One segment beside its peers.

    number, name : the segment's. ids : customer_id of everybody in the book who had joined by then, in the order of
    the match. gaps, associations : see the functions that make them; names : what products are called, by id.
    doubts : what to know of the comparison.
    """

    number: int
    name: str
    as_of: date
    ids: pa.ChunkedArray
    match: Match
    gaps: pd.DataFrame
    associations: pd.DataFrame
    names: dict[str, str]
    doubts: list[str]

    @property
    def customers(self) -> list[str]:
        """The segment's customers, by customer_id."""
        return [str(one) for one in self.ids.filter(pa.array(self.match.inside)).to_pylist()]


@dataclass(frozen=True, eq=False)
class Held:
    """Who holds what. places : in the order of the book's ids. products : on the shelf. Each pair once."""

    places: Places
    products: Places
    shelf: pd.DataFrame


def needs(book: Book, recipe_text: str, segment: int | None = None) -> list[Needs]:
    """What each segment of a recipe, or one of them, has in common, as of the recipe's date.

    Segments that are too small to compare are left out, unless one is asked for. Raises BadInput for a segment that
    there is not, NotEnoughData where nothing can be compared, and as `segmentation.segment` does.
    """
    found = segment_toml(book, recipe_text)
    if segment is not None:
        return [needs_of(book, found, segment)]
    told = [_or_none(book, found, int(number)) for number in found.segments["segment"]]
    return [one for one in told if one is not None]


def _or_none(book: Book, found: Segmentation, segment: int) -> Needs | None:
    _need_products(book)
    try:
        return needs_of(book, found, segment)
    except NotEnoughData:
        return None


def needs_of(book: Book, found: Segmentation, segment: int) -> Needs:
    """What one segment of this segmentation has in common. Raises as `needs`."""
    _need_products(book)
    name = name_of(found, segment)
    (ids, beside), (told, known) = both(
        lambda: matched(book, found, segment), lambda: _holdings(book, found.as_of)
    )
    held = _held(told, known, ids)
    return Needs(
        segment, name, found.as_of, ids, beside, gaps(held.places, held.products, held.shelf, beside),
        associations(_baskets(held, beside)), names_of(held.shelf), _doubts(book, beside),
    )  # fmt: skip


def _need_products(book: Book) -> None:
    missing = book.warehouse.missing(MADE_OF)
    if missing:
        raise NotEnoughData(
            _("The warehouse has no {columns}.").format(columns=_(", ").join(missing)),
            _("Load accounts with their products to see what customers hold."),
        )


def name_of(found: Segmentation, segment: int) -> str:
    """What a segment is called. Raises BadInput for one that there is not."""
    rows = found.segments[found.segments["segment"] == segment]
    if rows.empty:
        raise BadInput(
            _("There is no segment {n} here.").format(n=number(segment)),
            _("Segments are numbered 1 to {last}.").format(last=number(len(found.segments))),
        )
    return str(rows["name"].iloc[0])


def matched(book: Book, found: Segmentation, segment: int) -> tuple[pa.ChunkedArray, Match]:
    """The book's customers, and the segment's among them beside its peers."""
    keys = [key for key in MATCHED_ON if book.available[key] is None]
    rows = book.table(keys, as_of=found.as_of)
    members = found.members["customer_id"][found.members["segment"] == segment]
    inside = pc.is_in(rows["customer_id"], value_set=pa.array(members, type=rows["customer_id"].type))
    told = frame_of(
        pa.table(
            {key: rows[key] if CATALOGUE[key].is_number else rows[key].dictionary_encode() for key in keys}
        )
    )
    return rows["customer_id"], match(told, inside.to_numpy().astype(bool))


def _holdings(book: Book, as_of: date) -> tuple[pa.Table, pd.DataFrame]:
    """Who holds what on a day, by id, and what is on the shelf; a product that no row describes by its id."""
    told = book.joined(held_sql(as_of), what="holdings", as_of=as_of)
    known = shelf(book)
    unknown = sorted(set(pc.unique(told["product_id"]).to_pylist()) - set(known.index))
    if unknown:
        known = known.reindex([*known.index, *unknown])
        known = known.fillna({"name": known.index.to_series(), "is_active": True}).astype({"is_active": bool})
    return told, known


def _held(told: pa.Table, known: pd.DataFrame, ids: pa.ChunkedArray) -> Held:
    """Holdings by where customers and products stand."""
    places = pc.index_in(told["customer_id"], value_set=ids.combine_chunks())
    products = pc.index_in(told["product_id"], value_set=pa.array(known.index, type=pa.string()))
    return Held(_numbers(places), _numbers(products), known)


def names_of(products: pd.DataFrame) -> dict[str, str]:
    """What each product is called, by its id, which stands beside a name that several have."""
    twice = products["name"].duplicated(keep=False)
    named = zip(products.index, products["name"], twice, strict=True)
    return {key: f"{name} ({key})" if double else str(name) for key, name, double in named}


def _numbers(column: pa.ChunkedArray) -> Places:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _baskets(held: Held, beside: Match) -> list[tuple[str, ...]]:
    """What each customer of the segment holds; who holds the same shares one basket, who holds nothing an empty one."""
    own = beside.inside[held.places]
    row = np.cumsum(beside.inside) - 1
    holds = np.zeros((beside.customers, len(held.shelf)), np.bool_)
    holds[row[held.places[own]], held.products[own]] = True
    bits = np.packbits(holds, axis=1)  # as one key a row they are found much faster than row by row
    keys = bits.view(np.dtype((np.void, bits.shape[1]))).reshape(-1) if bits.size else np.zeros(len(bits))
    _keys, first, kind = np.unique(keys, return_index=True, return_inverse=True)
    names = held.shelf.index.to_numpy(object)
    baskets = [tuple(names[holds[one]]) for one in first]
    return [baskets[one] for one in kind.tolist()]


def _doubts(book: Book, beside: Match) -> list[str]:
    """What was not compared, and who was not."""
    said = []
    without = [key for key in MATCHED_ON if key not in beside.used]
    if without:
        text = _("Not matched on {what}, which this book does not have: differences may be due to it.")
        said.append(text.format(what=_(", ").join(_(CATALOGUE[key].label).lower() for key in without)))
    bands = beside.bands.get("balance_average_3m", 0)
    if 0 < bands <= COARSE:
        text = _(
            "The book is so small that balance was matched in {n} bands: part of a difference may still be wealth."
        )
        said.append(text.format(n=number(bands)))
    if beside.cover < COVER:
        text = _(
            "{n} of the segment's {all} customers ({share}) have no comparable customer outside; both sides leave them out."
        )
        left = beside.customers - beside.count
        said.append(
            text.format(n=number(left), all=number(beside.customers), share=percent(left / beside.customers))
        )
    if beside.effective < beside.peers / 4:
        text = _("The {n} peers are so unevenly alike that they count as {few}: the intervals are wide.")
        said.append(text.format(n=number(beside.peers), few=number(beside.effective)))
    return said


def lacking(book: Book, found: Segmentation, segment: int, product_id: str) -> pd.DataFrame:
    """The segment's customers who do not hold a product: customer_id and value, the most valuable first."""
    name_of(found, segment)
    told = book.joined(held_sql(found.as_of), what="holdings", as_of=found.as_of)
    holders = told["customer_id"].filter(pc.equal(told["product_id"], product_id)).to_pylist()
    rows = found.members[found.members["segment"] == segment]
    rows = rows.loc[~rows["customer_id"].isin(holders), ["customer_id", "value"]]
    return rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def needs_document(
    book: Book, recipe: Recipe, segment: int | None = None, offers: Offers | None = None
) -> dict[str, Any]:
    """The JSON of the `needs` command, by the segments' names.

    offers : given the book, the segment's customers and the date, the rows of `offers`; none without it.
    """
    found = segment_toml(book, recipe.to_toml())
    numbers = [segment] if segment is not None else [int(n) for n in found.segments["segment"]]
    document: dict[str, Any] = {"as_of": found.as_of.isoformat(), "segments": {}, "warnings": []}
    for one in numbers:
        name = name_of(found, one)
        try:
            told = needs_of(book, found, one)
        except NotEnoughData as error:
            if segment is not None or book.warehouse.missing(MADE_OF):
                raise
            document["warnings"].append(labelled(name, error.what))
            continue
        offered = offers(book, told.customers, found.as_of) if offers else []
        document["segments"][name] = _part(told) | {"offers": offered}
        document["warnings"] += [labelled(name, doubt) for doubt in told.doubts]
    return document


def _part(told: Needs) -> dict[str, Any]:
    """One segment's part of the document; what is not a number is null."""
    beside = told.match
    columns = [
        "name", "held_share", "peer_share", "lift", "customers", "difference", "low", "high", "chance", "differs",
        "holders", "peer_holders", "is_active",
    ]  # fmt: skip
    rows = told.gaps[columns].reset_index(names="product").to_dict("records")
    return {
        "segment": told.number,
        "customers": beside.customers,
        "compared": beside.count,
        "peers": beside.peers,
        "peers_effective": beside.effective,
        "matched_on": list(beside.used),
        "gaps": [{str(key): None if _is_nan(cell) else cell for key, cell in row.items()} for row in rows],
        "associations": told.associations.drop(columns="base").to_dict("records"),
    }


def _is_nan(cell: Any) -> bool:
    return isinstance(cell, float) and np.isnan(cell)
