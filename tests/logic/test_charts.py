"""Every chart: few points, readable colours, nothing empty, nothing from the data read as markup."""

import itertools
import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import charts
from analytics.charts.base import MOST_POINTS, wrap
from analytics.errors import NotEnoughData
from analytics.value.concentration import concentration
from analytics.value.distribution import histogram
from analytics.value.quantity import Quantity

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
PROFIT = Quantity("profit_12m", "Profit, 12 months", "currency", "CNY")
DAYS = Quantity("days_since_last_transaction", "Days since last transaction", "days")
PALETTES = {"light": charts.LIGHT, "dark": charts.DARK}
MILLION = 1_000_000


def amounts(size, losses=0.1):
    random = np.random.default_rng(7)
    drawn = random.lognormal(6, 2, size)
    return np.where(random.random(size) < losses, -drawn / 20, drawn)


def months(size=24):
    ends = pd.date_range("2024-07-31", periods=size, freq="ME").date
    flows = np.random.default_rng(7).normal(100, 90, (size, 4))
    columns = ["value", "balance", "money_in", "money_out"]
    return pd.DataFrame(np.abs(flows), columns=columns).assign(month_end=ends, value=flows[:, 0])


def segments(shares=True):
    share = [0.9, 0.15, -0.05] if shares else [np.nan] * 3
    return pd.DataFrame(
        {
            "segment": [1, 2, 3], "name": ["Private", "Everyday", "Sleeping"], "customers": [10, 60, 30],
            "share_of_customers": [0.1, 0.6, 0.3], "value": [900.0, 150.0, -50.0], "share_of_value": share,
        }
    )  # fmt: skip


def profile():
    cells = [
        (s, key, value, 1, s - 2.0)
        for s in (1, 2, 3)
        for key, value in (("profit_12m", 5.0), ("region", "East"))
    ]
    return pd.DataFrame(cells, columns=["segment", "indicator", "median", "book", "standard"])


def members(size=50):
    random = np.random.default_rng(7)
    number = random.integers(1, 4, size)
    return pd.DataFrame(
        {
            "customer_id": [f"C{place}" for place in range(size)], "segment": number,
            "segment_name": [f"S{n}" for n in number], "profit_12m": amounts(size),
            "days_since_last_transaction": random.integers(0, 300, size).astype(float),
        }
    )  # fmt: skip


def drawn(size, palette):
    """Every chart, from a book of this size."""
    values = amounts(size)
    c, loss = concentration(values), concentration(-values)
    names = {1: "Private", 2: "Everyday", 3: "Sleeping"}
    return {
        "whale": charts.whale(c, PROFIT, palette=palette),
        "whale of a net loss": charts.whale(loss, PROFIT, palette=palette),
        "whale of an even book": charts.whale(concentration(100 + values % 7), PROFIT, palette=palette),
        "lorenz": charts.lorenz(c, PROFIT, palette=palette),
        "pareto": charts.pareto(c, PROFIT, palette=palette),
        "pareto of a net loss": charts.pareto(loss, PROFIT, palette=palette),
        "value histogram": charts.value_histogram(histogram(values), PROFIT, palette=palette),
        "categories": charts.category_bars([f"R{int(v) % 40}" for v in values], PROFIT, palette=palette),
        "months": charts.value_by_month(months(), PROFIT, palette=palette),
        "timeline": charts.customer_timeline(months(), "CNY", palette=palette),
        "pairs": charts.segment_pairs(segments(), PROFIT, palette=palette),
        "pairs of a net loss": charts.segment_pairs(segments(shares=False), PROFIT, palette=palette),
        "profile": charts.profile_heatmap(profile(), {"profit_12m": PROFIT}, names, palette=palette),
        "members": charts.members_scatter(members(min(size, 20_000)), DAYS, PROFIT, palette=palette),
    }


@pytest.fixture(scope="module", params=PALETTES)
def small(request):
    return PALETTES[request.param], drawn(214, PALETTES[request.param])


def points(figure):
    return sum(np.size(trace.z if trace.type == "heatmap" else trace.x) for trace in figure.data)


def channels(colour):
    if colour.startswith("#"):
        return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    raise AssertionError(f"{colour} is not an opaque colour")


def linear(colour):
    values = np.array(channels(colour))
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    darker, lighter = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def test_no_chart_gets_more_than_2000_points_from_a_million_customers():
    for name, figure in drawn(MILLION, charts.LIGHT).items():
        assert 0 < points(figure) <= MOST_POINTS, name


