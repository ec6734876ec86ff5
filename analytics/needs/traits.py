"""What of a customer may speak for a product: a fixed list of plain traits, each in a few levels with words.

No masked column and none that is only known as of today: income, region and business line may have changed
since the date that is learnt from, and tolerance follows from advice. Gender and family are left out on purpose:
nobody should be offered less for them. Amounts count by their fifth of the book at the same date, so that neither
the currency nor the length of the history matters.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.indicators import CATALOGUE
from analytics.needs.suitability import Standing, standing
from analytics.translation import mark as _
from analytics.translation import translate

FIFTHS = (
    _("{label}: lowest fifth"), _("{label}: second fifth"), _("{label}: middle fifth"),
    _("{label}: fourth fifth"), _("{label}: highest fifth"),
)  # fmt: skip
HOLDS = _("holds {product}")


@dataclass(frozen=True)
class Trait:
    """An indicator as a few levels. Level 0 is for what is unknown or nothing, of which nothing is said.

    edges : where levels 2, 3, ... begin; without them the fifths of those who have any. words : of levels 1, 2, ...
    values : the labels that are levels, for one that is no number.
    """

    key: str
    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = FIFTHS
    values: tuple[str, ...] = ()

    @property
    def levels(self) -> int:
        return len(self.words) + 1

    def level(self, column: "pd.Series[float] | pd.Series[str]") -> NDArray[np.int8]:
        """Each customer's level; shape (n_customers,)."""
        if self.values:
            return (pd.Categorical(column, categories=self.values).codes + 1).astype(np.int8)
        amounts = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if self.edges:
            found = np.searchsorted(self.edges, amounts, side="right") + 1
            return np.where(np.isfinite(amounts), found, 0).astype(np.int8)
        some = np.isfinite(amounts) & (amounts != 0)
        if not some.any():
            return np.zeros(len(amounts), dtype=np.int8)
        cuts = np.quantile(amounts[some], (0.2, 0.4, 0.6, 0.8))
        return np.where(some, np.searchsorted(cuts, amounts, side="left") + 1, 0).astype(np.int8)

    def phrases(self) -> list[str]:
        """Each level in words, in the language in use; "" for level 0."""
        label = translate(CATALOGUE[self.key].label).lower()
        return ["", *(translate(text).format(label=label) for text in self.words)]


_AGES = (
    _("younger than 25"), _("aged 25 to 34"), _("aged 35 to 44"), _("aged 45 to 54"), _("aged 55 to 64"),
    _("aged 65 or more"),
)  # fmt: skip
_TENURES = (
    _("a customer for less than a year"), _("a customer for 1 to 2 years"), _("a customer for 3 to 4 years"),
    _("a customer for 5 to 9 years"), _("a customer for 10 years or more"),
)  # fmt: skip
_SILENCES = (
    _("active in the last week"), _("last active within a month"), _("last active within three months"),
    _("not active for three months"),
)  # fmt: skip
_TYPES = (_("a personal customer"), _("a business customer"))
TRAITS = (
    Trait("customer_type", words=_TYPES, values=("personal", "business")),
    Trait("age_years", (25, 35, 45, 55, 65), _AGES),
    Trait("tenure_years", (1, 3, 5, 10), _TENURES),
    Trait("days_since_last_transaction", (8, 31, 92), _SILENCES),
    *(
        Trait(key)
        for key in (
            "balance_average_3m", "investments_average_3m", "loans_average_3m", "credit_amount_12m",
            "transactions_count_12m", "average_ticket_12m", "salary_amount_12m",
            "card_spend_12m", "channel_mobile_share_12m", "channel_branch_share_12m", "foreign_share_12m",
        )
    ),
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """The book's customers at a date as a model sees them.

    known : as suitability sees them, with what they hold. traits : the ones that this book may use.
    levels : shape (n_customers, n_traits).
    """

    known: Standing
    traits: tuple[Trait, ...]
    levels: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.levels)

    def columns(self, places: "NDArray[np.intp] | slice") -> NDArray[np.float32]:
        """A column a level, then one a product held, 0 or 1; shape (n_places, n_levels + n_products)."""
        parts = [
            self.levels[places, at, None] == np.arange(trait.levels, dtype=np.int8)
            for at, trait in enumerate(self.traits)
        ]
        return np.hstack([*parts, self.known.held[places]], dtype=np.float32, casting="unsafe")

    def phrases(self) -> list[str]:
        """What each column says of a customer who has it."""
        names = self.known.products["name"]
        holds = [translate(HOLDS).format(product=name) for name in names]
        return [phrase for trait in self.traits for phrase in trait.phrases()] + holds


def usable(book: Book) -> tuple[Trait, ...]:
    """The traits that the warehouse has; none of them has a column class."""
    return tuple(
        trait for trait in TRAITS if not book.available[trait.key] and not CATALOGUE[trait.key].sensitivity
    )


def people(book: Book, as_of: date) -> People:
    """The book at a date. Raises as `standing`."""
    traits, known = usable(book), standing(book, as_of)
    frame = book.frame([trait.key for trait in traits], as_of=as_of)
    if not np.array_equal(frame["customer_id"].to_numpy(), known.ids):
        frame = frame.set_index("customer_id").reindex(pd.Index(known.ids)).reset_index()
    levels = [trait.level(frame[trait.key]) for trait in traits]
    return People(known, traits, np.column_stack(levels) if levels else np.zeros((len(frame), 0), np.int8))
