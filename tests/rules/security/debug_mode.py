import os

from fastapi import FastAPI
from flask import Flask
from werkzeug.serving import run_simple

app = Flask(__name__)
app.config["DEBUG"] = True  # bad: debug-mode
app.config["DEBUG"] = os.environ.get("DEBUG") == "1"  # ok: debug-mode
api = FastAPI(debug=True)  # bad: debug-mode
quiet = FastAPI(debug=False)  # ok: debug-mode
DEBUG = True  # ok: debug-mode


def serve(application):
    run_simple("localhost", 8000, application, use_debugger=True)  # bad: debug-mode
    run_simple("localhost", 8000, application, use_debugger=False)  # ok: debug-mode


app.config.update({"DEBUG": True})  # bad: debug-mode
