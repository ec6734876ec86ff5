"""Life stage."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analytics.errors import BadInput
from analytics.methods.base import LEFT_OUT, Assignment, Labels, Method, Words
from analytics.methods.named_rules import RulesModel
from analytics.methods.settings import Setting
from analytics.translation import mark as _
from analytics.translation import translate

NEW, GROWING, MATURE, DRIFTING, SLEEPING, LOST, SILENT = range(7)
NAMES = {
    NEW: _("New"), GROWING: _("Growing"), MATURE: _("Mature"), DRIFTING: _("Drifting"),
    SLEEPING: _("Sleeping"), LOST: _("Lost"), SILENT: _("No transactions yet"),
}  # fmt: skip


class LifeStageMethod(Method):
    """Say where customers are in their time with the bank: new, growing, mature, drifting, sleeping, lost.

    Use it when the next step depends on the stage: welcome, deepen, keep, win back.
    Not when customers are quiet by nature, as with a mortgage alone: they would all seem to sleep.
    Source: customary; the rules and their figures are in the settings.
    """

    key, label, order = "life_stage", _("Life stage"), 32
    settings = (
        Setting("new_months", _("New for so many months"), default=6, low=1, high=60,
                help=_("From this many months on a customer is no longer new.")),
        Setting("drifting_days", _("Drifting after days of silence"), default=60, low=1, high=3650,
                help=_("Silent for longer than this.")),
        Setting("sleeping_days", _("Sleeping after days of silence"), default=180, low=1, high=3650,
                help=_("Silent for longer than this.")),
        Setting("lost_days", _("Lost after days of silence"), default=365, low=1, high=3650,
                help=_("Silent for longer than this.")),
        Setting("growth", _("Growing from a change of"), default=0.2, kind="number", low=0.01, high=10.0,
                help=_("0.2 is a fifth more than before.")),
        Setting("decline", _("Drifting from a loss of"), default=0.5, kind="number", low=0.01, high=1.0,
                help=_("0.5 is half less than before. New customers are not judged by it.")),
        Setting("tenure", _("How long with us"), default="months_since_first_transaction", kind="indicator",
                help=_("In months.")),
        Setting("silence", _("How long silent"), default="days_since_last_transaction", kind="indicator",
                help=_("In days. Customers without it are a segment of their own.")),
        Setting("change", _("Change in activity"), default="transactions_change_6m", kind="indicator",
                help=_("As a share of what was before. Customers without it neither grow nor shrink.")),
    )  # fmt: skip

    def resolve(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """As every method; besides BadInput where the days of silence do not rise."""
        settings = super().resolve(given)
        if not settings["drifting_days"] < settings["sleeping_days"] < settings["lost_days"]:
            raise BadInput(
                translate("The days of silence must rise from drifting over sleeping to lost."),
                translate("Such as 60, 180 and 365."),
            )
        return settings

    def assign(
        self, table: pd.DataFrame, *, value: "pd.Series[float]", words: Words, seed: int, **settings: Any
    ) -> Assignment:
        model = RulesModel(_rules(settings), LEFT_OUT)
        labels = model.predict(table, value)
        return Assignment(
            labels=labels,
            naming=lambda: {stage: translate(name) for stage, name in NAMES.items()},
            rules=_in_words(settings, words),
            left_out=_left_out(labels, settings, words),
            quality={"silhouette": None},
            warnings=_alike(labels),
            model=model,
        )


def _rules(settings: dict[str, Any]) -> tuple[tuple[int, str], ...]:
    """The stages' filters in the order in which they decide."""
    tenure, silence, change = settings["tenure"], settings["silence"], settings["change"]
    return (
        (SILENT, f"{silence} is empty"),
        (LOST, f"{silence} > {settings['lost_days']}"),
        (SLEEPING, f"{silence} > {settings['sleeping_days']}"),
        (DRIFTING, f"{silence} > {settings['drifting_days']}"),
        (NEW, f"{tenure} < {settings['new_months']}"),
        (DRIFTING, f"{change} <= {-float(settings['decline'])!r}"),
        (GROWING, f"{change} >= {float(settings['growth'])!r}"),
        (MATURE, f"{tenure} is not empty"),
    )


def _in_words(settings: dict[str, Any], words: Words) -> dict[int, str]:
    """The same rules as a person reads them, by stage."""
    tenure, silence, change = (words.label(settings[key]) for key in ("tenure", "silence", "change"))

    def figure(axis: str, limit: str, sign: int = 1) -> str:
        return words.quantity(settings[axis], sign * settings[limit])

    active = translate("{label} at most {high}").format(
        label=silence, high=figure("silence", "drifting_days")
    )
    above, between = translate("{label} above {low}"), translate("{label} above {low}, at most {high}")
    drifting, sleeping, lost = (
        figure("silence", f"{stage}_days") for stage in ("drifting", "sleeping", "lost")
    )
    fallen = translate("{label} of {loss} or worse, and no longer new")
    return {
        NEW: translate("{active}; {label} under {high}").format(
            active=active, label=tenure, high=figure("tenure", "new_months")),
        GROWING: translate("{active}; no longer new; {label} of at least {low}").format(
            active=active, label=change, low=figure("change", "growth")),
        MATURE: translate("{active}; no longer new; neither growing nor falling").format(active=active),
        DRIFTING: translate("{first}; or {second}").format(
            first=between.format(label=silence, low=drifting, high=sleeping),
            second=fallen.format(label=change, loss=figure("change", "decline", -1))),
        SLEEPING: between.format(label=silence, low=sleeping, high=lost),
        LOST: above.format(label=silence, low=lost),
        SILENT: translate("{label} is empty").format(label=silence),
    }  # fmt: skip


def _left_out(labels: Labels, settings: dict[str, Any], words: Words) -> dict[str, int]:
    missing = int((labels == LEFT_OUT).sum())
    reason = translate("{label} is empty").format(label=words.label(settings["tenure"]))
    return {reason: missing} if missing else {}


def _alike(labels: Labels) -> list[str]:
    if len(np.unique(labels)) > 1 or len(labels) == 1:
        return []
    return [translate("All customers are in one stage. Change the months and days in the settings.")]
