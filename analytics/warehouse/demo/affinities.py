"""Which archetype holds which product, and how much of it: planted truths, as rows.

A line is one slot of one archetype: `product share median, ...`, the share of 100 customers that hold it and
the median balance in CNY (none for products without balances). A customer holds at most one product a slot.
"""

from collections.abc import Iterator

from analytics.warehouse.demo.archetypes import ARCHETYPES
from analytics.warehouse.demo.traits import parse

# The number of a slot is the last digit of its accounts' numbers.
SLOTS = ("everyday", "savings", "loan", "card", "investment", "foreign", "insurance", "service")

# Half of the customers decide on the second as they did on the first: holding one makes the other likelier.
PARTNERS = {"insurance": "loan", "foreign": "investment"}

AFFINITIES: dict[str, dict[str, str]] = {
    "salary_family": {
        "everyday": "D01@55000 100",
        "savings": "D02@110000 18, D03@170000 13, D05@90000 3",
        "loan": "L01@760000 30, L02@90000 8, L03@110000 6",
        "card": "C01@5200 30, C02@9000 12",
        "investment": "F01@40000 10, F02@50000 4, W01@80000 4",
        "foreign": "D11@30000 2",
        "insurance": "I01 24",
        "service": "P01 15",
    },
    "affluent_saver": {
        "everyday": "D01@150000 100",
        "savings": "D03@500000 22, D04@900000 38, D05@500000 7",
        "loan": "L01@1500000 10",
        "card": "C02@16000 55",
        "investment": "F03@200000 14, F04@150000 8, F02@260000 12, W01@300000 22, W02@600000 22",
        "foreign": "D11@150000 14, D13@120000 8, D12@90000 6, D14@80000 4",
        "insurance": "I02 24, I01 10",
        "service": "X01 16",
    },
    "mobile_first_young": {
        "everyday": "P01 78, D01@13000 22",
        "savings": "D02@20000 4",
        "loan": "L02@24000 12",
        "card": "C01@2400 22",
        "investment": "F01@3500 14, F03@4000 4, F04@4000 3",
        "foreign": "D14@3000 1",
        "insurance": "I01 2",
    },
    "small_business": {
        "everyday": "D06@150000 100",
        "savings": "D02@350000 12",
        "loan": "L04@850000 34, L05@450000 13",
        "card": "C03@9000 26",
        "investment": "W01@200000 8",
        "foreign": "D11@180000 10, D12@120000 4, D13@100000 4",
        "insurance": "I01 4",
        "service": "P02 22, P03 30, X01 6",
    },
    "pensioner": {
        "everyday": "D01@36000 100",
        "savings": "D02@100000 28, D03@170000 32, D05@90000 12",
        "card": "C01@1500 4",
        "investment": "W01@60000 5",
        "insurance": "I02 6",
    },
    "dormant": {
        "everyday": "P01 90, D01@800 10",
        "card": "C01@300 5",
    },
    "branch_heavy": {
        "everyday": "P04 45, D01@4600 55",
        "savings": "D02@12000 4, D05@50000 7",
        "loan": "L02@30000 4",
        "card": "C01@1800 6",
        "insurance": "I01 3",
    },
}


def rows() -> Iterator[tuple[int, int, int, str, float | None]]:
    """(archetype, slot, percent 0..99, product, median balance): one row for each percent that holds one."""
    for archetype_no, archetype in enumerate(ARCHETYPES):
        for slot, line in AFFINITIES[archetype.key].items():
            first = 0
            for product, level, count in read(line):
                for step in range(first, first + count):
                    yield archetype_no, SLOTS.index(slot), step, product, level
                first += count


def read(line: str) -> Iterator[tuple[str, float | None, int]]:
    """(product, median balance or None, share of 100) of one line.

    >>> list(read("P01 50, D01@2600 50"))
    [('P01', None, 50), ('D01', 2600.0, 50)]
    """
    for answer, count in parse(line):
        product, _, level = answer.partition("@")
        yield product, float(level) if level else None, count
