"""Encryption at rest: DuckDB's own, AES-256 in GCM, with the key that the environment names.

DuckDB writes encrypted files only with OpenSSL's cipher, which comes in its extension httpfs; that one is loaded
from its wheel, never from the network.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_httpfs

from analytics.errors import NoWarehouse
from analytics.settings import warehouse_key
from analytics.translation import translate as _
from analytics.warehouse.staging import literal, quoted
from analytics.warehouse.versions import Damaged


def encrypting() -> bool:
    """Whether what is built now is encrypted."""
    return warehouse_key() is not None


def connect_encrypted(config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """A connection in memory that can attach encrypted files, and encrypts what it spills to disk."""
    con = duckdb.connect(config={**config, "temp_file_encryption": "true"})
    folder = Path(next(iter(duckdb_extension_httpfs.__path__)))
    for extension in folder.rglob("httpfs.duckdb_extension"):
        con.execute(f"LOAD {literal(extension)}")
    return con


def attach(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, *, encrypted: bool, read_only: bool = False
) -> None:
    """Attach a file under a name. Raises NoWarehouse where it is encrypted and the key is missing or another one, and
    Damaged for a version that can't be opened."""
    options = ["READ_ONLY"] if read_only else []
    if encrypted:
        options.append(f"ENCRYPTION_KEY {literal(_needed_key(path))}")
    listed = f" ({', '.join(options)})" if options else ""
    try:
        con.execute(f"ATTACH {literal(path)} AS {quoted(name)}{listed}")
    except duckdb.Error as error:
        if not encrypted:
            if read_only:
                raise _unopened(path, by_the_key=False) from error
            raise
        # Without its cause: DuckDB may quote the statement, and the key is in it.
        raise _unopened(path, "encryption key" in str(error)) from None


def _needed_key(path: Path) -> str:
    key = warehouse_key()
    if key is None:
        raise NoWarehouse(
            _("The warehouse file {name} is encrypted, and no key is given.").format(name=path.name),
            _("Set CLIENTELE_WAREHOUSE_KEY_FILE to the key's file, or CLIENTELE_WAREHOUSE_KEY to the key."),
        )
    return key


def _unopened(path: Path, by_the_key: bool) -> NoWarehouse:
    if by_the_key:
        return NoWarehouse(
            _("The key that is given does not open the warehouse file {name}.").format(name=path.name),
            _("Give the key that it was built with, or load the data again."),
        )
    return Damaged(
        _("The warehouse file {name} can't be opened.").format(name=path.name),
        _("Go back to another version with `rollback`, or load the data again."),
    )


@contextmanager
def place_for_a_copy(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Path | None]:
    """A file that a build may write a repaired source to and read it from: in the build's folder or, where
    nothing may lie in the clear, in memory; None where the system has no such files."""
    if not encrypting():
        yield folder / "spill" / "repaired.csv"
    elif not hasattr(os, "memfd_create"):
        yield None
    else:
        handle = os.memfd_create("repaired")
        try:
            path = f"/proc/self/fd/{handle}"
            con.execute(f"SET allowed_paths = [{literal(path)}]")
            yield Path(path)
        finally:
            os.close(handle)
