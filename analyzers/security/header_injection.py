"""Text that somebody else decides, put into headers.

What it does: follows values of requests into headers that are written as they are (``http.server``) and into the text
of mails that ``smtplib`` sends.

Why is this bad: a line break in the value starts a header, or the body.

Example::

    smtp.sendmail(sender, to, f"Subject: {request.form['subject']}\\n\\n{text}")

Use instead::

    message = EmailMessage()
    message["Subject"] = request.form["subject"]

References: https://cwe.mitre.org/data/definitions/93.html, https://cwe.mitre.org/data/definitions/113.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="header-injection",
    kind="respsplit",
    summary="A header is made of text that somebody else decides",
    severity="medium",
    cwe=(113, 93),
    sinks=(
        "respsplit",
        "mailinj",
    ),
    says="'{what}' may start a new header",
    suggestion="replace line breaks in the value, or use an API that does",
    confidence=0.82,
)
