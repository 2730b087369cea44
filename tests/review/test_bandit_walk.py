"""bandit's checks, asked only where they may find something, find what bandit's own visitor finds."""

from __future__ import annotations

import ast
import io
from typing import Any

import pytest

from suture.analyzers.engines import bandit
from suture.analyzers.engines.bandit_walk import CALLED, NEEDS, issues
from suture.analyzers.host import host_tree

#: Check → a text in which bandit finds it.
TEXTS = {
    "B102": "exec(x)\n",
    "B103": "import os\nos.chmod(p, 0o777)\n",
    "B104": "s.bind(('0.0.0.0', 1))\n",
    "B105": "password = 'hunter2'\nd['passwd'] = 'x'\nif token == 'y':\n    pass\n",
    "B106": "connect(password='hunter2')\n",
    "B107": "def f(user, pwd='hunter2'):\n    return pwd\n",
    "B108": "open('/tmp/x')\nopen('/var/tmp/x')\n",
    "B201": "from flask import Flask\napp = Flask(__name__)\napp.run(debug=True)\n",
    "B202": "import tarfile\ntarfile.open(n).extractall(p)\n",
    "B301": "from pickle import loads as read\nread(b)\n",
    "B307": "class A:\n    def f(self):\n        return eval(self.x)\n",
    "B310": "import urllib.request as u\nu.urlopen(x)\n",
    "B311": "import random\nrandom.choice(x)\n",
    "B324": "import hashlib\nhashlib.md5(x)\n",
    "B501": "import requests\nrequests.get(u, verify=False)\n",
    "B502": "import ssl\nssl.wrap_socket(ssl_version=ssl.PROTOCOL_SSLv3)\nf(method=SSL.TLSv1_METHOD)\n",
    "B503": "import ssl\ndef f(version=ssl.PROTOCOL_SSLv3):\n    pass\n",
    "B505": "from cryptography.hazmat.primitives.asymmetric import rsa\nrsa.generate_private_key(65537, 512)\n",
    "B506": "import yaml\nyaml.load(x)\n",
    "B507": "from paramiko import client\nc = client.SSHClient()\nc.set_missing_host_key_policy(client.AutoAddPolicy)",
    "B508": "from pysnmp.hlapi import CommunityData\nCommunityData('public', mpModel=0)\n",
    "B509": "from pysnmp.hlapi import UsmUserData\nUsmUserData('name')\n",
    "B601": "import paramiko\nc = paramiko.SSHClient()\nc.exec_command(x)\n",
    "B602": "import subprocess\nsubprocess.Popen(x, shell=True)\n",
    "B604": "run(x, shell=True)\n",
    "B605": "import os\nos.system(x)\nos.popen(x)\n",
    "B608": "q = 'SELECT * FROM t WHERE a = ' + x\nc.execute(f'delete from {t} ')\n'update t set {}'.format(x)\n",
    "B609": "import os\nos.system('/bin/chown root *')\n",
    "B610": "User.objects.extra(where=[w])\n",
    "B611": "from django.db.models.expressions import RawSQL\nRawSQL(x, [])\n",
    "B612": "import logging.config\nlogging.config.listen(9999)\n",
    "B613": "x = 'a\u202eb'\n",
    "B614": "import torch\ntorch.load(x)\n",
    "B701": "import jinja2\njinja2.Environment(autoescape=False)\n",
    "B702": "from mako.template import Template\nTemplate(x)\n",
    "B703": "from django.utils.safestring import mark_safe\ndef f(x):\n    return mark_safe(x)\n",
    "B704": "from markupsafe import Markup\nMarkup(x)\n",
}


def shown(found: list[Any]) -> list[tuple[object, ...]]:
    return [
        (each.test_id, each.test, each.lineno, list(each.linerange), each.col_offset, each.end_col_offset, each.text)
        for each in found
    ]


