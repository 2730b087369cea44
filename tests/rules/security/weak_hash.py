import hashlib
import hmac


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
