import os
from pathlib import Path

from flask import abort, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

BASE = "/srv/files"
ROOT = Path("/srv/files")


def joined():
    return send_file(os.path.join(BASE, request.args["name"]))  # bad: path-traversal


def divided():
    return (ROOT / request.args["name"]).read_text()  # bad: path-traversal


def written():
    upload = request.files["file"]
    upload.save(os.path.join(BASE, upload.filename))  # bad: path-traversal
    upload.save(os.path.join(BASE, secure_filename(upload.filename)))  # ok: path-traversal


def removed():
    os.remove(f"{BASE}/{request.form['name']}")  # bad: path-traversal


def named():
    with open(os.path.join(BASE, os.path.basename(request.args["name"]))) as stream:  # ok: path-traversal
        return stream.read()


def served():
    return send_from_directory(BASE, request.args["name"])  # ok: path-traversal


def contained():
    path = os.path.realpath(os.path.join(BASE, request.args["name"]))
    if not path.startswith(BASE + os.sep):
        abort(404)
    return send_file(path)  # ok: path-traversal


def resolved():
    path = (ROOT / request.args["name"]).resolve()
    if ROOT not in path.parents:
        abort(404)
    return path.read_text()  # ok: path-traversal


def startswith_alone():
    path = os.path.join(BASE, request.args["name"])
    if not path.startswith(BASE):
        abort(404)
    return send_file(path)  # bad: path-traversal


def number():
    return send_file(f"{BASE}/{int(request.args['id'])}.pdf")  # ok: path-traversal


def typed(name):
    return open(name).read()  # ok: path-traversal


def from_the_command_line():
    return open(input("file: ")).read()  # ok: path-traversal
