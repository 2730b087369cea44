import threading

_handlers = {}  # bad: mutable-global
_seen: set[str] = set()  # bad: mutable-global
_current = None  # bad: mutable-global
_memo = {}  # ok: mutable-global
_lazy = None  # ok: mutable-global
_locked = []  # ok: mutable-global
_commands = {}  # ok: mutable-global
_table = {"a": 1}  # ok: mutable-global
_shadowed = []  # ok: mutable-global
_lock = threading.Lock()


def register(name, handler):
    _handlers[name] = handler


def see(name):
    _seen.add(name)


def use(value):
    global _current
    _current = value


def square(value):
    if value not in _memo:
        _memo[value] = value * value
    return _memo[value]


def lazy():
    global _lazy
    if _lazy is None:
        _lazy = object()
    return _lazy


def note(value):
    with _lock:
        _locked.append(value)


def command(function):
    _commands[function.__name__] = function
    return function


def look(name):
    return _table[name]


def local(value):
    _shadowed = []
    _shadowed.append(value)
    return _shadowed


memo_of_sites = {}  # ok: mutable-global
machine = None  # ok: mutable-global


def site(key):
    if key not in memo_of_sites:
        memo_of_sites[key] = key.upper()
    return memo_of_sites[key]


def forget_sites():
    memo_of_sites.clear()


def main():
    global machine
    machine = object()


KINDS = {}  # ok: mutable-global


class Kind:
    def __init_subclass__(cls, **settings):
        super().__init_subclass__(**settings)
        KINDS[cls.__name__] = cls


unreachable = []  # bad: mutable-global
known_sites = []  # ok: mutable-global


def complain(site):
    if site not in unreachable:
        unreachable.append(site)
        print(site)


def all_sites():
    if not known_sites:
        known_sites.extend(open("sites.txt"))
    return known_sites
