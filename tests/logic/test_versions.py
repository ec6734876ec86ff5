"""Versions: manifests, the pointer, going back."""

import json
import time
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from analytics.errors import NoWarehouse, UnknownName
from analytics.warehouse.load import load
from analytics.warehouse.versions import (
    Manifest,
    current_manifest,
    current_version,
    manifest_file,
    new_version,
    point_to,
    published,
    rollback,
    version_file,
    versions,
    write_whole,
)

FIRST = Manifest(
    version="v20260101T000000-aaaa",
    published_at="2026-01-01T00:00:00+00:00",
    demo=False,
    base_currency="CNY",
    owner=None,
    customers=2,
    transactions=3,
    newest_as_of="2025-12-31",
    first_month_end="2025-01-31",
    tables={"transactions": ["amount"]},
    given=["transactions"],
    report={"warnings": ["工"]},
)
SECOND = replace(FIRST, version="v20260201T000000-bbbb", customers=5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "versions").mkdir()
    for manifest in (SECOND, FIRST):
        version_file(tmp_path, manifest.version).write_bytes(b"tables")
        manifest.write(tmp_path)
    point_to(tmp_path, SECOND.version)
    return tmp_path


def test_a_manifest_reads_back_as_it_was_written(root: Path) -> None:
    assert Manifest.read(root, FIRST.version) == FIRST
    assert current_manifest(root) == SECOND


def test_versions_are_listed_oldest_first_with_one_current(root: Path) -> None:
    listed = versions(root)
    assert [row["version"] for row in listed] == [FIRST.version, SECOND.version]
    assert [row["current"] for row in listed] == [False, True]
    keys = {
        "version",
        "published_at",
        "current",
        "customers",
        "transactions",
        "newest_as_of",
        "demo",
        "encrypted",
    }
    assert set(listed[0]) == keys
    json.dumps(listed)


def test_going_back_moves_nothing_but_the_pointer(root: Path) -> None:
    before = sorted(path.name for path in (root / "versions").iterdir())
    rollback(root, FIRST.version)
    assert current_version(root) == FIRST.version
    assert sorted(path.name for path in (root / "versions").iterdir()) == before
    rollback(root, SECOND.version)
    assert current_version(root) == SECOND.version


def test_an_unknown_version_is_refused_with_the_nearest(root: Path) -> None:
    with pytest.raises(UnknownName, match=SECOND.version):
        rollback(root, "v20260201T000000-bbbc")
    with pytest.raises(UnknownName, match="versions"):
        rollback(root, "../../etc")
    assert current_version(root) == SECOND.version


def test_half_a_version_is_none(root: Path) -> None:
    version_file(root, SECOND.version).unlink()
    manifest_file(root, FIRST.version).unlink()
    assert published(root) == []


def test_an_empty_folder_holds_no_warehouse(tmp_path: Path) -> None:
    assert versions(tmp_path / "nowhere") == []
    assert current_version(tmp_path) is None
    with pytest.raises(NoWarehouse):
        current_manifest(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}', "null"])
def test_a_broken_pointer_still_lets_one_choose_a_version(root: Path, text: str) -> None:
    (root / "current").write_text(text)
    with pytest.raises(NoWarehouse):
        current_version(root)
    assert [row["current"] for row in versions(root)] == [False, False]
    rollback(root, FIRST.version)
    assert current_version(root) == FIRST.version


def test_a_broken_manifest_is_told_by_version(root: Path) -> None:
    manifest_file(root, SECOND.version).write_text("{}")
    with pytest.raises(NoWarehouse, match=SECOND.version):
        current_manifest(root)


def test_a_broken_manifest_does_not_hide_what_one_can_go_back_to(root: Path) -> None:
    manifest_file(root, SECOND.version).write_text("{")
    told = {row["version"]: row for row in versions(root)}
    assert told[FIRST.version]["customers"] == FIRST.customers
    assert told[SECOND.version] == dict.fromkeys(told[FIRST.version]) | {
        "version": SECOND.version,
        "current": True,
    }
    rollback(root, FIRST.version)
    with pytest.raises(NoWarehouse, match=SECOND.version):
        rollback(root, SECOND.version)
    assert current_version(root) == FIRST.version


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_whole(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(target, "new \ud800")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_names_of_versions_are_in_order_of_time() -> None:
    names = []
    for _ in range(20):
        names.append(new_version())
        time.sleep(0.0005)  # a build takes longer than this
    assert names == sorted(set(names))


def test_a_load_under_a_clock_that_was_put_back_is_the_newest_version(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Early(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Early":
            return cls(2001, 1, 1, tzinfo=tz)

    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "transactions.csv").write_text("customer_id,booked_at,amount\nA,2026-01-01,1\n")
    monkeypatch.setattr("analytics.warehouse.versions.datetime", Early)
    told = [load(tmp_path / "source", root)["version"] for _ in range(2)]
    assert published(root) == [FIRST.version, SECOND.version, *told]
    assert current_version(root) == told[-1]
