"""Functions measured in the sandbox, from end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suture.analyzers.errors import UserError
from suture.analyzers.findings import Finding, Range
from suture.analyzers.growth import Growth, compare_growth, measure_growth, with_growth
from suture.analyzers.growth.fit import EXPONENTIAL
from suture.analyzers.growth.reviewing import measured_reviews
from suture.analyzers.review import review_file
from suture.analyzers.sandbox import Sandbox

Measure = Callable[..., Growth]


def guilty(growth: Growth) -> list[tuple[int, str]]:
    assert growth.status == "measured", growth.reason
    return [(each.line, each.kind) for each in growth.guilty]


def test_looking_elements_up_in_a_list_is_quadratic_by_that_line(measure: Measure) -> None:
    source = """
        def shared(first: list[int], second: list[int]) -> list[int]:
            found = []
            for each in first:
                if each in second:
                    found.append(each)
            return found
    """
    growth = measure(source, "shared")
    assert guilty(growth) == [(5, "membership")]
    assert growth.exponent == pytest.approx(2.0, abs=0.15)
    assert growth.certain
    assert growth.evidence(growth.guilty[0]).kind == "measured"


def test_looking_them_up_in_a_set_is_linear(measure: Measure) -> None:
    source = """
        def shared(first: list[int], second: set[int]) -> list[int]:
            return [each for each in first if each in second]
    """
    growth = measure(source, "shared")
    assert guilty(growth) == []
    assert growth.exponent == pytest.approx(1.0, abs=0.1)


def test_a_list_that_stays_short_is_no_problem(measure: Measure) -> None:
    source = """
        def hits(numbers: list[int]) -> int:
            recent: list[int] = []
            found = 0
            for number in numbers:
                found += number in recent
                recent.append(number)
                if len(recent) > 10:
                    recent.pop(0)
            return found
    """
    growth = measure(source, "hits")
    assert guilty(growth) == []
    told = Finding(growth.path, Range(5, 17, 5, 33), "some-rule", "membership", "slow?", "low", 0.5, "performance")
    assert with_growth([told], [growth]) == ()


def test_a_list_that_stayed_empty_was_searched_at_no_cost_and_proves_nothing(measure: Measure) -> None:
    source = """
        def others(numbers: list[int]) -> list[int]:
            known = [each for each in numbers if each == 987654321]
            return [each for each in numbers if each not in known]

        def all_others(numbers: list[int]) -> list[int]:
            known = {each for each in numbers if each != 987654321}
            return [each for each in numbers if each not in known]
    """
    for name, line, left in (("others", 4, 1), ("all_others", 8, 0)):
        growth = measure(source, name)
        assert guilty(growth) == []
        place = Range(line - 1, 40, line - 1, 57)
        told = Finding(growth.path, place, "some-rule", "membership", "slow?", "low", 0.5, "performance")
        assert len(with_growth([told], [growth])) == left


def test_a_loop_in_a_helper_is_found_there(measure: Measure) -> None:
    source = """
        def place_of(wanted, items):
            for place, each in enumerate(items):
                if each == wanted:
                    return place
            return -1

        def places(wanted: list[int], items: list[int]) -> list[int]:
            return [place_of(each, items) for each in wanted]
    """
    assert guilty(measure(source, "places")) == [(3, "nested_loop")]


def test_a_table_of_all_pairs_is_as_large_as_its_cost(measure: Measure) -> None:
    source = """
        def table(numbers: list[int]) -> list[list[int]]:
            return [[a * b for a in numbers] for b in numbers]
    """
    growth = measure(source, "table")
    assert guilty(growth) == []
    assert growth.output == pytest.approx(2.0, abs=0.15)


def test_a_recursion_that_repeats_itself_is_exponential(measure: Measure) -> None:
    source = """
        def ways(n: int) -> int:
            return 1 if n < 2 else ways(n - 1) + ways(n - 2)
    """
    growth = measure(source, "ways")
    assert growth.exponent == EXPONENTIAL
    assert guilty(growth) == [(3, "caching")]


def test_a_graph_is_made_where_one_is_walked(measure: Measure) -> None:
    source = """
        def order(graph: dict[int, list[int]], start: int) -> list[int]:
            queue, seen, found = [start], {start}, []
            while queue:
                node = queue.pop(0)
                found.append(node)
                for other in graph.get(node, []):
                    if other not in seen:
                        seen.add(other)
                        queue.append(other)
            return found
    """
    assert guilty(measure(source, "order")) == [(5, "list_shift")]


def test_a_mapping_to_its_own_keys_is_walked_along_a_chain(measure: Measure) -> None:
    source = """
        def ancestors(parents: dict[int, int], node: int) -> list[int]:
            found = []
            while node in parents and node not in found:
                found.append(node)
                node = parents[node]
            return found

        def root(parents: dict[str, str], node: str) -> str:
            while node in parents:
                node = parents[node]
            return node
    """
    assert guilty(measure(source, "ancestors")) == [(4, "membership")]
    ends = measure(source, "root")
    assert guilty(ends) == []
    assert ends.exponent == pytest.approx(1.0, abs=0.15)


def test_parameters_without_types_are_tried(measure: Measure) -> None:
    source = """
        def counted(words):
            return {word: words.count(word) for word in words}
    """
    growth = measure(source, "counted")
    assert guilty(growth) == [(3, "linear_search")]
    assert not growth.certain


def test_a_module_that_must_not_be_executed_twice_can_be_measured(measure: Measure) -> None:
    source = """
        import builtins
        if getattr(builtins, "_seen_here", False):
            raise RuntimeError("executed twice")
        builtins._seen_here = True

        def twice(numbers: list[int]) -> list[int]:
            return [2 * each for each in numbers]
    """
    assert guilty(measure(source, "twice")) == []


def test_importing_what_takes_long_is_no_part_of_the_budget(measure: Measure) -> None:
    source = """
        import time

        time.sleep(2.0)

        def common(names: list[str], others: list[str]) -> list[str]:
            found = []
            for name in names:
                if name in others:
                    found.append(name)
            return found
    """
    assert guilty(measure(source, "common", budget_s=1.9)) == [(9, "membership")]


def test_what_cannot_be_measured_says_why(measure: Measure) -> None:
    refused = measure("def f(n: int) -> int:\n    for _ in range(n): pass\n    raise ValueError('never')", "f")
    assert (refused.status, refused.table) == ("unsupported", ())
    assert "ValueError: never" in refused.reason
    broken = measure("import nothing_of_this_name\ndef f(xs: list[int]): pass", "f")
    assert broken.status == "environment"
    assert "nothing_of_this_name" in broken.reason


def test_a_function_that_does_not_exist_is_the_callers_mistake(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "module.py").write_text("def f(): pass\n")
    with pytest.raises(UserError, match="no function g"):
        measure_growth(tmp_path, tmp_path / "module.py", "g", sandbox=sandbox)


def test_two_versions_are_compared_on_the_same_inputs(tmp_path: Path, sandbox: Sandbox) -> None:
    head = "def f(xs: list[int], ys: list[int]) -> list[int]:\n"
    before = head + "    return [x for x in xs if x in ys]\n"
    after = head + "    known = set(ys)\n    return [x for x in xs if x in known]\n"
    wrong = head + "    return [x for x in xs if x not in set(ys)]\n"
    path = tmp_path / "module.py"
    path.write_text(before)
    found = compare_growth(tmp_path, path, "f", before, after, sandbox=sandbox, budget_s=15)
    assert found.status == "measured", found.reason
    assert found.same
    assert found.before_ops > 20 * found.after_ops
    assert found.ratio > 1
    assert found.evidence().data["ratio"] > 1  # pyright: ignore[reportOperatorIssue]
    assert not compare_growth(tmp_path, path, "f", before, wrong, sandbox=sandbox, budget_s=5).same


@pytest.mark.usefixtures("sandbox")
def test_a_review_says_which_findings_were_measured_on_what_stayed_short(tmp_path: Path) -> None:
    head = "def f(numbers: list[int]) -> list[int]:\n"
    rest = "    return [each for each in numbers if each not in known]\n"
    empty, full = tmp_path / "empty.py", tmp_path / "full.py"
    empty.write_text(head + "    known = [each for each in numbers if each == 987654321]\n" + rest)
    full.write_text(head + "    known = [each for each in numbers if each != 987654321]\n" + rest)
    reviews = [review_file(each, reviewers=("performance",), engines=False) for each in (empty, full)]
    judged = list(measured_reviews(reviews, reviewers=("performance",), budget_s=15))
    assert [[(found.kind, found.range.line) for found in each.findings] for each in judged] == 2 * [[("membership", 2)]]
    notes = [[note for note in each.notes if "stayed short" in note] for each in judged]
    assert [len(each) for each in notes] == [1, 0]
    assert notes[0][0].endswith("line 3")


def test_the_cost_of_a_function_is_that_of_all_its_lines(measure: Measure) -> None:
    growth = measure(
        """
        def shared(first: list[int], second: list[int]) -> int:
            found = [each for each in first if each in second]
            count = 0
            for _ in first:
                count += 1
            return count + len(found)
        """,
        "shared",
    )
    assert growth.exponent > 1.8
    assert growth.table[-1][1] >= max(line.table[-1][1] for line in growth.lines)
