"""Banks to look at, each with a store of its own."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from analytics.store.store import Store, open_store
from analytics.warehouse.engine import open_warehouse
from analytics.warehouse.load import load
from analytics.warehouse.versions import Manifest, current_version, point_to, version_file
from tests.conftest import with_store
from tests.screens.session import NEWER, OWNER, serve_to_owner


@pytest.fixture(scope="session", autouse=True)
def _components_looked_for_once() -> Iterator[None]:
    """Each session without a browser is a server of its own to Streamlit, which reads the descriptions of all
    installed packages when it starts: half a second, which a server takes once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture
def bank(tmp_path: Path, demo_folder: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared synthetic bank with a store of this test's own, served."""
    folder = tmp_path / "bank"
    folder.mkdir()
    with_store(folder, empty_store)
    (folder / "versions").symlink_to(demo_folder / "versions")
    shutil.copy(demo_folder / "current", folder / "current")
    monkeypatch.setenv("CLIENTELE_WAREHOUSE", str(folder))
    monkeypatch.delenv("CLIENTELE_STORE", raising=False)
    return folder


@pytest.fixture
def bank_store(bank: Path) -> Store:
    """The store that the app over `bank` uses."""
    return open_store(None, bank)


@pytest.fixture
def own_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Load CSV texts by table name as an owner's bank, serve it, and sign the owner in."""

    def loaded(**tables: str) -> Path:
        source, folder = tmp_path / "source", tmp_path / "own"
        source.mkdir()
        for name, text in tables.items():
            (source / f"{name}.csv").write_text(text, encoding="utf-8")
        load(source, folder, owner=OWNER)
        serve_to_owner(folder, monkeypatch)
        open_warehouse(folder)
        return folder

    return loaded


@pytest.fixture
def damaged(bank: Path) -> Path:
    """The demo bank with a newer version, of the same grants, whose file was cut off."""
    shared, last = (bank / "versions").resolve(), str(current_version(bank))
    (bank / "versions").unlink()
    (bank / "versions").mkdir()
    for path in shared.glob(f"{last}.*"):
        (bank / "versions" / path.name).symlink_to(path)
    manifest = Manifest.read(bank, last)
    Manifest(**{**json.loads(json.dumps(vars(manifest))), "version": NEWER}).write(bank)
    version_file(bank, NEWER).write_bytes(version_file(bank, last).read_bytes()[:100_000])
    point_to(bank, NEWER)
    return bank
