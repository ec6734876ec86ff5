"""Structure, weak or none: the figures summed up, in one word and one sentence."""

from dataclasses import dataclass

import numpy as np

from analytics.formats import in_a_row, number, percent
from analytics.translation import translate as _
from analytics.trust.separation import CLEARLY, Separation
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
    def comes_back(self) -> bool:
        """Whether every segment is stable, and all together more than those of one Gaussian."""
        known = [index for index in self.stability.by_segment.values() if not np.isnan(index)]
        above = self.reference is None or self.stability.index > self.reference
        return above and bool(known) and min(known) >= STABLE

    @property
    def follows(self) -> bool:
        """Whether chosen cuts follow the groups underneath."""
        return (self.followed or 0) >= FOLLOWED

    @property
    def stable_share(self) -> float:
        """The share of customers who are in segments that come back."""
        kept = sum(n for at, n in self.sizes.items() if self.stability.by_segment.get(at, 0) >= STABLE)
        return kept / max(1, self.customers)


def verdict_of(seen: Evidence) -> str:
    """none : the data lie no further apart than one Gaussian that is cut in the same way.

    structure : they do, there are gaps between the segments, every segment is stable, and all together more so
    than those of the Gaussian. weak : they do, but not all of that holds, or chosen cuts run through the groups.
    """
    if seen.segments < 2 or seen.separation is None or not seen.separation.clear:
        return NONE
    if not seen.searched:
        return STRUCTURE if seen.separation.gaps and seen.follows and seen.comes_back else WEAK
    return STRUCTURE if seen.separation.gaps and seen.comes_back else WEAK


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
        return _(
            "There is structure: the segments come back when the customers are drawn anew, with gaps between."
        )
    if verdict == NONE:
        what = _("There is no structure to speak of: one cloud without groups, cut in {n}, looks the same.")
        return what.format(n=number(seen.segments))
    if seen.comes_back:
        return _("The structure is weak: the segments come back, but there are hardly any gaps between them.")
    if seen.stability.index < DOUBTFUL:
        return _("The customers do form groups, but other ones than these segments: try other settings.")
    return _("The structure is weak: the customers form groups, but not every segment comes back.")


def _cut(seen: Evidence, verdict: str) -> str:
    cuts = _("These segments are cuts that were chosen, not groups that were found.")
    if verdict == STRUCTURE:
        return in_a_row(cuts, _("There are groups underneath, and the cuts follow them."))
    if verdict == NONE:
        return in_a_row(cuts, _("Underneath there are no groups: one cloud without groups looks the same."))
    if seen.separation is not None and seen.separation.gaps:
        if seen.follows:
            return in_a_row(cuts, _("They follow groups that are underneath, but not every cut comes back."))
        return in_a_row(cuts, _("There are groups underneath, but the cuts run through them."))
    return in_a_row(cuts, _("Underneath the customers are spread unevenly, with hardly any gaps."))


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
    figures = {
        "spread": number(abs(seen.separation.excess), 1),
        "gap": number(max(0.0, seen.separation.gap), 2),
        "least": number(CLEARLY),
    }
    if not seen.separation.clear and seen.separation.excess <= 0:
        what = _("They lie no further apart than in data without groups.")
    elif not seen.separation.clear:
        what = _(
            "They lie {spread} standard deviations further apart than in data without groups: fewer than {least} "
            "may be chance."
        )
    elif seen.searched:
        what = _(
            "They lie {spread} standard deviations further apart than in data without groups; clear space between "
            "them: {gap} of 1."
        )
    else:
        what = _(
            "The groups underneath lie {spread} standard deviations further apart than in data without any."
        )
    return what.format(**figures)
