"""A frame in, a Plotly figure out. No queries, no streamlit.

Every figure carries its own colours for the theme in force: draw it with the page's chart theme switched off.
A picture that would be empty raises NotEnoughData, which says what is missing and what to try.
"""

from analytics.charts.between_within import between_within
from analytics.charts.campaigns import Response, response_chart
from analytics.charts.curves import lorenz, whale
from analytics.charts.dendrogram import dendrogram
from analytics.charts.differences import differences_chart
from analytics.charts.flow import flow
from analytics.charts.foretold import foretold
from analytics.charts.histograms import category_bars, value_histogram
from analytics.charts.members import members_scatter
from analytics.charts.months import customer_timeline, value_by_month
from analytics.charts.movement import cohort_heatmap, movement_flow, retention_lines
from analytics.charts.needs import gap_chart, share_chart
from analytics.charts.offers import calibration_plot, lift_curve
from analytics.charts.palette import DARK, LIGHT, Palette, palette
from analytics.charts.pareto import pareto
from analytics.charts.rates import fx_history, price_history
from analytics.charts.review import segments_by_unit
from analytics.charts.ridgeline import ridgeline
from analytics.charts.segments import profile_heatmap, segment_pairs
from analytics.charts.small_multiples import small_multiples
from analytics.charts.story import customer_story, drawn_events
from analytics.charts.team import team_chart
from analytics.charts.trail import entries_by_day
from analytics.charts.trust import count_curve, sensitivity_bars, stability_bars
from analytics.charts.volumes import months_against_last_year
from analytics.charts.waterfall import Step, waterfall

__all__ = [
    "DARK",
    "LIGHT",
    "Palette",
    "Response",
    "Step",
    "between_within",
    "calibration_plot",
    "category_bars",
    "cohort_heatmap",
    "count_curve",
    "customer_story",
    "customer_timeline",
    "dendrogram",
    "differences_chart",
    "drawn_events",
    "entries_by_day",
    "flow",
    "foretold",
    "fx_history",
    "gap_chart",
    "lift_curve",
    "lorenz",
    "members_scatter",
    "months_against_last_year",
    "movement_flow",
    "palette",
    "pareto",
    "price_history",
    "profile_heatmap",
    "response_chart",
    "retention_lines",
    "ridgeline",
    "segment_pairs",
    "segments_by_unit",
    "sensitivity_bars",
    "share_chart",
    "small_multiples",
    "stability_bars",
    "team_chart",
    "value_by_month",
    "value_histogram",
    "waterfall",
    "whale",
]
