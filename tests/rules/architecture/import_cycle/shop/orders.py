import shop  # ok: import-cycle
from shop.customers import Customer


class Order:
    customer: Customer

    def total(self):
        return shop.prices.total(self)
