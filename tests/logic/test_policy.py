"""Settings that hold for everybody: bounded, versioned, and part of every cache key."""

import pytest

from analytics.access.book import Book
from analytics.errors import BadInput
from analytics.store.policy import Policy

pytestmark = pytest.mark.both_stores
STEWARD = "steward@x.example"


def test_before_anybody_set_anything_the_floor_is_five_and_files_are_not_counted(store):
    assert store.policies.current() == Policy(version=0, floor=5, daily_exports=None)


def test_the_newest_change_holds_and_has_a_version_of_its_own(store):
    first = store.policies.change(10, 20, by=STEWARD)
    second = store.policies.change(5, None, by=STEWARD)
    assert (first.floor, first.daily_exports) == (10, 20)
    assert store.policies.current() == second
    assert second.version > first.version > 0


@pytest.mark.parametrize(("floor", "exports"), [(1, None), (0, None), (1_001, None), (5, -1), (5, 10_001)])
def test_what_would_protect_nobody_is_refused(store, floor, exports):
    with pytest.raises(BadInput, match="can't be"):
        store.policies.change(floor, exports, by=STEWARD)
    assert store.policies.current().version == 0


def test_a_changed_policy_asks_anew_whatever_was_cached(hand, store):
    before = Book.open(hand, store, "own@x.example").key
    store.policies.change(7, None, by=STEWARD)
    assert Book.open(hand, store, "own@x.example").key != before
