"""One cause is one finding, and what a framework, a type or a package decides is nobody else's choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from suture.analyzers.engine import all_rules, analyse
from suture.analyzers.findings import Finding

Review = Callable[[Mapping[str, str]], list[Finding]]

VIEW = """\
from flask import Flask, request
from . import files

app = Flask(__name__)

@app.post("/files")
def store():
    name = request.args["name"]
    files.work(name)
    return "stored"
"""


@pytest.mark.parametrize(("places", "told"), [(2, 2), (3, 3), (4, 1), (9, 1)])
def test_many_places_that_one_value_reaches_are_one_finding(review: Review, places: int, told: int) -> None:
    body = "".join(f"    open('/srv/{number}/' + name).read()\n" for number in range(places))
    found = review({"shop/__init__.py": "", "shop/views.py": VIEW, "shop/files.py": f"def work(name):\n{body}"})
    assert [each.rule for each in found] == ["path-traversal"] * told
    if told == 1:
        assert found[0].message.endswith(f", here and in {places - 1} more places")
        others = {each.range.line for each in found[0].related if each.path.endswith("files.py")}
        assert others >= set(range(2, places + 1))


def test_a_comment_at_one_of_many_places_silences_no_other(review: Review) -> None:
    silenced = "    open('/srv/first/' + name).read()  # nosec\n"
    body = silenced + "".join(f"    open('/srv/{number}/' + name).read()\n" for number in range(5))
    found = review({"shop/__init__.py": "", "shop/views.py": VIEW, "shop/files.py": f"def work(name):\n{body}"})
    assert [each.range.line for each in found if "# nosec" not in body.split("\n")[each.range.line - 1]] == [2]
    assert [each.message for each in found][-1].endswith(", here and in 4 more places")


def reported(review: Review, text: str, *others: tuple[str, str]) -> list[str]:
    return [each.rule for each in review({"shop/__init__.py": "", "shop/views.py": dedent(text), **dict(others)})]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ('request.args["name"]', ["code-injection"]),
        ('request.args.get(key="name")', ["code-injection"]),
        ('request.args["name"].replace("/", ".")', ["code-injection"]),
        ("f\"shop.plugins.{request.args['name']}\"", []),
    ],
)
def test_a_module_of_a_package_that_the_program_names_is_no_code_of_a_visitor(
    review: Review, name: str, rules: list[str]
) -> None:
    text = f"import importlib\nfrom flask import request\n\ndef load():\n    return importlib.import_module({name})\n"
    assert reported(review, text) == rules


def test_a_place_in_the_file_where_the_value_comes_in_is_told_by_itself(review: Review) -> None:
    body = "".join(f"    open('/srv/{number}/' + name).read()\n" for number in range(9))
    view = VIEW.replace("    files.work(name)\n", "    files.work(name)\n    open('/srv/' + name).read()\n")
    found = review({"shop/__init__.py": "", "shop/views.py": view, "shop/files.py": f"def work(name):\n{body}"})
    told = sorted((each.path.rpartition("/")[2], "more places" in each.message) for each in found)
    assert told == [("files.py", True), ("views.py", False)]


def test_a_type_that_names_itself_ends(review: Review) -> None:
    text = """\
        import sqlite3
        from typing import Optional
        from fastapi import FastAPI
        from shop.models import Field

        app = FastAPI()
        Field = Optional[Field]

        @app.get("/count")
        async def count(by: Field):
            return sqlite3.connect("x.db").execute(f"SELECT {by}, count(*) FROM payment").fetchall()
        """
    assert reported(review, text, ("shop/models.py", "class Field: ...\n")) == ["sql-injection"]


def test_what_an_annotation_says_is_added_to_what_is_known(review: Review) -> None:
    text = """\
        import requests
        from flask import Flask, request
        from shop.types import Client

        app = Flask(__name__)

        @app.get("/fetch")
        def fetch():
            client: Client = requests.Session()
            return client.get(request.args["url"]).json()
        """
    types = ("shop/types.py", "from somewhere import Client\n")
    assert reported(review, text, types) == ["server-side-request-forgery"]


@pytest.mark.parametrize(("kind", "rules"), [('Literal["tag", "day"]', []), ("Optional[str]", ["sql-injection"])])
def test_a_type_that_lists_its_values_is_believed_wherever_it_is_defined(
    review: Review, kind: str, rules: list[str]
) -> None:
    text = """\
        import sqlite3
        from fastapi import FastAPI
        from shop.models import Field

        app = FastAPI()

        @app.get("/count")
        async def count(by: Field):
            return sqlite3.connect("x.db").execute(f"SELECT {by}, count(*) FROM payment GROUP BY {by}").fetchall()
        """
    package = ("shop/models/__init__.py", "from .fields import Field\n")
    fields = ("shop/models/fields.py", f"from typing import Literal, Optional\n\nField = {kind}\n")
    assert reported(review, text, package, fields) == rules


@pytest.mark.parametrize(
    ("target", "rules"),
    [
        ('reverse("merge") + "?" + "&".join(f"t={each}" for each in wanted)', []),
        ('Ticket.objects.all().get(id=request.POST["id"])', []),
        ('form.cleaned_data["tickets"].get(id=request.POST["id"])', []),
        ('request.POST["next"] + reverse("merge")', ["open-redirect"]),
        ('request.POST.get("next")', ["open-redirect"]),
    ],
)
def test_a_path_of_this_site_and_a_row_of_the_database_lead_nowhere_else(
    review: Review, target: str, rules: list[str]
) -> None:
    text = f"""\
        from django.shortcuts import redirect
        from django.urls import reverse

        from .models import Ticket

        def merge(request, form):
            wanted = request.POST.getlist("tickets")
            return redirect({target})
        """
    assert reported(review, text) == rules


@pytest.mark.parametrize(
    ("call", "rules"),
    [
        ("asyncio.create_subprocess_exec(*command)", []),
        ('asyncio.create_subprocess_exec("qemu", request.query["disk"])', []),
        ('asyncio.create_subprocess_exec(request.query["program"], "-v")', ["shell-injection"]),
        ('asyncio.create_subprocess_exec(program=request.query["program"])', ["shell-injection"]),
        ('asyncio.create_subprocess_exec(*request.query["command"].split())', ["shell-injection"]),
        ('asyncio.create_subprocess_exec(*command, request.query["disk"])', []),
    ],
)
def test_arguments_of_a_program_are_no_program(review: Review, call: str, rules: list[str]) -> None:
    text = f"""\
        import asyncio

        async def start(request):
            command = [f"/usr/bin/{{each}}" for each in request.query["names"].split()]
            await {call}
        """
    assert reported(review, "from aiohttp import web\n" + dedent(text)) == rules


@pytest.mark.parametrize(
    ("check", "rules"),
    [
        ("def clean_target(self):\n        return own_page(self.cleaned_data['target'])", []),
        ("def clean_name(self):\n        return self.cleaned_data['name'].strip()", ["open-redirect"]),
    ],
)
def test_an_address_that_its_form_checks_is_checked(review: Review, check: str, rules: list[str]) -> None:
    text = f"""from django import forms
