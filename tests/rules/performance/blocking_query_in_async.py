import asyncio

from sqlalchemy import func, select

from shop import models
from shop.models import Order


async def first(db, number):
    return db.query(Order).filter(Order.number == number).first()  # bad: blocking-query-in-async


async def counted(self):
    total = self.session.query(func.count(Order.number)).scalar()  # bad: blocking-query-in-async
    return total, self.session.query(Order).count()  # ok: blocking-query-in-async


async def walked(db):
    for order in db.query(models.Order):  # bad: blocking-query-in-async
        yield order


async def executed(session):
    return session.execute(select(Order)).scalars().all()  # bad: blocking-query-in-async


async def awaited(session):
    orders = (await session.execute(select(Order))).scalars().all()  # ok: blocking-query-in-async
    return orders, await session.execute(select(Order))  # ok: blocking-query-in-async


async def of_another_library(db):
    return await db.query(Order).first()  # ok: blocking-query-in-async


async def put_together(db, page):
    return await page(db.query(Order).order_by(Order.number))  # ok: blocking-query-in-async


async def in_a_thread(session, run):
    await session.run_sync(lambda inner: inner.query(Order).first())  # ok: blocking-query-in-async

    def load(db):
        return db.query(Order).all()  # ok: blocking-query-in-async

    return await run(load)


async def with_texts(db):
    return db.query("orders").first()  # ok: blocking-query-in-async


def plain(db):
    return db.query(Order).all()  # ok: blocking-query-in-async


async def with_a_text_that_names_a_table(db):
    return db.query("select * from shop.Order").first()  # ok: blocking-query-in-async


async def waited_for_together(db):
    return await asyncio.gather(
        db.query(Order).first(),  # ok: blocking-query-in-async
        *[db.query(models.Person).first()],  # ok: blocking-query-in-async
    )


async def begun(db, group):
    first = group.create_task(db.query(Order).first())  # ok: blocking-query-in-async
    second = db.query(Order).count()  # ok: blocking-query-in-async
    return await first, await second


async def walked_through_by_the_loop(db):
    async for order in db.query(Order).all():  # ok: blocking-query-in-async
        yield order
    yield [each async for each in db.query(Order).yield_per(9)]  # ok: blocking-query-in-async


async def given_on(db, send):
    await send(db.query(Order).first())  # bad: blocking-query-in-async


class Shop:
    async def last(self):
        order = self.db.query(Order).first()  # bad: blocking-query-in-async
        return order
