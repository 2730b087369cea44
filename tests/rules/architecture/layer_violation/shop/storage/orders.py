from ..domain import Order  # bad: layer-violation
from .files import read  # ok: layer-violation


def load(name: str) -> Order:
    return Order(read(name))


def save(order: Order) -> None:
    from shop.views import show  # bad: layer-violation

    print(show(order.name))
