from django.db import models
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Author(models.Model):
    name = models.TextField()


class Owned(models.Model):
    owner = models.ForeignKey(Author, on_delete=models.CASCADE)


class Book(Owned):
    title = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    cover = models.OneToOneField(
        "Cover",
        on_delete=models.CASCADE,
    )


class Order(models.Model):
    objects = object()
    customer = models.ForeignKey(Author, on_delete=models.CASCADE)


class Base(DeclarativeBase):
    pass


class User(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list["Post"]] = relationship(back_populates="user")
    roles: Mapped[list["Role"]] = relationship(lazy="selectin")


class Post(Base):
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    user: Mapped[User] = relationship(back_populates="posts")