def by_bandit(text: str) -> list[Any]:
    """What bandit's own visitor finds with the checks that we listen to."""
    checks: Any = bandit._tests()  # pyright: ignore[reportPrivateUsage]
    from bandit.core import meta_ast, metrics, node_visitor  # pyright: ignore[reportMissingTypeStubs]

    data = io.BytesIO(text.encode())
    made: Any = node_visitor.BanditNodeVisitor
    visitor = made("a.py", data, meta_ast.BanditMetaAst(), checks, False, {}, metrics.Metrics())
    visitor.metrics.begin("a.py")
    visitor.process(ast.parse(text))
    return visitor.tester.results


@pytest.mark.parametrize("check", TEXTS)
def test_a_check_finds_what_bandit_finds(check: str) -> None:
    found = shown(issues("a.py", TEXTS[check], bandit._tests()))  # pyright: ignore[reportPrivateUsage]
    expected = shown(by_bandit(TEXTS[check]))
    assert found == expected
    # An older bandit looks for this one in the file on the disk, of which there is none here.
    assert check in {each[0] for each in found} or (check == "B613" and not expected)


def test_all_of_them_in_one_text_are_found_in_the_same_order() -> None:
    text = "\n".join(TEXTS.values())
    assert shown(issues("a.py", text, bandit._tests())) == shown(by_bandit(text))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize(
    "text",
    [
        "from pickle import loads as read\n\n\ndef f(b):\n    x = 1\n    return read(b)\n",
        "from subprocess import (\n    Popen as start,\n)\nfrom os import chmod as mode\nmode(p, 0o777)\n",
        "def f(b):\n    import pickle as p\n    other()\n    return p.loads(b)\n",
        "x = 1\n@route(\n    '/tmp/x'\n)\ndef f(a):\n    y = 1\n    return y\n",
        "try:\n    a = 1\nexcept E:\n    password = (\n        'hunter2'\n    )\nelse:\n    b = eval(a)\n",
        "f = lambda b: eval(b)\nq = (f'select {a}'\n     ' from t')\nz = 'SELECT' + a + ' FROM t'\n",
        "x = 1\r\npassword = 'hunter2'\r\ny = '\u0130'; eval(x)\r\n",
        "import os\nos.system \\\n    (x)\n(os.popen)(x)\n",
        "from os import (\n    system as start,\n)\nstart(x)\n",
        "from os import system \\\n    as start\nstart(x)\n",
        "from hashlib import (\n    md5  # for old files\n\n    as digest,\n)\ndigest(x)\n",
        "import os\nos.system  # here\\\nx = (os.system  # here (\n    (x))\n",
        "import os\nos.s\uff59st\u1d49m(x)\n\uff45xec(x)\n",
        "q = 'delete ' \\\n    'from t where a = %s' % x\n",
        "q = f'update{a} t set{b} c = 1'\nr = 'insert ' + 'into t' + ' values (' + a\n",
    ],
)
def test_statements_that_hold_no_word_are_passed_over(text: str) -> None:
    found = shown(issues("a.py", text, bandit._tests()))  # pyright: ignore[reportPrivateUsage]
    assert found
    assert found == shown(by_bandit(text))


def test_what_bandit_hangs_on_the_tree_is_taken_off_again() -> None:
    """With the way back from each node the tree would be garbage that only a search for it finds."""
    text = "\n".join(TEXTS.values())
    assert issues("a.py", text, bandit._tests())  # pyright: ignore[reportPrivateUsage]
    own = [each for each in ast.walk(host_tree(text)) if hasattr(each, "lineno")]  # others are shared by all trees
    assert not [each for each in own if hasattr(each, "_bandit_parent")]


def test_every_condition_has_a_text_that_meets_it() -> None:
    assert {*NEEDS, *CALLED} <= set(TEXTS)


def test_a_text_that_holds_nothing_is_not_even_parsed() -> None:
    assert issues("a.py", "def f(:\n", bandit._tests()) == []  # pyright: ignore[reportPrivateUsage]


def test_neither_is_one_that_holds_a_word_in_another_sense() -> None:
    text = "def f(:\n    execute(x), filesystem(x), extra_context, system  # Set it, then update all\n"
    text += f"system  {'#' * 5000}\n"
    assert issues("a.py", text, bandit._tests()) == []  # pyright: ignore[reportPrivateUsage]
