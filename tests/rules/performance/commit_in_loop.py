from shop.models import Line, Order


def expired(self, user, now):
    left = []
    for token in sorted(user.tokens, key=str):
        if token.expires < now:
            self.log.warning(f"Deleting {token}")
            self.db.delete(token)
            self.db.commit()  # bad: commit-in-loop
            continue
        left.append(self.token_model(token))
    return left


def imported(session, rows):
    for row in rows:
        order = Order(number=row["number"])
        session.add(order)
        session.commit()  # bad: commit-in-loop


def changed(db, numbers):
    for number in numbers:
        order = db.query(Order).filter_by(number=number).one()
        order.open = False
        db.commit()  # bad: commit-in-loop


def once(session, rows):
    for row in rows:
        session.add(Order(number=row["number"]))
    session.commit()  # ok: commit-in-loop


def in_parts(session, rows):
    for count, row in enumerate(rows):
        session.add(Order(number=row["number"]))
        if count % 1000 == 0:
            session.commit()  # ok: commit-in-loop


def counted(session, rows, most):
    waiting = 0
    for row in rows:
        session.add(Order(number=row["number"]))
        waiting += 1
        if waiting > most:
            session.commit()  # ok: commit-in-loop
            waiting = 0


def in_chunks(session, chunks):
    for rows in chunks:
        session.add(Order(rows=rows))
        session.commit()  # ok: commit-in-loop


def with_its_lines(session, orders):
    for order in orders:
        for line in order.lines:
            session.add(Line(line))
        session.commit()  # ok: commit-in-loop


def each_for_itself(session, rows, log):
    for row in rows:
        try:
            session.add(Order(number=row["number"]))
            session.commit()  # ok: commit-in-loop
        except ValueError:
            session.rollback()


def sent(session, orders, mail):
    for order in orders:
        mail.send(order.customer)
        order.sent = True
        session.commit()  # ok: commit-in-loop


async def waited(session, orders, mail):
    for order in orders:
        await mail(order.customer)
        order.sent = True
        session.commit()  # ok: commit-in-loop


def worker(session, queue):
    while True:
        for order in queue:
            order.open = False
            session.commit()  # ok: commit-in-loop


def first(session, orders):
    for order in orders:
        if order.open:
            order.open = False
            session.commit()  # ok: commit-in-loop
            return order


def few(session, order):
    for name in ("first", "second"):
        session.add(Line(order, name))
        session.commit()  # ok: commit-in-loop


def in_a_session_of_its_own(sessions, rows):
    for row in rows:
        with sessions() as session:
            session.add(Order(number=row["number"]))
            session.commit()  # ok: commit-in-loop


def of_a_repository(repository, files):
    for file in files:
        repository.add(file)
        repository.commit()  # ok: commit-in-loop
