"""Why an offer: the traits of a customer that speak most for a product, in plain words."""

import numpy as np
from numpy.typing import NDArray

from analytics.formats import percent
from analytics.needs.propensity import Propensities
from analytics.needs.traits import People
from analytics.translation import translate as _

SPEAKS = 0.1  # log-odds above the usual customer's that make a trait worth a word
FINE = 1000  # steps that a probability is rounded to


def reasons(
    seen: People,
    model: Propensities,
    who: NDArray[np.intp],
    what: NDArray[np.intp],
    chance: NDArray[np.float64],
) -> NDArray[np.object_]:
    """One sentence for each pair of customer and product; shape (n_pairs,).

    A trait speaks by how far its weight lies above the mean of all levels of the trait, each as frequent as it
    was among those learnt from. The two that speak most are told.
    """
    phrases = np.array(seen.phrases(), dtype=object)
    above = np.where(phrases != "", centred(seen, model), 0.0).astype(np.float32)
    customers, back = np.unique(who, return_inverse=True)
    speaks = seen.columns(customers)[back] * above[what]
    rows = np.arange(len(who))
    told = []
    for _time in range(2):
        best = speaks.argmax(axis=1)
        told.append(np.where(speaks[rows, best] >= SPEAKS, best + 1, 0))
        speaks[rows, best] = 0.0
    # There are many pairs and few different sentences.
    steps = np.where(chance < 0.01, np.round(chance * FINE * 10), np.round(chance * 100) * 100).astype(
        np.int64
    )
    keys, places = np.unique(np.column_stack([steps, *told]), axis=0, return_inverse=True)
    shares = {step: percent(step / FINE / 10) for step in np.unique(steps).tolist()}
    words = np.array([_sentence(shares[step], [a, b], phrases) for step, a, b in keys.tolist()], dtype=object)
    found: NDArray[np.object_] = words[places.ravel()]
    return found


def centred(seen: People, model: Propensities) -> NDArray[np.float32]:
    """Each product's weights less their mean within the trait; shape (n_products, n_columns)."""
    found = model.weights.copy()
    first = 0
    for trait in seen.traits:
        part = slice(first, first + trait.levels)
        found[:, part] -= (found[:, part] @ model.usual[part])[:, None]
        first += trait.levels
    found[:, first:] *= 1 - model.usual[first:]
    return found


def _sentence(share: str, told: list[int], phrases: NDArray[np.object_]) -> str:
    traits = _(", ").join(phrases[place - 1] for place in told if place)
    if not traits:
        return _("{share} of customers like this took it within a year").format(share=share)
    return _("{share} of customers like this took it within a year; {traits}").format(
        share=share, traits=traits
    )
