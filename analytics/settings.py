"""Where things are, from the environment."""

import os
from pathlib import Path


def warehouse_folder() -> Path:
    """The warehouse that the app and the commands use: CLIENTELE_WAREHOUSE, else data/warehouse."""
    return Path(os.environ.get("CLIENTELE_WAREHOUSE") or "data/warehouse")


def store_url(warehouse: Path) -> str:
    """The store's SQLAlchemy URL: CLIENTELE_STORE, else a file beside the warehouse's versions."""
    return os.environ.get("CLIENTELE_STORE") or f"sqlite:///{(warehouse / 'store.sqlite').absolute()}"


def feeds_folder() -> Path | None:
    """The folder whose files a steward may name as a source of rates: CLIENTELE_FEEDS, else none."""
    named = os.environ.get("CLIENTELE_FEEDS")
    return Path(named) if named else None
