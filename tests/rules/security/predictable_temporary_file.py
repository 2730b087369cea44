import os
import tempfile
from pathlib import Path


def written(data):
    with open("/tmp/report.csv", "w") as stream:  # bad: predictable-temporary-file
        stream.write(data)
    (Path(tempfile.gettempdir()) / "part").write_bytes(data)  # bad: predictable-temporary-file
    name = os.path.join(tempfile.gettempdir(), "report.csv")
    with open(name, "w") as stream:  # bad: predictable-temporary-file
        stream.write(data)


def named():
    return tempfile.mktemp()  # bad: predictable-temporary-file


def fine(data):
    with tempfile.NamedTemporaryFile("w") as stream:  # ok: predictable-temporary-file
        stream.write(data)
    with open("/tmp/report.csv") as stream:  # ok: predictable-temporary-file
        return stream.read()


def own(data, folder):
    with open(os.path.join(folder, "report.csv"), "w") as stream:  # ok: predictable-temporary-file
        stream.write(data)
