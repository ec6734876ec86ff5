"""Two segmentations of one book side by side: how far they agree, who is elsewhere, and what they are worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score

from analytics.formats import day, in_a_row, number, percent, quantity
from analytics.indicators import CATALOGUE, summed
from analytics.jobs import checkpoint
from analytics.population import Customers
from analytics.recipe import Recipe
from analytics.segmentation import Segmentation, segment
from analytics.translation import plural
from analytics.translation import translate as _

Labels = NDArray[np.int64]
Numbers = NDArray[np.float64]
NOWHERE = 0


@dataclass(frozen=True)
class Comparison:
    """Two segmentations of the same customers.

    adjusted_rand : 1 for the same groups whatever they are called, near 0 for chance; groups of NOWHERE count.
    customers : those who are in a segment of at least one of the two.
    table, worth : customers and their value, rows the first's segments, columns the second's; NOWHERE, last
    and only where anybody is there, holds those whom that one leaves out or does not ask for.
    value : the indicator that worth is measured in, the first's. matched : the second's segment that stands
    for each of the first's, one to one, so that the most customers agree.
    members : customer_id, first, second, value, moved. moved : not in the segment that stands for theirs.
    """

    adjusted_rand: float
    customers: int
    table: pd.DataFrame
    worth: pd.DataFrame
    first_names: dict[int, str]
    second_names: dict[int, str]
    matched: dict[int, int]
    value: str
    moved_customers: int
    moved_value: float
    members: pd.DataFrame
    sentence: str
    warnings: list[str]

    def document(self) -> dict[str, Any]:
        """The `compare` JSON of contract.md; besides: the segments of rows and columns, and what to say."""
        return {
            "adjusted_rand": self.adjusted_rand,
            "customers": self.customers,
            "moved": {
                "customers": self.moved_customers,
                "value": float(summed(self.value, self.moved_value)),
            },
            "table": self.table.to_numpy().tolist(),
            "worth": summed(self.value, self.worth.to_numpy()).tolist(),
            "value": self.value,
            "rows": [{"segment": at, "name": name} for at, name in self.first_names.items()],
            "columns": [{"segment": at, "name": name} for at, name in self.second_names.items()],
            "matched": [[one, other] for one, other in self.matched.items()],
            "sentence": self.sentence,
            "warnings": self.warnings,
        }


def compare(book: Customers, first: Recipe, second: Recipe) -> Comparison:
    """Run two recipes over a book and set their segments side by side.

    Moved are the customers who are not in the counterpart of their segment, under the one-to-one matching of
    segments that leaves the fewest (Kuhn 1955); so a copy with other names and numbers moves nobody.
    Value is what the first recipe measures it in, at its date. Raises as `segmentation.segment`.
    Source: adjusted Rand index, Hubert and Arabie 1985.
    """
    checkpoint(0.0, _("running the first"))
    one = segment(book, first)
    checkpoint(0.4, _("running the second"))
    other = segment(book, second)
    checkpoint(0.8, _("setting them side by side"))
    return _compared(book, one, other)


def compare_toml(book: Customers, first: str, second: str) -> Comparison:
    """`compare` from recipes as plain text, so that equal questions can share an answer."""
    return compare(book, Recipe.from_toml(first), Recipe.from_toml(second))


def _compared(book: Customers, one: Segmentation, other: Segmentation) -> Comparison:
    members = _side_by_side(book, one, other)
    ours, theirs = members["first"].to_numpy(), members["second"].to_numpy()
    value = members["value"].to_numpy()
    shape = (len(one.segments) + 1, len(other.segments) + 1)
    cells = np.ravel_multi_index((ours, theirs), shape)
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    worth = np.bincount(cells, weights=value, minlength=counts.size).reshape(shape)
    matched = counterparts(counts)
    counterpart = np.full(shape[0], -1)
    counterpart[list(matched)] = list(matched.values())
    members["moved"] = counterpart[ours] != theirs
    moved = members["moved"].to_numpy()
    names = _names(one, counts.sum(axis=1)), _names(other, counts.sum(axis=0))
    facts: dict[str, Any] = {
        "adjusted_rand": float(adjusted_rand_score(ours, theirs)),
        "customers": len(members),
        "moved_customers": int(moved.sum()),
        "moved_value": float(value[moved].sum()),
    }
    return Comparison(
        **facts, table=_table(counts, names), worth=_table(worth, names), first_names=names[0],
        second_names=names[1], matched=matched, value=one.value, members=members,
        sentence=_sentence(facts, float(value.sum()), one.value, book.warehouse.manifest.base_currency),
        warnings=_warnings(one, other, counts),
    )  # fmt: skip


def _side_by_side(book: Customers, one: Segmentation, other: Segmentation) -> pd.DataFrame:
    """customer_id, first, second and value of everyone in a segment of either, in order of customer_id."""
    first = one.members[["customer_id", "segment", "value"]].rename(columns={"segment": "first"})
    second = other.members[["customer_id", "segment"]].rename(columns={"segment": "second"})
    if first["customer_id"].equals(second["customer_id"]):  # the usual case; nothing to look up
        both = first.assign(second=second["second"].to_numpy())
    else:
        both = first.merge(second, on="customer_id", how="outer", sort=True)
        unknown = both["value"].isna()
        if unknown.any():
            both.loc[unknown, "value"] = _values(book, one, both.loc[unknown, "customer_id"])
        both = both.fillna({"first": NOWHERE, "second": NOWHERE}).astype({"first": int, "second": int})
    return both[["customer_id", "first", "second", "value"]]


def _values(book: Customers, one: Segmentation, customers: "pd.Series[str]") -> Numbers:
    """What the first recipe's value is for customers whom it has in no segment; 0 where it is empty."""
    everyone = book.frame((one.value,), as_of=one.recipe.as_of).set_index("customer_id")[one.value]
    return everyone.reindex(customers).fillna(0.0).to_numpy(np.float64)


