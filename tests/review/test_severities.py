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
        ("for row in Order.objects.all():\n    row = Order.objects.get(pk=row.pk)\n    row.move()", "low", ""),
    ],
)
def test_a_query_in_a_loop_weighs_as_much_as_there_is_to_win(loop: str, severity: str, path: str) -> None:
    text = f"import requests\n\n\ndef work(keys, names):\n{indent(dedent(loop), '    ')}\n"
    found = analyse(f"/project/shop/{path or 'views'}.py", text, rules=[RULE]).findings
    assert [each.severity for each in found if each.rule == RULE.name] == [severity]


@pytest.mark.parametrize(
    ("name", "severity"),
    [("lifespan", "low"), ("on_shutdown", "low"), ("aclose", "low"), ("__aexit__", "low"), ("fetch", "medium")],
)
def test_what_blocks_when_nothing_else_runs_is_a_hint(name: str, severity: str) -> None:
    text = f"import shutil\n\n\nasync def {name}(app):\n    shutil.rmtree(app.folder)\n"
    found = analyse("/project/shop/app.py", text, rules=[RULES["blocking-call-in-async"]]).findings
    assert [each.severity for each in found if each.rule == "blocking-call-in-async"] == [severity]


def test_what_blocks_for_long_blocks_where_something_is_closed_too() -> None:
    text = "import time\n\n\nasync def close(self):\n    time.sleep(5)\n"
    found = analyse("/project/shop/app.py", text, rules=[RULES["blocking-call-in-async"]]).findings
    assert [each.severity for each in found] == ["medium"]


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("print(lines.pop(0))", "low"),
        ("lines.extend(more(lines.pop(0)))", "medium"),
        ("lines.insert(0, 1)\n        print(lines.pop(0))", "medium"),
    ],
)
def test_a_list_that_is_only_emptied_is_a_hint(body: str, severity: str) -> None:
    text = f"def read(text):\n    lines = list(text)\n    while lines:\n        {body}\n"
    found = analyse("/project/shop/mail.py", text, rules=[RULES["list-shift-in-loop"]]).findings
    assert {each.severity for each in found if "pop" in each.message} == {severity}


@pytest.mark.parametrize(
    ("request_", "severity"),
    [
        ("requests.get(url, verify=False, timeout=5).ok", "low"),
        ("requests.get(url, verify=False).status_code", "low"),
        ("requests.get(url, verify=False).json()", "high"),
        ("requests.get(url, verify=False, headers=sent).ok", "high"),
        ("requests.post(url, verify=False).ok", "high"),
    ],
)
def test_who_only_asks_whether_a_server_is_up_believes_nothing(request_: str, severity: str) -> None:
    text = f"import requests\n\n\ndef is_up(url, sent):\n    return {request_}\n"
    found = analyse("/project/shop/up.py", text, rules=[RULES["tls-verification-disabled"]]).findings
    assert [each.severity for each in found] == [severity]


@pytest.mark.parametrize(
    ("loop", "severity"),
    [
        ("for each in self:\n        data += each.pack()", "low"),
        ("for each in self.records:\n        data += head + struct.pack('!L', each)", "low"),
        ("for each in records:\n        data += each.pack()", "medium"),
        ("for each in self.records:\n        data += each.read()", "medium"),
    ],
)
def test_what_an_object_packs_of_each_of_its_parts_is_a_hint(loop: str, severity: str) -> None:
    text = f"import struct\n\n\ndef pack(self, records, head):\n    data = b''\n    {loop}\n    return data\n"
    found = analyse("/project/net/message.py", text, rules=[RULES["text-built-in-loop"]]).findings
    assert [each.severity for each in found] == [severity]


@pytest.mark.parametrize(
    ("path", "told"),
    [("util/names.py", True), ("test/util/names.py", False), ("tests/fake/names.py", False), ("latest/names.py", True)],
)
@pytest.mark.parametrize(
    "body",
    [
        "seen = []\n    for row in rows:\n        if row not in seen:\n            seen.append(row)\n    return seen",
        "return [row.name for _, row in rows.iterrows()]",
        "return sorted(rows)[0]",
    ],
)
def test_what_tests_share_is_small_by_design(path: str, told: bool, body: str) -> None:
    rules = [each for each in RULES.values() if each.reviewer == "performance"]
    found = analyse(f"/project/shop/{path}", f"def names(rows):\n    {body}\n", rules=rules).findings
    assert bool(found) == told
