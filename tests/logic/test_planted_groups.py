"""The kinds of customers that were planted in the demo bank are found again."""

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from analytics.access.book import Book
from analytics.access.personas import PERSONAS
from analytics.recipe import Recipe
from analytics.segmentation import segment
from analytics.store.store import open_store
from analytics.warehouse.engine import open_warehouse

SENSIBLE = [
    "annual_income", "age_years", "business_line", "days_since_last_transaction", "channel_branch_share_12m",
    "channel_mobile_share_12m",
]  # fmt: skip
ANALYST = PERSONAS[2].email


@pytest.fixture
def whole(demo_folder, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite", demo_folder)
    return Book.open(open_warehouse(demo_folder), store, ANALYST)


@pytest.mark.parametrize("method", ["kmeans", "hierarchical"])
def test_the_planted_kinds_of_customers_are_found(whole, shared_folder, method):
    planted = pd.read_parquet(shared_folder / "demo-truth" / "archetypes.parquet")
    recipe = Recipe.from_content({"indicators": SENSIBLE, "method": {"key": method, "segments": 7}})
    found = segment(whole, recipe).members.merge(planted, on="customer_id")
    assert len(found) == whole.count()
    assert adjusted_rand_score(found["archetype"], found["segment"]) >= 0.6
