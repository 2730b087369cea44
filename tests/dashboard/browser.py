"""A real Chromium without a window, spoken to in its DevTools protocol.

``SUTURE_CHROMIUM`` names it, else it is looked for. Every request that it makes is written down.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
START_S = 60.0


def program() -> str | None:
    """The path of a Chromium, or None."""
    named = os.environ.get("SUTURE_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page. ``requests`` are the addresses that it asked for, ``complaints`` what the console said in anger."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.loaded = asyncio.Event()

    async def _read(self) -> None:
        async for text in self._socket:
            message: dict[str, Any] = json.loads(text)
            if "id" in message:
                waiting = self._answers.pop(message["id"])
                if not waiting.done():
                    waiting.set_result(message)
                continue
            given: dict[str, Any] = message.get("params", {})
            match message.get("method"):
                case "Network.requestWillBeSent":
                    self.requests.append(given["request"]["url"])
                case "Log.entryAdded" if given["entry"]["level"] == "error":
                    self.complaints.append(given["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.complaints.append(json.dumps(given["exceptionDetails"])[:500])
                case "Page.loadEventFired":
                    self.loaded.set()
                case _:
                    continue

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        said = await asyncio.wait_for(answer, 30)
        assert "error" not in said, f"{method}: {said['error']}"
        return said["result"]

    async def open(self, url: str) -> None:
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.send(f"{domain}.enable")
        self.loaded.clear()
        await self.send("Page.navigate", url=url)
        await asyncio.wait_for(self.loaded.wait(), 30)

    async def ask(self, script: str) -> Any:
        """The value of an expression in the page."""
        said = await self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    async def until(self, script: str) -> Any:
        """The value of an expression once it is true."""
        end = time.monotonic() + 20
        while not (value := await self.ask(script)):
            assert time.monotonic() < end, f"never true: {script}"
            await asyncio.sleep(0.05)
        return value

    async def press(self, key: str, code: int, text: str = "") -> None:
        given = {"key": key, "code": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        await self.send("Input.dispatchKeyEvent", type="keyDown", **given)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **given)

    async def photograph(self, path: Path) -> None:
        said = await self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(said["data"]))

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)


@asynccontextmanager
async def browser(chromium: str, profile: Path) -> AsyncGenerator[Tab]:
    """A tab of a new browser with an empty profile; gone afterwards."""
    switches = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    quiet = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
    process = subprocess.Popen(
        [chromium, *switches, *quiet, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        target = await _target(process, profile)
        async with connect(target, max_size=None) as socket:
            tab = Tab(socket)
            yield tab
            await tab.close()
    finally:
        process.kill()
        process.wait()


async def _target(process: subprocess.Popen[bytes], profile: Path) -> str:
    """The address of the first page's socket."""
    import urllib.request

    written, end = profile / "DevToolsActivePort", time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, f"Chromium ended with {process.returncode}"
        if written.exists() and (port := written.read_text().split("\n")[0]):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
                pages: list[dict[str, str]] = json.loads(answer.read())
            for page in pages:
                if page["type"] == "page":
                    return page["webSocketDebuggerUrl"]
        await asyncio.sleep(0.05)
    raise AssertionError("Chromium did not start")
