# ruff: noqa: E501 - tables read better in long lines
"""Files, folders, archives, temporary files."""

from __future__ import annotations

import ast
from dataclasses import replace

from ..taint.machine import Call, Machine
from ..taint.narrowing import MEMBER
from ..taint.values import UNKNOWN, Obj, Value
from . import WEB, Function, Model, Sink, merge, returns, sinks

_PATH = "pathlib.Path"
_METHODS = (
    "rmdir",
    "mkdir",
    "touch",
    "iterdir",
    "glob",
    "rglob",
    "rename",
    "replace",
    "symlink_to",
    "hardlink_to",
    "chmod",
)
#: Of a file that is no folder.
_OF_FILES = (
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "unlink",
)


def _opened(machine: Machine, call: Call) -> Value:
    """A file: its content is the program's own, unless whoever runs the program names it."""
    path = call.arg(0, "file") or UNKNOWN
    return Value(ext=("io.File",), taints=tuple(each for each in path.taints if each.origin.kind == "cli"))


def _archive(machine: Machine, call: Call) -> Value:
    """An archive that somebody sent."""
    taints = [taint for each in (*call.args, *call.kwargs.values()) for taint in machine.deep(each, call.state)]
    return Value(ext=("archive",), taints=tuple(taints[:4]))


def _members(machine: Machine, call: Call) -> Value:
    receiver = call.receiver or UNKNOWN
    member = Value(taints=receiver.taints, ext=(MEMBER,))
    return replace(machine.new(call.state, Obj("list", rest=member, full=False)), derived=("members", receiver))


def _unfiltered(call: Call) -> bool:
    """tarfile before 3.14 without a filter; zipfile cleans names itself."""
    chosen = call.arg("filter")
    if chosen is None:
        return call.arg("members", 1) is None
    return isinstance(chosen.const, str) and chosen.const == "fully_trusted"


def _tar(machine: Machine, call: Call) -> Value:
    found = _archive(machine, call)
    return Value(ext=("tarfile.TarFile",), taints=found.taints)


def _zip(machine: Machine, call: Call) -> Value:
    found = _archive(machine, call)
    return Value(ext=("zipfile.ZipFile",), taints=found.taints)


def _by_its_path(call: Call) -> bool:
    """An archive that a form asks for is the one that was sent with it: nobody types the path of one on the server."""
    given = call.arg(0, "file", "name")
    first = call.node.args[:1]
    if given is None or any(isinstance(each, ast.Attribute) and each.attr in ("name", "path") for each in first):
        return True
    return not all(each.origin.label.endswith(_FORMS) for each in given.taints)


_FORMS = ("cleaned_data", "validated_data")
_UNPACK = Sink("zipslip", ("self",), WEB, "", _unfiltered)
_CHOSEN = Sink("zipslip", ("members", 1), WEB, "deep", lambda call: call.arg("filter") is None)
_ONE = Sink("zipslip", (0, "member"), WEB, "", lambda call: call.arg("filter") is None)

MODEL = Model(
    functions=merge(
        sinks("pathtraver", WEB, {
            "os.open": (0,), "os.rmdir": (0,), "os.removedirs": (0,),
            "os.mkdir": (0,), "os.makedirs": (0, "name"), "os.listdir": (0, "path"), "os.scandir": (0, "path"), "os.walk": (0, "top"), "os.rename": (0, 1), "os.replace": (0, 1),
            "os.chmod": (0,), "os.chown": (0,), "os.symlink": (0, 1), "os.link": (0, 1), "os.truncate": (0,), "os.chdir": (0,),
            "shutil.copy": (0, 1), "shutil.copy2": (0, 1), "shutil.copyfile": (0, 1), "shutil.copytree": (0, 1), "shutil.move": (0, 1), "shutil.rmtree": (0, "path"), "shutil.make_archive": (0, 2),
            "sqlite3.connect": (), "glob.glob": (0,), "glob.iglob": (0,),
            "linecache.getlines": (0,), "fileinput.input": (), "shelve.open": (0,), "dbm.open": (0,), "numpy.load": (0,), "numpy.loadtxt": (0,), "pandas.read_csv": (), "PIL.Image.open": (),
            "configparser.ConfigParser.read": (0,), "logging.FileHandler": (0,), "runpy.run_path": (),
        }),
        sinks("pathtraver", WEB, {
            "open": (0, "file"), "codecs.open": (0,), "os.remove": (0, "path"), "os.unlink": (0, "path"), "gzip.open": (0,), "bz2.open": (0,), "lzma.open": (0,),
            "aiofiles.open": (0,), "aiofiles.os.remove": (0,),
        }, "file"),
        sinks("pathtraver", WEB, {f"{_PATH}.{name}": ("self",) for name in _METHODS}),
        sinks("pathtraver", WEB, {f"{_PATH}.{name}": ("self",) for name in _OF_FILES}, "file"),
        {f"{_PATH}.{name}": Function(sinks=(Sink("pathtraver", (0,), WEB),)) for name in ("rename", "replace", "symlink_to")},
        {
            "open": Function(hook=_opened),
            "tarfile.open": Function(sinks=(Sink("pathtraver", (0, "name"), WEB, "file", _by_its_path),), hook=_tar),
            "tarfile.TarFile": Function(hook=_tar),
            "zipfile.ZipFile": Function(sinks=(Sink("pathtraver", (0, "file"), WEB, "file", _by_its_path),), hook=_zip),
            "tarfile.TarFile.extractall": Function(sinks=(_UNPACK, _CHOSEN)),
            "tarfile.TarFile.extract": Function(sinks=(_ONE,)),
            **{f"{owner}.{name}": Function(hook=_members) for owner in ("tarfile.TarFile", "zipfile.ZipFile") for name in ("getmembers", "getnames", "namelist", "infolist")},
            "zipfile.ZipFile.extractall": Function(),
            "zipfile.ZipFile.extract": Function(),
            "zipfile.ZipFile.open": Function(through=("self",)),
            "zipfile.ZipFile.read": Function(through=("self",)),
            "tarfile.TarFile.extractfile": Function(through=("self",)),
            "tarfile.TarFile.__iter__": Function(returns=MEMBER),
            "shutil.unpack_archive": Function(sinks=(Sink("zipslip", (0, "filename"), WEB, "", lambda call: call.arg("filter") is None),)),
            "io.File.read": Function(through=("self",)), "io.File.readline": Function(through=("self",)),
            "io.File.readlines": Function(through=("self",)), "io.File.write": Function(), "io.File.__iter__": Function(),
            "pathlib.Path.exists": Function(), "pathlib.Path.is_file": Function(), "pathlib.Path.is_dir": Function(),
        },
        returns({"tempfile.mkdtemp": "str", "tempfile.gettempdir": "str"}),
    ),
)  # fmt: skip
