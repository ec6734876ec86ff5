"""A damaged bank: pages go on with the version before, and say so to each as it concerns them."""

from pathlib import Path

import pytest

from tests.screens.session import BACK_OFFICE, NEWER, RM, STEWARD, opened, texts, whole


@pytest.mark.parametrize(("persona", "page"), [(RM, "overview"), (BACK_OFFICE, "volumes")])
def test_who_works_with_figures_is_told_of_which_day_they_are(damaged: Path, persona: str, page: str) -> None:
    at = whole(opened(page, persona=persona))
    assert "The newest figures can't be read. You see those that were published on" in texts(at)
    assert NEWER not in texts(at)
    assert any(char.isdigit() for char in at.title[0].value)


@pytest.mark.parametrize("page", ["rates", "data", "access"])
def test_a_steward_is_told_which_file_is_damaged_and_what_to_do(damaged: Path, page: str) -> None:
    seen = texts(whole(opened(page, persona=STEWARD)))
    assert f"The file of version {NEWER} is damaged." in seen
    assert "serves in its place" in seen
    assert "Load the data again, or let the earlier version serve for good" in seen


def test_a_whole_bank_says_nothing_of_it(bank: Path) -> None:
    assert "can't be read" not in texts(whole(opened("overview", persona=RM)))
