"""Who the customers are: seven kinds of behaviour, and how managers' books mix them.

Each row is a planted truth. Amounts are CNY, ages are years at the bank's last day, shares are fractions.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Archetype:
    """One kind of customer.

    `income`: median monthly income (a business: turnover) and its spread (standard deviation of the log).
    `busyness`: transactions relative to the bank's average. `wealth`: spread of holdings beside the product's.
    `joins`, `leaves`: share that comes, and share that goes, within the period. `paid`: share whose salary
    or pension comes here, on one of `pay_days`. `quiet`: activity stops long before the period ends.
    """

    key: str
    meaning: str
    line: str
    ages: tuple[int, int]
    income: tuple[float, float]
    busyness: float
    wealth: float
    joins: float
    leaves: float
    paid: float = 0.0
    pay_days: tuple[int, int] = (10, 25)
    business: float = 0.0
    quiet: bool = False
    nps: float = 6.8


# fmt: off
ARCHETYPES = (
    Archetype("salary_family", "Salary, mortgage and school fees, everything through the phone or online",
              "Retail", (28, 52), (14_000, 0.40), 1.30, 0.55, 0.38, 0.06, paid=0.95, nps=7.4),
    Archetype("affluent_saver", "Large deposits, funds and foreign currency, wants advice",
              "Premier", (36, 68), (55_000, 0.45), 1.15, 0.65, 0.34, 0.05, paid=0.30, nps=8.3),
    Archetype("mobile_first_young", "Many small payments by phone, hardly any balance",
              "Retail", (18, 30), (7_000, 0.35), 1.30, 0.45, 0.55, 0.10, paid=0.55, nps=7.0),
    Archetype("small_business", "Turnover in and out, working capital, fees",
              "Business", (28, 62), (180_000, 0.70), 1.80, 0.65, 0.42, 0.08, business=0.85, nps=6.9),
    Archetype("pensioner", "Pension on the 15th, term deposits, likes the counter",
              "Retail", (60, 86), (4_500, 0.30), 0.70, 0.60, 0.16, 0.06, paid=0.95, pay_days=(15, 15), nps=8.0),
    Archetype("dormant", "Opened once, then silent",
              "Retail", (22, 70), (6_000, 0.45), 0.22, 0.60, 0.30, 0.04, quiet=True, nps=5.0),
    Archetype("branch_heavy", "Cash over the counter week after week, little balance: costs more than it brings",
              "Retail", (35, 74), (5_200, 0.35), 1.20, 0.60, 0.30, 0.07, paid=0.15, nps=6.2),
)

# How many of 100 customers in a manager's book are of which archetype, in the order above.
MIXES = {
    "general":   (27, 7, 20, 8, 14, 11, 13),
    "business":  (19, 6, 14, 28, 10, 11, 12),
    "premium":   (27, 20, 16, 9, 12, 8, 8),
    "community": (23, 4, 23, 4, 20, 12, 14),
}
# fmt: on

# The books of managers 0, 1, 2, ... in turn; the first is the demonstration's relationship manager.
MIX_CYCLE = ("general", "business", "general", "premium", "general", "community", "general")


def mix_of(manager_no: int) -> str:
    """Which mix a manager's book has.

    >>> mix_of(0), mix_of(8)
    ('general', 'business')
    """
    return MIX_CYCLE[manager_no % len(MIX_CYCLE)]


def expected_shares(managers: int) -> dict[str, float]:
    """Expected share of each archetype among the customers of so many managers.

    >>> round(sum(expected_shares(5).values()), 9)
    1.0
    """
    mixes = [MIXES[mix_of(number)] for number in range(managers)]
    return {
        archetype.key: sum(mix[place] for mix in mixes) / (100 * managers)
        for place, archetype in enumerate(ARCHETYPES)
    }
