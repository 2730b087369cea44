import logging
import traceback

from flask import Flask, jsonify

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/a")
def shown():
    try:
        return jsonify(compute())
    except Exception as error:
        return jsonify(error=str(error)), 500  # bad: error-disclosure


@app.get("/b")
def trace():
    try:
        return jsonify(compute())
    except Exception:
        return traceback.format_exc(), 500  # bad: error-disclosure


@app.get("/c")
def logged():
    try:
        return jsonify(compute())
    except Exception:
        log.error(traceback.format_exc())  # ok: error-disclosure
        return jsonify(error="failed"), 500  # ok: error-disclosure


@app.get("/d")
def told():
    try:
        return jsonify(compute())
    except ValueError as error:
        return jsonify(error=str(error)), 400  # ok: error-disclosure


def compute():
    return 1
