"""What a segment has in common, in sentences: the Needs page's answers."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analytics.formats import number, percent
from analytics.needs.gaps import common_needs, hints, shortfalls
from analytics.needs.report import Needs
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.value.quantity import Quantity

Row = Mapping[Hashable, Any]


def headline(told: Needs) -> str:
    """The strongest need, or that there is none that is sure."""
    found = common_needs(told.gaps, 1)
    if found.empty:
        text = plural(
            "The {n} customer of segment {segment} “{name}” has no sure need: it holds nothing more than comparable ones.",
            "The {n} customers of segment {segment} “{name}” have no sure need: "
            "they hold nothing more than comparable ones that part of them still lacks.",
            told.match.customers,
        )
        return text.format(n=number(told.match.customers), segment=number(told.number), name=told.name)
    row = found.iloc[0]
    text = _("{share} of segment {segment} “{name}” hold {product}, against {peers} of comparable customers.")
    return text.format(
        share=percent(row["held_share"]), segment=number(told.number), name=told.name,
        product=_product(told, found.index[0]), peers=percent(row["peer_share"]),
    )  # fmt: skip


def need_sentences(told: Needs) -> list[str]:
    """The strongest three needs in words."""
    return [_need(told, key, row) for key, row in common_needs(told.gaps).to_dict("index").items()]


def hint_sentences(told: Needs) -> list[str]:
    """The same of the three products that stand out most where none does surely."""
    return [_need(told, key, row) for key, row in hints(told.gaps).to_dict("index").items()]


def _need(told: Needs, key: Hashable, row: Row) -> str:
    shared = {
        "share": percent(row["held_share"]), "segment": number(told.number), "product": _product(told, key),
        "without": number(row["customers"]), "n": number(row["segment"]),
    }  # fmt: skip
    if not row["peer_share"]:
        text = plural(
            "{share} of segment {segment} hold {product}, and no comparable customer does; {without} of its {n} "
            "customers has none yet.",
            "{share} of segment {segment} hold {product}, and no comparable customer does; {without} of its {n} "
            "customers have none yet.",
            row["customers"],
        )
        return text.format(**shared)
    text = plural(
        "{share} of segment {segment} hold {product}, against {peers} of comparable customers: {times}; "
        "{without} of its {n} customers has none yet.",
        "{share} of segment {segment} hold {product}, against {peers} of comparable customers: {times}; "
        "{without} of its {n} customers have none yet.",
        row["customers"],
    )
    return text.format(peers=percent(row["peer_share"]), times=times(row["lift"]), **shared)


def times(lift: float) -> str:
    """A lift in words.

    >>> times(3.42), times(1.24), times(17.2)
    ('3.4 times as many', '1.2 times as many', '17 times as many')
    """
    if lift >= 20:  # of hardly anybody: the figure would promise what it can't hold
        return _("more than twenty times as many")
    return _("{lift} times as many").format(lift=number(lift, 0 if lift >= 10 else 1))


def shortfall_sentences(told: Needs) -> list[str]:
    """The largest three shortfalls in words."""
    text = _(
        "{share} of segment {segment} hold {product}, against {peers} of comparable customers: {points} points fewer."
    )
    return [
        text.format(
            share=percent(row["held_share"]), segment=number(told.number), product=_product(told, key),
            peers=percent(row["peer_share"]), points=number(-100 * row["difference"], 1),
        )
        for key, row in shortfalls(told.gaps).to_dict("index").items()
    ]  # fmt: skip


def together_sentence(told: Needs, row: Row) -> str:
    """One rule of `associations` in words."""
    text = plural(
        "Who holds {given} holds {then} too in {share} of cases, against {base} of the segment: {times}, {n} customer.",
        "Who holds {given} holds {then} too in {share} of cases, against {base} of the segment: {times}, {n} customers.",
        row["customers"],
    )
    given = _(" and ").join(_product(told, key) for key in row["if"])
    return text.format(
        given=given, then=_product(told, row["then"]), share=percent(row["confidence"]), base=percent(row["base"]),
        times=times(row["lift"]), n=number(row["customers"]),
    )  # fmt: skip


def compared_sentence(told: Needs, labels: Mapping[str, str]) -> str:
    """How many were compared, with whom, alike in what. labels : what indicators are called."""
    beside = told.match
    text = _(
        "{n} of its {all} customers were compared with {peers} outside the segment who are alike in {what}."
    )
    what = _(", ").join(labels[key].lower() for key in beside.used)
    if not what:
        text = _(
            "{n} of its {all} customers were compared with all {peers} outside the segment: nothing is known to match them by."
        )
    return text.format(
        n=number(beside.count), all=number(beside.customers), peers=number(beside.peers), what=what
    )


def _product(told: Needs, key: Hashable) -> str:
    return told.names.get(str(key), str(key))


def shares_sentence(rows: pd.DataFrame, labels: Sequence[str]) -> str:
    """What a table of shares says first: the largest sure difference, or that there is none.

    rows : as `needs.habits` gives them. labels : what the rows are called.
    """
    if rows.empty:
        return _("Too few of these customers, or of comparable ones, have any: nothing can be compared.")
    sure = rows.reset_index(drop=True)
    sure = sure[(sure["low"] > 0) | (sure["high"] < 0)]
    if sure.empty:
        return _("No share differs surely from that of comparable customers.")
    place = int(np.argmax(sure["difference"].abs()))
    row = sure.iloc[place]
    more = _("{what}: {here}, against {there} of comparable customers, {points} points more.")
    less = _("{what}: {here}, against {there} of comparable customers, {points} points fewer.")
    return (more if row["difference"] > 0 else less).format(
        what=labels[int(sure.index[place])], here=percent(row["here"]), there=percent(row["there"]),
        points=number(100 * abs(row["difference"]), 1),
    )  # fmt: skip


def change_sentence(row: Row, quantity: Quantity) -> str:
    """How an indicator moved in six months, here and there, and whether that differs surely."""
    moved = {
        key: _signed(row[key], quantity) for key in ("here", "own_low", "own_high", "there", "low", "high")
    }
    text = _("{label}: {here} ({own_low} to {own_high}), comparable customers {there}; {verdict}.")
    if row["low"] > 0:
        verdict = _("surely more, by {low} to {high}")
    elif row["high"] < 0:
        verdict = _("surely less, by {low} to {high}")
    else:
        verdict = _("the difference may be chance")
    return text.format(label=quantity.label, verdict=verdict.format(**moved), **moved)


def _signed(value: float, quantity: Quantity) -> str:
    if quantity.unit == "share":
        text = _("{points} points").format(points=number(100 * value, 1))
    else:
        text = quantity.text(value) if quantity.unit == "currency" else number(value, 2)
    return f"+{text}" if value > 0 else text


def score_sentence(row: Row) -> str:
    """The mean answer to "would you recommend us?"."""
    text = _(
        "Would they recommend us? {here} of 10 on average ({low} to {high}) from {n} answers, comparable customers "
        "{there} from {peers}."
    )
    return text.format(
        here=number(row["here"], 1), low=number(row["own_low"], 1), high=number(row["own_high"], 1),
        n=number(row["size"]), there=number(row["there"], 1), peers=number(row["peers"]),
    )  # fmt: skip
