"""The review in words: its answer, what moved, and how far targets are."""

from collections.abc import Sequence

import pandas as pd

from analytics.formats import day, number, percent
from analytics.review.report import ALL, NOWHERE, Review
from analytics.review.targets import MEASURES, Standing, quantity_of
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity


def headline(shown: Review, value: Quantity) -> str:
    """How the most valuable segment does across the units: size, share of value, and where it is least and most."""
    row = shown.cell(ALL, 1)
    people = int(shown.cells.loc[shown.cells["unit"] == ALL, "customers"].sum())
    if row is None:
        return _("Nobody is in a segment as of {day}.").format(day=day(shown.as_of))
    about = {
        "name": shown.names[1], "share": percent(row["share_of_customers"]), "day": day(shown.as_of),
        "n": number(people), "worth": value.text(row["value"]), "label": value.label,
    }  # fmt: skip
    ends = _ends(shown)
    if pd.isna(row["share_of_value"]):
        text = _("“{name}” is {share} of your {n} customers, worth {worth} as of {day} ({label}).")
        return text.format(**about)
    about |= {"brings": percent(row["share_of_value"]), "label": value.label.lower()}
    if ends is None:
        text = _("“{name}” is {share} of your {n} customers and brings {brings} of {label} as of {day}.")
        return text.format(**about)
    text = _(
        "“{name}” is {share} of your {n} customers and brings {brings} of {label} as of {day}: from {low} in {least} "
        "to {high} in {most}."
    )
    least, most = str(ends.idxmin()), str(ends.idxmax())
    return text.format(
        low=percent(ends.min()), least=shown.units[least], high=percent(ends.max()), most=shown.units[most], **about,
    )  # fmt: skip


def _ends(shown: Review) -> "pd.Series[float] | None":
    """The most valuable segment's share of each unit's value, 0 where it has nobody there; None where it is one share."""
    rows = shown.cells[shown.cells["unit"] != ALL].dropna(subset=["share_of_value"])
    shares = rows[rows["segment"] == 1].set_index("unit")["share_of_value"]
    shares = shares.reindex(rows["unit"].unique(), fill_value=0.0)
    return shares if shares.nunique() > 1 else None


def grown(shown: Review) -> pd.DataFrame:
    """The whole book's segments by how much they grew since, most first; none where that can't be told."""
    rows = shown.cells[(shown.cells["unit"] == ALL) & (shown.cells["segment"] != NOWHERE)]
    return rows.dropna(subset=["net"]).sort_values("net", ascending=False, kind="stable")


def movement_sentence(shown: Review, unit: str, segment: int) -> str:
    """Who came and went in a cell, or why that can't be told."""
    row = shown.cell(unit, segment)
    if shown.since is None or row is None:
        return shown.unmoved
    text = _(
        "Since {day}, by the same rule at both dates: {before} customers became {now}; {came} came ({joined} of them "
        "new here) and {went} went."
    )
    return text.format(
        day=day(shown.since), before=number(row["before"]), now=number(row["customers"]),
        came=number(row["came"]), joined=number(row["joined"]), went=number(row["went"]),
    )  # fmt: skip


def signed(count: float) -> str:
    """A difference with its sign.

    >>> signed(1200), signed(-3), signed(0)
    ('+1,200', '-3', '0')
    """
    return f"+{number(count)}" if count > 0 else number(count)


def cell_name(shown: Review, unit: str, segment: int) -> str:
    """What a cell is called."""
    text = _("{segment} in {unit}").format(segment=_segment(shown, segment), unit=shown.units[unit])
    return _segment(shown, segment) if unit == ALL else text


def _segment(shown: Review, segment: int) -> str:
    return shown.names.get(segment) or _("In no segment")


def target_sentence(told: Standing, value: Quantity) -> str:
    """What was wanted by when, and how far it is."""
    target = told.target
    quantity = quantity_of(target.measure, value)
    text = _("{measure}: at least {figure} by {day}").format(
        measure=_(MEASURES[target.measure]), figure=quantity.text(target.figure), day=day(target.due_on)
    )
    if told.figure is None:
        return _("{target}. {why}").format(target=text, why=told.why_not)
    far = _("{target}: {figure} as of {on}, {share} of it. {left}")
    return far.format(
        target=text, figure=quantity.text(told.figure), on=day(told.measured_on), share=percent(told.share),
        left=_left(told),
    )  # fmt: skip


def _left(told: Standing) -> str:
    if told.days_left <= 0:
        return _("Reached.") if told.reached else _("Missed.")
    if told.reached:
        text = plural("Reached so far, {n} day left.", "Reached so far, {n} days left.", told.days_left)
    else:
        text = plural("{n} day left.", "{n} days left.", told.days_left)
    return text.format(n=number(told.days_left))


def reached_count(standings: Sequence[Standing]) -> str:
    """How many of the targets that can be measured here are reached."""
    known = [one for one in standings if one.figure is not None]
    return _("{n} of {all}").format(n=number(sum(one.reached for one in known)), all=number(len(known)))