from django.shortcuts import redirect

class Jump(forms.Form):
    name = forms.CharField()
    target = forms.CharField()

    {check}

def jump(request):
    form = Jump(request.POST)
    if form.is_valid():
        return redirect(form.cleaned_data["target"])
"""
    assert reported(review, text) == rules


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ("class Jump(Plain):\n    target = forms.SlugField()", []),
        ("class Jump(Short):\n    name = forms.CharField()", []),
        ("class Jump(Short):\n    target = forms.CharField()", ["open-redirect"]),
        ("class Jump(Plain):\n    target = Free()", ["open-redirect"]),
    ],
)
def test_the_nearest_class_says_what_a_field_lets_through(review: Review, fields: str, rules: list[str]) -> None:
    text = f"""from django import forms
from django.shortcuts import redirect

class Free(forms.ChoiceField):
    def validate(self, value):
        pass

class Plain(forms.Form):
    target = forms.CharField()

class Short(forms.Form):
    target = forms.SlugField()

{fields}

def jump(request):
    form = Jump(request.POST)
    if form.is_valid():
        return redirect(form.cleaned_data["target"])
"""
    assert reported(review, text) == rules


@pytest.mark.parametrize("base", ["", "(Thing)", "(View)"])
@pytest.mark.parametrize("form", ["self.form", "self.get_form()"])
def test_a_form_of_which_no_class_is_seen_is_the_visitor_s(review: Review, base: str, form: str) -> None:
    text = f"""\
        import os
        from django.views.generic import View
        from somewhere import Thing

        class EditView{base}:
            def post(self, request):
                os.system({form}.cleaned_data["name"])
        """
    assert reported(review, text) == ["shell-injection"]


def test_an_environment_that_a_helper_makes_is_a_sandbox_if_the_helper_says_so(review: Review) -> None:
    view = """
        from flask import Flask, request
        from . import pages
        app = Flask(__name__)

        @app.post("/page")
        def page():
            pages.show(request.args["text"])
            return "shown"
    """
    helper = """
        import jinja2.sandbox

        def environment(**options):
            made = jinja2.{kind}(**options)
            made.filters["short"] = str.strip
            return made

        def show(text):
            return environment().from_string(text).render()
    """
    for kind, told in (("sandbox.ImmutableSandboxedEnvironment", []), ("Environment", ["template-injection"])):
        assert reported(review, view, ("shop/pages.py", dedent(helper).replace("{kind}", kind))) == told


def test_a_key_beside_the_address_that_it_is_for_is_a_hint() -> None:
    text = """
        class Player:
            ADDRESS = "{address}"
            API_KEY = "q83hf7Gk2LmZ01xR"
    """
    rule = next(each for each in all_rules() if each.name == "hard-coded-credentials")
    for address, severity in (("https://api.example.org/v1", "low"), ("http://localhost:80", "high"), ("x", "high")):
        found = analyse("/project/a.py", dedent(text).replace("{address}", address), rules=[rule]).findings
        assert [each.severity for each in found if each.rule == rule.name] == [severity]


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_KEY", "AWS_SECRET_ACCESS_KEY", "PASSWORD"])
def test_what_a_program_signs_with_is_no_key_of_a_client_though_an_address_is_beside_it(name: str) -> None:
    text = f'class Config:\n    SITE = "https://shop.example.org"\n    {name} = "q83hf7Gk2LmZ01xR"\n'
    rule = next(each for each in all_rules() if each.name == "hard-coded-credentials")
    assert [each.severity for each in analyse("/project/a.py", text, rules=[rule]).findings] == ["high"]


def test_a_password_in_a_test_is_made_up() -> None:
    rule = next(each for each in all_rules() if each.name == "hard-coded-credentials")
    text = 'PROXY = "http://user:hunter2x@proxy:3128"\n'
    for path, count in (("/project/tests/proxies/squid.py", 0), ("/project/squid.py", 1)):
        assert len([each for each in analyse(path, text, rules=[rule]).findings if each.rule == rule.name]) == count


INSIDE = """
    from pathlib import Path

    def is_inside(child: Path, parent: Path) -> bool:
        return parent.resolve() in child.resolve().parents
