"""What a method is: a file with a key, a label, settings as data, and `assign`.

The form, the recipe's checks, the command line, the docs and the contract tests all derive from these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from analytics import formats
from analytics.docstrings import parts_of
from analytics.errors import BadInput, NotEnoughData
from analytics.ids import in_order
from analytics.methods.settings import Setting
from analytics.translation import translate as _
from analytics.where import refuse_unknown

if TYPE_CHECKING:
    from analytics.recipe import Recipe

Labels = np.ndarray[tuple[int], np.dtype[np.int64]]
LEFT_OUT = -1


@dataclass(frozen=True)
class Treatment:
    """What was done to one indicator before it was used, in words."""

    indicator: str
    what: str


@dataclass(frozen=True)
class Words:
    """What indicators are called and how their figures are written; without a catalogue, by their keys.

    better : "higher" or "lower", for those of which one is better.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    better: Mapping[str, str] = field(default_factory=dict)

    def label(self, key: str) -> str:
        """The indicator's label in the language in use.

        >>> Words().label("profit_12m")
        'profit 12m'
        """
        return _(self.labels[key]) if key in self.labels else key.replace("_", " ")

    def quantity(self, key: str, value: float | None) -> str:
        """A figure of the indicator, as its unit asks."""
        return formats.quantity(value, self.units.get(key, "count"), self.currency).strip()


class Model(Protocol):
    """What a fit leaves behind: it puts any customer in a segment, also one who was not there."""

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        """Labels by the rule that was found: those of the fit for the customers that it was made on.

        table, value : as `Method.assign` takes them, in any row order. LEFT_OUT where a customer is in none.
        """
        ...


@dataclass(frozen=True)
class Assignment:
    """Which segment each customer is in.

    labels : shape (n_customers,), in the order of the table; LEFT_OUT where a customer is in none.
    naming : gives `names`, in the language that is in use when they are asked for.
    rules : by label.
    left_out : customers by reason, adding up to the count of LEFT_OUT.
    quality : figures about the whole, JSON-like.
    model : gives these labels again, and labels for changed or other customers.
    details : what a method wants shown beside it (cuts, centres), JSON-like.
    """

    labels: Labels
    naming: Callable[[], dict[int, str]] = dict
    rules: dict[int, str] = field(default_factory=dict)
    treatments: list[Treatment] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    model: Model | None = None

    @property
    def names(self) -> dict[int, str]:
        """What segments are called, by label. One without a name is named by what sets it apart."""
        return self.naming()


class Method:
    """A way to split customers into segments. Subclasses document themselves in their docstring.

    First line: what it does. Then lines that begin "Use it when", "Not when" and "Source:".
    finds_groups : whether it looks for groups that are there, rather than cutting where somebody said.
    weighs_together : whether it adds up its indicators without looking for groups.
    lasting_names : whether a name that it gives means the same segment at another date.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    least_indicators: ClassVar[int] = 0
    finds_groups: ClassVar[bool] = False
    weighs_together: ClassVar[bool] = False
    lasting_names: ClassVar[bool] = True
    order: ClassVar[int] = 100  # where pickers list it

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        """Split the customers of the table.

        table : shape (n_customers, n_indicators), sorted by its index customer_id; numbers are float64 with
        NaN where empty, categories are text or categorical. value : float64, same index, NaN where empty.
        Raises NotEnoughData where no honest split is possible.
        """
        raise NotImplementedError

    def run(
        self,
        table: pd.DataFrame,
        value: "pd.Series[float]",
        *,
        words: Words | None = None,
        seed: int = 7,
        **given: Any,
    ) -> Assignment:
        """`assign` with the settings checked and completed, for a table in any row order."""
        if not len(table):
            raise NotEnoughData(_("There are no customers to split."), _("Widen the population."))
        settings = self.resolve(given)
        if in_order(table.index):
            return self.assign(table, value=value, words=words or Words(), seed=seed, **settings)
        order = np.argsort(table.index.to_numpy(), kind="stable")
        found = self.assign(
            table.iloc[order], value=value.iloc[order], words=words or Words(), seed=seed, **settings
        )
        labels = np.empty(len(order), np.int64)
        labels[order] = found.labels
        return Assignment(**{**vars(found), "labels": labels})

    def resolve(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Every setting: as given and checked, else its default.

        Raises UnknownName for a setting that the method lacks, BadInput for a value out of range.
        """
        known = {setting.key: setting for setting in self.settings}
        for name in given:
            if name not in known:
                what = _("The method {method} has no setting '{name}'.").replace("{method}", _(self.label))
                refuse_unknown(what, name, known)
        return {key: setting.check(given.get(key, setting.default)) for key, setting in known.items()}

    def indicators(self, recipe: "Recipe") -> tuple[str, ...]:
        """Indicators that the method reads beside the recipe's own, from its settings.

        Raises UnknownName where a weight or a comparison names an indicator that the recipe has not.
        """
        found: list[str] = []
        settings = self.resolve(recipe.method.settings)
        for setting in self.settings:
            named = setting.indicators(settings[setting.key])
            if setting.kind not in ("weights", "pairwise"):
                found += named
                continue
            for key in named:
                if key not in recipe.indicators:
                    what = _("'{setting}' names '{name}', which is not among the recipe's indicators.")
                    refuse_unknown(what.replace("{setting}", setting.key), key, recipe.indicators)
        return tuple(dict.fromkeys(key for key in found if key))

    def check_indicators(self, chosen: tuple[str, ...]) -> None:
        """Raise BadInput when the method needs more indicators than were chosen."""
        if len(chosen) < self.least_indicators:
            what = _("The method {method} needs at least {least} of your own indicators; {chosen} chosen.")
            raise BadInput(
                what.format(method=_(self.label), least=self.least_indicators, chosen=len(chosen)),
                _("Add indicators to the recipe."),
            )

    @classmethod
    def paragraphs(cls) -> dict[str, str]:
        """The docstring's parts in the language in use: what, when, not_when, source."""
        return {part: _(text) for part, text in parts_of(cls.__doc__ or "").items()}
