"""How grave a finding of a rule is depends on what the code around it says."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from suture.analyzers.engine import all_rules, analyse

RULES = {each.name: each for each in all_rules()}
RULE = RULES["query-in-loop"]


@pytest.mark.parametrize(
    ("loop", "severity", "path"),
    [
        ("for order in Order.objects.filter(open=True):\n    print(Stock.objects.get(name=order.name))", "medium", ""),
        ("rows = Order.objects.all()\nfor row in rows:\n    print(Stock.objects.get(name=row.name))", "medium", ""),
        ("print([Order.objects.get(pk=each) for each in keys])", "medium", ""),
        ("for name in names:\n    print(Order.objects.get(name=name))", "low", ""),
        ("for key in keys:\n    order = Order.objects.get(pk=key)\n    order.save()", "low", ""),
        (
            "for key in keys:\n    try:\n        print(Order.objects.get(pk=key))\n    except KeyError:\n        pass",
            "low",
            "",
        ),
        ("for key in keys:\n    requests.get(key)\n    print(Order.objects.get(pk=key))", "low", ""),
        ("for key in keys:\n    print(Order.objects.get(pk=key))", "low", "management/commands/repair"),
    ],
)
def test_a_query_in_a_loop_weighs_as_much_as_there_is_to_win(loop: str, severity: str, path: str) -> None:
    text = f"import requests\n\n\ndef work(keys, names):\n{indent(dedent(loop), '    ')}\n"
    found = analyse(f"/project/shop/{path or 'views'}.py", text, rules=[RULE]).findings
    assert [each.severity for each in found if each.rule == RULE.name] == [severity]


@pytest.mark.parametrize(("name", "severity"), [("lifespan", "low"), ("on_shutdown", "low"), ("fetch", "medium")])
def test_what_blocks_when_nothing_else_runs_is_a_hint(name: str, severity: str) -> None:
    text = f"import shutil\n\n\nasync def {name}(app):\n    shutil.rmtree(app.folder)\n"
    found = analyse("/project/shop/app.py", text, rules=[RULES["blocking-call-in-async"]]).findings
    assert [each.severity for each in found if each.rule == "blocking-call-in-async"] == [severity]
