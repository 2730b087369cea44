"""What is passed to a sink: which part of it matters there, and the programs that a list of arguments starts.

Deliberately not here: which function is a sink (``security/models``), and what was called (:mod:`.calls`)."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from ..models import Sink
from .fold import NOT_FIRST, beyond_one_part
from .machine import Machine
from .values import Obj, State, Value, attribute_key


def check(machine: Machine, sink: Sink, value: Value, node: ast.AST, state: State) -> int:
    """Notes what an argument of a sink carries."""
    if sink.part in ("host", "path-host") and prefix_decides_host(value.prefix, sink.rule):
        return 0
    if sink.part == "program":
        return _check_program(machine, sink, value, node, state)
    if sink.rule in ("pathtraver", "xss") and any(each.rpartition(".")[2] in _CONTENTS for each in value.ext):
        return 0
    if sink.rule == "cmdi" and value.built and sink.part not in ("program", "named", "remote"):
        # A command that is put together here: even where nobody is seen to call the function.
        sink = replace(sink, origins=sink.origins | {"parameter"})
    taints = machine.deep(value, state) if sink.part == "deep" or sink.rule in _INSIDE else value.taints
    if sink.part == "start":
        taints = tuple(each for each in taints if NOT_FIRST not in each.safe)
    if sink.part == "file":
        taints = beyond_one_part(taints)
    ticket = machine.at_sink(sink, taints, node)
    if ticket and sink.rule == "sqli" and value.refs:
        take_back(machine, value, state)  # what is run is told where it is run, not where its text was made
    return ticket


def take_back(machine: Machine, owner: Value, state: State) -> None:
    """Takes back what was found where a value was made."""
    for _, obj in machine.objects(owner, state):
        ticket = obj.fields.get(attribute_key("ticket"))
        if ticket is not None and isinstance(ticket.const, int):
            machine.withdrawn.add(ticket.const)


#: What is sent whole: what is in it, too.
_INSIDE = frozenset({"errinfo", "trustbound", "nosqli", "xxe", "deserialization"})
#: Files that were sent: content, not the names of files.
_CONTENTS = frozenset({"FileStorage", "UploadFile", "upload", "StringIO", "BytesIO"})


def prefix_decides_host(prefix: str, rule: str) -> bool:
    """Does the beginning of a URL say which host it names, whatever follows?"""
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\\@]+[/?#]|/[^/\\]", prefix):
        return True
    return rule == "redirect" and bool(re.match(r"[?#]|[A-Za-z0-9_.-]+[/?#]", prefix))


def _check_program(machine: Machine, sink: Sink, value: Value, node: ast.AST, state: State) -> int:
    """A list of arguments: its first element is the program; behind ``sh -c`` follows a command."""
    ticket = 0
    for _, obj in machine.objects(value, state):
        first = obj.get(0)
        if first is None:
            continue
        ticket = machine.at_sink(sink, first.taints, node) or ticket
        program = first.const.rpartition("/")[2] if isinstance(first.const, str) else ""
        flag = obj.get(1)
        if (
            program
            in ("sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "pwsh", "su", "ssh", "sudo", "env")
            and flag is not None
        ):
            if isinstance(flag.const, str) and flag.const.lower() in (
                "-c",
                "/c",
                "-lc",
                "-ec",
                "-command",
                "-xc",
                "-euc",
            ):
                command = obj.get(2)
                if command is not None:
                    typed = replace(sink, origins=sink.origins | {"cli"})  # a shell runs it, whoever starts the shell
                    ticket = machine.at_sink(typed, machine.deep(command, state), node) or ticket
            elif program == "ssh" and len(obj.fields) > 2:
                last = obj.fields.get(max(key for key in obj.fields if isinstance(key, int)))
                if last is not None:
                    ticket = machine.at_sink(sink, machine.deep(last, state), node) or ticket
        if _INTERPRETERS.fullmatch(program) or "sys.executable" in first.ext:
            ticket = _check_script(machine, sink, obj, node, state) or ticket
    if not value.refs and not value.prefix:
        ticket = machine.at_sink(sink, value.taints, node) or ticket
    return ticket


#: Programs that run the text behind ``-c`` or ``-e``.
_INTERPRETERS = re.compile(r"(?:python|pypy|perl|ruby|node|php|lua|Rscript)[\d.]*(?:\.exe)?")
_SCRIPT = ("-c", "-e", "--eval", "-r")


def _check_script(machine: Machine, sink: Sink, arguments: Obj, node: ast.AST, state: State) -> int:
    """``[sys.executable, "-I", "-c", text]``: the text behind the first such option is run."""
    for position in range(1, 8):
        option = arguments.fields.get(position)
        if option is None or not isinstance(option.const, str) or not option.const.startswith("-"):
            return 0
        script = arguments.fields.get(position + 1)
        if option.const in _SCRIPT and script is not None:
            return machine.at_sink(sink, machine.deep(script, state), node)
    return 0
