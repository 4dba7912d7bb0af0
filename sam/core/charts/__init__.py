"""Charts as SVG strings that work in the browser, in dark mode and on paper. Each kind is a frozen dataclass and a
function that draws it; `chart.table()` gives the same rows as a table."""

from sam.core.charts.bars import Bar, BarsWithPlan, bars_with_plan
from sam.core.charts.bullets import Bullet, BulletRow, bullet
from sam.core.charts.concentration import Pareto, ParetoItem, Whale, pareto, whale
from sam.core.charts.dumbbells import Dumbbell, DumbbellRow, dumbbell
from sam.core.charts.heat import HeatCell, HeatMap, heat_map
from sam.core.charts.matrices import Matrix, MatrixCell, matrix
from sam.core.charts.nps import NpsBar, nps_bar
from sam.core.charts.organisation import OrgCard, OrgTree, org_tree
from sam.core.charts.palette import Tone
from sam.core.charts.quadrants import Axis, Dot, Quarter, TwoByTwo, two_by_two
from sam.core.charts.rings import Ring, ring
from sam.core.charts.scale import Format, Number
from sam.core.charts.sparklines import Spark, spark
from sam.core.charts.table import Cell, ChartTable, chart_table
from sam.core.charts.timelines import Event, Timeline, month_starts, timeline
from sam.core.charts.waterfalls import Step, Waterfall, waterfall

__all__ = [
    "Axis",
    "Bar",
    "BarsWithPlan",
    "Bullet",
    "BulletRow",
    "Cell",
    "ChartTable",
    "Dot",
    "Dumbbell",
    "DumbbellRow",
    "Event",
    "Format",
    "HeatCell",
    "HeatMap",
    "Matrix",
    "MatrixCell",
    "NpsBar",
    "Number",
    "OrgCard",
    "OrgTree",
    "Pareto",
    "ParetoItem",
    "Quarter",
    "Ring",
    "Spark",
    "Step",
    "Timeline",
    "Tone",
    "TwoByTwo",
    "Waterfall",
    "Whale",
    "bars_with_plan",
    "bullet",
    "chart_table",
    "dumbbell",
    "heat_map",
    "matrix",
    "month_starts",
    "nps_bar",
    "org_tree",
    "pareto",
    "ring",
    "spark",
    "timeline",
    "two_by_two",
    "waterfall",
    "whale",
]
