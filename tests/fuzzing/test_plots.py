"""Charts are self-contained images, with their points also as a table for those who cannot see images."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from suture.analyzers.fuzzing.plots import data_uri, line_chart, number, table

COVERAGE = [(1, 3), (12, 9), (140, 20), (2600, 31), (48_000, 31)]


def test_a_chart_is_well_formed_and_holds_no_script_and_no_address() -> None:
    svg = line_chart(COVERAGE, title='Branches <of> "f" & others', x="executions", y="branches")
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert {each.tag.rpartition("}")[2] for each in root.iter()} <= {
        "svg",
        "title",
        "g",
        "line",
        "path",
        "text",
        "polyline",
        "circle",
    }
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", svg) == []
    assert root.attrib["aria-label"] == 'Branches <of> "f" & others'


def points(svg: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(svg)
    line = next(each for each in root.iter() if each.tag.endswith("polyline"))
    return [(float(a), float(b)) for a, b in (pair.split(",") for pair in line.attrib["points"].split())]


def test_every_point_is_drawn_inside_the_axes_and_in_order() -> None:
    drawn = points(line_chart(COVERAGE, title="t", x="x", y="y"))
    assert len(drawn) == len(COVERAGE)
    assert [a for a, _ in drawn] == sorted(a for a, _ in drawn)
    assert [b for _, b in drawn] == sorted((b for _, b in drawn), reverse=True)  # up is less in an image
    assert all(64 <= a <= 504 and 30 <= b <= 196 for a, b in drawn)


def test_counts_over_several_powers_of_ten_are_spread_out() -> None:
    drawn = [a for a, _ in points(line_chart(COVERAGE, title="t", x="x", y="y"))]
    assert drawn[1] - drawn[0] > 80  # on a linear axis this would be a tenth of a pixel
    even = [a for a, _ in points(line_chart([(1, 1), (2, 2), (3, 3)], title="t", x="x", y="y"))]
    assert even[1] - even[0] == pytest.approx(even[2] - even[1], abs=0.2)


def test_a_search_that_begins_with_nothing_is_drawn_on_the_same_axis() -> None:
    drawn = [a for a, _ in points(line_chart([(0, 0), *COVERAGE], title="t", x="x", y="y"))]
    assert drawn[0] == drawn[1]
    assert drawn[2] - drawn[1] > 80


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_its_colours_can_be_read_on_light_and_on_dark() -> None:
    svg = line_chart(COVERAGE, title="t", x="x", y="y")
    for colour in set(re.findall(r"#[0-9a-f]{6}", svg)):
        for ground in ("#ffffff", "#1e1e1e", "#14161b"):  # VS Code light and dark, Neovim's default
            assert contrast(colour, ground) >= 3.0, (colour, ground)


def test_flat_and_single_scales_are_drawn_and_fewer_than_two_points_are_refused() -> None:
    assert len(points(line_chart([(5, 0), (5, 0)], title="t", x="x", y="y"))) == 2
    with pytest.raises(ValueError, match="two points"):
        line_chart([(1, 1)], title="t", x="x", y="y")


def test_the_image_is_an_address_that_markdown_takes() -> None:
    head, _, body = data_uri("<svg/>").partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(body) == b"<svg/>"


def test_the_table_is_short_and_keeps_the_first_and_the_last_point() -> None:
    lines = table([(n, n * n) for n in range(1, 101)], x="n", y="cost", rows=8).splitlines()
    assert lines[:2] == ["| n | cost |", "|---:|---:|"]
    assert lines[2] == "| 1 | 1 |"
    assert lines[-1] == "| 100 | 10,000 |"
    assert len(lines) == 10


def test_numbers_read_as_people_write_them() -> None:
    assert [number(each) for each in (12_400, 0.25, 0.0000012, 3.0)] == ["12,400", "0.25", "1.2e-06", "3"]
