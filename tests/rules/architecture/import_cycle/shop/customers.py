from .orders import Order  # bad: import-cycle


class Customer:
    orders: list[Order]
