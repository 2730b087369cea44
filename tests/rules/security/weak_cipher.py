import os
import ssl

from Crypto.Cipher import AES, DES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def encrypt(key, data):
    yield DES.new(key, DES.MODE_CBC).encrypt(data)  # bad: weak-cipher
    yield AES.new(key, AES.MODE_ECB).encrypt(data)  # bad: weak-cipher
    yield AES.new(key, AES.MODE_GCM).encrypt(data)  # ok: weak-cipher
    vector = b"0123456789abcdef"
    yield Cipher(algorithms.AES(key), modes.CBC(vector))  # bad: weak-cipher
    yield Cipher(algorithms.AES(key), modes.CBC(os.urandom(16)))  # ok: weak-cipher


def contexts():
    yield ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # bad: weak-cipher
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # ok: weak-cipher
    context.minimum_version = ssl.TLSVersion.TLSv1_1  # bad: weak-cipher
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # ok: weak-cipher
    yield context


def sealed(key, data):
    box = AESGCM(key)
    yield box.encrypt(b"0" * 12, data, None)  # bad: weak-cipher
    yield box.encrypt(os.urandom(12), data, None)  # ok: weak-cipher
    yield Cipher(algorithms.AES(key), modes.CBC(bytes(16)))  # bad: weak-cipher


def by_name(key):
    vector = b"\0" * 16
    yield Cipher(algorithms.AES(key), modes.CBC(vector))  # bad: weak-cipher
    fresh = os.urandom(16)
    yield Cipher(algorithms.AES(key), modes.CBC(fresh))  # ok: weak-cipher


def in_blocks(key, data):
    mode = AES.MODE_ECB
    counted = AES.MODE_EAX
    yield AES.new(key, mode).encrypt(data)  # bad: weak-cipher
    yield AES.new(key, counted).encrypt(data)  # ok: weak-cipher
