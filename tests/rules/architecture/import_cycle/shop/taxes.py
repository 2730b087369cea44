from .prices import total  # ok: import-cycle


def of(order):
    from .orders import Order  # ok: import-cycle

    return total(order) if isinstance(order, Order) else 0
