import asyncio
import subprocess
import time
from time import sleep

import requests


async def wait():
    time.sleep(1)  # bad: blocking-call-in-async
    sleep(1)  # bad: blocking-call-in-async
    await asyncio.sleep(1)  # ok: blocking-call-in-async


async def fetch(url):
    return requests.get(url).text  # bad: blocking-call-in-async


async def build():
    subprocess.run(["make"])  # bad: blocking-call-in-async
    await asyncio.to_thread(subprocess.run, ["make"])  # ok: blocking-call-in-async


def plain():
    time.sleep(1)  # ok: blocking-call-in-async

    async def inner():
        time.sleep(1)  # bad: blocking-call-in-async

    return inner


async def in_a_thread():
    def work():
        time.sleep(1)  # ok: blocking-call-in-async

    await asyncio.to_thread(work)
    await asyncio.to_thread(lambda: time.sleep(1))  # ok: blocking-call-in-async
