import os
import stat
from pathlib import Path


def modes(path):
    os.chmod(path, 0o777)  # bad: permissive-mode
    os.chmod(path, 0o640)  # ok: permissive-mode
    os.chmod(path, stat.S_IRWXU | stat.S_IWOTH)  # bad: permissive-mode
    Path(path).chmod(0o666)  # bad: permissive-mode
    os.makedirs(path, mode=0o700)  # ok: permissive-mode


def named(path, mode=0o666):
    os.chmod(path, mode)  # bad: permissive-mode


def masks():
    old = os.umask(0)  # bad: permissive-mode
    os.umask(old)  # ok: permissive-mode
    os.umask(0o077)  # ok: permissive-mode


def make_folder(path, mode=0o777):
    os.makedirs(path, mode=mode)  # ok: permissive-mode


def make_open(path, mode=0o777):
    os.chmod(path, mode)  # bad: permissive-mode
