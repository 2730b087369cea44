import hashlib
import hmac

from passlib.hash import bcrypt, hex_sha1, md5_crypt, sha512_crypt


def store(password, data):
    hashlib.md5(password.encode()).hexdigest()  # bad: weak-hash
    hashlib.sha256(password.encode()).hexdigest()  # bad: weak-hash
    hashlib.scrypt(password.encode(), salt=b"x" * 16, n=2**14, r=8, p=1)  # ok: weak-hash
    hashlib.sha256(data).hexdigest()  # ok: weak-hash


def sign(message, key):
    signature = hashlib.sha1(key + message).hexdigest()  # bad: weak-hash
    other = hmac.new(key, message, "md5")  # bad: weak-hash
    return signature, other, hmac.new(key, message, "sha256")  # ok: weak-hash


def named(data):
    return hashlib.new("md5", data)  # bad: weak-hash


def declared(data):
    return hashlib.md5(data, usedforsecurity=False)  # ok: weak-hash


def etag(data):
    return hashlib.md5(data).hexdigest()  # ok: weak-hash


def cache_key(url):
    key = hashlib.sha1(url.encode()).hexdigest()  # ok: weak-hash
    return key


def derived(password, salt):
    yield hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)  # ok: weak-hash
    yield hashlib.pbkdf2_hmac("sha256", password, salt, 1000)  # bad: weak-hash
    yield hashlib.pbkdf2_hmac("sha256", password, b"pepper00", 600_000)  # bad: weak-hash


PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",  # bad: weak-hash
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # ok: weak-hash
]


def with_passlib(password):
    yield md5_crypt.hash(password)  # bad: weak-hash
    yield hex_sha1.hash(password)  # bad: weak-hash
    yield sha512_crypt.hash(password)  # ok: weak-hash
    yield bcrypt.hash(password)  # ok: weak-hash