"""


@pytest.mark.parametrize("made", ["(base / name).resolve()", "base / name"])
@pytest.mark.parametrize(("guard", "told"), [("not is_inside(path, base)", []), ("not name", ["path-traversal"])])
def test_a_helper_that_returns_its_test_is_a_guard(review: Review, made: str, guard: str, told: list[str]) -> None:
    view = f"""
        from pathlib import Path
        from fastapi import FastAPI, HTTPException
        from fastapi.responses import FileResponse
        from shop.files import is_inside
        app = FastAPI()

        @app.get("/public/{{name:path}}")
        async def public(name: str):
            base = Path("/srv/public")
            path = {made}
            if {guard}:
                raise HTTPException(400)
            return FileResponse(path)
    """
    assert reported(review, view, ("shop/files.py", dedent(INSIDE))) == told


def test_a_class_that_only_the_program_knows_is_judged_by_the_program_alone() -> None:
    text = """
        import os
        from fastapi import FastAPI
        from shop.kinds import Theme
        app = FastAPI()

        @app.get("/logo")
        async def logo(theme: {kind}):
            return os.listdir(f"/srv/{theme}")
    """
    rule = next(each for each in all_rules() if each.name == "path-traversal")
    for kind, count in (("Theme", 0), ("str", 1)):
        found = analyse("/project/a.py", dedent(text).replace("{kind}", kind), rules=[rule]).findings
        assert len([each for each in found if each.rule == rule.name]) == count


@pytest.mark.parametrize(("what", "told"), [("sent.file", []), ("sent.name", ["path-traversal"])])
def test_the_contents_of_what_was_sent_are_no_path(review: Review, what: str, told: list[str]) -> None:
    form = f"""
        import zipfile
        from django import forms

        class Upload(forms.Form):
            packed = forms.BooleanField()

            def clean_file(self):
                sent = self.cleaned_data.get("file", None)
                return zipfile.ZipFile({what}, mode="r").namelist()
    """
    assert reported(review, form) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('q.lstrip("/")', []),
        ('q.strip("/").lower()', []),
        ('q.rstrip("/")', ["open-redirect"]),
        ('q.lstrip("/").replace("-", "/")', ["open-redirect"]),
        ('q.lstrip("/").strip()', ["open-redirect"]),
        ('q.lstrip("/")[1:]', ["open-redirect"]),
        ('q.lstrip("/").split("-")[1]', ["open-redirect"]),
    ],
)
def test_a_text_without_a_slash_in_front_has_none_as_long_as_nothing_is_cut_from_it(
    review: Review, text: str, told: list[str]
) -> None:
    view = f"""
        from flask import Flask, redirect, request
        app = Flask(__name__)

        @app.get("/")
        def page():
            q = request.args["q"]
            return redirect("/" + {text})
    """
    assert reported(review, view) == told


PARTS = """\
import os
import shutil
from urllib.parse import unquote

