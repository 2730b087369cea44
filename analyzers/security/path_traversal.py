"""A file that somebody else names.

What it does: follows values of requests into paths that are opened, served, written, moved or removed.
``secure_filename``, ``os.path.basename``, ``send_from_directory``, and a normalised path that was checked to lie in a
folder are harmless. The command line may name any file: it is used with the rights of who types it.

Why is this bad: ``../../etc/passwd`` leaves the folder, and an absolute path replaces it.

Example::

    return send_file(os.path.join("/srv/files", request.args["name"]))

Use instead::

    return send_from_directory("/srv/files", request.args["name"])

References: https://cwe.mitre.org/data/definitions/22.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="path-traversal",
    kind="pathtraver",
    summary="Somebody else decides which file is used",
    severity="high",
    cwe=(22,),
    sinks=("pathtraver",),
    says="'{what}' decides which file is used",
    suggestion="take the last part of the name only, or resolve the path and check that it is inside the folder",
    confidence=0.88,
)
