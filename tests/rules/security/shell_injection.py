import argparse
import asyncio
import os
import shlex
import subprocess
import sys
from subprocess import run as execute

TOOL = "convert"
FORMATS = ("png", "jpg")


def formatted(name):
    subprocess.run(f"convert {name} out.png", shell=True)  # bad: shell-injection


def concatenated(name):
    command = "convert " + name
    os.system(command)  # bad: shell-injection


def appended(names):
    command = "tar cf out.tar"
    for name in names:
        command += " " + name
    subprocess.check_call(command, shell=True)  # bad: shell-injection


def aliased():
    execute("ls %s" % sys.argv[1], shell=True)  # bad: shell-injection


def through_sh(name):
    subprocess.run(["sh", "-c", "ls " + name])  # bad: shell-injection


async def asynchronous(name):
    await asyncio.create_subprocess_shell("ls {}".format(name))  # bad: shell-injection


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("--level", type=int)
    parser.add_argument("--folder")
    args = parser.parse_args()
    os.system(f"gzip -{args.level}")  # ok: shell-injection
    os.system(f"ls {args.folder}")  # bad: shell-injection


def literal():
    subprocess.run("ls -l | wc", shell=True)  # ok: shell-injection
    os.system(TOOL + " --version")  # ok: shell-injection


def listed(name):
    subprocess.run(["convert", name, "out.png"])  # ok: shell-injection
    subprocess.run(f"convert {name}")  # ok: shell-injection


def quoted(name, count):
    subprocess.run(f"convert {shlex.quote(name)} out.png", shell=True)  # ok: shell-injection
    subprocess.run(f"head -{int(count)} log", shell=True)  # ok: shell-injection


def checked(kind):
    if kind not in FORMATS:
        raise ValueError(kind)
    os.system("convert in." + kind)  # ok: shell-injection


def checked_inside(kind):
    if kind in FORMATS:
        os.system("convert in." + kind)  # ok: shell-injection


def configured():
    os.system(os.environ["EDITOR"] + " notes.txt")  # ok: shell-injection


def typed(count: int):
    os.system(f"head -{count} log")  # ok: shell-injection


def own_table(job):
    steps = {"tool": "gzip", "name": job}
    os.system("which " + steps["tool"])  # ok: shell-injection
    os.system("echo " + steps["name"])  # bad: shell-injection
