"""Somebody's phone in another session, in a process of its own, which does nothing but wait for answers.

`python -m tests.bystander URL CODE` prints a line for each: `asked` or `stored`, when it was said, and when the answer
was there (both in seconds of the machine's monotonic clock). `stored` is a command that has to reach the disk.
"""

import asyncio
import sys
import time

from tests.hall import Client

EVERY = {"asked": 0.004, "stored": 0.02}  # seconds from an answer to the next question


async def wait(url: str, code: str) -> None:
    client = await Client(url, code).open()
    phase = next(phase["id"] for phase in client.all("phase") if phase["state"] == "open")

    async def repeat(what: str) -> None:
        ready = False
        while True:
            began = time.monotonic()
            if what == "stored":
                ready = not ready
                answer = await client.do("MarkReady", phase=phase, ready=ready)
                assert answer["ok"], answer
            else:
                await client.do("Nothing")
            print(what, began, time.monotonic(), flush=True)
            await asyncio.sleep(EVERY[what])

    await asyncio.gather(*map(repeat, EVERY))


if __name__ == "__main__":
    asyncio.run(wait(*sys.argv[1:]))
