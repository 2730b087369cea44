import functools
import urllib.request

import httpx
import requests
from requests.adapters import HTTPAdapter


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


def with_a_session_that_is_closed(url):
    with requests.Session() as session:
        return session.get(url)  # bad: missing-timeout


def tried_again(url):
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=3)
    session.mount("https://", adapter)
    return session.get(url)  # bad: missing-timeout


def with_an_adapter_of_its_own(url, Patient):
    session = requests.Session()
    session.mount("https://", Patient(timeout=3))
    return session.get(url)  # ok: missing-timeout


def with_a_method_of_its_own(url):
    session = requests.Session()
    session.request = functools.partial(session.request, timeout=3)
    return session.get(url)  # ok: missing-timeout


def prepared(url, prepare):
    session = requests.Session()
    prepare(session)
    return session.get(url)  # ok: missing-timeout


def by_position(url):
    session = requests.Session()
    return session.request("GET", url, None, None, None, None, None, None, 5)  # ok: missing-timeout


def of_a_list(arguments):
    return urllib.request.urlopen(*arguments)  # ok: missing-timeout