def test_every_figure_is_valid_json_with_transparent_ground_and_no_network_font(small):
    _palette, figures = small
    for name, figure in figures.items():
        json.loads(figure.to_json())
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)", name
        assert figure.layout.font.family.startswith('"Source Sans"'), name


def test_every_hover_is_a_sentence_without_gaps(small):
    _palette, figures = small
    for name, figure in figures.items():
        hovers = [trace.hovertext for trace in figure.data if trace.hoverinfo != "skip"]
        assert hovers, name
        for text in np.concatenate([np.ravel(np.array(list(hover), dtype=object)) for hover in hovers]):
            assert text, name
            assert "nan" not in text
            assert "{" not in text


def test_labels_of_points_lie_inside_the_plot(small):
    """A label right of the middle grows to the left, so that a phone does not cut it."""
    _palette, figures = small
    for name in ("whale", "whale of a net loss", "whale of an even book", "lorenz"):
        for label in figures[name].layout.annotations:
            assert (label.xanchor == "right") if label.x > 0.5 else (label.xanchor != "center"), (
                name,
                label.text,
            )


def test_bars_have_zero_in_the_picture(small):
    _palette, figures = small
    for name, figure in figures.items():
        for trace in figure.data:
            if trace.type == "bar":
                flat = trace.orientation == "h"
                axis = (
                    (trace.xaxis or "x").replace("x", "xaxis")
                    if flat
                    else (trace.yaxis or "y").replace("y", "yaxis")
                )
                low, high = figure.layout[axis].range
                assert low <= 0 <= high, name


def test_every_axis_that_is_not_names_has_a_title(small):
    _palette, figures = small
    for name in ("whale", "lorenz", "pareto", "value histogram", "members"):
        layout = figures[name].layout
        assert layout.xaxis.title.text, name
        assert layout.yaxis.title.text, name
    assert "CNY" in figures["value histogram"].layout.xaxis.title.text
    assert "logarithmic" in figures["value histogram"].layout.xaxis.title.text


def test_the_first_bar_of_a_pair_is_the_first_that_its_title_names(small):
    palette, figures = small
    figure = figures["pairs"]
    assert figure.layout.annotations[0].text.index("Profit") < figure.layout.annotations[0].text.index(
        "customers"
    )
    assert list(figure.data[0].x) == [0.9, 0.15, -0.05]
    assert figure.layout.yaxis.autorange == "reversed"
    assert list(figure.data[0].marker.color) == list(palette.segments[:3])


def test_members_carry_their_ids_and_segments_keep_their_colours(small):
    palette, figures = small
    traces = figures["members"].data
    assert sorted(customer for trace in traces for customer in trace.customdata) == sorted(
        members(214)["customer_id"]
    )
    assert [trace.marker.color for trace in traces] == list(palette.segments[:3])
    assert all(trace.mode == "markers" for trace in traces)


def test_a_sample_is_the_same_every_time_and_says_so():
    one, other = (
        charts.members_scatter(members(5000), DAYS, PROFIT, palette=charts.LIGHT) for _time in range(2)
    )
    assert one.to_json() == other.to_json()
    assert "2,000 of 5,000 customers" in one.layout.xaxis.title.text


def test_the_loss_tail_is_named_in_money():
    figure = charts.whale(concentration([1000, 500, -300]), PROFIT, palette=charts.LIGHT)
    texts = " ".join(label.text for label in figure.layout.annotations)
    assert "1 customer loses CNY 300" in texts
    assert "125%" in texts


@pytest.mark.parametrize(
    "draw",
    [
        lambda p: charts.whale(concentration([]), PROFIT, palette=p),
        lambda p: charts.whale(concentration([5]), PROFIT, palette=p),
        lambda p: charts.pareto(concentration([0, 0]), PROFIT, palette=p),
        lambda p: charts.lorenz(concentration([1, -5]), PROFIT, palette=p),
        lambda p: charts.value_histogram(histogram([]), PROFIT, palette=p),
        lambda p: charts.value_histogram(histogram([7.5, 7.5]), DAYS, palette=p),
        lambda p: charts.value_histogram(histogram([3, 3, 3]), DAYS, palette=p),
        lambda p: charts.category_bars([], PROFIT, palette=p),
        lambda p: charts.value_by_month(months(1), PROFIT, palette=p),
        lambda p: charts.customer_timeline(months()[["month_end"]], "CNY", palette=p),
        lambda p: charts.segment_pairs(segments().iloc[:0], PROFIT, palette=p),
        lambda p: charts.profile_heatmap(profile().iloc[:0], {}, {}, palette=p),
        lambda p: charts.members_scatter(members(1), DAYS, PROFIT, palette=p),
    ],
)
def test_a_picture_with_one_point_or_none_says_what_is_missing(draw):
    with pytest.raises(NotEnoughData) as refused:
        draw(charts.LIGHT)
    assert refused.value.what
    assert refused.value.remedy


