import json
import marshal
import pickle

import yaml
from flask import request


def cookie():
    return pickle.loads(request.cookies["session"])  # bad: unsafe-deserialization


def upload():
    data = request.files["file"].read()
    return marshal.loads(data)  # bad: unsafe-deserialization


def parameter(data):
    return pickle.loads(data)  # ok: unsafe-deserialization


def documents():
    stream = request.files["file"].stream
    yield yaml.load(stream)  # bad: unsafe-deserialization
    yield yaml.load(stream, Loader=yaml.UnsafeLoader)  # bad: unsafe-deserialization
    yield yaml.load(stream, Loader=yaml.SafeLoader)  # ok: unsafe-deserialization
    yield yaml.safe_load(stream)  # ok: unsafe-deserialization


def round_trip(value):
    assert pickle.loads(pickle.dumps(value)) == value  # ok: unsafe-deserialization


def own_cache():
    with open("cache.pickle", "rb") as stream:
        return pickle.load(stream)  # ok: unsafe-deserialization


def safe(data):
    return json.loads(data)  # ok: unsafe-deserialization


def writing(value, stream):
    pickle.dump(value, stream)  # ok: unsafe-deserialization
