"""One restrained look for every figure: readable in grey, by the colour-blind, and in print."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from simulator.scenario import Design, Endpoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, PALE = "#222222", "#767676", "#C9C9C9"
#: Width of a figure that fills a page, inches; a page shows it a little larger, paper smaller.
PAGE_WIDTH = 7.4
#: Size of names, notes and captions in a figure, points: the smallest that a figure has.
SMALL = 8.0
_CAPTION = "#505050"
#: Okabe and Ito's colours that stay apart in grey too; each comes with its own marker.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#8C6D00")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_REFERENCE = ("#E69F00", "X")
#: Line styles of the first, second, ... dose of one group.
LINES: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0, (1, 1.4)),
    (0, (4, 1.6)),
    (0, ()),
    (0, (6, 1.5, 1, 1.5)),
    (0, (2, 1)),
)
#: Fewer labelled ticks do not show the scale of a log axis.
_FEWEST_TICKS = 3
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_LOOK: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    # Names from a scenario may hold $ and _: they are text, never formulas.
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "lines.linewidth": 1.3,
    "svg.fonttype": "none",
    "svg.hashsalt": "afcsim",
    "figure.dpi": 100,
    "savefig.dpi": 250,
}

_DRAWING = RLock()


@contextmanager
def look() -> Iterator[None]:
    """Draw in our look, whatever the user's own settings are; restore theirs afterwards.

    The settings are those of the whole process: threads draw one after the other.
    A sign that the font lacks (an emoji in a unit) is a box in the figure, and no warning.
    """
    import warnings

    import matplotlib

    with _DRAWING, matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_LOOK)
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure (inches) that belongs to no window and no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, Path]:
    """Write ``name.svg`` and ``name.png``; equal figures give equal files."""
    svg, png = folder / f"{name}.svg", folder / f"{name}.png"
    figure.savefig(svg, metadata={"Date": None, "Title": name})
    figure.savefig(png, metadata={"Title": name})
    return svg, png


def svg_text(figure: Figure, name: str | None = None) -> str:
    """Return a figure as SVG, with a title if one is given; equal figures give equal texts."""
    stream = io.BytesIO()
    titled = {} if name is None else {"Title": name}
    figure.savefig(stream, format="svg", metadata={"Date": None, **titled})
    return stream.getvalue().decode("utf-8")


def caption(figure: Figure, text: str) -> None:
    """Put a note under the figure that says what is drawn, wrapped to its width."""
    import textwrap

    width = int(figure.get_size_inches()[0] * 16)
    figure.supxlabel(
        "\n".join(textwrap.wrap(text, width)), fontsize=SMALL, color=_CAPTION, ha="left", x=0.01
    )


@dataclass(frozen=True)
class ArmStyle:
    """Colour and marker of a group of arms; line style of the dose within the group."""

    colour: str
    marker: str
    line: tuple[float, tuple[float, ...]]


def arm_styles(design: Design) -> dict[str, ArmStyle]:
    """Return a style per arm: control grey, reference orange, one hue and marker per dose group."""
    styles: dict[str, ArmStyle] = {}
    groups: list[str] = []
    seen: dict[str, int] = {}
    for name, arm in design.arms.items():
        if arm.role == "control":
            styles[name] = ArmStyle(GREY, "p", LINES[2])
        elif arm.role == "reference":
            styles[name] = ArmStyle(*_REFERENCE, LINES[2])
        else:
            group = arm.group or name
            if group not in groups:
                groups.append(group)
            index = groups.index(group) % len(_COLOURS)
            alone = arm.group is None
            step = 2 if alone else seen.get(group, 0)
            seen[group] = step + 1
            styles[name] = ArmStyle(_COLOURS[index], _MARKERS[index], LINES[step % len(LINES)])
    return styles


def distinct_styles(count: int) -> list[ArmStyle]:
    """Return styles that differ in colour and marker, and where these begin anew, in the line."""
    hues = len(_COLOURS)
    return [
        ArmStyle(_COLOURS[k % hues], _MARKERS[k % hues], LINES[(2 + k // hues) % len(LINES)])
        for k in range(count)
    ]


def axis_label(name: str, endpoint: Endpoint) -> str:
    """Return the endpoint's name with its unit."""
    words = {
        "plaque_count": "AFC per spleen",
        "titer": "reciprocal titer, HAU",
        "phagocytic_percentage": "% of cells",
        "phagocytic_number": "particles per cell",
    }
    return f"{name} ({words.get(endpoint.kind, endpoint.unit)})"


