import argparse
import asyncio
import os
import re
import shlex
import subprocess
import sys
from subprocess import run as execute

from flask import request

TOOL = "convert"
FORMATS = ("png", "jpg")


def formatted():
    name = request.args["name"]
    subprocess.run(f"convert {name} out.png", shell=True)  # bad: shell-injection


def concatenated():
    name = input("name: ")
    command = "convert " + name
    os.system(command)  # bad: shell-injection


def appended():
    command = "tar cf out.tar"
    for name in sys.argv[1:]:
        command += " " + name
    subprocess.check_call(command, shell=True)  # bad: shell-injection


def aliased():
    execute("ls %s" % sys.argv[1], shell=True)  # bad: shell-injection


def through_sh():
    name = request.form.get("name")
    subprocess.run(["sh", "-c", "ls " + name])  # bad: shell-injection


async def asynchronous():
    name = request.cookies["name"]
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


def listed():
    name = request.args["name"]
    subprocess.run(["convert", name, "out.png"])  # ok: shell-injection
    subprocess.run(f"convert {name}")  # ok: shell-injection


def quoted():
    name, count = request.args["name"], request.args["count"]
    subprocess.run(f"convert {shlex.quote(name)} out.png", shell=True)  # ok: shell-injection
    subprocess.run(f"head -{int(count)} log", shell=True)  # ok: shell-injection


def checked():
    kind = request.args["kind"]
    if kind not in FORMATS:
        raise ValueError(kind)
    os.system("convert in." + kind)  # ok: shell-injection


def checked_inside():
    kind = request.args["kind"]
    if kind in FORMATS:
        os.system("convert in." + kind)  # ok: shell-injection


def configured():
    os.system(os.environ["EDITOR"] + " notes.txt")  # ok: shell-injection


def typed(count: int):
    os.system(f"head -{count} log")  # ok: shell-injection


def own_table():
    steps = {"tool": "gzip", "name": request.args["job"]}
    os.system("which " + steps["tool"])  # ok: shell-injection
    os.system("echo " + steps["name"])  # bad: shell-injection


def matched():
    name = request.args["name"]
    if not re.fullmatch(r"[a-z0-9]+", name):
        return
    os.system("id " + name)  # ok: shell-injection


def overwritten():
    name = request.args["name"]
    name = "root"
    os.system("id " + name)  # ok: shell-injection


def dead():
    name = request.args["name"]
    command = "id" if len(FORMATS) > 1 else "id " + name
    os.system(command)  # ok: shell-injection


def the_program():
    subprocess.run([request.args["tool"], "--version"])  # bad: shell-injection


def started_again():
    os.execv(sys.executable, [sys.executable, *sys.argv])  # ok: shell-injection
    os.execv(sys.executable, [sys.executable] + sys.argv)  # ok: shell-injection


def wraps_what_is_typed():
    os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:])  # ok: shell-injection
    os.execvp(sys.argv[1], sys.argv[1:])  # ok: shell-injection
    os.system(sys.argv[1])  # bad: shell-injection


def chosen_by_another():
    os.spawnv(os.P_NOWAIT, request.args["tool"], ["tool"])  # bad: shell-injection
    os.execvp(request.args["tool"], ["tool"])  # bad: shell-injection
