"""What runs beside the pages while the app does: the feeds of rates."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.feeds import Desk, Schedule
from analytics.settings import warehouse_folder
from analytics.store.store import open_store
from analytics.warehouse.versions import current_manifest


def _desk() -> Desk:
    root = warehouse_folder()
    current_manifest(root)  # raises NoWarehouse before a store is made where there is none
    return _opened(root)


@lru_cache(maxsize=1)
def _opened(root: Path) -> Desk:
    return Desk(root, open_store(None, root))


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the schedule with the app, and end it with the app."""
    schedule = Schedule(_desk)
    schedule.start()
    try:
        yield
    finally:
        schedule.stop()
