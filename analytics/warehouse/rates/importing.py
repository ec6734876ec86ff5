"""From a delivery to a version that serves: read, judged, written beside what was known, and published."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from analytics.errors import AnalyticsError, BadInput
from analytics.formats import in_a_row, number
from analytics.translation import plural
from analytics.translation import translate as _
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.rates.judging import Change, Doubt, change, doubts, in_words, rewritten
from analytics.warehouse.rates.layouts import KINDS, Kind, quotes
from analytics.warehouse.rates.sheets import read_sheet
from analytics.warehouse.republish import republish
from analytics.warehouse.versions import Manifest, Progress, current_manifest


class Absurd(AnalyticsError):
    """The newest quotes are too far from the ones before. doubts : which, and by how much."""

    def __init__(self, found: list[Doubt]) -> None:
        said = _("The newest rates are far from the ones before, so none was taken.")
        super().__init__(in_a_row(said, in_words(found)), _("If they are right, accept them with --accept."))
        self.doubts = found


def import_rates(
    root: Path,
    feed: str,
    content: bytes,
    name: str,
    *,
    accept: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Add a delivery's quotes to those of the version that serves, and publish anew what hangs on them.

    feed : a key of KINDS. content, name : the bytes, and what messages call them. accept : take absurd ones.
    Returns the document of `rates`: as `load`'s, with new, changed and unchanged quotes and the newest day.
    Nothing is published where nothing is new. Raises BadInput or Absurd; then nothing of it is imported.
    """
    say = progress or (lambda _step, _share: None)
    kind = KINDS[feed]
    delivered = quotes(read_sheet(content, name), kind, current_manifest(root).base_currency)
    read = len(delivered)
    delivered, warnings = _of_known_products(root, delivered, kind, name)
    changed = _judged(delivered, known_quotes(root, kind), kind, accept)
    moved = rewritten(changed, known_quotes(root, kind), kind)
    if moved:
        said = plural(
            "{n} known rate moved by {far} or more.", "{n} known rates moved by {far} or more.", moved
        )
        warnings.append(said.format(n=number(moved), far="20%"))

    def write(con: duckdb.DuckDBPyConnection, _previous: Manifest) -> bool:
        # Once more, now that no other build can come in between.
        settled = _judged(delivered, _read(con, kind), kind, accept)
        _upsert(con, kind, settled.rows)
        return not settled.rows.empty

    manifest = republish(root, write, [kind.table], say) if not changed.rows.empty else None
    return _document(kind, changed, manifest, read, delivered, warnings)


def known_quotes(root: Path, kind: Kind) -> pd.DataFrame:
    """The quotes of the version that serves: the kind's columns, days as dates."""
    return _dated(open_warehouse(root).query(_select(kind)), kind)


def _read(con: duckdb.DuckDBPyConnection, kind: Kind) -> pd.DataFrame:
    return _dated(con.execute(_select(kind)).to_arrow_table(), kind)


def _select(kind: Kind) -> str:
    return f"SELECT {', '.join(kind.columns)} FROM {kind.table} ORDER BY {', '.join(kind.key)}"


def _dated(rows: pa.Table, kind: Kind) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas(date_as_object=True)
    return frame.astype({kind.name: object, kind.day: object})


def _judged(delivered: pd.DataFrame, known: pd.DataFrame, kind: Kind, accept: bool) -> Change:
    changed = change(delivered, known, kind)
    found = [] if accept else doubts(changed, known, kind)
    if found:
        raise Absurd(found)
    return changed


def _of_known_products(
    root: Path, delivered: pd.DataFrame, kind: Kind, name: str
) -> tuple[pd.DataFrame, list[str]]:
    """Without prices of products that the warehouse does not have; `load` refuses them too."""
    warehouse = open_warehouse(root)
    if kind is not KINDS["products"] or "products" not in warehouse.manifest.given:
        return delivered, []
    known = set(warehouse.query("SELECT product_id FROM products")["product_id"].to_pylist())
    strangers = sorted(set(delivered[kind.name]) - known)
    if not strangers:
        return delivered, []
    said = _("{file} has prices of products that the warehouse does not know: {products}.").format(
        file=name, products=_(", ").join(strangers[:5]) + (" …" if len(strangers) > 5 else "")
    )
    kept = delivered[delivered[kind.name].isin(known)]
    if kept.empty:
        raise BadInput(said, _("Check the column product_id against the products that were loaded."))
    return kept, [in_a_row(said, _("They were left out."))]


def _upsert(con: duckdb.DuckDBPyConnection, kind: Kind, rows: pd.DataFrame) -> None:
    types = {kind.name: pa.string(), kind.day: pa.date32()}
    schema = pa.schema([(name, types.get(name, pa.float64())) for name in kind.columns])
    con.register("delivered", pa.Table.from_pandas(rows, schema, preserve_index=False))
    same = " AND ".join(f"delivered.{name} = {kind.table}.{name}" for name in kind.key)
    con.execute(f"DELETE FROM {kind.table} USING delivered WHERE {same}")
    con.execute(f"INSERT INTO {kind.table} BY NAME FROM delivered")
    con.unregister("delivered")


def _document(
    kind: Kind,
    changed: Change,
    manifest: Manifest | None,
    read: int,
    delivered: pd.DataFrame,
    warnings: list[str],
) -> dict[str, Any]:
    counts = {"read": read, "accepted": len(delivered), "rejected": read - len(delivered)}
    reasons = {"product_id: not in products": counts["rejected"]} if counts["rejected"] else {}
    return {
        "published": manifest is not None,
        "version": manifest.version if manifest else None,
        "tables": {kind.table: {**counts, "reasons": reasons}},
        "new": changed.new,
        "changed": changed.other,
        "unchanged": changed.same,
        "newest": max(delivered[kind.day]).isoformat(),
        "warnings": warnings,
    }
