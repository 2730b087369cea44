"""What is laid into the sandbox beside a program that is tried."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

INSIDE = Path(__file__).parents[2] / "healing" / "inside"


def heard(tmp_path: Path, code: str) -> object:
    """What a program prints as JSON, with the modules of the sandbox beside it."""
    (tmp_path / "shop.py").write_text("def total(rows):\n    return len(rows)\n")
    command = [sys.executable, "-c", f"import json, sys\nsys.path.insert(0, {str(INSIDE)!r})\n{code}"]
    return json.loads(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout)


def test_functions_are_found_that_were_put_out_of_the_collector_s_sight(tmp_path: Path) -> None:
    code = "import gc, shop, suture_exchange\ngc.collect()\ngc.freeze()\n"
    code += "print(json.dumps(list(suture_exchange.live(shop.__file__)[0])))"
    assert heard(tmp_path, code) == [["total", 1]]


def test_statements_are_not_run_ahead_where_open_files_cannot_be_counted(tmp_path: Path) -> None:
    code = "import os, suture_trial\nusual = os.listdir\n"
    code += "def listdir(path='.'):\n    if path in {hidden!r}:\n        raise FileNotFoundError(path)\n"
    code += "    return usual(path)\n"
    code += "os.listdir = listdir\nspec = dict(kind='code', target='import shop', argv=[])\n"
    code += "print(json.dumps(suture_trial.Script(spec).go_ahead(1, dict([('0', True)]))))"
    assert heard(tmp_path, code.replace("{hidden!r}", "('/proc/self/fd',)")) is True
    assert heard(tmp_path, code.replace("{hidden!r}", "('/proc/self/fd', '/dev/fd')")) is False


def test_a_module_that_is_run_anew_reaches_those_who_hold_its_functions_and_nobody_is_looked_for_then(
    tmp_path: Path,
) -> None:
    (tmp_path / "desk.py").write_text("import shop\nfrom shop import total as count\n")
    code = "import desk, shop, suture_exchange\n"
    code += "known, = suture_exchange.known_of([shop.__file__], True)\n"
    code += "for name in ('modules_of', 'live', 'held'):\n    delattr(suture_exchange, name)\n"
    code += "at = known.data.index(b'):')\n"
    code += "change = dict(splices=[[at, at, ', more=2']], chunk=[0, len(known.data), 0, '', at + 2])\n"
    code += "suture_exchange.exchange(change, known, known.looked_at(change)[1])\n"
    code += "print(json.dumps([desk.count.__defaults__, desk.count is shop.total]))"
    assert heard(tmp_path, code) == [[2], True]


def test_a_table_that_others_took_by_its_name_is_exchanged_with_the_module_that_makes_it(tmp_path: Path) -> None:
    (tmp_path / "desk.py").write_text("from shop import NAMES, SIZE\n")
    (tmp_path / "other.py").write_text("SIZE = 1\n")
    code = "import pathlib\npathlib.Path('shop.py').write_text('NAMES = [1]\\nSIZE = 1\\n')\n"
    code += "import desk, other, shop, suture_exchange\nknown, = suture_exchange.known_of([shop.__file__], True)\n"
    code += "change = dict(splices=[[9, 10, '2'], [19, 20, '3']], chunk=[0, 21, 0, '', 0])\n"
    code += "suture_exchange.exchange(change, known, known.looked_at(change)[1])\n"
    code += "print(json.dumps([shop.NAMES, desk.NAMES is shop.NAMES, shop.SIZE, other.SIZE]))"
    assert heard(tmp_path, code) == [[2], True, 3, 1]


def test_a_function_that_ran_when_its_module_was_imported_is_changed_by_running_the_module_anew(tmp_path: Path) -> None:
    code = "import pathlib\npathlib.Path('shop.py').write_text('def make():\\n    return 1\\n\\n\\nMADE = make()\\n')\n"
    code += "import shop, suture_exchange\nknown, = suture_exchange.known_of([shop.__file__], True)\n"
    code += "at = known.data.index(b'1')\n"
    code += "change = dict(splices=[[at, at + 1, '2']], chunk=[0, at + 1, 0, '', 12], anew=True)\n"
    code += "pair = known.looked_at(change)[1]\nassert pair is not None\n"
    code += "suture_exchange.exchange(change, known, pair)\nprint(json.dumps([shop.make(), shop.MADE]))"
    assert heard(tmp_path, code) == [2, 2]


def test_what_a_module_only_has_from_elsewhere_is_left_alone_there(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("import json\nfrom os.path import join\nread = json.loads\nKIND = list\n")
    (tmp_path / "desk.py").write_text("from till import KIND, read\n")
    code = "import builtins, desk, json, till, suture_exchange\nfrom pathlib import Path\n"
    code += "known, = suture_exchange.known_of([till.__file__], True)\ntext = Path('till.py').read_text()\n"
    code += "places = [(text.index(old), old, new) for old, new in (('loads', 'load'), ('list', 'dict'))]\n"
    code += "change = dict(splices=[[at, at + len(old), new] for at, old, new in places], chunk=[0, 99, 0, '', 0])\n"
    code += "suture_exchange.exchange(change, known, None)\n"
    code += "seen = [json.loads is json.load, builtins.list is dict]\nlist = type([])\n"
    code += "print(json.dumps([*seen, desk.read is json.load, desk.KIND is dict]))"
    assert heard(tmp_path, code) == [False, False, True, True]


def test_of_a_module_that_is_imported_by_two_names_both_are_run_anew(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "till.py").write_text("SIZE = 1\n")
    code = "import sys\nsys.path.append('app')\nimport app.till, till, suture_exchange\n"
    code += "known, = suture_exchange.known_of([till.__file__], True)\n"
    code += "suture_exchange.exchange(dict(splices=[[7, 8, '2']], chunk=[0, 9, 0, '', 0]), known, None)\n"
    code += "print(json.dumps([till.SIZE, app.till.SIZE]))"
    assert heard(tmp_path, code) == [2, 2]


def test_a_function_is_changed_though_its_module_cannot_be_run_twice(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("import sys\n\ndef make():\n    return 1\n\nsys.once.remove(make())\n")
    code = "import sys\nsys.once = [1]\nimport till, suture_exchange\n"
    code += "known, = suture_exchange.known_of([till.__file__], True)\nat = known.data.index(b'1')\n"
    code += "change = dict(splices=[[at, at + 1, '2']], chunk=[12, at + 2, 2, '', 24], anew=True)\n"
    code += "pair = known.looked_at(change)[1]\nassert pair is not None\nmade = till.make\n"
    code += "suture_exchange.exchange(change, known, pair)\nprint(json.dumps([till.make(), made is till.make]))"
    assert heard(tmp_path, code) == [2, True]


def test_what_is_loaded_of_many_files_is_found_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("def make():\n    return 1\n")
    (tmp_path / "late.py").write_text("def never():\n    return 1\n")
    code = "import gc, shop, till, suture_exchange\nobjects, walks = gc.get_objects, []\n"
    code += "gc.get_objects = lambda: walks.append(1) or objects()\n"
    code += "known = suture_exchange.known_of(['shop.py', 'late.py', 'till.py'], True)\n"
    code += "names = [[name for name, _ in each.alive] for each in known]\n"
    code += "print(json.dumps([names, [len(each.held) for each in known], len(walks)]))"
    assert heard(tmp_path, code) == [[["total"], [], ["make"]], [1, 0, 1], 1]
