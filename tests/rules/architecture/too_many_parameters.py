from typing import Protocol, overload

import click


def draw(canvas, x, y, width, height, colour, border, style):  # bad: too-many-parameters
    canvas.box(x, y, width, height, colour, border, style)


def options(data, a=1, b=2, c=3, d=4, e=5, f=6, g=7, h=8, i=9, j=10, k=11, m=12, n=13, o=14, p=15):  # bad: too-many-parameters
    return data, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p


def keywords(data, *, a, b, c, d, e, f, g, h):  # ok: too-many-parameters
    return data, a, b, c, d, e, f, g, h


def few(a, b, c=1, d=2):  # ok: too-many-parameters
    return a, b, c, d


@overload
def read(a, b, c, d, e, f, g, h): ...  # ok: too-many-parameters


class Port(Protocol):
    def send(self, a, b, c, d, e, f, g, h) -> None:  # ok: too-many-parameters
        """Sends."""


class Record:
    def __init__(self, a, b, c, d, e, f, g, h):  # ok: too-many-parameters
        self.a = a
        self.b = b
        self.c = c
        self.d = d
        self.e = e
        self.f = f
        self.g = g
        self.h = h


class Method:
    def call(self, a, b, c, d, e, f, g):  # ok: too-many-parameters
        return self, a, b, c, d, e, f, g


@click.command()
@click.option("--host")
def serve(host, port, reload, debugger, threads, cert, key, files):  # ok: too-many-parameters
    return host, port, reload, debugger, threads, cert, key, files
