"""What scripts/bench makes of what it has measured, without measuring anything."""

from __future__ import annotations

import json
import sys
import xml.dom.minidom

import pytest

from harness.bridge import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "bench"))
import report  # noqa: E402
import run  # noqa: E402
import svg  # noqa: E402
from figures import AIMS, Chart, Figure, Outcome, Pair, Plan  # noqa: E402


def rounds(*ratios: float) -> list[Pair]:
    return [Pair(ratio * 10, 10) for ratio in ratios]


@pytest.fixture
def outcome(monkeypatch) -> Outcome:
    monkeypatch.setattr(report, "machine", lambda: ["a machine"])
    figures = [Figure(name, rounds(aim.target, aim.target / 2, aim.target * 3), ["a note"])
               for name, aim in AIMS.items()]  # fmt: skip
    return Outcome(figures, [Chart("a.svg", "A chart", "entities", "MB", {"a": [(10, 1), (1000, 30)]})])


def test_every_figure_is_measured_by_one_group_and_no_group_measures_another():
    assert sorted(name for name in run.NAMES if name != "instances") == sorted(AIMS)


def test_a_figure_is_its_round_in_the_middle():
    assert Figure("rebuild", rounds(3, 1, 2)).middle == Pair(20, 10)


def test_of_two_rounds_in_the_middle_the_worse_one_counts():
    assert Figure("rebuild", rounds(1, 2)).ratio == 2
    assert Figure("throughput", rounds(1, 2)).ratio == 1


def test_a_target_that_is_just_reached_is_met_from_the_right_side():
    assert Figure("rebuild", rounds(1.3)).met and not Figure("rebuild", rounds(1.31)).met
    assert Figure("throughput", rounds(1.2)).met and not Figure("throughput", rounds(1.19)).met


def test_a_hurried_plan_has_three_rounds_unless_told_else():
    assert Plan(frozenset(), quick=True).rounds_or(5) == 3
    assert Plan(frozenset(), quick=False).rounds_or(5) == 5
    assert Plan(frozenset(), quick=True, rounds=7).rounds_or(5) == 7


def test_json_tells_each_figure_with_numerator_denominator_and_target(outcome):
    told = json.loads(report.as_json(outcome, {"burst": "why"}, quick=False))
    assert [each["name"] for each in told["results"]] == list(AIMS)
    for each in told["results"]:
        aim = AIMS[each["name"]]
        assert each["ratio"] == each["numerator"] / each["denominator"]
        assert (each["target"], each["better"]) == (aim.target, aim.better)
        assert each["met"] is aim.met_by(each["ratio"])
    assert told["failures"] == {"burst": "why"}


def test_text_tells_each_figure(outcome):
    text = report.text(outcome)
    assert all(name in text for name in AIMS) and "MISSED" not in text


def test_the_page_has_results_and_plots_between_its_marks_however_often_they_are_written(outcome, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{report.BEGIN}{report.END}\nafter\n")
    report.write_page(outcome, page)
    once = page.read_text()
    report.write_page(outcome, page)
    assert page.read_text() == once
    assert once.startswith("before\n") and once.endswith("after\n")
    assert all(f"| `{name}` |" in once for name in AIMS)
    for file in ("ratios.svg", "a.svg"):
        assert f"(benchmarks/{file})" in once
        xml.dom.minidom.parse(str(tmp_path / "benchmarks" / file))


def test_the_page_of_this_repository_has_the_marks():
    text = run.PAGE.read_text()
    assert text.count(report.BEGIN) == text.count(report.END) == 1


@pytest.mark.parametrize("values", [[(1, 5), (2, 6)], [(1, 0), (2, 3)], [(7, 7)]], ids=str)
def test_lines_are_drawn_of_few_points_and_of_nothing_at_all(values):
    xml.dom.minidom.parseString(svg.lines(Chart("a.svg", "a < b", "x", "y", {"a": values})))


def test_a_ratio_below_zero_is_drawn():
    xml.dom.minidom.parseString(svg.ratios([Figure("growth_cpu", rounds(-0.1, 0.02, 0.5))], "title"))
