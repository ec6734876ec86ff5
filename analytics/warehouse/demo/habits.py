"""What customers do, through which channel and for what: how many of 100 transactions, by archetype.

Lines are in the form of traits.py. Salaries, pensions, interest and monthly fees come by the calendar instead
(`FIXED`); everything else is drawn from these rows.
"""

from dataclasses import dataclass

from analytics.warehouse.demo.archetypes import ARCHETYPES
from analytics.warehouse.demo.traits import parse


@dataclass(frozen=True)
class Kind:
    """`sign` of the amount, `size` in tickets (the customer's usual amount), `spread` of its logarithm.

    `fee`: share of the amount, up to `fee_cap`. `shops`: has a spending category and follows the season's
    day. `account`: the slot it is booked on where the customer holds it. `channel`: fixed, where nobody chose.
    """

    kind: str
    sign: int
    size: float
    spread: float
    fee: float = 0.0
    fee_cap: float = 0.0
    shops: bool = False
    account: str = "everyday"
    channel: str | None = None


# fmt: off
KINDS = {
    "card":           Kind("card", -1, 0.5, 0.8, fee=0.0006, fee_cap=8, shops=True, account="card"),
    "bill":           Kind("bill", -1, 0.4, 0.5),
    "transfer out":   Kind("transfer_out", -1, 1.7, 0.8, fee=0.0004, fee_cap=50),
    "transfer in":    Kind("transfer_in", 1, 1.9, 0.8),
    "takings":        Kind("transfer_in", 1, 1.2, 0.9, fee=0.0012, fee_cap=120),
    "cash out":       Kind("cash", -1, 0.9, 0.5),
    "cash in":        Kind("cash", 1, 1.0, 0.5),
    "loan payment":   Kind("loan_payment", -1, 1.6, 0.1, channel="system"),
    "fund purchase":  Kind("investment", -1, 4.0, 0.7, fee=0.004, fee_cap=3000, account="investment"),
    "fund sale":      Kind("investment", 1, 4.0, 0.7, account="investment"),
    "salary":         Kind("salary", 1, 1.0, 0.02, channel="system"),
    "pension":        Kind("pension", 1, 1.0, 0.01, channel="system"),
    "interest":       Kind("interest", 1, 0.004, 0.3, channel="system"),
    "monthly fee":    Kind("fee", -1, 0.0004, 0.3, fee=1.0, fee_cap=200, channel="system"),
}
# fmt: on

ACTIVITIES = {
    "salary_family": "card 52, bill 13, transfer out 14, transfer in 6, cash out 6, loan payment 6, fund purchase 3",
    "affluent_saver": "card 36, bill 8, transfer out 18, transfer in 20, cash out 4, fund purchase 9, fund sale 5",
    "mobile_first_young": "card 66, bill 8, transfer out 12, transfer in 12, fund purchase 2",
    "small_business": "card 6, bill 10, transfer out 38, takings 38, cash out 3, cash in 3, loan payment 2",
    "pensioner": "card 12, bill 22, transfer out 12, transfer in 10, cash out 40, cash in 4",
    "dormant": "card 30, bill 20, transfer out 20, transfer in 30",
    "branch_heavy": "card 6, bill 22, transfer out 10, transfer in 8, cash out 30, cash in 24",
}
CHANNELS = {
    "salary_family": "mobile 60, online 26, branch 3, atm 8, phone 3",
    "affluent_saver": "mobile 36, online 40, branch 12, atm 4, phone 8",
    "mobile_first_young": "mobile 89, online 8, atm 2, phone 1",
    "small_business": "mobile 32, online 56, branch 6, atm 4, phone 2",
    "pensioner": "mobile 16, online 6, branch 50, atm 22, phone 6",
    "dormant": "mobile 44, online 22, branch 20, atm 14",
    "branch_heavy": "mobile 4, online 3, branch 76, atm 11, phone 6",
}
CATEGORIES = {
    "salary_family": "groceries 30, education 14, health 8, transport 10, dining 12, shopping 14, housing 10",
    "affluent_saver": "travel 24, dining 18, shopping 22, health 12, culture 10, groceries 10, education 3",
    "mobile_first_young": "dining 28, shopping 24, entertainment 18, transport 14, groceries 10, travel 5",
    "small_business": "supplies 44, fuel 18, services 16, travel 10, dining 10",
    "*": "groceries 40, health 22, transport 10, dining 10, shopping 12, housing 4",
}

# Who has no such account in use does something else instead.
INSTEAD = {
    "loan payment": ("loan", "bill"),
    "fund purchase": ("investment", "transfer out"),
    "fund sale": ("investment", "transfer in"),
}

# What the calendar brings, as steps after the hundred that are drawn.
SALARY, INTEREST, MONTHLY_FEE = 100, 101, 102
STEPS = 103  # an archetype's places in the lists below begin at its number * STEPS
PENSIONED = "pensioner"


def kinds() -> list[int]:
    """The number of the kind (in the order of KINDS) at every place, STEPS of them an archetype."""
    found = []
    for archetype in ARCHETYPES:
        wage = "pension" if archetype.key == PENSIONED else "salary"
        names = [*_drawn(ACTIVITIES[archetype.key]), wage, "interest", "monthly fee"]
        found += [number_of(str(name)) for name in names]
    return found


def number_of(name: str) -> int:
    """The number of a kind by its name in KINDS."""
    return list(KINDS).index(name)


def choices(lines: dict[str, str]) -> list[str | None]:
    """The answer of CHANNELS or CATEGORIES at every place, STEPS of them an archetype."""
    empty = [None] * (STEPS - 100)
    return [
        answer
        for archetype in ARCHETYPES
        for answer in (*_drawn(lines.get(archetype.key) or lines["*"]), *empty)
    ]


def _drawn(line: str) -> list[str | None]:
    """A hundred answers; what the line leaves open is empty."""
    found: list[str | None] = [answer for answer, count in parse(line) for _ in range(count)]
    return found + [None] * (100 - len(found))
