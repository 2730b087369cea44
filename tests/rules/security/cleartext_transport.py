import ftplib
import urllib.request

import requests


def send():
    yield ftplib.FTP("files.example.org")  # bad: cleartext-transport
    yield ftplib.FTP_TLS("files.example.org")  # ok: cleartext-transport


def load():
    yield urllib.request.urlopen("http://models.example.org/m.pkl")  # bad: cleartext-transport
    yield urllib.request.urlopen("https://models.example.org/m.pkl")  # ok: cleartext-transport
    yield requests.get("http://localhost:8000/m.pkl", timeout=1)  # ok: cleartext-transport
    yield requests.get("http://example.org/", timeout=1)  # ok: cleartext-transport
