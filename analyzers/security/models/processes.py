# ruff: noqa: E501 - tables read better in long lines
"""subprocess, os, asyncio and friends: what starts a program or a shell.

Whoever may type a command line may start any program: without a shell, only what another machine decides counts."""

from __future__ import annotations

import ast

from ..taint.checks import check
from ..taint.machine import Call, Machine
from ..taint.values import NO, Obj
from . import TYPED, WEB, Function, Model, Sink, sinks

_RUNNING = ("run", "call", "check_call", "check_output", "Popen")


def _with_shell(call: Call) -> bool:
    """Does a shell run it? Where that depends on something (mostly the system), a list of arguments was written for
    the case that none does."""
    shell = call.arg("shell")
    if shell is None:
        return False
    return not _is_list(call) if shell.const is NO else bool(shell.const)


def _is_list(call: Call) -> bool:
    command = call.arg(0, "args")
    found = [call.state.heap.find(each) for each in command.refs] if command is not None else []
    return bool(found) and all(each is not None and each.kind in ("list", "tuple") for each in found)


def _without_shell(call: Call) -> bool:
    return not _with_shell(call)


def _listed(machine: Machine, call: Call) -> None:
    """A program and its arguments one by one: what a shell among them is told to run."""
    if call.star is not None or any(isinstance(each, ast.Starred) for each in call.node.args):
        return
    first = 1 if call.name.rpartition(".")[2].startswith("spawn") else 0
    # ``os.execlp(file, arg0, …)`` names the program twice.
    values = call.args[first + 1 :] if call.name.startswith("os.") else call.args[first:]
    made = machine.new(call.state, Obj("list", dict(enumerate(values))))
    check(machine, _ARGUMENTS, made, call.node, call.state)


_ARGUMENTS = Sink("cmdi", (), WEB, "program")
_SHELL = Sink("cmdi", (0, "args"), TYPED, "deep", _with_shell)
_CHOSEN = "'{what}' decides which program is run"
_PROGRAM = Sink("cmdi", (0, "args"), WEB, "program", _without_shell, _CHOSEN)
_EXECUTABLE = Sink("cmdi", ("executable",), WEB)

MODEL = Model(
    functions={
        **{f"subprocess.{name}": Function(sinks=(_SHELL, _PROGRAM, _EXECUTABLE)) for name in _RUNNING},
        **{
            name: Function(sinks=(Sink("cmdi", (0,), WEB, "", None, _CHOSEN), Sink("cmdi", (1,), WEB, "program")))
            for name in ("os.execv", "os.execve", "os.execvp", "os.execvpe", "os.posix_spawn", "os.posix_spawnp")
        },
        **{
            name: Function(sinks=(Sink("cmdi", (1,), WEB, "", None, _CHOSEN), Sink("cmdi", (2,), WEB, "program")))
            for name in ("os.spawnv", "os.spawnve", "os.spawnvp", "os.spawnvpe")
        },
        **{
            name: Function(sinks=(Sink("cmdi", place, WEB, "named", None, _CHOSEN),), hook=_listed)
            for name, place in {
                "asyncio.create_subprocess_exec": (0, "program"), "plumbum.local": (0,), "sh.Command": (0,),
                "os.execl": (0,), "os.execle": (0,), "os.execlp": (0,), "os.spawnl": (1,), "os.spawnlp": (1,),
            }.items()
        },
        "pty.spawn": Function(sinks=(Sink("cmdi", (0,), TYPED, "program"),)),
        **sinks(
            "cmdi",
            TYPED,
            {
                "os.system": (0, "command"), "os.popen": (0, "cmd"), "os.startfile": (0,),
                "subprocess.getoutput": (0, "cmd"), "subprocess.getstatusoutput": (0, "cmd"),
                "commands.getoutput": (0,), "commands.getstatusoutput": (0,), "popen2.popen2": (0,),
                "asyncio.create_subprocess_shell": (0, "cmd"),
                "fabric.Connection.run": (0, "command"), "fabric.Connection.sudo": (0, "command"), "fabric.Connection.local": (0,),
                "fabric.api.run": (0,), "fabric.api.sudo": (0,), "fabric.api.local": (0,),
                "invoke.run": (0, "command"), "invoke.Context.run": (0, "command"), "invoke.sudo": (0,),
                "pexpect.run": (0,), "pexpect.spawn": (0,),
                "docker.models.containers.Container.exec_run": (0, "cmd"), "*.exec_run": (0, "cmd"),
            },
        ),
        # Another machine takes a text and nothing else: that it is put together says nothing, only who decides it.
        **sinks(
            "cmdi",
            TYPED,
            {
                "paramiko.SSHClient.exec_command": (0, "command"), "paramiko.Channel.exec_command": (0,), "*.exec_command": (0, "command"),
                "asyncssh.SSHClientConnection.run": (0,),
            },
            "remote",
        ),
    },
    aliases={"subprocess32": "subprocess", "trio.run_process": "subprocess.run", "anyio.run_process": "subprocess.run"},
    hints=(r"\bos\.(?:system|popen)\b", r"\bshell\s*=", "getoutput", "subprocess_shell", "exec_command",),
)  # fmt: skip
