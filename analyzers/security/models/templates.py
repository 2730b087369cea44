# ruff: noqa: E501 - tables read better in long lines
"""Jinja2, markupsafe, Mako, and what makes text count as HTML."""

from __future__ import annotations

import re

from ..taint.checks import check
from ..taint.lower import thrown_away
from ..taint.machine import Call, Machine
from ..taint.values import UNKNOWN, Value, merged, sanitised
from . import WEB, Function, Model, Sink

_XSS = frozenset({"xss"})


def _escaping(machine: Machine, call: Call) -> Value:
    """``Markup.format(…)`` and ``Markup.join(…)`` escape what they insert."""
    rest = merged(taint for each in (*call.args, *call.kwargs.values()) for taint in machine.deep(each, call.state))
    own = call.receiver.taints if call.receiver is not None else ()
    return Value(taints=merged((*own, *sanitised(rest, _XSS))), ext=("markupsafe.Markup",))


def _escape(machine: Machine, call: Call) -> Value:
    value = call.args[0] if call.args else UNKNOWN
    return Value(taints=sanitised(machine.deep(value, call.state), _XSS), prefix="")


def _markdown(machine: Machine, call: Call) -> Value:
    """Markdown lets HTML through, unless an extension of the program's own cleans it, by its name. One that is defined
    where nobody looks at the moment may."""
    value = call.args[0] if call.args else call.kwargs.get("text", UNKNOWN)
    taints = machine.deep(value, call.state)
    given = call.kwargs.get("extensions")
    if given is not None and taints:
        listed = [each for _, obj in machine.objects(given, call.state) for each in obj.elements()]
        named = all(isinstance(each.const, str) for each in listed)
        made = [obj.cls for each in listed for _, obj in machine.objects(each, call.state) if obj.cls is not None]
        if (machine.in_unit and not named) or any(_CLEANS.search(each.name) for each in made):
            taints = sanitised(taints, _XSS)
    return Value(taints=taints)


#: An environment of Jinja that escapes nothing.
_PLAIN = "jinja2.plain"


def _environment(machine: Machine, call: Call) -> Value:
    """``Environment(…)`` escapes nothing unless it is told to."""
    told = call.arg("autoescape")
    plain = call.star is None and (told is None or told.const is False)
    return Value(ext=("jinja2.Environment", _PLAIN) if plain else ("jinja2.Environment",))


def _page(machine: Machine, call: Call) -> Value:
    """A template that is a page by its name: what it is filled with is in it as it is."""
    name = call.const(0, "name")
    return Value(ext=(f"{_PLAIN}.Page",) if isinstance(name, str) and _HTML.search(name) else ())


_HTML = re.compile(r"\.x?html?(?:\.(?:j2|jinja2?))?$")


def _kept(call: Call) -> bool:
    """Is a template used, or only compiled to see whether that is possible?"""
    return not thrown_away(call.node)


def _of_templates(call: Call) -> bool:
    """Many classes read themselves ``from_string``; of those that are known by name, only some are about templates."""
    if not _kept(call):
        return False
    names = call.receiver.ext if call.receiver is not None else ()
    return not names or any(_TEMPLATES.search(each) for each in names)


_SOURCE = Sink("template", (0, "source"), WEB, "", _of_templates)


def _from_string(machine: Machine, call: Call) -> Value | None:
    """Of something that only its module knows, a lone definition of one that imports sandboxes says nothing."""
    boxed = machine.in_unit and any("sandbox" in ext for each in machine.frame.module.env.values() for ext in each.ext)
    source = call.arg(0, "source")
    if source is not None and not boxed and _of_templates(call):
        check(machine, _SOURCE, source, call.node, call.state)
    return UNKNOWN


_TEMPLATES = re.compile(r"env|templ|jinja|engine", re.IGNORECASE)
_CLEANS = re.compile(r"clean|bleach|sanit|escape|nh3", re.IGNORECASE)


MODEL = Model(
    functions={
        "markupsafe.Markup": Function(sinks=(Sink("xss", (0,)),), returns="markupsafe.Markup"),
        "markupsafe.Markup.format": Function(hook=_escaping),
        "markupsafe.Markup.join": Function(hook=_escaping),
        "markupsafe.Markup.escape": Function(hook=_escape),
        "markupsafe.escape": Function(hook=_escape),
        "bleach.clean": Function(hook=_escape),
        "bleach.linkify": Function(through=(0,)),
        "nh3.clean": Function(hook=_escape),
        "lxml.html.clean.clean_html": Function(hook=_escape),
        "markdown.markdown": Function(hook=_markdown),
        **{name: Function(sinks=(Sink("template", args, WEB, "", _kept),)) for name, args in {
            "jinja2.Template": (0, "source"), "jinja2.Environment.from_string": (0, "source"), "mako.template.Template": (0, "text"),
            "tornado.template.Template": (0,), "chameleon.PageTemplate": (0,), "Cheetah.Template.Template": (0,),
        }.items()},
        "*.from_string": Function(hook=_from_string),
        "jinja2.Environment": Function(hook=_environment),
        f"{_PLAIN}.get_template": Function(hook=_page),
        f"{_PLAIN}.Page.render": Function(through=("*", "**")),
        "jinja2.sandbox.Sandbox": Function(returns="jinja2.sandbox.Sandbox"),
        "jinja2.sandbox.Sandbox.from_string": Function(),
    },
    aliases={
        "jinja2.Markup": "markupsafe.Markup", "flask.Markup": "markupsafe.Markup", "jinja2.escape": "markupsafe.escape", "flask.escape": "markupsafe.escape",
        "jinja2.utils.markupsafe": "markupsafe", "jinja2.sandbox.SandboxedEnvironment": "jinja2.sandbox.Sandbox", "jinja2.sandbox.ImmutableSandboxedEnvironment": "jinja2.sandbox.Sandbox",
        "jinja2.environment.Template": "jinja2.Template", "jinja2.environment.Environment": "jinja2.Environment",
    },
)  # fmt: skip
