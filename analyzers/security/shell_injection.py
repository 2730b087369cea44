"""Text that somebody else decides, run as a command.

What it does: follows values of requests and of the command line, through functions and modules, into commands that a
shell runs (``os.system``, ``subprocess`` with ``shell=True``, ``sh -c``, the other side of an SSH connection) and
into the place of the program itself. Numbers, ``shlex.quote``, and values that were checked against known ones or a
narrow pattern are harmless; so are arguments of a list without a shell.

Why is this bad: a value such as ``x; rm -rf ~`` ends the command and starts another one.

Example::

    subprocess.run(f"convert {request.args['name']} out.png", shell=True)

Use instead::

    subprocess.run(["convert", name, "out.png"])

References: https://cwe.mitre.org/data/definitions/78.html,
https://docs.python.org/3/library/subprocess.html#security-considerations
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="shell-injection",
    kind="cmdi",
    summary="A command is made of text that somebody else decides",
    severity="high",
    cwe=(78,),
    sinks=("cmdi",),
    says="a shell runs text that '{what}' decides",
    suggestion="pass a list of arguments without a shell, or quote the value with shlex.quote",
    confidence=0.92,
)
