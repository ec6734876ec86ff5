"""How large a hold-out must be: what a campaign of a given reach can show, before anybody is called."""

from dataclasses import dataclass
from math import ceil, sqrt

from scipy.optimize import brentq
from scipy.stats import norm

from analytics.errors import BadInput
from analytics.translation import translate as _

LEVEL, POWER = 0.05, 0.8  # chance of seeing what is not there, and of seeing what is
SMALLEST, LARGEST = 0.10, 0.50  # shares of the reach that are left alone


@dataclass(frozen=True)
class Design:
    """How a reach is divided, and what that division can show.

    share : of the reach that is left alone, as recommended or given. holdout, contacted : customers.
    power : the chance of finding `uplift` with them. detectable : the least uplift found with the power asked
        for, None where not even all contacted answering would do. enough : whether `uplift` is found with that
        power. needed : the reach, divided in halves, from which on it would be.
    """

    reach: int
    base: float
    uplift: float
    share: float
    contacted: int
    holdout: int
    power: float
    detectable: float | None
    enough: bool
    needed: int


def sizes(
    base: float, uplift: float, *, share: float = 0.5, level: float = LEVEL, power: float = POWER
) -> tuple[int, int]:
    """Customers to contact and to leave alone so that an uplift is found, two-sided.

    base : response of those left alone. uplift : what contact adds to it at least. share : of them all that is
        left alone. Raises BadInput for rates that are none.
    Source: Fleiss, Levin, Paik 2003, Statistical Methods for Rates and Proportions, 4.2 and 4.3 for unequal
    groups; normal approximation, without continuity correction.

    >>> sizes(0.10, 0.05)
    (686, 686)
    """
    _check(base, uplift, share)
    lift = base + uplift
    mean = (1 - share) * lift + share * base
    chance = norm.isf(level / 2) * sqrt(mean * (1 - mean) * (1 / (1 - share) + 1 / share))
    found = norm.isf(1 - power) * sqrt(lift * (1 - lift) / (1 - share) + base * (1 - base) / share)
    total = ((chance + found) / uplift) ** 2
    return ceil(round(total * (1 - share), 6)), ceil(round(total * share, 6))


def power_of(contacted: int, holdout: int, base: float, uplift: float, level: float = LEVEL) -> float:
    """The chance that two groups of these sizes show an uplift that is there.

    >>> round(power_of(686, 686, 0.10, 0.05), 2)
    0.8
    """
    if contacted < 1 or holdout < 1:
        return 0.0
    lift = base + uplift
    mean = (contacted * lift + holdout * base) / (contacted + holdout)
    by_chance = sqrt(mean * (1 - mean) * (1 / contacted + 1 / holdout))
    spread = sqrt(lift * (1 - lift) / contacted + base * (1 - base) / holdout)
    if spread == 0:  # nobody left alone answers and everybody contacted does
        return 1.0
    return float(norm.cdf((abs(uplift) - norm.isf(level / 2) * by_chance) / spread))


def detectable(
    reach: int, share: float, base: float, *, level: float = LEVEL, power: float = POWER
) -> float | None:
    """The least uplift that a reach with this share left alone finds; None where no uplift is large enough.

    >>> round(detectable(1372, 0.5, 0.10), 3)
    0.05
    """
    held = held_out(reach, share)

    def short(uplift: float) -> float:
        return power_of(reach - held, held, base, uplift, level) - power

    most = 1 - base
    return None if short(most) < 0 else float(brentq(short, 1e-9, most, xtol=1e-6))


def design(
    reach: int,
    base: float,
    uplift: float,
    *,
    share: float | None = None,
    level: float = LEVEL,
    power: float = POWER,
) -> Design:
    """Divide a reach: by the smallest share that shows the uplift, or by a share that somebody chose.

    A hold-out costs the sales that it is kept from, so it is no larger than it must be; never below SMALLEST,
    which keeps it from being a handful, never above LARGEST, beyond which the other group is the small one.
    Where no share is enough it is LARGEST and `enough` is False: no hold-out of this reach can show it.
    Raises BadInput for rates or shares that are none.
    """
    _check(base, uplift, share if share is not None else LARGEST)
    shares = [share] if share is not None else [percent / 100 for percent in range(10, 51)]
    for chosen in shares:
        held = held_out(reach, chosen)
        reached = power_of(reach - held, held, base, uplift, level)
        if reached >= power:
            break
    contacted, left = sizes(base, uplift, level=level, power=power)
    return Design(
        reach, base, uplift, chosen, reach - held, held, reached,
        detectable(reach, chosen, base, level=level, power=power), reached >= power, contacted + left,
    )  # fmt: skip


def held_out(reach: int, share: float) -> int:
    """How many of a reach a share leaves alone.

    >>> held_out(25, 0.1), held_out(0, 0.1)
    (2, 0)
    """
    return round(reach * share)


def _check(base: float, uplift: float, share: float) -> None:
    if not (0 <= base < 1 and 0 < uplift <= 1 - base):
        raise BadInput(
            _("A response of those left alone and an uplift must be shares that together stay within 100%."),
            _("Give, for example, 5% and 2 points."),
        )
    if not SMALLEST <= share <= LARGEST:
        raise BadInput(
            _("The hold-out must be between 10% and 50% of those who could be reached."),
            _("Take the recommended share."),
        )
