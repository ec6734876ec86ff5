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
from analytics.errors import AnalyticsError, BadInput, NotAllowed
from analytics.formats import day, in_a_row
from analytics.settings import feeds_folder
from analytics.store.store import Store
from analytics.translation import mark
from analytics.translation import translate as _
from analytics.warehouse.building import BuildRunning
from analytics.warehouse.rates.delivery import checked, fetch, is_address, shown
from analytics.warehouse.rates.importing import Absurd, import_rates
from analytics.warehouse.rates.judging import Doubt, in_words
from analytics.warehouse.rates.layouts import KINDS, quotes
from analytics.warehouse.rates.sheets import read_sheet
from analytics.warehouse.rates.waiting import content_of, forget, keep, superseded, words
from analytics.warehouse.republish import is_copy
from analytics.warehouse.versions import Progress, current_manifest, published

FEEDS = {"fx": mark("Exchange rates"), "products": mark("Product prices")}
LOOKS_EVERY = 60.0  # seconds between two looks at what is due

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """Where feeds are worked on: a warehouse and its store, and by whom, as the audit trail calls them."""

    root: Path
    store: Store
    by: str = "schedule"
    account: str = ""

    def record(self, feed: str, outcome: str, **more: Any) -> None:
        """Tell the audit trail what is done to a feed. Raises AnalyticsError where it can't be recorded."""
        account = {"os_account": self.account} if self.account else {}
        self.store.audit.append(
            self.by, "rates changed", {"feed": feed, "outcome": outcome, **more, **account}
        )

    def waiting_file(self, feed: str) -> Path:
        """Where a delivery waits for the steward, whole as it came."""
        return self.root / "feeds" / f"{feed}.waiting"


def require_steward(book: Book) -> None:
    """Raise NotAllowed for anybody but a data steward."""
    if "steward" not in book.person.roles:
        raise NotAllowed(_("Only a data steward changes rates."), _("Ask yours."))


def permitted(source: str) -> str:
    """A source that the app may read: an address on the web, or a file below the folder CLIENTELE_FEEDS.

    Raises NotAllowed for any other file: a page must not be a way to read the server's. Raises BadInput for
    an address that is none.
    """
    source = source.strip()
    folder = feeds_folder()
    if not source:
        return source
    if is_address(source):
        return checked(source)
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
    accepted_by: str | None = None,
    accept: bool = False,
    asked: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Import a delivery and remember how it went; the document of `rates`.

    asked : whether the feed's source was asked: an upload that is refused says nothing about the source.
    Raises what `import_rates` does. Absurd quotes are kept, whole, until somebody accepts or refuses them.
    """
    accept = accept or accepted_by is not None
    digest = hashlib.sha256(content).hexdigest()
    desk.record(feed, "begun", source=name, sha256=digest, far_off_accepted=accept)
    try:
        document = import_rates(desk.root, feed, content, name, accept=accept, progress=progress)
    except Absurd as error:
        _keep_waiting(desk, feed, content, error, asked)
        raise
    except AnalyticsError as error:
        if asked:
            _record_failed(desk, feed, error)
        raise
    _record_good(desk, feed, content, document, accepted_by)
    if document["published"]:
        desk.record(
            feed, "published", new=document["new"], changed=document["changed"], published=document["version"]
        )
    return document


def refresh(desk: Desk, feed: str, progress: Progress | None = None) -> dict[str, Any]:
    """Ask a feed's source, as far as the app may read it, and bring in what it gives. Raises as `bring_in`."""
    source = desk.store.feeds.get(feed).source
    try:
        content = fetch(permitted(source))
    except AnalyticsError as error:
        _record_failed(desk, feed, error)
        raise
    return bring_in(desk, feed, content, shown(source), asked=True, progress=progress)


def accept_waiting(
    desk: Desk, feed: str, digest: str, by: str, progress: Progress | None = None
) -> dict[str, Any]:
    """Import the delivery that waits. digest : of the quotes that the steward was shown. by : who they are.

    Raises NotAllowed where something else waits by now.
    """
    content = _same_still(desk, feed, digest)
    return bring_in(desk, feed, content, _(FEEDS[feed]), accepted_by=by, progress=progress)


