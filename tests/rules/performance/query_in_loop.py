from django.shortcuts import get_object_or_404
from sqlalchemy import select

from shop.models import Customer, Order, Person


def customers():
    for order in Order.objects.filter(open=True):
        print(Customer.objects.get(pk=order.customer_id))  # bad: query-in-loop


def counted(keys):
    return [Order.objects.filter(customer=key).count() for key in keys]  # bad: query-in-loop


def lines():
    for order in Order.objects.all():
        print(list(order.lines.all()))  # bad: query-in-loop


def lines_of_open():
    orders = Order.objects.filter(open=True)
    for order in orders:
        print(order.line_set.count())  # bad: query-in-loop


def shortcut(keys):
    for key in keys:
        print(get_object_or_404(Customer, pk=key))  # bad: query-in-loop


def with_sessions(session, names):
    for name in names:
        print(session.query(Person).filter_by(name=name).one())  # bad: query-in-loop


def with_select(session, names):
    for name in names:
        print(session.execute(select(Person).where(Person.name == name)))  # bad: query-in-loop


def with_get(session, keys):
    return [session.get(Person, key) for key in keys]  # bad: query-in-loop


def with_cursor(cursor, keys):
    for key in keys:
        cursor.execute("SELECT name FROM person WHERE id = %s", (key,))  # bad: query-in-loop


def prepared():
    for order in Order.objects.prefetch_related("lines"):
        print(order.lines.all())  # ok: query-in-loop


def at_once(keys):
    for customer in Customer.objects.filter(pk__in=keys):  # ok: query-in-loop
        print(customer)


def the_same_each_time(rows):
    for row in rows:
        print(row, Order.objects.count())  # ok: query-in-loop


def written(rows):
    for row in rows:
        Order.objects.create(number=row.number)  # ok: query-in-loop


def written_with_cursor(cursor, rows):
    for row in rows:
        cursor.execute("INSERT INTO person VALUES (%s)", (row,))  # ok: query-in-loop


def few():
    for state in ("open", "closed"):
        print(Order.objects.filter(state=state).count())  # ok: query-in-loop


def in_parts(session, parts):
    while parts:
        part = parts.pop()
        print(session.query(Person).filter(Person.id.in_(part)))  # ok: query-in-loop


def settings_of(rows, settings):
    for row in rows:
        print(settings.get(row, None), row.names.first)  # ok: query-in-loop


def web(requests_session, addresses):
    for address in addresses:
        requests_session.get(address)  # ok: query-in-loop


def changed(keys):
    for key in keys:
        Order.objects.filter(pk=key).update(open=False)  # ok: query-in-loop


def put_together(query, names):
    for name in names:
        other = Customer.objects.filter(name=name)  # ok: query-in-loop
        query = query.filter(customer__in=other)
    return query


def remembered(request, names):
    for name in names:
        print(request.session.get(name, None))  # ok: query-in-loop


def each_in_turn(keys):
    for key in keys:
        for order in Order.objects.filter(customer=key):  # bad: query-in-loop
            print(order)


def by_role(person, roles):
    for role in roles:
        print(Person.objects.filter(name=person, role=role).first())  # ok: query-in-loop


def prepared_by_a_method_of_its_own(store):
    for order in Order.objects.of_store(store):
        print(order.lines.all())  # ok: query-in-loop


def in_an_order(store):
    for order in Order.objects.filter(store=store).order_by("day"):
        print(list(order.lines.all()))  # bad: query-in-loop


def some_rows_of_each(people, shop, seen):
    found = []
    for person in people:
        if person.orders.filter(shop=shop, open=True).exists():  # bad: query-in-loop
            found.append(person)
        latest = person.profile.visits.filter(shop__region=shop.region).first()  # bad: query-in-loop
        later = person.orders.filter(open=False)  # ok: query-in-loop
        found.append((latest, later, seen.letters.filter(open=True).first()))  # ok: query-in-loop
    return found


def answers(questions, forms):
    for question in questions:
        for form in forms:
            print(question.answers.filter(form=form).first())  # bad: query-in-loop


def of_a_table(tables, wanted):
    return [table.rows.filter(wanted).first() for table in tables]  # ok: query-in-loop


def of_a_cloud(regions):
    return [region.instances.filter(Filters=["running"]).first() for region in regions]  # ok: query-in-loop


def put_together_first(orders, customers):
    for order in Order.objects.filter(open=True):
        lines = order.lines.filter(sent=False)  # ok: query-in-loop
        for line in lines.iterator():
            line.send()
        late = order.lines.filter(late=True)  # bad: query-in-loop
        print([line.number for line in late])
        others = Order.objects.filter(customer=order.customer_id)  # bad: query-in-loop
        if others:
            print(others.first())
        more = Order.objects.filter(previous=order.pk)  # bad: query-in-loop
        print(more.filter(open=True).count())
    for order in orders:
        orders = Order.objects.filter(previous=order.pk)  # ok: query-in-loop
        customers = Customer.objects.filter(order=order.pk)  # ok: query-in-loop
        customers.update(seen=True)
    return list(orders)


def of_frames(groups):
    for group in groups:
        print(len(group.frame.filter(regex="^sum_", axis=1)))  # ok: query-in-loop
        print(list(group.frame.filter(like="sum_")))  # ok: query-in-loop


def tested(other):
    for order in Order.objects.filter(open=True):
        late = order.lines.filter(late=True)  # bad: query-in-loop
        if other and late:
            print(order)
        more = order.lines.filter(open=True)  # bad: query-in-loop
        print(1 if more else 2)
        sent = order.lines.filter(sent=True)  # bad: query-in-loop
        if order.number:
            pass
        elif sent:
            print(order)
        again = order.lines.filter(again=True)  # bad: query-in-loop
        shown = again or other
        given = order.lines.filter(given=True)  # ok: query-in-loop
        kept = other and given
        chosen = order.lines.filter(chosen=True)  # ok: query-in-loop
        yield chosen if other else None, shown, kept
