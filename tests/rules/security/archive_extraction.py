import shutil
import tarfile
import zipfile

from flask import request


def everything():
    with tarfile.open(fileobj=request.files["file"].stream) as archive:
        archive.extractall("/srv/in")  # bad: archive-extraction


def filtered():
    with tarfile.open(fileobj=request.files["file"].stream) as archive:
        archive.extractall("/srv/in", filter="data")  # ok: archive-extraction


def own():
    with tarfile.open("data.tar") as archive:
        archive.extractall("data")  # ok: archive-extraction


def zipped():
    with zipfile.ZipFile(request.files["file"].stream) as archive:
        archive.extractall("/srv/in")  # ok: archive-extraction


def unpacked():
    shutil.unpack_archive(request.form["path"], "/srv/in")  # bad: archive-extraction