def refuse_waiting(desk: Desk, feed: str, digest: str, by: str) -> None:
    """Forget the delivery that waits; the same quotes are not asked about again. Raises as `accept_waiting`."""
    _same_still(desk, feed, digest)
    desk.record(feed, "refused", quotes=digest)
    said = _("Refused by {person} on {day}.").format(person=by, day=day(datetime.now(UTC).date()))
    desk.store.feeds.refuse(feed, in_a_row(said, desk.store.feeds.get(feed).said), by)
    forget(desk.waiting_file(feed))


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
            _require_newest(desk, feed)
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


def _record_failed(desk: Desk, feed: str, error: AnalyticsError) -> None:
    if isinstance(error, BuildRunning):
        desk.store.feeds.release(feed)
        return
    waits = desk.store.feeds.get(feed).waiting
    said = in_a_row(str(error), words(desk.waiting_file(feed)) if waits else "")
    desk.store.feeds.record(feed, "failed", said, waits)


def _record_good(
    desk: Desk, feed: str, content: bytes, document: dict[str, Any], accepted_by: str | None
) -> None:
    """Remember a good delivery and what was odd in it; what waits goes only where this one replaces it."""
    known, said = desk.store.feeds.get(feed), list(document["warnings"])
    waits = known.waiting if accepted_by is None else None
    if accepted_by is not None:
        by = _("Accepted by {person} on {day}.").format(person=accepted_by, day=day(datetime.now(UTC).date()))
        said.insert(0, by)
    elif waits and not _replaces(desk, feed, content, waits):
        said.insert(0, words(desk.waiting_file(feed)))
    else:
        waits = None
    if known.outcome == "good" and not known.waiting and not document["published"]:
        said = [known.said, *(line for line in said if line not in known.said)]
    desk.store.feeds.record(feed, "good", in_a_row(*said), waits, accepted_by)
    if not waits:
        forget(desk.waiting_file(feed))


def _replaces(desk: Desk, feed: str, content: bytes, digest: str) -> bool:
    base = current_manifest(desk.root).base_currency
    delivered = quotes(read_sheet(content, feed), KINDS[feed], base)
    return superseded(desk.waiting_file(feed), delivered, KINDS[feed], digest)


def _require_newest(desk: Desk, feed: str) -> None:
    """Raise NotAllowed where somebody went back to rates from before the feed's last good ones.

    The schedule must not bring in again what they went back from: the steward is asked instead.
    """
    newest, serves = published(desk.root)[-1:], current_manifest(desk.root)  # in this order: builds go on
    good_at = desk.store.feeds.get(feed).good_at
    if good_at is None or [serves.version] >= newest:
        return
    if good_at >= datetime.fromisoformat(serves.published_at):
        error = NotAllowed(
            _("An earlier version serves again, so the schedule brings no rates in."),
            _("Ask the source yourself once they should come in again."),
        )
        _record_failed(desk, feed, error)
        raise error


def _keep_waiting(desk: Desk, feed: str, content: bytes, error: Absurd, asked: bool) -> None:
    known, digest = desk.store.feeds.get(feed), _digest(error.doubts)
    if known.refused == digest:
        if not asked:
            raise BadInput(_("These rates were refused before."), known.said) from error
        desk.store.feeds.record(feed, "refused", known.said)
        return
    keep(desk.waiting_file(feed), content, error.doubts, digest)
    desk.store.feeds.record(feed, "waiting", in_words(error.doubts), digest)


def _digest(found: list[Doubt]) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _same_still(desk: Desk, feed: str, digest: str) -> bytes:
    """The delivery that waits, if it is the one that was shown."""
    content = content_of(desk.waiting_file(feed), digest)
    if desk.store.feeds.get(feed).waiting != digest or content is None:
        raise NotAllowed(_("Something else waits by now."), _("Look at the page again before you decide."))
    return content
