import threading

handlers = {}
names = ["a", "b"]
cache = {}
guarded = {}
lock = threading.Lock()
LIMITS = {"a": 1}


def register(name, handler):
    handlers[name] = handler  # bad: changed-global


def note(name):
    if name:
        names.append(name)  # bad: changed-global


def look_up(key):
    if key not in cache:
        cache[key] = key.upper()  # ok: changed-global
    return cache[key]


def keep(key, value):
    with lock:
        guarded[key] = value  # ok: changed-global


def local(key):
    handlers = {}
    handlers[key] = LIMITS["a"]  # ok: changed-global
    return handlers


def on(function):
    handlers[function.__name__] = function  # ok: changed-global
    return function
