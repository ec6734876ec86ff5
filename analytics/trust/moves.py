"""Why one customer is in their segment, and the smallest believable changes that would move them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import NotEnoughData, UnknownName
from analytics.formats import in_a_row, money, number, percent
from analytics.methods import METHODS
from analytics.methods.base import Words
from analytics.methods.fitting import NearestCentre
from analytics.methods.preparation import cells_of, is_number
from analytics.methods.prepare import prepare, scale_of
from analytics.population import read_by
from analytics.segmentation import Segmentation
from analytics.translation import translate as _
from analytics.trust.steps import Change, Customer, changes, decimals, numbers_among

PREPARED = 50_000
NEAREST = ["segment", "name", "distance"]
TRAITS = 3


@dataclass(frozen=True)
class Move:
    """A change of one indicator that puts the customer in another segment; a little less does not.

    size : of the change, in standard units of the indicator. better : whether a customer of that segment is worth
    more on average. worsens : whether the change is to what is worse of the indicator.
    """

    indicator: str
    now: float
    then: float
    segment: int
    name: str
    sentence: str
    size: float
    better: bool
    worsens: bool


@dataclass(frozen=True)
class Why:
    """Where a customer is and what would move them. segment 0: in none.

    nearest : NEAREST, the segments from nearest to farthest, by the distance of the customer to the segment's
    centre, or its typical values where it has none, in the space of `methods.prepare`.
    moves : one a segment at most, the smallest first.
    """

    segment: int
    name: str
    sentence: str
    nearest: pd.DataFrame
    moves: list[Move]


def why(result: Segmentation, customer_id: str, words: Words) -> Why:
    """Why a customer is where they are, and what would move them.

    Changed is one indicator at a time, among those that the customer could change (`Indicator.can_change`)
    and that the method read, the value among them; what the change does is asked of the fitted model.
    Raises UnknownName for a customer who is not in the result, NotEnoughData where it keeps no model.
    """
    rows = np.flatnonzero(result.members["customer_id"].to_numpy() == customer_id)
    if not len(rows):
        return _in_none(result, customer_id)
    customer = Customer(result, int(rows[0]))
    keys = _read(result)
    moves = _moves(result, customer, numbers_among(result.members, keys), words)
    name = _names(result)[customer.segment]
    said = _typical(result, int(rows[0]), customer.segment, keys, words)
    none = "" if moves else _("No believable change of one indicator would move this customer.")
    nearest = _nearest(result, int(rows[0]), keys)
    return Why(customer.segment, name, in_a_row(said, none), nearest, moves)


def _in_none(result: Segmentation, customer_id: str) -> Why:
    if not result.left_out:
        what = _("There is no customer {id} in this segmentation.").format(id=customer_id)
        raise UnknownName(what, _("Choose one of its members, or widen the population."))
    reasons = _("; ").join(
        _("{reason} ({n})").format(reason=reason, n=number(n)) for reason, n in result.left_out.items()
    )
    sentence = _("This customer is in no segment. Customers were left out because: {reasons}.")
    return Why(0, "", sentence.format(reasons=reasons), pd.DataFrame(columns=NEAREST), [])


def _read(result: Segmentation) -> list[str]:
    """What the method read; methods that cut may cut by the value."""
    keys = read_by(result.recipe)
    if not METHODS[result.recipe.method.key].finds_groups or not keys:
        keys = (*keys, result.value)
    return list(dict.fromkeys(keys))


def _names(result: Segmentation) -> dict[int, str]:
    return {int(row["segment"]): str(row["name"]) for row in result.segments.to_dict("records")}


def _typical(result: Segmentation, row: int, segment: int, keys: list[str], words: Words) -> str:
    """The customer's figures in what sets the segment apart, beside its own."""
    here = result.profile[(result.profile["segment"] == segment) & result.profile["indicator"].isin(keys)]
    here = here.assign(strength=-here["standard"].abs().round(6)).dropna(subset=["strength"])
    shape = _("{label} {own} (there typically {typical})")
    texts = [
        shape.format(
            label=words.label(trait["indicator"]),
            own=_written(trait["indicator"], result.members[trait["indicator"]].iloc[row], words),
            typical=_written(trait["indicator"], trait["median"], words),
        )
        for trait in here.sort_values(["strength", "indicator"]).head(TRAITS).to_dict("records")
    ]
    names = _names(result)
    head = _("In segment {at} of {all}, “{name}”.").format(at=segment, all=len(names), name=names[segment])
    rule = ""
    if not METHODS[result.recipe.method.key].finds_groups:
        text = str(result.segments.set_index("segment")["rule"][segment]).rstrip(".。")
        rule = _("The rule: {rule}.").format(rule=text)
    traits = _("{traits}.").format(traits=_("; ").join(texts)) if texts else ""
    return in_a_row(head, rule, traits)


