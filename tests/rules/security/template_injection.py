from flask import render_template_string, request
from jinja2 import Environment, Template
from jinja2.sandbox import SandboxedEnvironment
from paramiko.pkey import PublicBlob

PAGE = "Hello {{ name }}"


def hello():
    return render_template_string("Hello " + request.args["name"])  # bad: template-injection


def safe():
    return render_template_string(PAGE, name=request.args["name"])  # ok: template-injection


def compiled():
    return Template(request.form["text"]).render()  # bad: template-injection


def from_environment():
    environment = Environment(autoescape=True)
    return environment.from_string(f"Hi {request.args['name']}").render()  # bad: template-injection


def fixed():
    return Template("Hi {{ name }}").render(name=request.args["name"])  # ok: template-injection


def in_a_sandbox():
    environment = SandboxedEnvironment(autoescape=True)
    environment.filters["short"] = str.strip
    return environment.from_string(request.args["name"]).render()  # ok: template-injection


def a_key():
    return PublicBlob.from_string(request.form["key"])  # ok: template-injection
