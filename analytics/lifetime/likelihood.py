"""Finding the most likely parameters of a model, and refusing in words where there are none."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from analytics.errors import NotEnoughData
from analytics.translation import translate as _

Numbers = NDArray[np.float64]
# A parameter's logarithm and gradient: log-likelihood and its derivatives by the parameters themselves.
Likelihood = Callable[[Numbers], tuple[float, Numbers]]

LARGEST = 1e5  # a parameter beyond it, or below its inverse, has run away
FLAT = 1e-5  # the steepest slope of the log-likelihood per customer that still counts as its top


def most_likely(likelihood: Likelihood, start: Numbers, customers: float) -> tuple[Numbers, float, bool]:
    """The positive parameters where a log-likelihood is highest, its value there, and whether that is its top.

    likelihood : of parameters, shape (k,), all positive; gives the log-likelihood and its gradient, shape (k,).
    start : shape (k,). customers : how many the sum is over, which the tolerance is stated per.
    The search runs in the parameters' logarithms with the analytic gradient. Source: L-BFGS-B, Byrd, Lu,
    Nocedal and Zhu 1995.
    """

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        values = np.exp(logs)
        height, slope = likelihood(values)
        return -height / customers, -slope * values / customers

    edge = np.log(LARGEST)
    options = {"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500}
    bounds = [(-edge, edge)] * len(start)
    with threadpool_limits(1, "blas"):  # sums of a thread each come out alike everywhere, and wait for nobody
        found = minimize(loss, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    steepest = float(np.abs(found.jac).max())
    inside = bool((np.abs(found.x) < edge - 1e-6).all())
    top = inside and bool(np.isfinite(found.fun)) and steepest < FLAT
    return np.exp(found.x), -float(found.fun) * customers, top


def no_convergence(model: str) -> NotEnoughData:
    """What to raise when the search did not end at a top."""
    return NotEnoughData(
        _("The {model} model does not converge on this history.").format(model=model),
        _("Take a longer history or more customers; where nobody ever stays away, there is nothing to fit."),
    )
