"""A damaged bank: pages go on with the version before, and say so to each as it concerns them."""

import json
from pathlib import Path

import pytest

from analytics.warehouse.versions import Manifest, current_version, point_to, version_file
from tests.screens.session import BACK_OFFICE, RM, STEWARD, opened, texts, whole

NEWER = "v29990101T000000-0000"


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


@pytest.mark.parametrize(("persona", "page"), [(RM, "overview"), (BACK_OFFICE, "volumes")])
def test_who_works_with_figures_is_told_of_which_day_they_are(damaged: Path, persona: str, page: str) -> None:
    at = whole(opened(page, persona=persona))
    assert "The newest figures can't be read. You see those that were published on" in texts(at)
    assert NEWER not in texts(at)
    assert any(char.isdigit() for char in at.title[0].value)


@pytest.mark.parametrize("page", ["rates", "access"])
def test_a_steward_is_told_which_file_is_damaged_and_what_to_do(damaged: Path, page: str) -> None:
    seen = texts(whole(opened(page, persona=STEWARD)))
    assert f"The file of version {NEWER} is damaged." in seen
    assert "serves in its place" in seen
    assert "Load the data again, or let the earlier version serve for good" in seen


def test_a_whole_bank_says_nothing_of_it(bank: Path) -> None:
    assert "can't be read" not in texts(whole(opened("overview", persona=RM)))
