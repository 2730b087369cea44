"""Text that somebody else decides, given to a shell.

What it does: reports commands run by a shell (``os.system``, ``os.popen``, ``subprocess`` with ``shell=True``,
``asyncio.create_subprocess_shell``, ``["sh", "-c", …]``) whose text is put together from values that are not written
in the source. Literals, module constants, numbers, ``shlex.quote`` and values checked against known ones are safe;
values of the program's own configuration are not reported. The finding shows where the text was built.

Why is this bad: a value such as ``x; rm -rf ~`` ends the command and starts another one.

Example::

    subprocess.run(f"convert {name} out.png", shell=True)

Use instead::

    subprocess.run(["convert", name, "out.png"])

References: https://cwe.mitre.org/data/definitions/78.html,
https://docs.python.org/3/library/subprocess.html#security-considerations
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..findings import Finding
from ..flow import arguments_of, keyword_of, method_of
from ..rules import Rule
from ..syntax import Unit
from .flow import CONFIDENCE, Origin, Tracer

_ALWAYS = frozenset(
    {
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "commands.getoutput",
        "asyncio.create_subprocess_shell",
    }
)
_WITH_SHELL = frozenset({f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")})
_SHELLS = ("sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "pwsh")
_QUOTING = frozenset({"shlex.quote", "shlex.join", "pipes.quote", "subprocess.list2cmdline"})


def check(unit: Unit) -> Iterator[Finding]:
    calls = unit.index.get("call")
    if not calls:
        return
    tracer: Tracer | None = None
    for call in calls:
        command = _command(unit, call)
        if command is None:
            continue
        tracer = tracer or Tracer(unit, _QUOTING.__contains__)
        trace = tracer.trace(command)
        if trace.origin <= Origin.PROGRAM:
            continue
        # A command that is passed on whole was built elsewhere: less is known here.
        confidence = CONFIDENCE[trace.origin] - (0.2 if not trace.built and trace.origin != Origin.OUTSIDE else 0.0)
        yield tracer.finding(
            RULE,
            call,
            trace,
            "a shell runs text that '{what}' decides",
            confidence=confidence,
            suggestion="pass a list of arguments without a shell, or quote the value with shlex.quote",
        )


def _command(unit: Unit, call: Node) -> Node | None:
    """The text that a shell would run, if this call starts one."""
    name = unit.call_name(call)
    listed = arguments_of(call)
    if name in _ALWAYS:
        return listed[0] if listed else keyword_of(unit, call, "cmd")
    if name in _WITH_SHELL:
        command = listed[0] if listed else keyword_of(unit, call, "args")
        shell = keyword_of(unit, call, "shell")
        if shell is not None and shell.type in ("true", "integer") and unit.text(shell) != "0":
            return command
        if command is not None and command.type == "list":
            return _after_dash_c(unit, command)
        return None
    called = method_of(unit, call)
    if called is not None and called[1] == "exec_command" and listed:
        return listed[0]  # paramiko: the other side's shell
    return None


def _after_dash_c(unit: Unit, command: Node) -> Node | None:
    """What follows ``sh -c`` in a list of arguments."""
    words = [each for each in command.named_children if each.type != "comment"]
    if len(words) < 3:
        return None
    program = unit.text(words[0]).strip("\"'").rpartition("/")[2]
    if program in _SHELLS and unit.text(words[1]).strip("\"'").lower() in ("-c", "/c", "-lc", "-command"):
        return words[2]
    return None


RULE = Rule(
    name="shell-injection",
    reviewer="security",
    kind="cmdi",
    summary="A shell runs text that is put together from other values",
    severity="high",
    check=check,
    cwe=(78,),
)
