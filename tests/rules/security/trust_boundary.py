from flask import request, session

ROLES = ("reader", "writer")


def kept():
    session["role"] = request.form["role"]  # bad: trust-boundary


def checked():
    role = request.form["role"]
    if role in ROLES:
        session["role"] = role  # ok: trust-boundary


def number():
    session["page"] = int(request.args["page"])  # ok: trust-boundary


def own():
    session["seen"] = True  # ok: trust-boundary
