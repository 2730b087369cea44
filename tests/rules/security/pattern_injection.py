import re

from flask import request


def searched(text):
    return re.search(request.args["q"], text)  # bad: pattern-injection


def compiled():
    return re.compile("^" + request.args["q"])  # bad: pattern-injection


def escaped(text):
    return re.search(re.escape(request.args["q"]), text)  # ok: pattern-injection


def fixed():
    return re.search(r"\d+", request.args["q"])  # ok: pattern-injection
