"""What a report can't know, said with what to try."""

import pandas as pd

from analytics.formats import number, percent
from analytics.methods import METHODS
from analytics.methods.base import Labels
from analytics.methods.prepare import MOST_EMPTY
from analytics.population import Population
from analytics.recipe import Recipe
from analytics.translation import translate as _
from analytics.trust.kinds import alike
from analytics.trust.verdict import FEWEST_CUSTOMERS, Evidence, sizes_of

FEW = 10  # customers in a segment, below which its figures say little
MOST_ALIKE = 0.5


def limits(people: Population, recipe: Recipe, segments: Labels, seen: Evidence) -> list[str]:
    """Sentences about what the figures can't tell.

    segments : of everybody asked for, 0 where left out; `people` are all of them, or a sample.
    """
    found = _sampled(len(people.table), len(segments)) + _few(sizes_of(segments), seen)
    found += _alike(people.table) + _empty(people)
    return found + _unfitted(seen) + _fixed(recipe)


def _sampled(sampled: int, customers: int) -> list[str]:
    if sampled == customers:
        return []
    what = _(
        "Worked out on a random sample of {n} of {total} customers; who moved is scaled up to all of them."
    )
    return [what.format(n=number(sampled), total=number(customers))]


def _few(sizes: dict[int, int], seen: Evidence) -> list[str]:
    if seen.too_few:
        what = _(
            "With {n} customers it can't be known whether segments come back or lie apart. Widen the population "
            "to at least {least}."
        )
        return [what.format(n=number(seen.customers), least=FEWEST_CUSTOMERS)]
    small = [str(at) for at, n in sizes.items() if n < FEW]
    if not small:
        return []
    what = _(
        "Segments with fewer than {few} customers: {segments}. Ask for fewer segments or widen the "
        "population."
    )
    return [what.format(few=FEW, segments=_(", ").join(small))]


def _alike(table: pd.DataFrame) -> list[str]:
    if not table.shape[1] or len(table) < FEWEST_CUSTOMERS:
        return []
    share = alike(table)
    if share < MOST_ALIKE:
        return []
    what = _(
        "{share} of customers are the same as another in every indicator: segments may follow single values "
        "rather than groups. Add an indicator that tells them apart."
    )
    return [what.format(share=percent(share))]


def _empty(people: Population) -> list[str]:
    shares = people.table.isna().mean()
    keys = [str(key) for key, share in shares.items() if share > MOST_EMPTY]
    what = _(
        "{label} is empty for {share} of customers, so it says little. Choose one that is known for most."
    )
    return [what.format(label=people.words.label(key), share=percent(float(shares[key]))) for key in keys]


def _unfitted(seen: Evidence) -> list[str]:
    failed = seen.stability.tried - seen.stability.resamples
    if not failed:
        return []
    what = _(
        "In {n} of {all} draws the method could not be fitted. Ask for fewer segments, a simpler shape, or leave "
        "out indicators that say the same thing."
    )
    return [what.format(n=number(failed), all=number(seen.stability.tried))]


def _fixed(recipe: Recipe) -> list[str]:
    method = METHODS[recipe.method.key]
    fixed = method.indicators(recipe)
    if method.least_indicators and not fixed:
        return []
    if method.least_indicators:
        what = _("{method} reads some indicators from its settings; only the others can be left out here.")
    else:
        what = _("{method} reads fixed indicators, so none of them can be left out to see what it did.")
    return [what.format(method=_(method.label))]
