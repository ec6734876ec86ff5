"""Pictures that sessions share."""

import gc

import pandas as pd
import plotly.graph_objects as go
import pytest

from analytics.charts.drawn import drawn_once
from analytics.translation import in_language
from analytics.value.quantity import Quantity


@pytest.fixture
def drawn():
    """The arguments of every picture that was really drawn."""
    return []


@pytest.fixture
def draw(drawn):
    @drawn_once
    def bars(rows, quantity, *, names=None):
        drawn.append((len(rows), quantity, names))
        return go.Figure(go.Bar(y=rows["a"]))

    return bars


PROFIT, COUNT = Quantity("profit", "Profit"), Quantity("count", "Count")


def test_the_same_answer_is_drawn_once_and_another_anew(draw, drawn):
    rows, same_figures = pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]})
    first = draw(rows, PROFIT, names={1: "One"})
    assert draw(rows, Quantity("profit", "Profit"), names={1: "One"}) is first
    assert draw(rows, COUNT, names={1: "One"}) is not first
    assert draw(rows, PROFIT, names={1: "Two"}) is not first
    assert draw(same_figures, PROFIT, names={1: "One"}) is not first
    assert len(drawn) == 4


def test_a_picture_in_another_language_is_another(draw, drawn):
    rows = pd.DataFrame({"a": [1, 2]})
    first = draw(rows, PROFIT)
    with in_language("zh_CN"):
        assert draw(rows, PROFIT) is not first
    assert draw(rows, PROFIT) is first


def test_an_answer_that_nobody_holds_takes_its_picture_along(draw, drawn):
    gc.freeze()  # what other tests left need not be looked through fifty times
    for n in range(50):
        rows = pd.DataFrame({"a": [1, n]})
        assert draw(rows, PROFIT).data[0].y[1] == n  # never that of a frame that lay at the same place before
        del rows
        gc.collect()
    gc.unfreeze()
    assert len(drawn) == 50