from flask import Flask

app = Flask(__name__)


@app.route("/one/<name>")
@app.route("/two/<string:name>")
def one(name):
    return open("/srv/notes/" + name.lower()).read()  # ok


@app.route("/three/<path:name>")
@app.route("/four/<name>")
def three(name):
    return open("/srv/notes/" + name).read()  # bad


@app.route("/five/<name>")
def five(name):
    open("/srv/notes/" + unquote(name)).read()  # bad
    return open("/srv/notes/" + name.replace("-", "/")).read()  # bad


@app.route("/six/<folder>/<name>")
def six(folder, name):
    return open(os.path.join("/srv/notes", folder, name)).read()  # bad


@app.route("/seven/<name>")
def seven(name):
    shutil.rmtree("/srv/notes/" + name)  # bad


@app.route("/eight/<custom:name>")
def eight(name):
    return open("/srv/notes/" + name).read()  # bad
"""

HANDLERS = """\
from fastapi import FastAPI

api = FastAPI()


@api.get("/one/{name}")
def first(name: str):
    return open("/srv/notes/" + name).read()  # ok


@api.get("/two/{name:path}")
def second(name: str):
    return open("/srv/notes/" + name).read()  # bad


@api.get("/three/{name}")
def third(name: str, other: str):
    return open("/srv/notes/" + other).read()  # bad
"""


@pytest.mark.parametrize("text", [PARTS, HANDLERS])
def test_what_is_one_part_of_a_route_leads_out_of_no_folder(review: Review, text: str) -> None:
    told = {each.range.line + 1 for each in review({"app.py": text}) if each.rule == "path-traversal"}
    assert told == {number for number, line in enumerate(text.split("\n"), 1) if line.endswith("# bad")}


def test_a_command_for_another_machine_is_told_where_somebody_outside_decides_it(review: Review) -> None:
    """It takes a text and no list: that a function puts one together of what it is given says nothing."""
    made = "import os\n\ndef remove(client, path):\n    client.exec_command(f'rm {path}')\n"
    local = "\ndef remove_here(path):\n    os.system(f'rm {path}')\n"
    found = review({"shop/__init__.py": "", "shop/remote.py": made + local})
    assert [(each.rule, each.range.line + 1) for each in found] == [("shell-injection", 7)]
    view = VIEW.replace("from . import files", "from . import remote").replace("files.work(", "remote.remove(client, ")
    found = review({"shop/__init__.py": "", "shop/remote.py": made, "shop/views.py": view})
    assert [(each.rule, each.range.line + 1) for each in found] == [("shell-injection", 4)]


def test_an_archive_that_comes_with_a_form_is_no_path(review: Review) -> None:
    text = """\
        from zipfile import ZipFile
        from django.shortcuts import render
        from .forms import UploadForm

        def upload(request):
            form = UploadForm(request.POST, request.FILES)
            if form.is_valid():
                ZipFile({}).namelist()
            return render(request, "done.html")
        """
    assert reported(review, text.replace("{}", 'form.cleaned_data["archive"]')) == []
    assert reported(review, text.replace("{}", 'request.POST["archive"]')) == ["path-traversal"]


@pytest.mark.parametrize(
    ("decorators", "administrators"),
    [
        ('@app.get("/f")', False),
        ('@app.get("/f")\n@admin_required', True),
        ('@app.get("/f")\n@Permissions.ADMIN.require(\n    403,\n)', True),
        ('@app.get("/f")\n@administered_by_nobody\n@login_required', False),
    ],
)
def test_what_only_administrators_send_is_told_with_less_confidence(
    review: Review, decorators: str, administrators: bool
) -> None:
    text = f"""\
from flask import Flask, request

app = Flask(__name__)

@admin_required
def other():
    return 1

{decorators}
def read():
    return open("/srv/" + request.args["name"]).read()
"""
    found = review({"shop/__init__.py": "", "shop/views.py": text})
    assert [each.rule for each in found] == ["path-traversal"]
    raw = found[0].confidence
    assert (raw < 0.6) == administrators
