"""The book's lifetime value over any horizon, by the models that the version was fitted with."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.access.book import Book
from analytics.access.histories import fitted, histories
from analytics.errors import BadInput
from analytics.lifetime.likelihood import Numbers
from analytics.lifetime.models import DISCOUNT, HORIZON, WEEKS_A_MONTH, Margins, Model
from analytics.translation import translate as _

LONGEST, DEAREST = 120, 0.5  # months, and a yearly rate
LISTED = 500


@dataclass(frozen=True)
class Outlook:
    """What the book's customers are expected to bring in the `months` after a date.

    customers : customer_id, worth (units of the base currency, discounted), chance (to be a customer at the end
        for balances, to be one still for purchases), basis (last year's profit, or purchases to come), for
        balances seen (months of the last twelve that they were customers for), most valuable first; of a large
        book the first LISTED. count : customers with a history; gone : those of them who have left. staying :
        expected share of the others at the end, for purchases of those still active.
    """

    model: Model
    months: int
    discount: float
    total: float
    losses: float
    count: int
    gone: int
    staying: float
    customers: pd.DataFrame

    @property
    def mean(self) -> float:
        """Per customer."""
        return self.total / self.count if self.count else 0.0


def outlook(book: Book, as_of: date, months: int = HORIZON, discount: float = DISCOUNT) -> Outlook:
    """What each customer of the book is worth. Raises NotAllowed or NotEnoughData where no model is fitted.

    months : 1 to LONGEST. discount : yearly, 0 to DEAREST.
    """
    check_settings(months, discount)
    model = fitted(book, as_of)
    rows = histories(book, model, as_of)
    worth = model.worth(rows, months, discount)
    chance, here, basis = _standing(model, rows, months)
    told = pd.DataFrame(
        {"customer_id": rows["customer_id"], "worth": worth, "chance": chance, "basis": basis}
    )
    if isinstance(model, Margins):
        told["seen"] = rows["months"]
    best = told.sort_values("worth", ascending=False, kind="stable").head(LISTED).reset_index(drop=True)
    return Outlook(
        model=model, months=months, discount=discount, total=float(worth.sum()),
        losses=float(-worth[worth < 0].sum()), count=len(rows), gone=int((~here).sum()),
        staying=float(chance[here].mean()) if here.any() else 0.0, customers=best,
    )  # fmt: skip


def check_settings(months: int, discount: float) -> None:
    """Raise BadInput for a horizon or a discount out of range."""
    if not 1 <= months <= LONGEST:
        raise BadInput(
            _("The horizon is {months} months.").format(months=months),
            _("Choose 1 to {longest} months.").format(longest=LONGEST),
        )
    if not 0 <= discount <= DEAREST:
        raise BadInput(
            _("The discount is {discount} a year.").format(discount=discount),
            _("Choose 0 to {highest}; 0.1 is 10% a year.").format(highest=DEAREST),
        )


def _standing(model: Model, rows: pd.DataFrame, months: int) -> tuple[Numbers, NDArray[np.bool_], Numbers]:
    """Each customer's chance, whether they are here now, and what the worth is made from."""
    if isinstance(model, Margins):
        here = rows["is_here"].to_numpy(bool)
        stays = model.survival.staying(rows["tenure"].to_numpy(), months)
        return np.where(here, stays, 0.0), here, rows["profit_cents"].to_numpy(np.float64) / 100
    history = rows["repeats"], rows["last"], rows["age"]
    here = np.ones(len(rows), dtype=bool)
    return model.activity.alive(*history), here, model.activity.expected(*history, months * WEEKS_A_MONTH)
