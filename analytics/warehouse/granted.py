"""Which grants were loaded with a version, as its manifest remembers them without saying whose they are.

So that an earlier version that stands in for a damaged one gives nobody what the later one took away.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import duckdb

from analytics.warehouse.tables import TABLES

_COLUMNS = tuple(column.name for column in TABLES["grants"].columns)


def digest(grant: Mapping[str, Any]) -> str:
    """What tells a row of the grants table, with all that it says, from any other.

    >>> digest({"user_email": "a@b.c", "role": "analyst"}) == digest({"user_email": "a@b.c", "role": "manager"})
    False
    """
    said = [None if grant.get(name) is None else str(grant[name]) for name in _COLUMNS]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def granted(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The digests of the grants in a build, in order."""
    return sorted(map(digest, con.execute("FROM grants").to_arrow_table().to_pylist()))
