"""Structure, weak or none: the figures summed up, in one word and one sentence."""

from dataclasses import dataclass

import numpy as np

from analytics.formats import in_a_row, number, percent
from analytics.translation import translate as _
from analytics.trust.separation import Separation
from analytics.trust.stability import DOUBTFUL, STABLE, Stability

STRUCTURE, WEAK, NONE = "structure", "weak", "none"
FEWEST_CUSTOMERS = 30
FOLLOWED = 0.6  # adjusted Rand from which chosen cuts are said to follow the groups underneath


@dataclass(frozen=True)
class Evidence:
    """What a verdict is made from.

    searched : whether the method looks for groups, rather than cutting where somebody said. sizes : customers
    by segment. reference : the stability index of the same method on data from one Gaussian.
    followed : for cuts, their adjusted Rand index with the groups that k-means finds in the same indicators.
    """

    searched: bool
    sizes: dict[int, int]
    stability: Stability
    reference: float | None = None
    separation: Separation | None = None
    followed: float | None = None

    @property
    def segments(self) -> int:
        """How many segments have anybody."""
        return len(self.sizes)

    @property
    def customers(self) -> int:
        """How many are in segments."""
        return sum(self.sizes.values())

    @property
    def stable_share(self) -> float:
        """The share of customers who are in segments that come back."""
        kept = sum(n for at, n in self.sizes.items() if self.stability.by_segment.get(at, 0) >= STABLE)
        return kept / max(1, self.customers)


def verdict_of(seen: Evidence) -> str:
    """none : the data lie no further apart than one Gaussian that is cut in the same way.

    structure : they do, the segments come back better than those of the Gaussian, and every segment is stable.
    weak : they do, but these segments don't all come back, or the chosen cuts run through the groups.
    """
    if seen.segments < 2 or seen.separation is None or not seen.separation.clear:
        return NONE
    if not seen.searched:
        return STRUCTURE if (seen.followed or 0) >= FOLLOWED else WEAK
    above = seen.reference is None or seen.stability.index > seen.reference
    known = [index for index in seen.stability.by_segment.values() if not np.isnan(index)]
    return STRUCTURE if above and known and min(known) >= STABLE else WEAK


def sentence_of(seen: Evidence, verdict: str, basis: str) -> str:
    """The verdict in words, with its figures. basis : what it was worked out on, as a sentence."""
    if seen.customers < FEWEST_CUSTOMERS:
        what = _("{n} customers are too few to tell groups from chance; it takes at least {least}.")
        return what.format(n=number(seen.customers), least=FEWEST_CUSTOMERS)
    if seen.segments < 2:
        return in_a_row(
            _("There is one segment only, so there is nothing to come back or to lie apart."), basis
        )
    said = _searched(seen, verdict) if seen.searched else _cut(seen, verdict)
    return in_a_row(said, _repeats(seen), _distance(seen), basis)


def _searched(seen: Evidence, verdict: str) -> str:
    if verdict == STRUCTURE:
        return _("There is structure: the segments come back when the customers are drawn anew.")
    if verdict == NONE:
        return _(
            "There is no structure to speak of: one cloud without groups, cut in {n}, looks the same."
        ).format(n=number(seen.segments))
    if seen.stability.index < DOUBTFUL:
        return _(
            "The customers do form groups, but these segments are not they: try another number of segments."
        )
    return _("The structure is weak: the customers form groups, but not every segment comes back.")


def _cut(seen: Evidence, verdict: str) -> str:
    cuts = _("These segments are cuts that were chosen, not groups that were found.")
    if verdict == STRUCTURE:
        return in_a_row(cuts, _("There are groups underneath, and the cuts follow them."))
    if verdict == WEAK:
        return in_a_row(cuts, _("There are groups underneath, but the cuts run through them."))
    return in_a_row(
        cuts, _("Underneath there are no groups: customers on either side of a cut differ little.")
    )


def _repeats(seen: Evidence) -> str:
    if not seen.stability.resamples:
        return _("Whether they come back could not be worked out.")
    figures = {"index": number(seen.stability.index, 2), "share": percent(seen.stable_share)}
    if seen.reference is None:
        what = _("Stability is {index} of 1, and {share} of customers are in stable segments.")
        return what.format(**figures)
    what = _(
        "Stability is {index} of 1, where data without groups give {reference}; {share} of customers are in "
        "stable segments."
    )
    return what.format(**figures, reference=number(seen.reference, 2))


def _distance(seen: Evidence) -> str:
    if seen.separation is None:
        return _("How far they lie apart could not be worked out.")
    spread = number(abs(seen.separation.excess), 1)
    if seen.separation.clear:
        return _(
            "They lie further apart than in data without groups, by {spread} standard deviations."
        ).format(spread=spread)
    return _(
        "They lie no further apart than in data without groups (within {spread} standard deviations)."
    ).format(spread=spread)
