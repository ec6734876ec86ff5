"""Chance as SQL text: every draw is a hash of who it is for and what it is about.

A draw depends on nothing but its key and its name, so the same seed gives the same bank whatever the number
of threads, and adding a draw changes no other. Keys are UBIGINT columns, one a customer, made with `key`.
"""

from collections.abc import Iterable
from datetime import date
from zlib import crc32

CAP = 2.6  # normal draws stop here: one customer in a million must not own the bank


def key(*parts: str) -> str:
    """A key for draws, made of integer columns; the first is the broadest.

    >>> key("customer_no", "7")
    'hash(xor(hash(customer_no), hash(7)))'
    """
    mixed = f"hash({parts[0]})"
    for part in parts[1:]:
        mixed = f"hash(xor({mixed}, hash({part})))"
    return mixed


def uniform(name: str, of: str = "key") -> str:
    """A number strictly between 0 and 1, its own for every key and name."""
    drawn = f"hash(xor({of}, {crc32(name.encode())}::UBIGINT)) >> 12"
    return f"((CAST({drawn} AS DOUBLE) + 0.5::DOUBLE) * {2.0**-52!r})"


def percent(name: str, of: str = "key") -> str:
    """A whole number from 0 to 99, to look up rows that say "up to this percentage"."""
    return f"CAST(floor(100 * {uniform(name, of)}) AS INTEGER)"


def whole(name: str, below: str | int, of: str = "key") -> str:
    """A whole number from 0 to `below` - 1."""
    return f"CAST(floor({below} * {uniform(name, of)}) AS INTEGER)"


def normal(name: str, of: str = "key") -> str:
    """A standard normal number, cut at CAP on both sides (Box and Muller 1958)."""
    radius = f"sqrt(-2 * ln({uniform(name, of)}))"
    return f"greatest(-{CAP}, least({CAP}, {radius} * cos({6.283185307179586} * {uniform(name + ' angle', of)})))"


def bell(name: str, of: str = "key") -> str:
    """Nearly a standard normal number from a single draw (logistic), for rows by the million."""
    drawn = uniform(name, of)
    return f"greatest(-{CAP}, least({CAP}, 0.5513 * ln({drawn} / (1 - {drawn}))))"


def listed(values: Iterable[object], at: str) -> str:
    """The value at a place that is counted from 0: rows of a page looked up without a join.

    A join by the million would need its sides planned well; a constant list needs nothing.

    >>> listed(["a", None, 2, True], "i % 3")
    "['a', NULL, 2, true][1 + i % 3]"
    """
    return f"[{', '.join(_literal(value) for value in values)}][1 + {at}]"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return f"DATE '{value}'"
    if isinstance(value, float):
        return f"{value!r}::DOUBLE"
    return repr(value)
