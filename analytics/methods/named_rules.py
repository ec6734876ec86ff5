"""Named rules."""

from typing import Any

import numpy as np
import pandas as pd

from analytics.formats import number
from analytics.methods.base import Assignment, Method, Words
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
        labels = np.full(len(table), everyone_else, np.int64)
        warnings, texts = [], dict.fromkeys(range(everyone_else), "")
        for rule in rules:
            label, fits = numbers[rule["name"]], parse(rule["where"], units).mask(table).to_numpy()
            joined = translate("{first}; or {second}").format(first=texts[label], second=rule["where"])
            texts[label] = joined if texts[label] else rule["where"]
            new = fits & (labels == everyone_else)
            labels[new] = label
            if not new.any():
                warnings.append(_nobody_left(rule["name"], int(fits.sum())))
        names = {at: translate(name) for name, at in numbers.items()}
        return Assignment(
            labels=labels,
            names=names | {everyone_else: translate("Everyone else")},
            rules=texts | {everyone_else: translate("None of the rules above.")},
            quality={"silhouette": None},
            warnings=warnings,
        )


def _nobody_left(name: str, fitting: int) -> str:
    if not fitting:
        return translate("No customer fits the rule “{name}”.").format(name=translate(name))
    what = translate("All {n} customers who fit the rule “{name}” fit an earlier rule too. Move it up.")
    return what.format(name=translate(name), n=number(fitting))
