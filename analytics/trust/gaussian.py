"""Data without groups to compare with: one Gaussian of the same mean and covariance."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.methods.prepare import prepare

Numbers = NDArray[np.float64]
TINY = 1e-9


@dataclass(frozen=True)
class Cloud:
    """One Gaussian in the prepared space. mean : shape (n_indicators,); root : its covariance is root root'.

    directions : of each indicator, where its prepared columns are and which way it is looked at.
    """

    keys: tuple[Hashable, ...]
    mean: Numbers
    root: Numbers

    def table(self, customers: int, rng: np.random.Generator) -> pd.DataFrame:
        """That many customers drawn from it, as a table that a method can read in place of the real one."""
        cells = self.mean + rng.standard_normal((customers, len(self.mean))) @ self.root.T
        names = pd.RangeIndex(customers, name="customer_id")
        return pd.DataFrame(cells, columns=pd.Index(self.keys), index=names)


def coordinates(table: pd.DataFrame) -> pd.DataFrame:
    """One number an indicator, in the prepared space: mean 0, variance 1; those that tell nothing left out.

    A category has several columns there. It is seen along the direction in which they vary most, so that an
    indicator weighs the same in the real data and in the Gaussian.
    Raises NotEnoughData when no indicator is known for most customers.
    """
    prepared = prepare(table)
    found = {}
    for key in dict.fromkeys(prepared.columns):
        inside = [at for at, column in enumerate(prepared.columns) if column == key]
        found[key] = _main_direction(prepared.matrix[:, inside])
    return pd.DataFrame(found, index=table.index)


def cloud_of(places: pd.DataFrame) -> Cloud:
    """The Gaussian with the mean and covariance of these customers. places : from `coordinates`."""
    cells = places.to_numpy(np.float64)
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(cells, rowvar=False)))
    root = vectors * np.sqrt(np.maximum(values, 0))
    return Cloud(tuple(places.columns), cells.mean(axis=0), root)


def _main_direction(columns: Numbers) -> Numbers:
    if columns.shape[1] == 1:
        return columns[:, 0]
    centred = columns - columns.mean(axis=0)
    vector = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    vector = vector * np.sign(vector[np.argmax(np.abs(vector))])  # eigenvectors come with either sign
    seen = centred @ vector
    return np.asarray(seen / max(seen.std(), TINY))
