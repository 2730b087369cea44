from shop.domain import Order  # ok: layer-violation
from shop.storage.orders import load  # ok: layer-violation


def show(name: str) -> str:
    order: Order = load(name)
    return f"{order.name}"
