"""An invoice that knows its customer's fields better than the customer does."""

from dataclasses import dataclass


@dataclass
class Customer:
    name: str
    street: str
    number: int
    code: str
    town: str
    country: str

    def is_near(self, other):
        return self.town == other.town


class Invoice:
    def __init__(self, customer, items):
        self.customer = customer
        self.items = items
        self.paid = 0
        self.tax = 0
        self.rate = 0
        self.due = 0
        self.note = ""

    def label(self, customer):  # bad: feature-envy
        lines = [customer.name, f"{customer.street} {customer.number}"]
        lines.append(f"{customer.code} {customer.town}")
        if customer.country:
            lines.append(customer.country)
        return "\n".join(lines)

    def balance(self, customer):  # ok: feature-envy
        if customer.country and customer.town:
            return self.paid + self.tax * self.rate - self.due
        return sum(item.price for item in self.items)

    def __eq__(self, other):  # ok: feature-envy
        return (other.items, other.paid, other.tax, other.rate, other.due, other.note) == ()

    def shipping(self, parcel):  # ok: feature-envy
        return parcel.height * parcel.width * parcel.depth * parcel.weight * parcel.rate * parcel.zone


class InvoiceWriter:
    def letter(self, customer):  # ok: feature-envy
        return [customer.name, customer.street, customer.number, customer.code, customer.town, customer.country]


class Reminder:
    def greet(self, customer):  # ok: feature-envy
        return f"{customer.name} {customer.town} {customer.code} {customer.street} {customer.number} {customer.country}"


class Letter:
    def greet(self, person):  # ok: feature-envy
        return f"{person.name} {person.town} {person.code} {person.street} {person.number} {person.country}"
