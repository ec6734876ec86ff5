"""Attributes and attitudes of customers: how many of 100 give which answer, by archetype.

Each line is read as `answer number, answer number, ...`; what is missing to 100 stays empty, for real
questionnaires are never complete. `*` stands for the archetypes that have no line of their own.
"""

from collections.abc import Iterator

from analytics.warehouse.demo.archetypes import ARCHETYPES

TRAITS: dict[str, dict[str, str]] = {
    "gender": {"*": "female 51, male 48"},
    "occupation": {
        "salary_family": "engineer 20, teacher 14, civil servant 13, nurse 10, accountant 12, sales 15, manager 14",
        "affluent_saver": "entrepreneur 32, executive 28, doctor 12, lawyer 8, investor 8, retired 10",
        "mobile_first_young": "student 22, designer 12, programmer 18, delivery 12, sales 16, clerk 18",
        "small_business": "shop owner 40, manufacturer 24, contractor 20, trader 14",
        "pensioner": "retired 92, farmer 6",
        "*": "worker 30, farmer 14, driver 14, shop assistant 18, self-employed 14, unemployed 7",
    },
    "education": {
        "affluent_saver": "master 30, bachelor 44, college 14, secondary 10",
        "salary_family": "master 15, bachelor 46, college 25, secondary 12",
        "mobile_first_young": "master 8, bachelor 48, college 26, secondary 16",
        "small_business": "master 5, bachelor 28, college 35, secondary 30",
        "*": "bachelor 8, college 18, secondary 46, primary 25",
    },
    "marital_status": {
        "mobile_first_young": "single 78, married 19, divorced 2",
        "salary_family": "married 84, single 7, divorced 8",
        "pensioner": "married 68, widowed 24, divorced 5, single 2",
        "*": "married 66, single 18, divorced 10, widowed 4",
    },
    "religion": {"*": "none 66, buddhist 12, taoist 4, christian 3, muslim 3"},
    "lifestyle": {
        "salary_family": "family 62, career 22, outdoors 8, homebody 6",
        "affluent_saver": "travel 36, career 24, culture 18, family 18",
        "mobile_first_young": "gaming 26, fitness 18, travel 20, career 20, nightlife 13",
        "small_business": "career 66, family 20, travel 10",
        "pensioner": "homebody 38, family 32, outdoors 18, culture 10",
        "*": "homebody 40, family 38, outdoors 12, culture 7",
    },
    "personality": {
        "affluent_saver": "analytical 38, ambitious 30, cautious 20, sociable 10",
        "mobile_first_young": "spontaneous 40, sociable 30, ambitious 18, analytical 10",
        "pensioner": "cautious 56, sociable 26, analytical 10, spontaneous 5",
        "small_business": "ambitious 48, sociable 22, analytical 18, spontaneous 10",
        "*": "cautious 34, sociable 30, analytical 20, spontaneous 14",
    },
    "home_ownership": {
        "mobile_first_young": "rented 52, with family 38, mortgaged 6, owned 2",
        "salary_family": "mortgaged 52, owned 28, rented 16, with family 2",
        "affluent_saver": "owned 78, mortgaged 16, rented 4",
        "*": "owned 62, rented 16, mortgaged 12, with family 8",
    },
    "purchase_motive": {
        "affluent_saver": "return 48, service 28, prestige 16, safety 6",
        "pensioner": "safety 62, service 24, return 10, price 3",
        "mobile_first_young": "convenience 56, price 28, prestige 10, return 4",
        "small_business": "credit 44, convenience 24, price 20, service 10",
        "*": "convenience 36, safety 26, price 24, service 12",
    },
    "brand_loyalty": {
        "pensioner": "high 64, medium 26, low 8",
        "affluent_saver": "high 34, medium 44, low 20",
        "mobile_first_young": "high 10, medium 34, low 54",
        "*": "high 26, medium 46, low 26",
    },
    "price_attitude": {
        "mobile_first_young": "sensitive 58, balanced 32, indifferent 8",
        "affluent_saver": "sensitive 14, balanced 42, indifferent 42",
        "*": "sensitive 38, balanced 44, indifferent 16",
    },
    "risk_tolerance": {
        "affluent_saver": "1 6, 2 18, 3 32, 4 28, 5 14",
        "mobile_first_young": "1 12, 2 24, 3 30, 4 22, 5 10",
        "pensioner": "1 44, 2 36, 3 14, 4 3, 5 1",
        "*": "1 20, 2 30, 3 30, 4 14, 5 4",
    },
    "attitude": {
        "affluent_saver": "wants advice 52, trusts us 30, decides alone 14, sceptical 4",
        "mobile_first_young": "decides alone 60, price first 24, sceptical 10, trusts us 6",
        "pensioner": "trusts us 62, wants advice 30, sceptical 8",
        "dormant": "sceptical 46, price first 34, decides alone 20",
        "*": "trusts us 32, wants advice 22, price first 26, sceptical 20",
    },
}


def rows() -> Iterator[tuple[str, str, int, str]]:
    """(trait, archetype, percent 0..99, answer): one row for each percent that has an answer.

    >>> sum(trait == "gender" and archetype == "dormant" for trait, archetype, _, _ in rows())
    99
    """
    for trait, lines in TRAITS.items():
        for archetype in ARCHETYPES:
            first = 0
            for answer, count in parse(lines.get(archetype.key) or lines["*"]):
                for step in range(first, first + count):
                    yield trait, archetype.key, step, answer
                first += count


def parse(line: str) -> list[tuple[str, int]]:
    """The answers of one line with their numbers.

    >>> parse("with family 38, owned 2")
    [('with family', 38), ('owned', 2)]
    """
    parts = (part.rsplit(" ", 1) for part in line.split(", "))
    return [(answer.strip(), int(count)) for answer, count in parts]
