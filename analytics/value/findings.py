"""One sentence a manager can repeat for each further finding: how sure, what if the largest leave, since when."""

from datetime import date
from math import isnan

import pandas as pd

from analytics.formats import day, in_a_row, number, percent
from analytics.translation import translate as _
from analytics.value.concentration import Concentration
from analytics.value.decomposition import Decomposition
from analytics.value.interval import FEWEST
from analytics.value.quantity import Quantity


def interval_sentence(c: Concentration) -> str:
    """How repeatable the top fifth's share is, or why that can't be said; empty where it is not asked."""
    share = c.top_share[0.2]
    if share is None or c.even:
        return ""
    if c.interval is not None:
        return _(
            "The top fifth brings {share} today, which is a fact. Of other customers like these it would bring "
            "{low} to {high}: such ranges hold in {level} of cases."
        ).format(
            share=percent(share),
            low=percent(c.interval.low),
            high=percent(c.interval.high),
            level=percent(c.interval.level),
        )
    if c.customers < FEWEST:
        return _(
            "The top fifth brings {share} today, which is a fact. With fewer than {n} customers nothing can be said "
            "about how repeatable it is."
        ).format(share=percent(share), n=number(FEWEST))
    return _(
        "The top fifth brings {share} today, which is a fact. How repeatable it is can't be said: a few customers, "
        "or losses nearly as large as the gains, decide the total."
    ).format(share=percent(share))


def leaving_sentence(c: Concentration, quantity: Quantity) -> str:
    """What goes when the largest customers go; empty where the book has one customer or nothing to lose."""
    table = c.dependence
    table = table[(table["leave"] < c.customers) & (table["loses"] > 0)]
    if table.empty:
        return ""
    alone = _goes(table.iloc[0], quantity)
    return in_a_row(alone, _goes(table.iloc[-1], quantity)) if len(table) > 1 else alone


def decomposition_sentence(parts: Decomposition | None, grouping: str) -> str:
    """Whether a grouping explains who is worth more. grouping : its name, as in "Branch"; empty without an answer."""
    if parts is None or parts.explained is None or parts.explained_by_chance is None or len(parts.groups) < 2:
        return ""
    said = _("{grouping}: {share} of the inequality lies between the {n} groups, {rest} within them.").format(
        grouping=grouping,
        share=percent(parts.explained, 1),
        rest=percent(1 - parts.explained, 1),
        n=number(len(parts.groups)),
    )
    chance = percent(parts.explained_by_chance, 1)
    if parts.explained < 2 * parts.explained_by_chance:
        verdict = _("Random groups of these sizes would show {chance}: it says next to nothing about value.")
    else:
        verdict = _("Random groups of these sizes would show {chance}.")
    losses = _("Losses count as zero here.") if parts.gains_only else ""
    return in_a_row(said, verdict.format(chance=chance), *([losses] if losses else []))


def movement_sentence(points: pd.DataFrame) -> str:
    """How the top fifth's share moved from the first month end to the last; empty where there are fewer than two.

    points : of one group, as `over_time` gives them.
    """
    known = points.dropna(subset=["top_share"])
    if len(known) < 2:
        return ""
    first, last = known.iloc[0], known.iloc[-1]
    change = round((last["top_share"] - first["top_share"]) * 100, 1)
    start, end = _as_day(first["month_end"]), _as_day(last["month_end"])
    shares = {"before": percent(first["top_share"], 1), "after": percent(last["top_share"], 1)}
    if abs(change) < 1:
        text = _("The top fifth's share hardly moved: {before} on {start}, {after} on {end}.")
    elif change > 0:
        text = _(
            "Value became more concentrated: the top fifth brought {before} on {start}, {after} on {end}."
        )
    else:
        text = _(
            "Value became less concentrated: the top fifth brought {before} on {start}, {after} on {end}."
        )
    return text.format(start=day(start), end=day(end), **shares)


def _goes(row: "pd.Series[float]", quantity: Quantity) -> str:
    count = int(row["leave"])
    if isnan(row["share"]):
        one, many = (
            _("If the largest customer leaves, {amount} goes."),
            _("If the {n} largest leave, {amount} goes."),
        )
    else:
        one = _("If the largest customer leaves, {amount} goes, {share} of the total.")
        many = _("If the {n} largest leave, {amount} goes, {share} of the total.")
    text = one if count == 1 else many
    return text.format(
        n=number(count), amount=quantity.text(float(row["loses"])), share=percent(float(row["share"]))
    )


def _as_day(value: object) -> date:
    return pd.Timestamp(str(value)).date()
