import logging

from . import store as models
from .store import Order, User, count_of, kept, newest


def found(db, names):
    for name in names:
        print(models.User.find(db, name))  # bad: distant-query-in-loop


def by_keyword(self, rows):
    for key, row in rows.items():
        logging.info(key)
        wanted = row["name"].lower()
        print(User.find(self.db, name=wanted))  # bad: distant-query-in-loop


def numbers(rows):
    return {row: Order.by_number(row.number) for row in rows}  # bad: distant-query-in-loop


def titles(shelf, rows):
    for row in rows:
        print(shelf.book_by_title(row.title))  # bad: distant-query-in-loop


def imported(session, users):
    return [count_of(session, user) for user in users]  # bad: distant-query-in-loop


def each_of_each(db, groups):
    for group in groups:
        for name in group.aliases:
            print(User.find(db, name))  # ok: distant-query-in-loop
        for one in group.people:
            print(User.find(db, one.name))  # bad: distant-query-in-loop


def the_same(db, names, owner):
    for name in names:
        print(name, User.find(db, owner))  # ok: distant-query-in-loop


def at_once(db, parts):
    for part in parts:
        print(User.find_all(db, part))  # ok: distant-query-in-loop


def known(db, names):
    for name in names:
        print(User.remembered(db, name), kept(db, name), newest(db, name, ()))  # ok: distant-query-in-loop


def made(db, names):
    for name in names:
        print(User.or_new(db, name))  # ok: distant-query-in-loop


def put_together(rows):
    return [Order.of_number(row.number) for row in rows]  # ok: distant-query-in-loop


def of_something(shelf, titles):
    return [shelf.get(title) for title in titles]  # ok: distant-query-in-loop


def until_one_is_there(db, names):
    for name in names:
        user = User.find(db, name)  # ok: distant-query-in-loop
        if user is not None:
            return user
    return None


def few(db):
    for name in ("first", "second"):
        print(User.find(db, name))  # ok: distant-query-in-loop


def options(db, options):
    for option in options:
        print(User.find(db, option))  # ok: distant-query-in-loop


def when_it_fails(db, names):
    for name in names:
        try:
            print(int(name))
        except ValueError:
            print(User.find(db, name))  # ok: distant-query-in-loop


def others(finder, names):
    for name in names:
        print(finder.Person.find(names, name))  # ok: distant-query-in-loop
