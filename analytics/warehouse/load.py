"""Load: a folder of foreign files becomes a version, or is checked without becoming one."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from analytics.errors import BadInput
from analytics.translation import translate as _
from analytics.warehouse.building import connect, explained, prepared
from analytics.warehouse.numbering import number_customers
from analytics.warehouse.publish import accept_tables, publish_tables, report_of
from analytics.warehouse.recorded import Outreach
from analytics.warehouse.staging import stage, working_in
from analytics.warehouse.suspicions import suspicions
from analytics.warehouse.versions import Announce, Manifest, Progress, current_manifest

__all__ = ["accept_tables", "check", "load", "publish_tables"]
BASE_CURRENCY = "CNY"


def load(
    source: Path,
    warehouse: Path,
    *,
    append: bool = False,
    staging: Path | None = None,
    owner: str | None = None,
    base_currency: str | None = None,
    outreach: Outreach | None = None,
    announce: Announce | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Publish a folder of files, or one file, as a new version; the `load` document of contract.md.

    append : add to the version that serves; its base currency and owner stay unless they are given.
    outreach : gives what the app recorded of its own campaigns (`keep_recorded`). announce : as `publish_tables`.
    Raises BadInput where the source can't be read or keeps no transaction; then nothing changes.
    """
    checked_currency(base_currency or BASE_CURRENCY)
    source, warehouse = source.resolve(), warehouse.resolve()
    staging = staging.resolve() if staging else None
    before = _previous(warehouse, base_currency) if append else None
    with working_in(_folder_of(source)):
        return publish_tables(
            warehouse,
            lambda con: stage(con, source, staging),
            demo=False,
            owner=owner,
            base_currency=before.base_currency if before else base_currency or BASE_CURRENCY,
            grow=partial(_previous, warehouse, before.base_currency) if before else None,
            outreach=outreach,
            announce=announce,
            progress=progress,
        )


def check(
    source: Path,
    *,
    staging: Path | None = None,
    base_currency: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What `load` would say of a source, in the same document; nothing is changed. Raises as `load` does."""
    checked_currency(base_currency or BASE_CURRENCY)
    source = source.resolve()
    staging = staging.resolve() if staging else None
    with tempfile.TemporaryDirectory() as scratch, explained(Path(scratch)), working_in(_folder_of(source)):
        work, outcomes = accept_tables(
            prepared(Path(scratch)), lambda con: stage(con, source, staging), progress=progress
        )
        with connect(work.folder, "build") as work.con:
            number_customers(work.con)
            warnings = work.warnings + suspicions(work)
    return report_of(None, outcomes, warnings)


def _folder_of(source: Path) -> Path:
    if not source.exists():
        raise BadInput(_("There is no {path}.").format(path=source), _("Check the path's spelling."))
    return source if source.is_dir() else source.parent


def checked_currency(code: str) -> None:
    if len(code) != 3 or not code.isalpha() or not code.isupper():
        raise BadInput(
            _("{code} is not a currency.").format(code=code),
            _("Use three capitals of ISO 4217, such as CNY."),
        )


def _previous(warehouse: Path, base_currency: str | None) -> Manifest:
    """The version to add to. Raises NoWarehouse where there is none, BadInput for a mixture."""
    previous = current_manifest(warehouse)
    if previous.demo:
        raise BadInput(
            _("The version that serves is the synthetic bank; your data can't be added to it."),
            _("Load without --append."),
        )
    if base_currency and base_currency != previous.base_currency:
        raise BadInput(
            _("The version that serves is in {old}, not in {new}.").format(
                old=previous.base_currency, new=base_currency
            ),
            _("Leave --base-currency out, or load everything anew."),
        )
    return previous
