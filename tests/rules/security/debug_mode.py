import os

from fastapi import FastAPI
from flask import Flask

app = Flask(__name__)
app.config["DEBUG"] = True  # bad: debug-mode
app.config["DEBUG"] = os.environ.get("DEBUG") == "1"  # ok: debug-mode
api = FastAPI(debug=True)  # bad: debug-mode
quiet = FastAPI(debug=False)  # ok: debug-mode
DEBUG = True  # ok: debug-mode
