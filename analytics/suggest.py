"""Which methods fit the chosen indicators, and why; a hint, never a gate."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.methods import METHODS
from analytics.methods.phrases import inside
from analytics.recipe import check_known
from analytics.translation import translate as _

MOST = 3
RECENCY, TENURE = ("days_since_last_transaction",), ("months_since_first_transaction", "tenure_years")
FREQUENCY = ("transactions_count_12m", "active_months_12m")
ACTIVITY = (*RECENCY, "transactions_change_6m", "credit_change_6m", "active_months_12m")
# What one asks after: the first that is chosen is the likeliest outcome.
OUTCOMES = ("response_rate", "responses_count", "profit_change_12m", "profit_12m", "revenue_12m", "nps",
            "balance_change_6m", "days_since_last_transaction")  # fmt: skip
BROAD = ("currency", "share", "days", "years")


@dataclass(frozen=True)
class Suggestion:
    """A method's key, and one sentence on why it fits, in the language in use."""

    method: str
    why: str


@dataclass(frozen=True)
class _Choice:
    """The chosen indicators, as the rules below look at them. rows : of the catalogue, by key."""

    rows: Mapping[str, Any]

    @property
    def numbers(self) -> list[str]:
        return [key for key, row in self.rows.items() if row.is_number]

    @property
    def categories(self) -> list[str]:
        return [key for key, row in self.rows.items() if not row.is_number]

    def of_unit(self, *units: str) -> list[str]:
        return [key for key, row in self.rows.items() if row.unit in units]

    def has(self, keys: Iterable[str]) -> bool:
        return any(key in self.rows for key in keys)

    def named(self, keys: Iterable[str]) -> str:
        return _(", ").join(inside(_(self.rows[key].label)) for key in keys)


def suggest(keys: Iterable[str], catalogue: Mapping[str, Any]) -> list[Suggestion]:
    """Methods that fit these indicators, best first, at most three. Raises UnknownName.

    >>> from analytics.indicators import CATALOGUE
    >>> [hint.method for hint in suggest(["profit_12m", "balance_average_3m"], CATALOGUE)][0]
    'matrix'
    """
    chosen = tuple(dict.fromkeys(keys))
    check_known(chosen, catalogue)
    choice = _Choice({key: catalogue[key] for key in chosen})
    found = []
    for method, why in _RULES:
        said = why(choice) if method in METHODS else ""
        if said:
            found.append(Suggestion(method, said))
    return found[:MOST]


def _tiers(choice: _Choice) -> str:
    if not choice.rows:
        return _("No indicator is chosen: customers can be cut by what they are worth.")
    if list(choice.rows) == choice.of_unit("currency")[:1]:
        return _("A single amount is cut into tiers, best by making it the value.")
    return ""


def _rfm(choice: _Choice) -> str:
    if not choice.rows:
        return _("It needs transactions alone.")
    parts = (choice.has(RECENCY), choice.has(FREQUENCY), choice.of_unit("currency"))
    if not all(parts) or len(choice.rows) > 4:
        return ""
    return _("These are recency, frequency and money, which RFM scores.")


def _life_stage(choice: _Choice) -> str:
    if not choice.rows:
        return _("It tells new customers from mature and silent ones, from transactions alone.")
    if not (choice.has(TENURE) and choice.has(ACTIVITY)) or len(choice.rows) > 4:
        return ""
    return _("Time with the bank and activity are what life stages are made of.")


def _mixed(choice: _Choice) -> str:
    if not choice.categories:
        return ""
    if not choice.numbers:
        return _("All of these are categories, which have no centre to be near to.")
    what = _("Categories ({names}) stand beside numbers, and it takes each as what it is.")
    return what.format(names=choice.named(choice.categories))


def _matrix(choice: _Choice) -> str:
    if len(choice.rows) != 2 or choice.categories:
        return ""
    what = _("Two indicators, {names}: low and high of each make fields that everybody can read.")
    return what.format(names=choice.named(choice.rows))


def _tree(choice: _Choice) -> str:
    outcome = next((key for key in OUTCOMES if key in choice.rows), "")
    if not outcome or len(choice.rows) < 3:
        return ""
    what = _("If the question is what goes with high or low {label}, it answers in rules.")
    return what.format(label=choice.named([outcome]))


def _kmeans(choice: _Choice) -> str:
    if len(choice.numbers) < 2 or choice.categories:
        return ""
    return _("All {n} are numbers, in which customers can be near to each other.").format(
        n=len(choice.numbers)
    )


def _mixture(choice: _Choice) -> str:
    if len(choice.of_unit(*BROAD)) < 2 or len(choice.of_unit(*BROAD)) < len(choice.rows):
        return ""
    return _("All take many different figures, so groups of different size and shape can be told apart.")


def _score(choice: _Choice) -> str:
    if len(choice.numbers) < 3 or not all(row.better for row in choice.rows.values()):
        return ""
    return _("Each of them has a better side, so they add up to one ranking.")


_RULES: tuple[tuple[str, Callable[[_Choice], str]], ...] = (
    ("value_tiers", _tiers), ("rfm", _rfm), ("life_stage", _life_stage), ("matrix", _matrix),
    ("mixed", _mixed), ("decision_tree", _tree), ("kmeans", _kmeans), ("weighted_score", _score),
    ("gaussian_mixture", _mixture),
)  # fmt: skip