def _written(key: str, value: Any, words: Words) -> str:
    if value is None or pd.isna(value):
        return _("empty")
    return value if isinstance(value, str) else words.quantity(key, float(value))


def _nearest(result: Segmentation, row: int, keys: list[str]) -> pd.DataFrame:
    """How far the customer is from each segment's centre, or from what is typical of it where it has none."""
    model, segments = result.model, result.segments["segment"].to_numpy(np.int64)
    if isinstance(model, NearestCentre):
        preparation, places = model.preparation, model.centres[list(result.order)]
    else:
        try:
            preparation = prepare(_some(result.members)[keys]).preparation
        except NotEnoughData:  # nothing that is known for most
            return pd.DataFrame(columns=NEAREST)
        places = preparation.matrix(_typical_figures(result, keys))
    own = preparation.matrix(result.members.iloc[[row]])
    distance = np.sqrt(((places - own) ** 2).sum(axis=1))
    found = pd.DataFrame({"segment": segments, "distance": distance})
    found["name"] = found["segment"].map(_names(result))
    return found.sort_values(["distance", "segment"], ignore_index=True)[NEAREST]


def _some(members: pd.DataFrame) -> pd.DataFrame:
    """As many members as a scale needs."""
    if len(members) <= PREPARED:
        return members
    return members.iloc[np.sort(np.random.default_rng(0).choice(len(members), PREPARED, replace=False))]


def _typical_figures(result: Segmentation, keys: list[str]) -> pd.DataFrame:
    """One row a segment: the median, or the commonest category, of each indicator."""
    middles = result.profile.pivot(index="segment", columns="indicator", values="median")[keys]
    numbers = {key: "float64" for key in keys if is_number(result.members[key])}
    return middles.astype(numbers)


def _moves(result: Segmentation, customer: Customer, keys: list[str], words: Words) -> list[Move]:
    """The smallest move into each segment that can be reached."""
    names = _names(result)
    scales = {key: scale_of(cells_of(result.members[key])) for key in keys}
    each = (result.segments["value"] / result.segments["customers"]).to_numpy()
    best: dict[int, Move] = {}
    for change in changes(result, customer, keys):
        ends: NDArray[np.float64] = scales[change.indicator].apply(np.array([change.now, change.then]))
        move = Move(
            indicator=change.indicator, now=change.now, then=change.then, segment=change.segment,
            name=names[change.segment], sentence=_sentence(change, names[change.segment], words),
            size=float(abs(ends[1] - ends[0])), better=bool(each[change.segment - 1] > each[customer.segment - 1]),
            worsens=words.better.get(change.indicator) == ("lower" if change.then > change.now else "higher"),
        )  # fmt: skip
        if move.segment not in best or _order(move) < _order(best[move.segment]):
            best[move.segment] = move
    return sorted(best.values(), key=_order)


def _order(move: Move) -> tuple[float, str, int]:
    return round(move.size, 9), move.indicator, move.segment


def _sentence(change: Change, name: str, words: Words) -> str:
    rose = _("If {label} rose from {now} to {then}, this customer would be in “{name}”.")
    fell = _("If {label} fell from {now} to {then}, this customer would be in “{name}”.")
    label = words.label(change.indicator)
    label = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    now, then = written(change, words)
    return (rose if change.then > change.now else fell).format(label=label, now=now, then=then, name=name)


def written(change: Change, words: Words) -> tuple[str, str]:
    """What it is now and then: the shortest figures that say `then` whole and differ.

    Equal where none do; such a change can't be told.
    """
    unit, ends = words.units.get(change.indicator, "count"), (change.now, change.then)
    if unit == "currency":
        now, then = (money(end, words.currency).strip() for end in ends)
        if now == then or float(f"{change.then:.3g}") != change.then:
            now, then = (money(end, words.currency, full=True).strip() for end in ends)
        return now, then
    shown, factor = (percent, 100) if unit == "share" else (number, 1)
    most = max(decimals(change), 0)
    for places in range(most + 1):
        now, then = (shown(end, places) for end in ends)
        if now != then and round(change.then * factor, places) == round(change.then * factor, most):
            break
    return now, then
