import urllib.request

import httpx
import requests


def fetched(url):
    return requests.get(url)  # bad: missing-timeout


def sent(url, data):
    return requests.post(url, json=data, timeout=None)  # bad: missing-timeout


def opened(url):
    with urllib.request.urlopen(url) as answer:  # bad: missing-timeout
        return answer.read()


def with_session(url):
    session = requests.Session()
    session.headers["Accept"] = "text/plain"
    return session.get(url)  # bad: missing-timeout


def for_ever(url):
    return httpx.get(url, timeout=None)  # bad: missing-timeout


def with_an_end(url):
    return requests.get(url, timeout=10)  # ok: missing-timeout


def opened_with_an_end(url):
    return urllib.request.urlopen(url, None, 10)  # ok: missing-timeout


def of_its_own(url):
    return httpx.get(url)  # ok: missing-timeout


def given(url, **options):
    return requests.get(url, **options)  # ok: missing-timeout


def of_a_dictionary(options):
    return options.get("timeout")  # ok: missing-timeout