def is_logarithmic(endpoint: Endpoint) -> bool:
    """Return whether an endpoint's values belong on a log axis."""
    if endpoint.kind == "continuous":
        return endpoint.distribution == "lognormal"
    return endpoint.kind in ("plaque_count", "titer")


def scale_axis(axes: Axes, which: str, endpoint: Endpoint, low: float, high: float) -> None:
    """Scale an axis for an endpoint: two-fold steps for titers, log for counts, else linear.

    Parameters
    ----------
    which : ``x`` or ``y``.
    low, high : smallest and largest value to be seen; a low of zero cannot be on a log axis.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    set_scale = axes.set_xscale if which == "x" else axes.set_yscale
    set_limits = axes.set_xlim if which == "x" else axes.set_ylim
    if not is_logarithmic(endpoint) or low <= 0:
        room = 0.06 * (high - low) or max(abs(high), 1.0) * 0.1
        set_limits(low - room, high + room)
        return
    base = 2 if endpoint.kind == "titer" else 10
    set_scale("log", base=base)
    # Room at the ends; in a titer's two-fold steps as much as three of them need to be seen.
    room = max(1.25, math.sqrt(8.4 * low / high)) if base == 2 else 1.25
    low, high = low / room, high * room
    set_limits(low, high)
    axis.set_major_locator(FixedLocator(_log_ticks(low, high, base)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_text(value, base)))


def _log_ticks(low: float, high: float, base: int) -> Sequence[float]:
    first, last = math.floor(math.log(low, base)), math.ceil(math.log(high, base))
    powers = [float(base) ** k for k in range(first, last + 1)]
    if base == 2:
        step = max(1, math.ceil(len(powers) / 8))
        return [tick for tick in powers[::step] if low <= tick <= high]
    within = [tick for tick in powers if low <= tick <= high]
    if len(within) >= 4:
        return within
    for parts in ((1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)):
        ticks = [tick * part for tick in powers for part in parts if low <= tick * part <= high]
        if len(ticks) >= _FEWEST_TICKS:
            return ticks
    return _even_ticks(low, high)  # over so narrow a range a log axis is as good as linear


def _even_ticks(low: float, high: float) -> Sequence[float]:
    """Return three round values or few more, at equal distances within low..high."""
    size = 10.0 ** math.floor(math.log10(high - low))
    # The range is at least one size wide: a fifth of it fits five times, so a step is found.
    for step in (size * part for part in (5.0, 2.5, 2.0, 1.0, 0.5, 0.25, 0.2)):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first + 1 >= _FEWEST_TICKS:
            break
    return [k * step for k in range(first, last + 1)]


def power_text(value: float, base: int = 10) -> str:
    """Return a tick label: ``64`` on a two-fold axis; ``10⁴``, ``3×10⁴`` or ``50`` on others."""
    if base == 2 or 0.01 <= value < 1000:
        return f"{value:g}"
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = value / 10**exponent
    power = "10" + str(exponent).translate(_SUPERSCRIPT)
    return power if math.isclose(factor, 1) else f"{factor:g}×{power}"


def spread_out(places: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move label positions apart until neighbours are ``gap`` away, staying near their places.

    Parameters
    ----------
    places : wanted positions, in any order.
    gap : least distance between neighbours; reduced if all cannot fit into low..high.
    """
    count = len(places)
    if count < 2:
        return list(places)
    gap = min(gap, (high - low) / (count - 1))
    order = sorted(range(count), key=lambda index: places[index])
    put = [min(max(places[index], low), high) for index in order]
    for k in range(1, count):
        put[k] = max(put[k], put[k - 1] + gap)
    if put[-1] > high:
        put[-1] = high
        for k in range(count - 2, -1, -1):
            put[k] = min(put[k], put[k + 1] - gap)
    result = [0.0] * count
    for k, index in enumerate(order):
        result[index] = put[k]
    return result
