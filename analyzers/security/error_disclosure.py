"""The text of an exception, sent to the outside.

What it does: follows tracebacks and exceptions of any kind into what a view answers. Exceptions that the program
defines, and ``ValueError`` and the like, are taken for messages to the reader.

Why is this bad: it names files, queries, versions and addresses.

Example::

    except Exception as error:
        return jsonify(error=str(error)), 500

Use instead::

    except Exception:
        log.exception("search failed")
        return jsonify(error="search failed"), 500

References: https://cwe.mitre.org/data/definitions/209.html
"""

from __future__ import annotations

from .taint.report import taint_rules

RULE, PROGRAM_RULE = taint_rules(
    module=__name__,
    name="error-disclosure",
    kind="errinfo",
    summary="The text of an exception is sent to the outside",
    severity="low",
    cwe=(209,),
    sinks=("errinfo",),
    says="{what} is sent to the outside",
    suggestion="log it, and answer with a text that says nothing of the inside",
    confidence=0.75,
)
