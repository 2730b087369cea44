import ssl

import httpx
import requests


def calls(url, session):
    requests.get(url, verify=False)  # bad: tls-verification-disabled
    httpx.Client(verify=False)  # bad: tls-verification-disabled
    session.post(url, verify=False)  # bad: tls-verification-disabled
    requests.get(url, verify="/etc/ca.pem")  # ok: tls-verification-disabled
    requests.get(url)  # ok: tls-verification-disabled


def contexts():
    ssl._create_unverified_context()  # bad: tls-verification-disabled
    context = ssl.create_default_context()  # ok: tls-verification-disabled
    context.check_hostname = False  # bad: tls-verification-disabled
    context.verify_mode = ssl.CERT_NONE  # bad: tls-verification-disabled
    context.verify_mode = ssl.CERT_REQUIRED  # ok: tls-verification-disabled


def session():
    session = requests.Session()
    session.verify = False  # bad: tls-verification-disabled
    session.verify = True  # ok: tls-verification-disabled


def other(form, image):
    form.save(verify=False)  # ok: tls-verification-disabled
