"""Rates by themselves: a feed is asked, its answer imported or kept waiting, and the outcome remembered."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from analytics.access.book import Book
from analytics.errors import AnalyticsError, NotAllowed
from analytics.formats import day, in_a_row
from analytics.settings import feeds_folder
from analytics.store.feeds import Feed
from analytics.store.store import Store
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.warehouse.building import BuildRunning
from analytics.warehouse.rates.delivery import fetch, is_address, shown
from analytics.warehouse.rates.importing import Absurd, import_rates
from analytics.warehouse.rates.judging import Doubt, in_words
from analytics.warehouse.republish import is_copy
from analytics.warehouse.versions import Progress, current_manifest

FEEDS = {"fx": mark("Exchange rates"), "products": mark("Product prices")}
LOOKS_EVERY = 60.0  # seconds between two looks at what is due

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """Where feeds are worked on: a warehouse and its store."""

    root: Path
    store: Store

    def waiting_file(self, feed: str) -> Path:
        """Where a delivery waits for the steward, whole as it came."""
        return self.root / "feeds" / f"{feed}.waiting"


def require_steward(book: Book) -> None:
    """Raise NotAllowed for anybody but a data steward."""
    if "steward" not in book.person.roles:
        raise NotAllowed(_("Only a data steward changes rates."), _("Ask yours."))


def permitted(source: str) -> str:
    """A source that the app may read: an address on the web, or a file below the folder CLIENTELE_FEEDS.

    Raises NotAllowed for any other file: a page must not be a way to read the server's.
    """
    source = source.strip()
    folder = feeds_folder()
    if not source or is_address(source):
        return source
    if folder is not None and (folder / source).resolve().is_relative_to(folder.resolve()):
        return str((folder / source).resolve())
    raise NotAllowed(
        _("The app reads rates from http(s) addresses and from the folder CLIENTELE_FEEDS alone."),
        _("Give an address, upload the file, or have it put there."),
    )


def bring_in(
    desk: Desk,
    feed: str,
    content: bytes,
    name: str,
    *,
    accept: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Import a delivery and remember how it went; the document of `rates`.

    Raises what `import_rates` does. Absurd quotes are kept, whole, until somebody accepts or refuses them.
    """
    try:
        document = import_rates(desk.root, feed, content, name, accept=accept, progress=progress)
    except Absurd as error:
        _keep_waiting(desk, feed, content, error)
        raise
    except BuildRunning:
        desk.store.feeds.release(feed)
        raise
    except AnalyticsError as error:
        desk.store.feeds.record(feed, "failed", str(error), desk.store.feeds.get(feed).waiting)
        raise
    desk.store.feeds.record(feed, "good")
    desk.waiting_file(feed).unlink(missing_ok=True)
    return document


def refresh(desk: Desk, feed: str, progress: Progress | None = None) -> dict[str, Any]:
    """Ask a feed's source, as far as the app may read it, and bring in what it gives. Raises as `bring_in`."""
    source = desk.store.feeds.get(feed).source
    try:
        content = fetch(permitted(source))
    except AnalyticsError as error:
        desk.store.feeds.record(feed, "failed", str(error), desk.store.feeds.get(feed).waiting)
        raise
    return bring_in(desk, feed, content, shown(source), progress=progress)


def accept_waiting(desk: Desk, feed: str, digest: str, progress: Progress | None = None) -> dict[str, Any]:
    """Import the delivery that waits. digest : of the quotes that the steward was shown.

    Raises NotAllowed where something else waits by now.
    """
    _same_still(desk, feed, digest)
    content = desk.waiting_file(feed).read_bytes()
    return bring_in(desk, feed, content, _(FEEDS[feed]), accept=True, progress=progress)


def refuse_waiting(desk: Desk, feed: str, digest: str, by: str) -> None:
    """Forget the delivery that waits; the same quotes are not asked about again. Raises as `accept_waiting`."""
    _same_still(desk, feed, digest)
    said = _("Refused by {person} on {day}.").format(person=by, day=day(datetime.now(UTC).date()))
    desk.store.feeds.refuse(feed, in_a_row(said, desk.store.feeds.get(feed).said), by)
    desk.waiting_file(feed).unlink(missing_ok=True)


def refresh_due(desk: Desk, moment: datetime | None = None) -> list[str]:
    """Refresh every feed that is due and whose turn nobody else has taken; which ones were tried."""
    tried = []
    manifest = current_manifest(desk.root)
    loaded_at = None if is_copy(manifest) else datetime.fromisoformat(manifest.published_at)
    for feed in FEEDS:
        if not desk.store.feeds.claim(feed, moment or datetime.now(UTC), loaded_at):
            continue
        tried.append(feed)
        try:
            refresh(desk, feed)
        except AnalyticsError as error:
            _log.warning("%s: %s", feed, error)
        except Exception:  # noqa: BLE001  # whatever it is, the schedule goes on
            _log.exception("%s could not be refreshed", feed)
            desk.store.feeds.record(feed, "failed", _("Something went wrong that is not the source's fault."))
    return tried


class Schedule:
    """A thread that looks after the feeds while the app runs."""

    def __init__(self, desk_of: Callable[[], Desk], every: float = LOOKS_EVERY) -> None:
        self._desk_of, self._every, self._ended = desk_of, every, Event()
        self._thread = Thread(target=self._run, name="rates", daemon=True)

    def start(self) -> None:
        """Begin; the first look comes after one wait, so that the app is up before."""
        self._thread.start()

    def stop(self) -> None:
        """End after the refresh that runs, without waiting long for it."""
        self._ended.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                refresh_due(self._desk_of())
            except AnalyticsError as error:  # no warehouse yet, or no store
                _log.warning("%s", error)
            except Exception:  # noqa: BLE001  # the next look may find things in order
                _log.exception("The feeds could not be looked at")


def is_late(feed: Feed, moment: datetime) -> bool:
    """Whether a scheduled feed has had nothing good to offer for two of its rounds."""
    if not feed.every_hours or feed.checked_at is None:
        return False
    return feed.good_at is None or (moment - feed.good_at).total_seconds() > 2 * 3600 * feed.every_hours


def _keep_waiting(desk: Desk, feed: str, content: bytes, error: Absurd) -> None:
    known, digest = desk.store.feeds.get(feed), _digest(error.doubts)
    if known.refused == digest:
        desk.store.feeds.record(feed, "refused", known.said)
        return
    path = desk.waiting_file(feed)
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)
    desk.store.feeds.record(feed, "waiting", in_words(error.doubts), digest)


def _digest(found: list[Doubt]) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _same_still(desk: Desk, feed: str, digest: str) -> None:
    if desk.store.feeds.get(feed).waiting != digest or not desk.waiting_file(feed).is_file():
        raise NotAllowed(_("Something else waits by now."), _("Look at the page again before you decide."))
