import shop  # ok: import-cycle
from shop.customers import Customer  # bad: import-cycle


class Order:
    customer: Customer

    def total(self):
        return shop.prices.total(self)
