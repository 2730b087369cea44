"""A class of three parts, one whose parts meet, and one that its base may tie together."""


class State:  # bad: low-cohesion
    def __init__(self):
        self.entries = {}
        self.hits = 0
        self.jobs = {}
        self.waiting = 0
        self.users = {}
        self.guests = 0

    def look_up(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def keep(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def forget(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def renew(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def enqueue(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def take(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def finish(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def drop(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def admit(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def dismiss(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def greet(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def count(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key


class Tied:  # ok: low-cohesion
    def __init__(self):
        self.entries = {}
        self.hits = 0
        self.jobs = {}
        self.waiting = 0
        self.users = {}
        self.guests = 0

    def look_up(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def keep(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def forget(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def renew(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def enqueue(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def take(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def finish(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def drop(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def admit(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def dismiss(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def greet(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key

    def count(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each.of(self.entries)
        return None if value else key


class Child(State):  # ok: low-cohesion
    def __init__(self):
        self.entries = {}
        self.hits = 0
        self.jobs = {}
        self.waiting = 0
        self.users = {}
        self.guests = 0

    def look_up(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def keep(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def forget(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def renew(self, key, value=None):
        if key in self.entries and value is None:
            self.hits += 1
            return self.entries[key]
        for each in self.entries:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def enqueue(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def take(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def finish(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def drop(self, key, value=None):
        if key in self.jobs and value is None:
            self.waiting += 1
            return self.jobs[key]
        for each in self.jobs:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def admit(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def dismiss(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def greet(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key

    def count(self, key, value=None):
        if key in self.users and value is None:
            self.guests += 1
            return self.users[key]
        for each in self.users:
            if each.name == key or each.alias == key:
                return each
        return None if value else key


class Small:  # ok: low-cohesion
    def __init__(self):
        self.name = ""
        self.size = 0

    def title(self):
        return self.name

    def area(self):
        return self.size
