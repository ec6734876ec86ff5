"""Named rules."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.formats import number
from analytics.methods.base import Assignment, Labels, Method, Words
from analytics.methods.preparation import is_number
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate
from analytics.where import parse

DEFAULT_RULES = [
    {"name": _("New"), "where": "months_since_first_transaction < 6"},
    {"name": _("Active every month"), "where": "active_months_12m = 12"},
    {"name": _("Active most months"), "where": "active_months_12m >= 6"},
    {"name": _("Active now and then"), "where": "active_months_12m >= 1"},
    {"name": _("Silent for a year"), "where": "days_since_last_transaction > 365"},
]


@dataclass(frozen=True)
class RulesModel:
    """An ordered list of filters: the first that a customer passes decides.

    rules : a label and a filter each, as `where.parse` reads it. otherwise : the label of everyone else.
    """

    rules: tuple[tuple[int, str], ...]
    otherwise: int

    def predict(self, table: pd.DataFrame, value: "pd.Series[float]") -> Labels:
        labels = np.array([*(label for label, _where in self.rules), self.otherwise], np.int64)
        return np.asarray(labels[self.deciding(table)])

    def deciding(self, table: pd.DataFrame) -> Labels:
        """The position of the rule that decides for each customer, len(rules) where none does."""
        found = np.full(len(table), len(self.rules), np.int64)
        for at in range(len(self.rules) - 1, -1, -1):  # so that the first to fit is the last to be written
            found[parse(self.rules[at][1]).mask(table).to_numpy()] = at
        return found


class NamedRulesMethod(Method):
    """Put each customer into the first rule of a list that they fulfil.

    Use it when the bank or you already know the groups and can say what makes them.
    Not when you want to find out which groups there are.
    Source: none; the rules are yours.
    """

    key, label, order = "named_rules", _("Named rules"), 10
    settings = (
        Setting("rules", _("Rules"), default=DEFAULT_RULES, kind="rules",
                help=_("The first rule that fits decides; whoever fits none is in “Everyone else”.")),
    )  # fmt: skip

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        units = {str(key): "count" if is_number(table[key]) else "category" for key in table}
        rules = settings["rules"]
        numbers = {name: at for at, name in enumerate(dict.fromkeys(rule["name"] for rule in rules))}
        everyone_else = len(numbers)
        model = RulesModel(tuple((numbers[rule["name"]], rule["where"]) for rule in rules), everyone_else)
        conditions = [parse(rule["where"], units) for rule in rules]  # refuses what can't be compared
        deciding = np.bincount(model.deciding(table), minlength=len(rules))
        warnings = [
            _nobody_left(rule["name"], int(conditions[at].mask(table).sum()))
            for at, rule in enumerate(rules)
            if not deciding[at]
        ]
        return Assignment(
            labels=model.predict(table, value),
            naming=lambda: (
                {at: translate(name) for name, at in numbers.items()}
                | {everyone_else: translate("Everyone else")}
            ),
            rules=_texts(model) | {everyone_else: translate("None of the rules above.")},
            quality={"silhouette": None},
            warnings=warnings,
            model=model,
        )


def _texts(model: RulesModel) -> dict[int, str]:
    texts: dict[int, str] = {}
    joined = translate("{first}; or {second}")
    for label, where in model.rules:
        texts[label] = joined.format(first=texts[label], second=where) if label in texts else where
    return texts


def _nobody_left(name: str, fitting: int) -> str:
    if not fitting:
        return translate("No customer fits the rule “{name}”.").format(name=translate(name))
    what = translate("All {n} customers who fit the rule “{name}” fit an earlier rule too. Move it up.")
    return what.format(name=translate(name), n=number(fitting))