def test_names_from_the_data_are_text_and_never_markup():
    evil = '<a href="javascript:alert(1)">x</a>'
    seg = segments().assign(name=evil)
    people = members().assign(segment_name=evil, customer_id=evil)
    for figure in (
        charts.segment_pairs(seg, PROFIT, palette=charts.LIGHT),
        charts.members_scatter(people, DAYS, PROFIT, palette=charts.LIGHT),
        charts.category_bars([evil, "East"], PROFIT, palette=charts.LIGHT),
        charts.profile_heatmap(profile().replace("East", evil), {}, {1: evil}, palette=charts.LIGHT),
    ):
        shown = [
            text
            for trace in figure.data
            for part in (trace.hovertext, trace.text, trace.y, trace.name)
            for text in np.ravel(np.array(part, dtype=object))
        ]
        assert not [text for text in shown if isinstance(text, str) and "<a" in text]


def test_a_category_that_is_a_number_is_no_amount():
    figure = charts.category_bars(["3", "3", "1", "10023", None], PROFIT, palette=charts.LIGHT)
    assert figure.layout.yaxis.type == "category"
    assert list(figure.data[0].y) == ["3", "1", "10023", "not known"]


def test_long_names_wrap_also_without_spaces():
    assert wrap("Affluent families of the south", 16) == "Affluent<br>families of the<br>south"
    assert wrap("华东地区上海浙江江苏安徽", 16) == "华东地区上海浙江<br>江苏安徽"


def test_a_chinese_line_ends_behind_its_punctuation_and_never_begins_with_it():
    assert wrap("利润贡献偏高、日均余额偏高", 16) == "利润贡献偏高、<br>日均余额偏高"
    assert wrap("交易稀少、入行时间短", 10) == "交易稀少、<br>入行时间短"


@pytest.mark.parametrize("theme", PALETTES)
def test_text_of_charts_can_be_read_on_its_background(theme):
    p = PALETTES[theme]
    for ink in (p.text, p.muted, p.loss_text):
        assert contrast(ink, p.background) >= 4.5
    for ground in (p.low, p.middle, p.high):
        assert contrast(p.text, ground) >= 4.5
    assert contrast(p.accent, p.background) >= 3
    assert contrast(p.loss, p.background) >= 3
    assert contrast(p.grid, p.background) < 1.6


MACHADO = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip
TO_LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
          [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
TO_LAB = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
          [0.0259040371, 0.7827717662, -0.808675766]]  # fmt: skip


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("sight", MACHADO)
def test_segment_colours_differ_for_every_kind_of_sight(theme, sight):
    def seen(colour):
        return TO_LAB @ np.cbrt(TO_LMS @ np.clip(MACHADO[sight] @ linear(colour), 0, 1))

    palette = PALETTES[theme]
    for one, other in itertools.combinations(palette.segments, 2):
        assert np.linalg.norm(seen(one) - seen(other)) >= 0.09, (one, other)
    assert np.linalg.norm(seen(palette.gain) - seen(palette.loss)) >= 0.12


@pytest.mark.parametrize("theme", PALETTES)
def test_the_theme_and_the_charts_have_the_same_colours(theme):
    config, p = tomllib.loads(CONFIG.read_text())["theme"][theme], PALETTES[theme]
    assert config["chartCategoricalColors"] == list(p.segments)
    assert len(config["chartSequentialColors"]) == len(config["chartDivergingColors"]) == 10
    assert (config["backgroundColor"], config["textColor"]) == (p.background, p.text)
    assert contrast(config["primaryColor"], "#FFFFFF") >= 4.5, "a button's own text"
    assert contrast(config["primaryColor"], p.background) >= 3
    assert contrast(config["linkColor"], p.background) >= 4.5
    assert charts.palette(theme) is p


def test_the_settings_keep_errors_strangers_and_statistics_out():
    config = tomllib.loads(CONFIG.read_text())
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["showErrorLinks"] is False
    assert config["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert config["server"]["maxUploadSize"] <= 10
    assert config["browser"]["gatherUsageStats"] is False
    assert "http" not in CONFIG.read_text()
