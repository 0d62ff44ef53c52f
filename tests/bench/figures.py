"""What the scripts beside this one share: the place of results, sections of
docs/bench.md, and drawings as SVG."""

import math
import subprocess

OUT = "build/bench"
DOC = "docs/bench.md"
TINE, LINUX = "#27a", "#c84"


def commit():
    return subprocess.run(["git", "describe", "--always", "--dirty"],
                          stdout=subprocess.PIPE, text=True,
                          check=False).stdout.strip()


def keep_section(name, lines):
    """Replace what stands between <!-- name --> and <!-- end name -->."""
    begin, end = "<!-- %s -->\n" % name, "<!-- end %s -->\n" % name
    with open(DOC, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    with open(DOC, "w", encoding="utf-8") as file:
        file.write(before + begin + "Commit %s.\n\n" % commit() +
                   "\n".join(lines) + "\n" + end + after)


def svg_open(width, height):
    return ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
            'font-family="sans-serif" font-size="12">' % (width, height),
            '<rect width="%d" height="%d" fill="white"/>' % (width, height)]


def svg_text(x, y, text, anchor="start"):
    return '<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>' % (
        x, y, anchor, text)


def svg_line(x1, y1, x2, y2, color="#888", dash="3"):
    return ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
            'stroke-dasharray="%s"/>' % (x1, y1, x2, y2, color, dash))


def svg_bars(rows, names, marks):
    """Pairs of bars: @rows are (label, value, value); lines at @marks."""
    scale, left, step = 180, 360, 40
    height = step * len(rows) + 60
    out = svg_open(820, height)
    for number, (name, color) in enumerate(zip(names, (TINE, LINUX))):
        out.append('<rect x="%d" y="%d" width="12" height="12" fill="%s"/>' % (
            20 + 80 * number, 8, color))
        out.append(svg_text(36 + 80 * number, 18, name))
    for i, (label, *values) in enumerate(rows):
        y = 36 + i * step
        out.append(svg_text(left - 8, y + 20, label, "end"))
        for number, (value, color) in enumerate(zip(values, (TINE, LINUX))):
            out.append('<rect x="%d" y="%d" width="%.1f" height="14" '
                       'fill="%s"/>' % (left, y + 16 * number, value * scale,
                                        color))
            out.append(svg_text(left + value * scale + 4,
                                y + 12 + 16 * number, "%.2f" % value))
    for mark in marks:
        x = left + mark * scale
        out += [svg_line(x, 30, x, height - 10),
                svg_text(x, 26, mark, "middle")]
    return "\n".join(out + ["</svg>", ""])


def svg_plots(plots):
    """Panels with both axes logarithmic, two in a row.

    @plots: (title, x label, [(name, color, [(x, y)])]).
    """
    width, height, left, top = 380, 250, 60, 34
    rows = (len(plots) + 1) // 2
    out = svg_open(2 * (width + 40), rows * (height + 30) + 10)
    for number, (title, xlabel, series) in enumerate(plots):
        ox = (number % 2) * (width + 40)
        oy = (number // 2) * (height + 30)
        points = [p for _, _, line in series for p in line]
        if not points:
            continue
        x0, x1 = (f(math.log10(p[0]) for p in points) for f in (min, max))
        y0 = math.floor(min(math.log10(p[1]) for p in points))
        y1 = math.ceil(max(math.log10(p[1]) for p in points))
        y1 = max(y1, y0 + 1)

        def at(point, ox=ox, oy=oy, x0=x0, x1=x1, y0=y0, y1=y1):
            return (ox + left + (math.log10(point[0]) - x0) / (x1 - x0) *
                    (width - left - 10),
                    oy + height - 34 - (math.log10(point[1]) - y0) /
                    (y1 - y0) * (height - 34 - top))

        out.append(svg_text(ox + left, oy + 20, title))
        out.append(svg_text(ox + width / 2 + 20, oy + height - 2, xlabel,
                            "middle"))
        for power in range(y0, y1 + 1):
            _, y = at((10 ** x0, 10 ** power))
            out.append(svg_line(ox + left, y, ox + width - 10, y, "#ccc"))
            out.append(svg_text(ox + left - 4, y + 4,
                                format(10 ** power, ",d"), "end"))
        for x in sorted({p[0] for p in points}):
            px, _ = at((x, 10 ** y0))
            out.append(svg_text(px, oy + height - 18, format(x, ",d"),
                                "middle"))
        for index, (name, color, line) in enumerate(series):
            path = " ".join("%.1f,%.1f" % at(p) for p in line)
            out.append('<polyline points="%s" fill="none" stroke="%s" '
                       'stroke-width="2"/>' % (path, color))
            out.append('<text x="%d" y="%d" fill="%s">%s</text>' % (
                ox + width - 90 + 45 * index, oy + 20, color, name))
    return "\n".join(out + ["</svg>", ""])
