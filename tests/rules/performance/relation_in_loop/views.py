from sqlalchemy import select
from sqlalchemy.orm import selectinload

from .models import Book, Order, Post, User


def names():
    for book in Book.objects.all():
        print(book.author.name)  # bad: relation-in-loop
        print(book.author.name, book.author_id)  # ok: relation-in-loop


def named_before(shelf):
    books = Book.objects.filter(shelf=shelf).order_by("title")
    return [book.cover.colour for book in books]  # bad: relation-in-loop


def inherited():
    return {book.title: book.owner for book in Book.objects.all()}  # bad: relation-in-loop


def fetched():
    for book in Book.objects.select_related("author"):
        print(book.author.name)  # ok: relation-in-loop


def only_set(author):
    for book in Book.objects.all():
        book.author = author  # ok: relation-in-loop


def its_own_columns():
    for book in Book.objects.all():
        print(book.title.lower(), book.author_id)  # ok: relation-in-loop


def a_few():
    for book in Book.objects.all()[:3]:
        print(book.author.name)  # ok: relation-in-loop


def own_manager():
    for order in Order.objects.all():
        print(order.customer)  # ok: relation-in-loop


def given(books):
    for book in books:
        print(book.author)  # ok: relation-in-loop


def posts(session):
    for user in session.scalars(select(User)):
        print(len(user.posts))  # bad: relation-in-loop


def authors(self):
    return [post.user for post in self.session.query(Post).filter_by(open=True).all()]  # bad: relation-in-loop


def eager(session):
    for user in session.scalars(select(User)):
        print(user.roles)  # ok: relation-in-loop


def with_options(session):
    for user in session.scalars(select(User).options(selectinload(User.posts))):
        print(user.posts)  # ok: relation-in-loop
