"""Models as expressions: for each that is a formula, the label of every customer of a table."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import ibis
import numpy as np

from analytics.methods.base import LEFT_OUT
from analytics.methods.fitting import Everyone, NearestCentre
from analytics.methods.gaussian_mixture import LikeliestCloud
from analytics.methods.matrix import MatrixModel
from analytics.methods.mixed import NearestMedoid
from analytics.methods.named_rules import RulesModel
from analytics.methods.rfm import BINS, BY_SCORES, SILENT, RFMModel
from analytics.methods.tree import Column, TreeModel
from analytics.methods.value_tiers import TiersModel
from analytics.methods.weighted_score import DECIMALS, ScoreModel
from analytics.scoring import gower
from analytics.scoring.parts import Expression, condition, exact, on_scale, steps
from analytics.where import parse


@singledispatch
def labelled(model: Any, table: Expression, value: str) -> Expression:
    """A table of customer_id and label: the label that `model.predict` gives.

    table : an Ibis table of customer_id and indicators; value : the indicator that value is measured in.
    """
    raise TypeError(type(model).__name__)


@labelled.register
def _everyone(model: Everyone, table: Expression, value: str) -> Expression:
    return table.select("customer_id", label=ibis.literal(0))


@labelled.register
def _nearest(model: NearestCentre, table: Expression, value: str) -> Expression:
    rows, columns = on_scale(model.preparation, table)
    costs = []
    for offset, centre in zip(model.offsets, model.centres, strict=True):
        cost = exact(float(offset))
        for place, column in zip(centre, columns, strict=True):
            cost = cost - exact(float(place)) * column
        costs.append(cost)
    return _least(rows, costs)


@labelled.register
def _likeliest(model: LikeliestCloud, table: Expression, value: str) -> Expression:
    rows, columns = on_scale(model.preparation, table)
    costs = []
    for offset, mean, factor in model.clouds:
        away = [column - exact(float(place)) for column, place in zip(columns, mean, strict=True)]
        cost = exact(float(offset))
        for line in factor.T:
            used = np.flatnonzero(line)
            step = sum((exact(float(line[at])) * away[at] for at in used[1:]),
                       start=exact(float(line[used[0]])) * away[used[0]])  # fmt: skip
            cost = cost + step * step * exact(0.5)
        costs.append(cost)
    return _least(rows, costs)


@labelled.register
def _medoid(model: NearestMedoid, table: Expression, value: str) -> Expression:
    rows, columns = gower.lines(model.gower, table)
    return _least(rows, [gower.distance(model.gower, columns, row) for row in model.medoids.tolist()])


@labelled.register
def _tiers(model: TiersModel, table: Expression, value: str) -> Expression:
    tier = steps(table[value], model.cuts, upper=model.upper)
    named = [(tier == at, label) for at, label in enumerate(model.labels)]
    return _unless_empty(table, [value], ibis.cases(*named, else_=LEFT_OUT))


@labelled.register
def _matrix(model: MatrixModel, table: Expression, value: str) -> Expression:
    across, up = (
        steps(table[key], cuts, upper=model.upper) for key, cuts in zip(model.keys, model.cuts, strict=True)
    )
    return _unless_empty(table, model.keys, up * (len(model.cuts[0]) + 1) + across)


@labelled.register
def _rfm(model: RFMModel, table: Expression, value: str) -> Expression:
    rows, bins = table.mutate(group=ibis.literal(0)), list[str]()
    for key, edges in zip(model.keys, model.edges, strict=True):
        bins.append(f"{key}_bin_{len(bins)}")
        inside = [(rows.group == at, steps(rows[key], row)) for at, row in enumerate(edges)]
        found = ibis.cases(*inside, else_=0) if len(edges) > 1 else inside[0][1]
        rows = rows.mutate(**{bins[-1]: found})
        rows = rows.mutate(group=rows.group * BINS + rows[bins[-1]])
    recency, frequency, monetary = (rows[name] for name in bins)
    code = ((BINS - 1 - recency) * BINS + frequency) * BINS + monetary
    by_label = [(code.isin(np.flatnonzero(BY_SCORES.ravel() == label).tolist()), int(label))
                for label in np.unique(BY_SCORES)]  # fmt: skip
    label = ibis.cases((rows[model.keys[0]].isnull(), SILENT), *by_label, else_=LEFT_OUT)
    return _unless_empty(rows, model.keys[1:], label)


@labelled.register
def _rules(model: RulesModel, table: Expression, value: str) -> Expression:
    cases = [(condition(parse(where), table), label) for label, where in model.rules]
    return table.select("customer_id", label=ibis.cases(*cases, else_=model.otherwise))


@labelled.register
def _tree(model: TreeModel, table: Expression, value: str) -> Expression:
    def below(at: int) -> Expression:
        node = model.nodes[at]
        if isinstance(node, int):
            return ibis.literal(node)
        cells = _cells(node.column, table)
        above = cells.isnull() if node.cut is None else cells > exact(float(node.cut))
        if node.empty_high and node.cut is not None:
            above = cells.isnull() | above
        return ibis.cases((above, below(node.high)), else_=below(node.low))

    return table.select("customer_id", label=below(0))


def _cells(column: Column, table: Expression) -> Expression:
    cells = table[column.key]
    return cells if column.category is None else ibis.cases((cells == column.category, 1.0), else_=0.0)


@labelled.register
def _score(model: ScoreModel, table: Expression, value: str) -> Expression:
    rows, columns = on_scale(model.preparation, table)
    figures = [
        column * exact(float(factor)) + exact(float(offset))
        for column, factor, offset in zip(columns, model.factors, model.offsets, strict=True)
    ]
    if model.best is None or model.worst is None:
        score = sum(figures, start=exact(0.0))
    else:
        to_best, to_worst = _distance(figures, model.best), _distance(figures, model.worst)
        score = (to_worst / (to_best + to_worst).nullif(0)).fill_null(exact(1.0))
    scored = rows.select("customer_id", score=score.round(DECIMALS))
    return scored.select("customer_id", label=steps(scored.score, model.cuts))


def _distance(figures: Sequence[Expression], place: Sequence[float]) -> Expression:
    gaps = (figure - exact(float(at)) for figure, at in zip(figures, place, strict=True))
    return sum((gap * gap for gap in gaps), start=exact(0.0)).sqrt()


def _least(rows: Expression, costs: Sequence[Expression]) -> Expression:
    """The label of least cost, the first among equals."""
    names = [f"cost_{at}" for at in range(len(costs))]
    priced = rows.select("customer_id", **dict(zip(names, costs, strict=True)))
    least = ibis.least(*(priced[name] for name in names))
    cases = [(priced[name] <= least, at) for at, name in enumerate(names)]
    return priced.select("customer_id", label=ibis.cases(*cases, else_=LEFT_OUT))


def _unless_empty(table: Expression, keys: Sequence[str], label: Expression) -> Expression:
    """The label, where none of these is empty."""
    empty = [(table[key].isnull(), LEFT_OUT) for key in keys]
    return table.select("customer_id", label=ibis.cases(*empty, else_=label))
