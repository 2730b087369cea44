from functools import cache

from django.db import models
from sqlalchemy import select

from .base import Base


class Found(Base):
    @classmethod
    def find(cls, db, name):
        return db.query(cls).filter(cls.name == name).first()

    @classmethod
    def find_all(cls, db, names):
        return db.query(cls).filter(cls.name.in_(names)).all()

    @classmethod
    def remembered(cls, db, name):
        if name in cls.known:
            return cls.known[name]
        return db.query(cls).filter(cls.name == name).first()

    @classmethod
    def or_new(cls, db, name):
        found = db.query(cls).filter(cls.name == name).first()
        if found is None:
            found = cls(name)
            db.add(found)
        return found


class User(Found):
    pass


class Order(models.Model):
    @staticmethod
    def by_number(number):
        return Order.objects.filter(number=number).first()

    @staticmethod
    def of_number(number):
        return Order.objects.filter(number=number)


class Shelf:
    def __init__(self, session):
        self.session = session

    def book_by_title(self, title):
        return self.session.execute(select(User).where(User.name == title)).scalar_one_or_none()

    def books(self, titles):
        return [self.book_by_title(title) for title in titles]  # bad: distant-query-in-loop

    def get(self, title):
        return self.session.query(User).filter_by(name=title).one()


def count_of(session, user, *, kind=None):
    return session.query(User).filter(User.kind == kind).filter(User.parent == user).count()


@cache
def kept(session, name):
    return session.query(User).filter(User.name == name).one()


def newest(session, name, rows):
    found = session.query(User).filter(User.name == name).first() if rows else None
    return found


def counts(session, users):
    for user in users:
        print(count_of(session, user))  # bad: distant-query-in-loop
        print(count_of(session, None, kind=user.kind))  # bad: distant-query-in-loop
        print(count_of(user, None))  # ok: distant-query-in-loop
