"""An archive that somebody else sent, unpacked as it says.

What it does: follows uploaded archives into ``tarfile``'s ``extractall`` and ``extract`` and into
``shutil.unpack_archive`` without a filter. ``zipfile`` cleans names itself.

Why is this bad: a member called ``../../home/app/.ssh/authorized_keys`` is written there.

Example::

    tarfile.open(fileobj=upload.stream).extractall("/srv/in")

Use instead::

    tarfile.open(fileobj=upload.stream).extractall("/srv/in", filter="data")

References: https://cwe.mitre.org/data/definitions/22.html,
https://docs.python.org/3/library/tarfile.html#extraction-filters
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="archive-extraction",
    kind="pathtraver",
    summary="An archive that somebody else sent decides where its files go",
    severity="high",
    cwe=(22,),
    sinks=("zipslip",),
    says="the names in an archive ('{what}') decide where its files go",
    suggestion="pass filter='data' to extractall",
    confidence=0.88,
)
