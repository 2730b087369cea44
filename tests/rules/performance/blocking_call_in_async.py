import os
import asyncio
import shutil
import socket
import subprocess
import time
from time import sleep

import httpx
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


async def with_a_session(urls):
    session = requests.Session()
    for url in urls:
        session.get(url)  # bad: blocking-call-in-async


async def with_a_client(urls):
    with httpx.Client() as client:
        return [client.get(url) for url in urls]  # bad: blocking-call-in-async


async def with_an_async_client(urls):
    async with httpx.AsyncClient() as client:
        return [await client.get(url) for url in urls]  # ok: blocking-call-in-async


async def until_it_ends():
    process = subprocess.Popen(["make"])
    process.wait()  # bad: blocking-call-in-async


async def until_it_ends_without_blocking():
    process = await asyncio.create_subprocess_exec("make")
    await process.wait()  # ok: blocking-call-in-async


async def settings(table):
    return table.get("name")  # ok: blocking-call-in-async


async def resolved(host):
    return socket.gethostbyname(host)  # bad: blocking-call-in-async


async def cleared(folder):
    shutil.rmtree(folder)  # bad: blocking-call-in-async
    await asyncio.to_thread(shutil.rmtree, folder)  # ok: blocking-call-in-async


async def give_way():
    time.sleep(0)  # ok: blocking-call-in-async


async def reaped(log):
    log(os.waitpid(-1, os.WNOHANG))  # ok: blocking-call-in-async
