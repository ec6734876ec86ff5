"""A damaged version: the last good one serves in its place, and gives nobody more than both would."""

import shutil
from pathlib import Path

import duckdb
import pytest

from analytics.access.person import grants_of
from analytics.errors import NoWarehouse
from analytics.store.store import open_store
from analytics.warehouse.engine import Warehouse, _opened, open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.republish import republish
from analytics.warehouse.versions import (
    Damaged,
    Manifest,
    current_version,
    manifest_file,
    rollback,
    version_file,
)

TRANSACTIONS = "transaction_id,customer_id,booked_at,amount\n"
GRANTS = "user_email,role,level,columns\n"
STAYS, GOES, NARROWED, COMES = (f"{name}@bank.example" for name in ("stays", "goes", "narrowed", "comes"))


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second one has one more customer, and other grants."""
    source, warehouse = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("whole") / "warehouse"
    (source / "transactions.csv").write_text(TRANSACTIONS + "1,A,2026-01-05,10\n")
    (source / "grants.csv").write_text(
        GRANTS + f"{STAYS},analyst,bank,\n{GOES},analyst,bank,\n{NARROWED},analyst,bank,profit\n"
    )
    load(source, warehouse)
    (source / "transactions.csv").write_text(TRANSACTIONS + "1,A,2026-01-05,10\n2,B,2026-02-05,-3\n")
    (source / "grants.csv").write_text(
        GRANTS + f"{STAYS},analyst,bank,\n{NARROWED},analyst,bank,\n{COMES},analyst,bank,\n"
    )
    load(source, warehouse)
    return warehouse


@pytest.fixture
def root(two_versions: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(two_versions, tmp_path / "warehouse"))


def serving_file(root: Path) -> Path:
    return version_file(root, str(current_version(root)))


def cut(path: Path, left: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole))])


def customers(warehouse: Warehouse) -> int:
    return int(warehouse.query("SELECT count(*) AS n FROM customers")["n"][0].as_py())


@pytest.mark.parametrize("left", [0.0, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("in_use", [False, True])
def test_the_version_before_serves_where_a_file_was_cut_off(root: Path, left: float, in_use: bool) -> None:
    if in_use:
        assert customers(open_warehouse(root)) == 2
    newest = current_version(root)
    cut(serving_file(root), left)
    found = open_warehouse(root)
    assert customers(found) == 1
    assert found.instead_of is not None
    assert found.instead_of.version == newest
    assert current_version(root) == newest, "what should serve is for people to decide"


def test_the_version_before_serves_where_a_file_is_gone(root: Path) -> None:
    serving_file(root).unlink()
    assert customers(open_warehouse(root)) == 1


def test_whatever_part_is_overwritten_what_is_read_is_right_or_the_version_before_serves(
    tmp_path: Path,
) -> None:
    """Each tenth of a file in turn, which keeps its length: it is noticed when it is opened, or when it is read."""
    source, root = tmp_path / "source", tmp_path / "warehouse"
    source.mkdir()
    (source / "transactions.csv").write_text(TRANSACTIONS + "1,A,2026-01-05,10\n")
    load(source, root)
    duckdb.sql(
        "SELECT i AS transaction_id, md5((i % 20_000)::TEXT) AS customer_id, TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND "
        "AS booked_at, 2 AS amount FROM range(60_000) AS rows(i)"
    ).write_csv(str(source / "transactions.csv"))
    load(source, root)
    file = serving_file(root)
    whole, seen = file.read_bytes(), set()
    for tenth in range(10):
        start, end = (len(whole) * part // 10 for part in (tenth, tenth + 1))
        file.write_bytes(whole[:start] + b"\x5a" * (end - start) + whole[end:])
        _opened.cache_clear()
        found = open_warehouse(root)
        try:
            amount = amount_of(found)
        except Damaged:
            seen.add("when it is read")
            assert amount_of(open_warehouse(root)) == 10
        else:
            assert amount == (10 if found.instead_of else 120_000)
            seen.add("when it is opened" if found.instead_of else "it is not where it matters")
    assert {"when it is read", "when it is opened"} <= seen


def amount_of(warehouse: Warehouse) -> float:
    return float(
        warehouse.query("SELECT sum(amount + 0 * length(customer_id)) AS n FROM transactions")["n"][0].as_py()
    )


def test_a_version_that_stands_in_gives_nobody_what_the_damaged_one_took_away(root: Path) -> None:
    store = open_store(None, root)
    assert [bool(grants_of(open_warehouse(root), store, who)) for who in (STAYS, GOES, NARROWED, COMES)] == [
        True, False, True, True,
    ]  # fmt: skip
    cut(serving_file(root), 0.5)
    found = open_warehouse(root)
    assert [bool(grants_of(found, store, who)) for who in (STAYS, GOES, NARROWED, COMES)] == [
        True, False, False, False,
    ]  # fmt: skip
    assert {row["user_email"] for row in found.grants()} == {STAYS}


def test_a_manifest_that_does_not_say_who_was_granted_what_opens_nothing_to_anybody(root: Path) -> None:
    manifest = Manifest.read(root, str(current_version(root)))
    Manifest(**{**vars(manifest), "granted": []}).write(root)
    cut(serving_file(root), 0.5)
    assert open_warehouse(root).grants() == []


def test_without_its_manifest_no_other_version_stands_in(root: Path) -> None:
    manifest_file(root, str(current_version(root))).unlink()
    with pytest.raises(NoWarehouse, match="no readable manifest"):
        open_warehouse(root)


def test_a_newer_version_never_stands_in_for_an_older_one(root: Path) -> None:
    first = min(path.stem for path in (root / "versions").glob("*.json"))
    rollback(root, first)
    cut(serving_file(root), 0.5)
    with pytest.raises(Damaged, match=r"It is [\d,]+ bytes long and was [\d,]+"):
        open_warehouse(root)


def test_a_version_that_is_whole_again_serves_again(root: Path, tmp_path: Path) -> None:
    saved = shutil.copy(serving_file(root), tmp_path / "saved")
    cut(serving_file(root), 0.5)
    assert open_warehouse(root).instead_of is not None
    shutil.copy(saved, serving_file(root))
    assert open_warehouse(root).instead_of is None
    assert customers(open_warehouse(root)) == 2


@pytest.mark.parametrize("left", [0.3, 0.999])
def test_nothing_is_built_upon_a_damaged_file(root: Path, tmp_path: Path, left: float) -> None:
    """A copy of what was cut off would be whole by its own length, and pass for a good version."""
    newest = current_version(root)
    cut(serving_file(root), left)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "transactions.csv").write_text(TRANSACTIONS + "3,C,2026-03-05,1\n")
    for build in (
        lambda: republish(root, lambda _con, _previous: True, ["fx_rates"], lambda _step, _share: None),
        lambda: load(tmp_path / "more", root, append=True),
    ):
        with pytest.raises(Damaged):
            build()
    assert current_version(root) == newest
    assert open_warehouse(root).instead_of is not None
