"""Structure, weak or none: the figures summed up, in one word and one sentence."""

from dataclasses import dataclass

import numpy as np

from analytics.formats import in_a_row, number, percent
from analytics.methods.base import Labels
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
    kinds : how many different customers there are, where so few that every kind looks like a group.
    """

    searched: bool
    sizes: dict[int, int]
    stability: Stability
    reference: float | None = None
    separation: Separation | None = None
    followed: float | None = None
    kinds: int | None = None

    @property
    def segments(self) -> int:
        """How many segments have anybody."""
        return len(self.sizes)

    @property
    def customers(self) -> int:
        """How many are in segments."""
        return sum(self.sizes.values())

    @property
    def too_few(self) -> bool:
        """Whether the customers in segments are too few to tell groups from chance."""
        return self.customers < FEWEST_CUSTOMERS

    @property
    def known(self) -> bool:
        """Whether anything is known about groups; where not, the verdict is "none" for want of a better."""
        return not self.too_few and self.segments > 1 and self.separation is not None

    @property
    def stable(self) -> bool:
        """Whether every segment is stable."""
        indices = [index for index in self.stability.by_segment.values() if not np.isnan(index)]
        return bool(indices) and min(indices) >= STABLE

    @property
    def comes_back(self) -> bool:
        """Whether every segment is stable, and all together more than those of one Gaussian."""
        return self.stable and (self.reference is None or self.stability.index > self.reference)

    @property
    def follows(self) -> bool:
        """Whether chosen cuts follow the groups underneath."""
        return (self.followed or 0) >= FOLLOWED

    @property
    def stable_share(self) -> float:
        """The share of customers who are in segments that come back."""
        kept = sum(n for at, n in self.sizes.items() if self.stability.by_segment.get(at, 0) >= STABLE)
        return kept / max(1, self.customers)


def sizes_of(segments: Labels) -> dict[int, int]:
    """Customers by segment. segments : shape (n_customers,), 1 the first, 0 where left out.

    >>> sizes_of(np.array([1, 3, 0, 3]))
    {1: 1, 3: 2}
    """
    return {at: int(n) for at, n in enumerate(np.bincount(segments)) if at and n}


def verdict_of(seen: Evidence) -> str:
    """none : the data lie no further apart than one Gaussian that is cut in the same way.

    structure : they do, there are gaps between the segments, every segment is stable, and all together more so
    than those of the Gaussian. weak : they do, but not all of that holds, or chosen cuts run through the groups,
    or there are only so many values that each of them looks like a group.
    """
    if not seen.known or seen.separation is None or not seen.separation.clear:
        return NONE
    if seen.kinds is not None:
        return WEAK
    if not seen.searched:
        return STRUCTURE if seen.separation.gaps and seen.follows and seen.comes_back else WEAK
    return STRUCTURE if seen.separation.gaps and seen.comes_back else WEAK


def sentence_of(seen: Evidence, verdict: str, basis: str) -> str:
    """The verdict in words, with its figures. basis : what it was worked out on, as a sentence."""
    if seen.too_few:
        what = _(
            "Whether there are groups can't be known: {n} customers in segments are too few to tell them from "
            "chance; it takes at least {least}."
        )
        return what.format(n=number(seen.customers), least=FEWEST_CUSTOMERS)
    if seen.segments < 2:
        return in_a_row(
            _("There is one segment only, so there is nothing to come back or to lie apart."), basis
        )
    if not seen.known:
        said = _("Whether there are groups can't be known.")
    else:
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
    if seen.kinds is not None:
        return in_a_row(_("The structure is weak at best."), _by_kind(seen.kinds))
    if seen.comes_back:
        return _("The structure is weak: the segments come back, but there are hardly any gaps between them.")
    if seen.stable:
        return _("The structure is weak: the segments come back no more surely than in data without groups.")
    if seen.stability.index < DOUBTFUL:
        return _("The customers do form groups, but other ones than these segments: try other settings.")
    return _("The structure is weak: the customers form groups, but not every segment comes back.")


def _cut(seen: Evidence, verdict: str) -> str:
    cuts = _("These segments are cuts that were chosen, not groups that were found.")
    if verdict == STRUCTURE:
        return in_a_row(cuts, _("There are groups underneath, and the cuts follow them."))
    if verdict == NONE:
        return in_a_row(cuts, _("Underneath there are no groups: one cloud without groups looks the same."))
    if seen.kinds is not None:
        return in_a_row(cuts, _by_kind(seen.kinds))
    if seen.separation is not None and seen.separation.gaps:
        if seen.follows:
            return in_a_row(cuts, _("They follow groups that are underneath, but not every cut comes back."))
        return in_a_row(cuts, _("There are groups underneath, but the cuts run through them."))
    return in_a_row(cuts, _("Underneath the customers are spread unevenly, with hardly any gaps."))


def _by_kind(kinds: int) -> str:
    what = _(
        "The indicators have only {n} different combinations of values, and each of them looks like a group."
    )
    return what.format(n=number(kinds))


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
