from urllib.parse import urlparse

import httpx
import requests
from flask import abort, request

HOSTS = {"a.example.org", "b.example.org"}


def fetched():
    return requests.get(request.args["url"], timeout=5).text  # bad: server-side-request-forgery


def part_of_the_host():
    return httpx.get(f"https://{request.args['tenant']}.example.org/", timeout=5).text  # bad: server-side-request-forgery


def part_of_the_path():
    return httpx.get(f"https://api.example.org/u/{request.args['user']}", timeout=5).text  # ok: server-side-request-forgery


def known_host():
    url = request.args["url"]
    if urlparse(url).hostname not in HOSTS:
        abort(400)
    return requests.get(url, timeout=5).text  # ok: server-side-request-forgery


def session():
    with requests.Session() as client:
        client.post(request.json["callback"], json={})  # bad: server-side-request-forgery


def chosen():
    url = {"a": "https://a.example.org"}[request.args["which"]]
    return requests.get(url, timeout=5).text  # ok: server-side-request-forgery


def parameter(url):
    return requests.get(url, timeout=5).text  # ok: server-side-request-forgery
