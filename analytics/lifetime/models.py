"""The two ways to a lifetime value: contracts and balances by survival, purchases by BG/NBD and Gamma-Gamma.

Both are fitted once for the whole bank as of a date, are kept as a document of plain values, and then say what
any customer is worth over a horizon.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from analytics.errors import BadInput
from analytics.lifetime.bgnbd import BGNBD, fit_bgnbd, merged
from analytics.lifetime.credibility import Credibility, fit_credibility
from analytics.lifetime.gamma_gamma import GammaGamma, fit_gamma_gamma
from analytics.lifetime.likelihood import Numbers
from analytics.lifetime.survival import Stays, Survival, fit_survival
from analytics.translation import translate as _

HORIZON, DISCOUNT = 36, 0.1  # months and yearly rate of the indicator
QUIET = 3  # months without a balance or a transaction after which a customer counts as gone
HISTORY = 12  # months before a date that a fit needs
WEEKS_A_MONTH = 365 / 12 / 7


@dataclass(frozen=True)
class Margins:
    """Observed margin times the months that customers still stay: for profit, which may be negative.

    Statistics: `warehouse.history.standing`, a row a customer.
    """

    key: ClassVar[str] = "survival"
    survival: Survival
    credibility: Credibility = field(default_factory=Credibility)

    @classmethod
    def fit(cls, rows: pd.DataFrame) -> Self:
        """The most likely model of these customers. Raises NotEnoughData with too few who left.

        How far few months are believed is estimated from the customers who are here.
        """
        stay = ["entered", "reached", "has_left"]
        seen = rows.loc[rows["entered"] <= rows["reached"], stay]
        grouped = seen.groupby(stay).size().reset_index(name="count")
        columns = (grouped[name].to_numpy(np.float64) for name in grouped)
        here = rows.loc[rows["is_here"], ["profit_cents", "squares", "months"]]
        profit = here["profit_cents"].to_numpy(np.float64) / 100
        believed = fit_credibility(profit, here["squares"], here["months"])
        return cls(fit_survival(Stays(*columns)), believed)

    def worth(self, rows: pd.DataFrame, months: int = HORIZON, discount: float = DISCOUNT) -> Numbers:
        """What each customer will bring in `months`, shape (n_customers,), in units of the base currency.

        The mean month of the last year goes on as long as the customer stays; who is gone brings nothing.
        Customers with all twelve months keep their own mean; that of fewer months is drawn to everybody's, by
        `Credibility`.
        """
        margin = self.credibility.margin(rows["profit_cents"].to_numpy(np.float64) / 100, rows["months"])
        stays = self.survival.months_worth(rows["tenure"].to_numpy(), months, discount)
        return np.where(rows["is_here"].to_numpy(bool), margin * stays, 0.0)

    def document(self) -> dict[str, Any]:
        """The model as plain values."""
        return {
            "model": self.key,
            "survival": asdict(self.survival),
            "credibility": asdict(self.credibility),
        }


@dataclass(frozen=True)
class Purchases:
    """Expected purchases times expected spend: for those of whom only transactions are known.

    Statistics: `warehouse.history.purchases`, a row a customer. because : why margins could not be fitted though
    profit is known, "" where it is not.
    """

    key: ClassVar[str] = "purchases"
    activity: BGNBD
    spend: GammaGamma
    because: str = ""

    @classmethod
    def fit(cls, rows: pd.DataFrame, because: str = "") -> Self:
        """The most likely models. Raises NotEnoughData where either can't be fitted."""
        activity = fit_bgnbd(merged(rows["repeats"], rows["last"], rows["age"]))
        return cls(activity, fit_gamma_gamma(rows["repeats"], rows["mean"]), because)

    def worth(self, rows: pd.DataFrame, months: int = HORIZON, discount: float = DISCOUNT) -> Numbers:
        """What each customer will spend in `months`, shape (n_customers,), in units of the base currency."""
        weeks = months * WEEKS_A_MONTH
        times = self.activity.expected(rows["repeats"], rows["last"], rows["age"], weeks, discount)
        return times * self.spend.mean_spend(rows["repeats"], rows["mean"])

    def document(self) -> dict[str, Any]:
        """The model as plain values."""
        return {
            "model": self.key,
            "bgnbd": asdict(self.activity),
            "gamma_gamma": asdict(self.spend),
            "because": self.because,
        }


Model = Margins | Purchases


def model_of(document: dict[str, Any]) -> Model:
    """The model that a document describes. Raises BadInput for anything else.

    >>> kept = Margins(Survival(1.0, 30.0, -9.5, 100), Credibility(2.0, 10.0))
    >>> model_of(kept.document()) == kept
    True
    """
    try:
        if document["model"] == Margins.key:
            return Margins(Survival(**document["survival"]), Credibility(**document["credibility"]))
        activity, spend = BGNBD(**document["bgnbd"]), GammaGamma(**document["gamma_gamma"])
        return Purchases(activity, spend, document["because"])
    except (KeyError, TypeError) as error:
        raise BadInput(
            _("This version's lifetime model can't be read."), _("Load the data again.")
        ) from error
