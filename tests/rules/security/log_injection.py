import logging

from flask import request

log = logging.getLogger(__name__)


def concatenated():
    log.info("login of " + request.form["user"])  # bad: log-injection


def arguments():
    log.warning("login of %s", request.form["user"])  # bad: log-injection
    log.warning("login of %r", request.form["user"])  # ok: log-injection
    log.warning("%d bytes", len(request.data))  # ok: log-injection


def cleaned():
    user = request.form["user"].replace("\n", " ").replace("\r", " ")
    log.info("login of %s", user)  # ok: log-injection