def counterparts(counts: NDArray[np.int64]) -> dict[int, int]:
    """The segment of the second for each of the first's, as far as there are enough; none for NOWHERE.

    counts : customers, rows the first's segments from NOWHERE up, columns the second's.
    """
    rows, columns = linear_sum_assignment(counts[1:, 1:], maximize=True)
    return {int(row) + 1: int(column) + 1 for row, column in zip(rows, columns, strict=True)}


def _names(result: Segmentation, sizes: NDArray[np.int64]) -> dict[int, str]:
    numbers = result.segments["segment"].astype(int)
    names = dict(zip(numbers.tolist(), result.segments["name"].tolist(), strict=True))
    return names | ({NOWHERE: _("In no segment")} if sizes[NOWHERE] else {})


def _table(cells: NDArray[Any], names: tuple[dict[int, str], dict[int, str]]) -> pd.DataFrame:
    rows, columns = (list(each) for each in names)
    return pd.DataFrame(cells[np.ix_(rows, columns)], index=rows, columns=columns)


def _sentence(facts: dict[str, Any], total: float, key: str, currency: str) -> str:
    n, moved = facts["customers"], facts["moved_customers"]
    agreement = _("The agreement is {index} (adjusted Rand: 1 is the same, 0 is chance).")
    agreement = agreement.format(index=number(facts["adjusted_rand"], 2))
    if not moved:
        same = plural(
            "Both put the {n} customer in the same group.",
            "Both put all {n} customers in the same groups.",
            n,
        )
        return in_a_row(same.format(n=number(n)), agreement)
    said = _(
        "{moved} of {n} customers ({share}) are in another group, and with them {value} of {label}{part}."
    )
    part = _(" ({share} of it)").format(share=percent(facts["moved_value"] / total)) if total > 0 else ""
    row = CATALOGUE[key]
    worth = quantity(facts["moved_value"], row.unit, currency)
    said = said.format(
        moved=number(moved),
        n=number(n),
        share=percent(moved / n),
        value=worth,
        label=_(row.label).lower(),
        part=part,
    )
    return in_a_row(said, agreement)


def _warnings(one: Segmentation, other: Segmentation, counts: NDArray[np.int64]) -> list[str]:
    notes = []
    for n, which in ((counts[:, NOWHERE].sum(), _("first")), (counts[NOWHERE].sum(), _("second"))):
        if n:
            note = plural(
                "{n} customer is in a segment of the {which} alone: counted as moved.",
                "{n} customers are in a segment of the {which} alone: counted as moved.",
                int(n),
            )
            notes.append(note.format(n=number(int(n)), which=which))
    if one.as_of != other.as_of:
        note = _("The two are of different dates, {first} and {second}; value is as of the first.")
        notes.append(note.format(first=day(one.as_of), second=day(other.as_of)))
    if len(one.segments) != len(other.segments):
        note = _(
            "The first has {one} segments and the second {other}: those without a counterpart count as moved."
        )
        notes.append(note.format(one=number(len(one.segments)), other=number(len(other.segments))))
    return notes + list(dict.fromkeys((*one.warnings, *other.warnings)))
